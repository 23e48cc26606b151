/* SPDX-License-Identifier: MIT
 *
 * Text of others made harmless for a terminal: control characters, escape sequences and bidi
 * overrides go; colour (SGR) stays if that is wanted. A filter with memory: where the pieces of a
 * text are cut makes no difference. */
#ifndef REPORT_PLAIN_H
#define REPORT_PLAIN_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct plain {
	bool colour;     /* keep SGR; bytes that are no UTF-8 become U+FFFD */
	bool one_line;   /* newline and tab become blanks */
	unsigned indent; /* blanks before each line */
	unsigned char state;
	bool inside; /* something of the current line is out */
	bool tinted; /* SGR is on */
	unsigned char held_len, held_need;
	unsigned char held[4]; /* a character that is not whole yet */
	unsigned char sgr_len;
	char sgr[64]; /* parameters of a sequence that is not whole yet */
};

void plain_init(struct plain *plain, bool colour, unsigned indent);

/* Room that plain_feed and plain_end need at most for n bytes. */
size_t plain_room(const struct plain *plain, size_t n);

/* Appends what is left of n more bytes. 0, or -1 with errno ENOMEM and nothing taken. */
int plain_feed(struct plain *plain, const char *data, size_t n, struct buf *out);

/* The text is over: half a character goes out, colour goes off, a last newline is added where one
   is missing (but with one_line). The filter is as new then. */
int plain_end(struct plain *plain, struct buf *out);

/* A whole text on one line, as names and messages are. */
int plain_word(struct buf *out, const char *text, bool colour);
/* The name of a job; one without a letter, as of an empty value, is ''. */
int plain_name(struct buf *out, const char *name, bool colour);
#endif
