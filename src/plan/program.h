/* SPDX-License-Identifier: MIT
 * Whether a single word is meant for a shell: the commonest mistake of a hand that knows parallel.
 */
#ifndef PLAN_PROGRAM_H
#define PLAN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether these n bytes have blanks or characters that only a shell gives a meaning. */
bool program_looks_like_script(const char *text, size_t n);

/* Whether a word is the name, or a path, of a shell. */
bool program_is_shell(const char *word);

/* Whether a program of this name is there: itself with a '/', else in an element of PATH. */
bool program_is_there(const char *word, const char *const *environment);
#endif
