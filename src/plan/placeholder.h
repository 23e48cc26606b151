/* SPDX-License-Identifier: MIT
 *
 * One placeholder of spool map, in GNU parallel's words: {} {.} {/} {//} {/.}, the same of one
 * value by its position ({2} {-1} {2/.}) or by the name of its column ({name.}), {#} and {%}. A
 * value is never changed, only a part of it taken, and never looked into for more.
 */
#ifndef PLAN_PLACEHOLDER_H
#define PLAN_PLACEHOLDER_H

#include "values/values.h"

#include <stdbool.h>
#include <stddef.h>

enum placeholder_kind {
	PLACEHOLDER_VALUES, /* all values of the job */
	PLACEHOLDER_VALUE,  /* the one at position */
	PLACEHOLDER_SEQ,    /* {#} */
	PLACEHOLDER_SLOT,   /* {%}: known when the job starts */
};
enum placeholder_part {
	PART_WHOLE,
	PART_STEM,      /* {.}: without what is behind the last dot of its last name */
	PART_BASE,      /* {/}: behind the last slash */
	PART_FOLDER,    /* {//}: before it */
	PART_BASE_STEM, /* {/.} */
};
struct placeholder {
	enum placeholder_kind kind;
	enum placeholder_part part;
	long position; /* from 1; from the end: -1 is the last */
};

/* What may stand in braces besides. */
struct placeholder_words {
	const char *replace; /* in place of {}; NULL */
	const char *const *names;
	size_t n_names;
};

/* Bytes of the placeholder that the text begins with; 0: with none. */
size_t placeholder_read(
	const char *text, const struct placeholder_words *words, struct placeholder *placeholder);

/* The first one in the text: where it stands, and its bytes in *len; NULL: there is none. */
const char *placeholder_find(const char *text, const struct placeholder_words *words,
	struct placeholder *placeholder, size_t *len);

/* The value at a position of n; NULL: there is none there. */
const struct value *placeholder_value(long position, const struct value *values, size_t n);

/* The part of a value: of its bytes, or a text that lasts. No NUL stands behind it. */
struct value placeholder_part(enum placeholder_part part, struct value value);

static inline bool placeholder_same(const struct placeholder *a, const struct placeholder *b) {
	return a->kind == b->kind && a->part == b->part && a->position == b->position;
}

static inline bool placeholder_has_value(const struct placeholder *placeholder) {
	return placeholder->kind == PLACEHOLDER_VALUES || placeholder->kind == PLACEHOLDER_VALUE;
}
#endif
