// SPDX-License-Identifier: MIT
// A sorted array, since the same text may stand in it more than once.
#include "plan/lexicon.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct lexicon lexicon_for(size_t most, struct arena *arena) {
	return (struct lexicon){.words = ARENA_ARRAY(arena, most, struct word)};
}

void lexicon_add(struct lexicon *lexicon, const char *text, size_t index) {
	lexicon->words[lexicon->n++] = (struct word){text, index};
}

static int by_text(const void *a, const void *b) {
	const struct word *one = a, *other = b;
	int order = strcmp(one->text, other->text);
	return order ? order : (one->index > other->index) - (one->index < other->index);
}

void lexicon_sort(struct lexicon *lexicon) {
	if (lexicon->n > 0) {
		qsort(lexicon->words, lexicon->n, sizeof *lexicon->words, by_text);
	}
}

// The first word that is not before the text, or not before those with it.
static size_t bound(const struct lexicon *lexicon, const char *text, bool behind) {
	size_t low = 0, high = lexicon->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(lexicon->words[middle].text, text);
		if (order < 0 || (behind && order == 0)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

const struct word *lexicon_find(const struct lexicon *lexicon, const char *text, size_t *n) {
	size_t first = bound(lexicon, text, false);
	*n = bound(lexicon, text, true) - first;
	return lexicon->words + first;
}
