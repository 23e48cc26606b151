// SPDX-License-Identifier: MIT
// The combinations of a matrix, counted like the digits of a number.
#include "plan/matrix.h"

#include <string.h>

const struct matrix matrix_none = {.product = 1, .size = 1};

static const char *value_of(const struct combination *c, size_t i) {
	return c->matrix->variables[i].values.items[c->choice[i]].text;
}

struct combination combination_start(const struct matrix *matrix, struct arena *arena) {
	struct combination c = {
		.matrix = matrix,
		.choice = ARENA_ARRAY(arena, matrix->n_own, size_t),
		.values = ARENA_ARRAY(arena, matrix->n, const char *),
	};
	for (size_t i = 0; i < matrix->n_own && matrix->product > 0; i++) {
		c.values[i] = value_of(&c, i);
	}
	return c;
}

static void count_up(struct combination *c) {
	for (size_t i = c->matrix->n_own; i-- > 0;) {
		bool carry = ++c->choice[i] == c->matrix->variables[i].values.n;
		c->choice[i] = carry ? 0 : c->choice[i];
		c->values[i] = value_of(c, i);
		if (!carry) {
			return;
		}
	}
}

// What include adds to a row of the product.
static void add_more(struct combination *c, size_t row) {
	const struct matrix *matrix = c->matrix;
	size_t n = matrix->n - matrix->n_own;
	for (size_t i = 0; i < n && matrix->more; i++) {
		c->values[matrix->n_own + i] = matrix->more[row * n + i];
	}
}

static void take(struct combination *c, const struct matrix_entry *entry) {
	for (size_t i = 0; i < c->matrix->n; i++) {
		c->values[i] = NULL;
	}
	for (size_t i = 0; i < entry->written->n; i++) {
		c->values[entry->variables[i]] = entry->written->items[i].value.text;
	}
}

bool combination_next(struct combination *c) {
	const struct matrix *matrix = c->matrix;
	while (c->at < matrix->product) {
		size_t row = c->at++;
		if (row > 0) {
			count_up(c);
		}
		if (!matrix->left_out || !matrix->left_out[row]) {
			add_more(c, row);
			return true;
		}
	}
	if (c->at == matrix->product + matrix->n_alone) {
		return false;
	}
	take(c, &matrix->alone[c->at++ - matrix->product]);
	return true;
}

const char *matrix_words(
	const struct matrix *matrix, const char *const *values, struct arena *arena) {
	size_t len = 0;
	for (size_t i = 0; i < matrix->n; i++) {
		len += values[i] ? strlen(values[i]) + 2 : 0;
	}
	char *words = ARENA_ARRAY(arena, len + 1, char), *to = words;
	for (size_t i = 0; i < matrix->n; i++) {
		if (values[i]) {
			to = stpcpy(stpcpy(to, to > words ? ", " : ""), values[i]);
		}
	}
	return words;
}

const char *matrix_words_lacking(
	const struct matrix *matrix, size_t variable, struct arena *arena) {
	struct combination c = combination_start(matrix, arena);
	for (size_t i = 0; i < matrix->lacking[variable]; i++) {
		combination_next(&c);
	}
	return matrix_words(matrix, c.values, arena);
}
