/* SPDX-License-Identifier: MIT
 * The jobs that the command line asks for by name. */
#ifndef PLAN_SELECT_H
#define PLAN_SELECT_H

#include "plan/nameset.h"
#include "plan/plan.h"

struct selection {
	bool all;
	struct nameset only; /* what was asked for; found: it was there */
};

struct selection selection_of(const struct plan_options *options, struct arena *arena);

/* How many of n jobs will be taken when all names are right. */
size_t selection_size(const struct selection *selection, size_t n);

/* Whether the job of this name is taken; at most one of a name is. */
bool selection_takes(struct selection *selection, const char *name);

/* Reports the names that no job has; names are those of all jobs, in the order of the file. */
void selection_check(const struct selection *selection, const struct plan_options *options,
	const char *const *names, size_t n, struct problems *problems);
#endif
