/* SPDX-License-Identifier: MIT
 * Characters of UTF-8: which bytes make one, whole or as they come. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character of several that begins with c; 0: none does. */
static inline unsigned char utf8_length(unsigned char c) {
	return c < 0xc2 || c > 0xf4 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Whether c may be the second byte: overlong forms, surrogates, > U+10FFFF are ruled out here. */
static inline bool utf8_second(unsigned char first, unsigned char c) {
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return c >= low && c <= high;
}

/* Whether c continues a character of which n bytes, first the first, are there. */
static inline bool utf8_continues(unsigned char first, size_t n, unsigned char c) {
	return n > 1 ? (c & 0xc0) == 0x80 : utf8_second(first, c);
}

/* The character at p and its length in bytes; 0 when what is there is no UTF-8: overlong,
   surrogate, past U+10FFFF, cut short. end > p. */
size_t utf8_decode(const char *p, const char *end, uint32_t *character);

/* Bytes of the control character that a text of n > 0 bytes begins with: C0, DEL, C1; 0: none. */
size_t utf8_control(const char *text, size_t n);
#endif
