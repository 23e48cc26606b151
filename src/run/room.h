/* SPDX-License-Identifier: MIT
 * Room for processes, where the machine has too little: a job that found none waits here for
 * another to end. Threads count as processes, and workers could take all there are: so one place is
 * kept, by a thread that only sleeps, until jobs want one and none runs. All is thread-safe. */
#ifndef RUN_ROOM_H
#define RUN_ROOM_H

#include "subprocess/subprocess.h"

struct room; /* opaque */

struct room *room_new(void); /* NULL and errno */
void room_free(struct room *room);

/* A job runs; it has ended, and one of those who wait may try. */
void room_enter(struct room *room);
void room_leave(struct room *room);

/* Whether a job runs. Where none does, the room that was kept for one is given away. */
bool room_taken(struct room *room);

/* Waits until one has ended, or so long. False: the run is stopped. */
bool room_await(struct room *room, const sp_cancel *stop, int64_t wait_ns);
#endif
