/* SPDX-License-Identifier: MIT
 * "did you mean": the known word nearest to a mistyped one. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* The nearest of words[0..n), or NULL when none is near enough to be meant (more than a third of
   its letters differ). Swapped neighbours count as one difference; case as none. */
const char *nearest_word(const char *word, const char *const *words, size_t n);
#endif
