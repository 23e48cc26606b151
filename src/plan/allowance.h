/* SPDX-License-Identifier: MIT
 * How much the jobs of a file may come to when their values are filled in, asked before they are:
 * a short file with a matrix could fill any memory. */
#ifndef PLAN_ALLOWANCE_H
#define PLAN_ALLOWANCE_H

#include "plan/matrix.h"

struct allowance {
	uint64_t taken; /* bytes, at most */
	/* Of the job of the file that is being compiled. */
	uint64_t jobs;   /* of its matrix */
	size_t *longest; /* of the values of each variable */
	size_t cap;
};

/* Turns to the next job of the file, by its matrix. */
void allowance_turn(struct allowance *allowance, const struct matrix *matrix, struct arena *arena);

/* Takes so many bytes for each job of the matrix, or only once. False: it is too much, which is
   reported where it first is. */
bool allowance_take(struct allowance *allowance, uint64_t bytes, bool each, struct mark at,
	struct problems *problems);

/* Whether it was too much before. */
bool allowance_is_spent(const struct allowance *allowance);
#endif
