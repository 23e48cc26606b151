/* SPDX-License-Identifier: MIT
 * What include and exclude do to a matrix, as in GitHub Actions: exclude takes combinations away;
 * then each entry of include adds its new variables to all combinations that have its values of
 * the other ones, and an entry that finds none is a combination of its own. */
#ifndef PLAN_CHANGES_H
#define PLAN_CHANGES_H

#include "plan/matrix.h"

/* What the matrices of a file may still take. */
struct changes_budget {
	size_t values; /* that include adds */
	size_t steps;  /* of looking for the combinations that entries mean */
};
enum { BUDGET_VALUES = 32 * JOBS_MAX, BUDGET_STEPS = 200 * JOBS_MAX };

struct changes_maker {
	const struct spec_job *job;
	struct matrix *matrix;
	struct arena *arena; /* for what the matrix keeps */
	struct problems *problems;
	struct changes_budget *budget;
};

/* Adds the variables that only include has to those of the matrix, which has its own. */
void changes_name(struct changes_maker *maker);

/* The rest; the matrix has its values, and its product is small enough. False: something is
   wrong, which is reported. */
bool changes_apply(struct changes_maker *maker);
#endif
