// SPDX-License-Identifier: MIT
// What the jobs of a file come to is counted by the longest value of each variable: no more than
// that is ever made of it.
#include "plan/allowance.h"
#include "plan/place.h"

#include <string.h>

static const uint64_t MOST = 1024 * 1024 * 1024;

static void look_at(size_t *longest, const char *value) {
	size_t len = value ? strlen(value) : 0;
	*longest = len > *longest ? len : *longest;
}

// What include adds to combinations of the file's values, and what it makes by itself.
static void look_at_included(size_t *longest, const struct matrix *matrix) {
	size_t n_more = matrix->n - matrix->n_own;
	for (size_t i = 0; matrix->more && i < matrix->product * n_more; i++) {
		look_at(&longest[matrix->n_own + i % n_more], matrix->more[i]);
	}
	for (size_t i = 0; i < matrix->n_alone; i++) {
		const struct matrix_entry *entry = &matrix->alone[i];
		for (size_t j = 0; j < entry->written->n; j++) {
			look_at(&longest[entry->variables[j]], entry->written->items[j].value.text);
		}
	}
}

void allowance_turn(struct allowance *allowance, const struct matrix *matrix, struct arena *arena) {
	allowance->jobs = matrix->broken ? 1 : matrix->size; // of what is refused nothing is made
	while (allowance->cap < matrix->n) {
		allowance->longest = arena_grow(arena, allowance->longest, allowance->cap,
			&allowance->cap, sizeof *allowance->longest);
	}
	for (size_t i = 0; i < matrix->n; i++) {
		const struct spec_texts *values = &matrix->variables[i].values;
		allowance->longest[i] = 0;
		for (size_t j = 0; i < matrix->n_own && j < values->n; j++) {
			look_at(&allowance->longest[i], values->items[j].text);
		}
	}
	look_at_included(allowance->longest, matrix);
}

bool allowance_is_spent(const struct allowance *allowance) {
	return allowance->taken > MOST;
}

bool allowance_take(struct allowance *allowance, uint64_t bytes, bool each, struct mark at,
	struct problems *problems) {
	if (allowance_is_spent(allowance)) {
		return false;
	}
	uint64_t times = each ? allowance->jobs : 1;
	allowance->taken += bytes > MOST ? MOST + 1 : bytes * times;
	if (allowance_is_spent(allowance)) {
		place_add(problems, at,
			"take fewer or shorter values; a long text goes into a file that the jobs "
			"read",
			"with their values filled in, the jobs up to here need more than 1 GiB");
		return false;
	}
	return true;
}
