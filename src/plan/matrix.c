// SPDX-License-Identifier: MIT
// The combinations of a matrix, counted like the digits of a number.
#include "plan/matrix.h"

#include <string.h>

size_t matrix_size(const struct spec_job *job) {
	size_t size = 1;
	for (size_t i = 0; i < job->n_matrix; i++) {
		size *= job->matrix[i].values.n; // no overflow: a file has no 2^32 values
		size = size > JOBS_MAX ? JOBS_MAX + 1 : size;
	}
	return size;
}

bool matrix_next(const struct spec_job *job, size_t *choice) {
	for (size_t i = job->n_matrix; i-- > 0;) {
		if (++choice[i] < job->matrix[i].values.n) {
			return true;
		}
		choice[i] = 0;
	}
	return false;
}

static const char *word(const struct spec_job *job, const size_t *choice, size_t i) {
	return job->matrix[i].values.items[choice[i]].text;
}

const char *matrix_words(const struct spec_job *job, const size_t *choice, struct arena *arena) {
	size_t len = 0;
	for (size_t i = 0; i < job->n_matrix; i++) {
		len += strlen(word(job, choice, i)) + 2;
	}
	char *words = ARENA_ARRAY(arena, len + 1, char), *to = words;
	for (size_t i = 0; i < job->n_matrix; i++) {
		to = stpcpy(stpcpy(to, i ? ", " : ""), word(job, choice, i));
	}
	return words;
}
