/* SPDX-License-Identifier: MIT
 * Characters of UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character at p and its length in bytes; 0 when what is there is no UTF-8: overlong,
   surrogate, past U+10FFFF, cut short. end > p. */
size_t utf8_decode(const char *p, const char *end, uint32_t *character);
#endif
