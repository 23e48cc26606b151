/* SPDX-License-Identifier: MIT
 * How wide a text is on a terminal, without asking the locale. */
#ifndef BASE_COLUMNS_H
#define BASE_COLUMNS_H

#include <stddef.h>

/* Columns of n bytes of UTF-8 without control characters: one a character, two for wide ones, none
   for combining ones, one for a byte that is no UTF-8. */
size_t columns(const char *text, size_t n);
#endif
