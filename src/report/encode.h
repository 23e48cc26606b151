/* SPDX-License-Identifier: MIT
 *
 * Bytes as the text of a JSON string, and as base64, piece by piece: where the pieces are cut
 * makes no difference. */
#ifndef REPORT_ENCODE_H
#define REPORT_ENCODE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* What is no UTF-8 becomes U+FFFD, as Python's errors="replace" has it. Control characters, and
   what some take for the end of a line, are written \u001b. */
struct encode_text {
	bool raw;     /* not escaped */
	bool invalid; /* there was something that is no UTF-8 */
	unsigned char held_len, held_need;
	unsigned char held[4]; /* a character that is not whole yet */
};

/* Room that n more bytes and the end need at most. */
size_t encode_text_room(size_t n);
/* Both append; `out` has the room. After the end it may go on. */
void encode_text(struct encode_text *text, const char *data, size_t n, struct buf *out);
void encode_text_end(struct encode_text *text, struct buf *out);

struct encode_base64 {
	unsigned char held_len;
	unsigned char held[3];
};
size_t encode_base64_room(size_t n);
void encode_base64(struct encode_base64 *base64, const char *data, size_t n, struct buf *out);
void encode_base64_end(struct encode_base64 *base64, struct buf *out);

/* Appends JSON in valid UTF-8, in whose strings only the characters below blank are escaped. 0, or
   -1 without memory. */
int encode_json(struct buf *out, const char *json, size_t n);
#endif
