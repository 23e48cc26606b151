/* SPDX-License-Identifier: MIT
 * The words by which jobs are asked for, and what is said of one that means no job. */
#ifndef PLAN_MISSED_H
#define PLAN_MISSED_H

#include "plan/catalogue.h"

struct wanted {
	const char *option; /* NULL: the operands, which know no tags */
	struct plan_words words;
};

/* T of tag:T, or NULL. */
const char *wanted_tag(const struct wanted *wanted, const char *word);

/* What is looked through for the nearest word; made when the first word is missed. */
struct missed {
	const struct catalogue *catalogue;
	struct arena *arena;
	struct problems *problems;
	const char **names, **tags; /* each once, those of matrices among the names */
	size_t n_names, n_tags;
	size_t n;             /* words so far */
	const char *asker[2]; /* name of the job that needs it, and of its matrix: never meant */
};

/* What the user may have meant by a word that means no job; NULL: nothing, or too many were asked.
 */
const char *missed_hint(struct missed *missed, const struct wanted *wanted, const char *word);
/* Reports that the word means no job. */
void missed_word(struct missed *missed, const struct wanted *wanted, const char *word);
#endif
