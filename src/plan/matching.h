/* SPDX-License-Identifier: MIT
 * Names of jobs held against globs: a '?' is a character, not a byte, and [a-z] has 26 letters,
 * whatever the locale. */
#ifndef PLAN_MATCHING_H
#define PLAN_MATCHING_H

#include "plan/catalogue.h"

#include <locale.h>

struct matching {
	locale_t utf8, before;
};

/* Between the two this thread's characters are UTF-8. */
void matching_begin(struct matching *matching);
void matching_end(struct matching *matching);

/* Whether there is a character of globs in it. */
bool matching_glob(const char *word);

/* Whether the whole text is as the glob says. */
bool matching_text(const char *glob, const char *text);

/* Whether the glob means the job by its name or that of its matrix. */
bool matching_row(const struct catalogue *catalogue, size_t row, const char *glob);
#endif
