/* SPDX-License-Identifier: MIT
 * What the jobs of a file can be selected by, known before any is. */
#ifndef PLAN_CATALOGUE_H
#define PLAN_CATALOGUE_H

#include "plan/asked.h"
#include "plan/matrices.h"

/* A row for each job, in the order of the file. */
struct catalogue {
	const char **names;
	const char **heads; /* the name of the matrix that it is of: build; NULL: it is of none */
	const char *const **tags;   /* NULL behind the last; NULL: it has none */
	const struct asked **asked; /* its needs; NULL: it has none */
	bool *cleans_up;            /* its when is always or on_failure */
	bool sound;                 /* no name is missing or wrong */
	size_t n;
};

/* Names are those that the jobs have when all are run. Only problems of needs are reported: all
   others are found again when the plan is made. */
struct catalogue catalogue_make(const struct spec *spec, const struct plan_options *options,
	const struct matrices *matrices, struct arena *arena, struct problems *problems);
#endif
