/* SPDX-License-Identifier: MIT
 * A word of spool map's command with its placeholders, compiled once and filled in for each job. */
#ifndef PLAN_PATTERN_H
#define PLAN_PATTERN_H

#include "base/arena.h"
#include "plan/layout.h"
#include "plan/measure.h"
#include "plan/placeholder.h"

/* Text or a placeholder. */
struct fragment {
	const char *text; /* NULL: it is a placeholder */
	size_t len;
	struct placeholder placeholder;
};
struct pattern {
	const struct fragment *fragments;
	size_t n;
	struct text fixed; /* the word, when it has no placeholder */
	bool each;         /* it becomes a word for each value, else all values stand in it */
};

/* What a job fills in. */
struct given {
	struct row row;
	unsigned seq;
};

/* several: a job may have the values of more than one row, so that a word with all of them becomes
   one for each even if it is more than the placeholder. Memory is the arena's, the text too. */
struct pattern pattern_compile(
	const char *text, const struct placeholder_words *words, bool several, struct arena *arena);

/* That of a single placeholder, each value a word of its own. */
struct pattern pattern_single(const struct placeholder *placeholder, struct arena *arena);

bool pattern_has(const struct pattern *pattern, enum placeholder_kind kind);

/* As words of the job. */
void pattern_words(const struct pattern *pattern, const struct given *given, struct layout *layout);

/* As more of what is being laid out; several values stand with a blank between two. */
void pattern_bytes(const struct pattern *pattern, const struct given *given, struct layout *layout);

/* Adds what its words may take of an argument list. */
void pattern_measure(const struct pattern *pattern, struct measure *measure);
#endif
