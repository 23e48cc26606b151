/* SPDX-License-Identifier: MIT
 * What the jobs of a file can be selected by, known before any is. */
#ifndef PLAN_CATALOGUE_H
#define PLAN_CATALOGUE_H

#include "plan/matrices.h"
#include "plan/plan.h"

/* A row for each job, in the order of the file. */
struct catalogue {
	const char **names;
	const char **heads; /* the name of the matrix that it is of: build; NULL: it is of none */
	const char *const **tags; /* NULL behind the last; NULL: it has none */
	size_t n;
};

/* Names are those that the jobs have when all are run. Problems are not
   reported: they are found again when the plan is made. */
struct catalogue catalogue_make(const struct spec *spec, const struct plan_options *options,
	const struct matrices *matrices, struct arena *arena);
#endif
