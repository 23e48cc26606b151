/* SPDX-License-Identifier: MIT
 * The combinations of a matrix: the first variable of the file varies slowest, and what include
 * alone makes comes last. Without include and exclude they are only counted, not kept. */
#ifndef PLAN_MATRIX_H
#define PLAN_MATRIX_H

#include "base/arena.h"
#include "spec/spec.h"

enum { JOBS_MAX = 1000000 }; /* of a file, after expansion */

/* An entry of include that is a job of its own. */
struct matrix_entry {
	const struct spec_combination *written;
	const size_t *variables; /* which its items are for */
};

struct matrix {
	/* The variables of the file with the values that they have, then those that only include
	   has, which have none here. */
	const struct spec_variable *variables;
	size_t n, n_own;
	size_t product; /* combinations of the file's values. 0: there is only include */
	size_t size;    /* jobs. Of both nothing above JOBS_MAX + 1 is told apart */
	bool broken;    /* something of it was refused: no job can be made of it */
	/* What exclude and include do to the product. NULL: nothing. */
	const bool *left_out;
	const char *const *more; /* for each row the values of the variables behind n_own */
	const struct matrix_entry *alone;
	size_t n_alone;
	const size_t *lacking; /* for each variable, from 1: the first job that lacks it; 0: none */
};

/* That of a job without one: one combination of nothing. */
extern const struct matrix matrix_none;

/* Going through the combinations. */
struct combination {
	const struct matrix *matrix;
	size_t at;           /* in the product and the entries behind it, from 1 */
	size_t *choice;      /* which value each variable of the file has */
	const char **values; /* of each variable; NULL: the combination lacks it */
};
struct combination combination_start(const struct matrix *matrix, struct arena *arena);
/* The next one, or the first. False: there is none any more. */
bool combination_next(struct combination *combination);

/* "linux, 3.9" */
const char *matrix_words(
	const struct matrix *matrix, const char *const *values, struct arena *arena);

/* Whether some combination has no value for the variable, and the words of the first of these. */
static inline bool matrix_lacking(const struct matrix *matrix, size_t variable) {
	return matrix->lacking && matrix->lacking[variable] > 0;
}
const char *matrix_words_lacking(const struct matrix *matrix, size_t variable, struct arena *arena);
#endif
