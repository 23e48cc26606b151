/* SPDX-License-Identifier: MIT
 *
 * Jobs that come one at a time, of which nobody knows how many there will be, and that live only
 * as long as somebody speaks of them. Comes with plan.h.
 */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "plan/job.h"
#include "result/result.h"

enum source_state {
	SOURCE_JOB,    /* here it is */
	SOURCE_WAIT,   /* none now: fd is readable when there may be more */
	SOURCE_END,    /* there are no more */
	SOURCE_FAILED, /* nor can there be: problem says why */
};

/* Whoever is one has this as its first member. Main thread only. */
struct source {
	/* The next job, held for the caller. Never waits. */
	enum source_state (*next)(struct source *source, const struct job **job);
	int (*fd)(const struct source *source); /* -1: there is no use in waiting */
	const char *(*problem)(const struct source *source);
};

/* A job of a source is one block of memory that free() takes, and holders is in it. Of a plan's
   jobs these do nothing. Thread-safe. */
const struct job *job_hold(const struct job *job);
void job_release(const struct job *job);
extern const struct job_holding job_holding;
#endif
