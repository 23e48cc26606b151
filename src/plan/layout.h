/* SPDX-License-Identifier: MIT
 *
 * Words and strings of a job that is one block of memory. They are laid out twice by the same code:
 * where there is no memory yet they are only counted, then they are written into as much.
 */
#ifndef PLAN_LAYOUT_H
#define PLAN_LAYOUT_H

#include "plan/job.h"

#include <stdbool.h>
#include <stddef.h>

/* Starts as {0}. */
struct layout {
	struct text *texts; /* all three NULL: they are counted */
	struct piece *pieces;
	char *bytes;
	size_t n_texts, n_pieces, n_bytes;
	size_t first; /* piece of the word that is laid out */
	bool open;    /* a string has begun and has no NUL yet */
};

/* Bytes that all of it needs, once it was counted. */
size_t layout_size(const struct layout *layout);
/* Memory of layout_size(counted) bytes, aligned for a pointer, to write the same into. */
struct layout layout_in(void *memory, const struct layout *counted);

/* A word of bytes and {%}, one after the other. */
void layout_word(struct layout *layout);
void layout_slot(struct layout *layout);
void layout_word_end(struct layout *layout);
/* A word that lasts. */
void layout_borrow(struct layout *layout, const struct text *text);

/* A string that is no word; NULL while it is counted. */
const char *layout_string(struct layout *layout);
void layout_string_end(struct layout *layout);

/* More of the word or string. */
void layout_bytes(struct layout *layout, const char *bytes, size_t n);
void layout_number(struct layout *layout, size_t number);
#endif
