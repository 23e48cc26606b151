/* SPDX-License-Identifier: MIT
 * Where the run's next job comes from: the queue's plan, or a source that makes one after the
 * other. Main thread only. */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

#include "run/queue.h"

/* Jobs that are still named when the run has ended early, of those a source would have made. */
enum { INTAKE_NAMED = 1000 };

struct intake {
	struct queue *queue;   /* borrowed, as is the source */
	struct source *source; /* NULL: the jobs are the plan's */
	bool waits;            /* the source was asked just now, and had nothing */
	bool failed;           /* so that problem has to be said */
	size_t named;
};

/* Nobody has asked yet: what the source has does not help who may not take it. */
void intake_unasked(struct intake *intake);
/* Whether there may be one for intake_next. */
bool intake_wants(const struct intake *intake);
/* Claims the next job that may start now; one of a source is held for the caller. False: none. */
bool intake_next(struct intake *intake, const struct job **job, size_t *index);

/* Behind a halt or a cancel: claims what the source would have made without being waited for, so
   that it can be said that it never starts. False: no more of it is looked at. */
bool intake_rest(struct intake *intake, const struct job **job, size_t *index);

/* Readable when intake_next may have more; -1: it would not. */
int intake_fd(const struct intake *intake);

/* Why the source makes no more, told once; NULL. Borrowed. */
const char *intake_problem(struct intake *intake);
#endif
