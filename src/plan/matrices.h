/* SPDX-License-Identifier: MIT
 * The matrices of all jobs of a file, and how many jobs they make of it. */
#ifndef PLAN_MATRICES_H
#define PLAN_MATRICES_H

#include "plan/matrix.h"
#include "plan/plan.h"

struct matrices {
	const struct matrix **of; /* of each job of the file */
	size_t n_jobs;            /* of all together; 0: too many, which is reported */
};

/* directory: where relative paths start; NULL: where spool is. Texts are in the memory of the spec,
   the rest is in the arena. */
struct matrices matrices_make(const struct spec *spec, const char *directory,
	const char *const *environment, struct arena *arena, struct problems *problems);
#endif
