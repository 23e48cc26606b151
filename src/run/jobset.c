// SPDX-License-Identifier: MIT
// A tree of words, 64 children each; the lowest level is the jobs. All steps are O(log64 n).
#include "run/jobset.h"

#include <stdint.h>
#include <stdlib.h>

enum { BITS = 64, MOST_LEVELS = 11 };

struct jobset {
	unsigned levels;
	size_t at[MOST_LEVELS]; // where a level begins, the jobs' first
	uint64_t words[];
};

struct jobset *jobset_new(size_t jobs) {
	size_t at[MOST_LEVELS], words = 0, n = jobs;
	unsigned levels = 0;
	do {
		n = n / BITS + 1;
		at[levels++] = words;
		words += n;
	} while (n > 1);
	struct jobset *set = calloc(1, sizeof *set + words * sizeof set->words[0]);
	if (set) {
		set->levels = levels;
		for (unsigned i = 0; i < levels; i++) {
			set->at[i] = at[i];
		}
	}
	return set;
}

void jobset_free(struct jobset *set) {
	free(set);
}

void jobset_add(struct jobset *set, size_t job) {
	for (unsigned level = 0; level < set->levels; level++, job /= BITS) {
		uint64_t *word = &set->words[set->at[level] + job / BITS];
		bool known = *word != 0; // above too
		*word |= UINT64_C(1) << job % BITS;
		if (known) {
			return;
		}
	}
}

void jobset_remove(struct jobset *set, size_t job) {
	for (unsigned level = 0; level < set->levels; level++, job /= BITS) {
		uint64_t *word = &set->words[set->at[level] + job / BITS];
		*word &= ~(UINT64_C(1) << job % BITS);
		if (*word != 0) {
			return;
		}
	}
}

bool jobset_take(struct jobset *set, size_t *job) {
	size_t lowest = 0;
	for (unsigned level = set->levels; level-- > 0;) {
		uint64_t word = set->words[set->at[level] + lowest];
		if (word == 0) {
			return false; // only the top can be empty
		}
		lowest = lowest * BITS + (unsigned)__builtin_ctzll(word);
	}
	jobset_remove(set, lowest);
	*job = lowest;
	return true;
}
