/* SPDX-License-Identifier: MIT
 * The combinations of a matrix: the first variable of the file varies slowest. */
#ifndef PLAN_MATRIX_H
#define PLAN_MATRIX_H

#include "spec/spec.h"

enum { JOBS_MAX = 1000000 }; /* of a file, after expansion */

/* How many jobs it makes of one: 1 without a matrix. Nothing above JOBS_MAX + 1 is told apart. */
size_t matrix_size(const struct spec_job *job);

/* The next combination; choice has an index for each variable and starts with zeros. False: that
   was the last one. */
bool matrix_next(const struct spec_job *job, size_t *choice);

/* "linux, 3.9" */
const char *matrix_words(const struct spec_job *job, const size_t *choice, struct arena *arena);
#endif
