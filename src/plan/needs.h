/* SPDX-License-Identifier: MIT
 * The graph: what a job waits for. Comes with plan.h. */
#ifndef PLAN_NEEDS_H
#define PLAN_NEEDS_H

#include "spec/spec.h"

#include <stddef.h>
#include <stdint.h>

struct need {
	uint32_t job; /* index into the plan's jobs */
	enum need_condition condition;
};

/* All that a job waits for. One list serves all jobs that name the same, so a matrix that needs
   another one costs the sum of both and not their product. */
struct needs {
	uint32_t id;
	const struct need *items; /* none twice with the same condition */
	size_t n;
	const char *left_out; /* a job that was not selected and whose failure is needed; NULL */
};

/* Whether anything is waited for. */
static inline bool needs_any(const struct needs *needs) {
	return needs && needs->n > 0;
}

/* When the run ends early. */
struct plan_halt {
	enum halt_on on;
	bool now;         /* what runs is ended; else it may end by itself */
	size_t count;     /* so many jobs that failed, passed or ended; of HALT_NEVER 0 */
	const char *text; /* as it was written: "now,fail=10%" */
};
#endif
