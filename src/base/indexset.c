// SPDX-License-Identifier: MIT
// A tree of words, 64 children each; the lowest level is the numbers. All steps are O(log64 n).
#include "base/indexset.h"

#include <stdint.h>
#include <stdlib.h>

enum { BITS = 64, MOST_LEVELS = 11 };

struct indexset {
	unsigned levels;
	size_t at[MOST_LEVELS]; // where a level begins, the lowest first
	uint64_t words[];
};

// How many levels there are, where each begins, and how many words that takes.
static unsigned lay_out(size_t n, size_t at[MOST_LEVELS], size_t *words) {
	unsigned levels = 0;
	*words = 0;
	do {
		n = n / BITS + 1;
		at[levels++] = *words;
		*words += n;
	} while (n > 1);
	return levels;
}

size_t indexset_bytes(size_t n) {
	size_t at[MOST_LEVELS], words;
	lay_out(n, at, &words);
	return sizeof(struct indexset) + words * sizeof(uint64_t);
}

struct indexset *indexset_at(void *memory, size_t n) {
	struct indexset *set = memory;
	size_t words;
	set->levels = lay_out(n, set->at, &words);
	return set;
}

struct indexset *indexset_new(size_t n) {
	void *memory = calloc(1, indexset_bytes(n));
	return memory ? indexset_at(memory, n) : NULL;
}

void indexset_free(struct indexset *set) {
	free(set);
}

void indexset_add(struct indexset *set, size_t number) {
	for (unsigned level = 0; level < set->levels; level++, number /= BITS) {
		uint64_t *word = &set->words[set->at[level] + number / BITS];
		bool known = *word != 0; // above too
		*word |= UINT64_C(1) << number % BITS;
		if (known) {
			return;
		}
	}
}

void indexset_remove(struct indexset *set, size_t number) {
	for (unsigned level = 0; level < set->levels; level++, number /= BITS) {
		uint64_t *word = &set->words[set->at[level] + number / BITS];
		*word &= ~(UINT64_C(1) << number % BITS);
		if (*word != 0) {
			return;
		}
	}
}

bool indexset_take(struct indexset *set, size_t *number) {
	size_t lowest = 0;
	for (unsigned level = set->levels; level-- > 0;) {
		uint64_t word = set->words[set->at[level] + lowest];
		if (word == 0) {
			return false; // only the top can be empty
		}
		lowest = lowest * BITS + (unsigned)__builtin_ctzll(word);
	}
	indexset_remove(set, lowest);
	*number = lowest;
	return true;
}
