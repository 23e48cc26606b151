// SPDX-License-Identifier: MIT
// What the jobs of a file come to is counted by the longest value of each variable: no more than
// that is ever made of it.
#include "plan/allowance.h"
#include "plan/matrix.h"
#include "plan/place.h"

#include <string.h>

static const uint64_t MOST = 1024 * 1024 * 1024;

void allowance_turn(struct allowance *allowance, const struct spec_job *job, struct arena *arena) {
	allowance->jobs = matrix_size(job);
	while (allowance->cap < job->n_matrix) {
		allowance->longest = arena_grow(arena, allowance->longest, allowance->cap,
			&allowance->cap, sizeof *allowance->longest);
	}
	for (size_t i = 0; i < job->n_matrix; i++) {
		const struct spec_texts *values = &job->matrix[i].values;
		allowance->longest[i] = 0;
		for (size_t j = 0; j < values->n; j++) {
			size_t len = strlen(values->items[j].text);
			allowance->longest[i] = len > allowance->longest[i] ? len
									    : allowance->longest[i];
		}
	}
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
