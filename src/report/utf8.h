/* SPDX-License-Identifier: MIT
 * Which bytes make a character in UTF-8. */
#ifndef REPORT_UTF8_H
#define REPORT_UTF8_H

#include <stdbool.h>

/* Bytes of the character that begins with c; 0: none does. */
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
static inline bool utf8_continues(unsigned char first, unsigned n, unsigned char c) {
	return n > 1 ? (c & 0xc0) == 0x80 : utf8_second(first, c);
}
#endif
