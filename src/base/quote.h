/* SPDX-License-Identifier: MIT
 * Words quoted so that a shell reads them back as they are (Python: shlex.quote). */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include "base/buf.h"

/* Appends word, in single quotes if it needs them. 0, or -1 with errno ENOMEM. */
int quote_shell(struct buf *buf, const char *word);

/* The same for several words, with a blank between two (Python: shlex.join). */
int quote_words(struct buf *buf, const char *const *words, size_t n);
#endif
