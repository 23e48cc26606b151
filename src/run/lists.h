/* SPDX-License-Identifier: MIT
 * The plan's lists of needs while the run goes on: what of each is still awaited. A list that many
 * jobs share is kept once. */
#ifndef RUN_LISTS_H
#define RUN_LISTS_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lists; /* opaque */

/* Of all that the jobs of the plan need. NULL and errno. */
struct lists *lists_new(const struct plan *plan);
void lists_free(struct lists *lists);

/* How a job ended, for those that need it. */
enum ending {
	ENDING_PASSED,
	ENDING_ALLOWED, /* did not pass, and may */
	ENDING_FAILED,  /* ran and did not pass */
	ENDING_SKIPPED,
	ENDING_UNASKED, /* skipped by its own when: nothing went wrong */
};

/* What an end means to a list that names the job. */
struct told {
	bool met;        /* now all of it is met */
	bool broken;     /* now some of it cannot be met any more */
	bool ended;      /* now all that it names has ended */
	bool not_passed; /* and some of that did not pass */
};

/* Tells the i-th of the lists that name the job, each once, how it ended. False: there is none. */
bool lists_tell(struct lists *lists, size_t job, size_t i, enum ending ending, uint32_t *list,
	struct told *told);

/* The job because of which the list was broken. */
size_t lists_broken_by(const struct lists *lists, uint32_t list);

/* The jobs that have this list, in the order of the file. False: no more. */
bool lists_first(const struct lists *lists, uint32_t list, size_t *job);
bool lists_next(const struct lists *lists, size_t *job);
#endif
