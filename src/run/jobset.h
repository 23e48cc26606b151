/* SPDX-License-Identifier: MIT
 * A set of jobs whose lowest is found at once: a bit for each job, above every 64 of them a bit
 * that says whether one is set, and so on up to a single word. */
#ifndef RUN_JOBSET_H
#define RUN_JOBSET_H

#include <stdbool.h>
#include <stddef.h>

struct jobset; /* opaque */

/* Holds none of 0 .. jobs-1. NULL and errno. */
struct jobset *jobset_new(size_t jobs);
void jobset_free(struct jobset *set);

void jobset_add(struct jobset *set, size_t job);
void jobset_remove(struct jobset *set, size_t job);

/* Takes the lowest out. False: it is empty. */
bool jobset_take(struct jobset *set, size_t *job);
#endif
