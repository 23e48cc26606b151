/* SPDX-License-Identifier: MIT
 * Which of many texts a text is. */
#ifndef PLAN_LEXICON_H
#define PLAN_LEXICON_H

#include "base/arena.h"

struct word {
	const char *text;
	size_t index;
};
/* Texts in the order of their bytes, the same ones by index. */
struct lexicon {
	struct word *words;
	size_t n;
};

struct lexicon lexicon_for(size_t most, struct arena *arena);
void lexicon_add(struct lexicon *lexicon, const char *text, size_t index);
/* When all are added. */
void lexicon_sort(struct lexicon *lexicon);
/* The first of *n words with this text. */
const struct word *lexicon_find(const struct lexicon *lexicon, const char *text, size_t *n);
#endif
