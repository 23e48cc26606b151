/* SPDX-License-Identifier: MIT
 * What separates the columns of a record: a character or an extended regular expression. */
#ifndef VALUES_COLSEP_H
#define VALUES_COLSEP_H

#include "values/fields.h"

#include <locale.h>
#include <regex.h>

struct colsep {
	bool single; /* else: expression */
	char c;
	regex_t expression;
	locale_t utf8; /* of an expression with characters that are not ASCII; else 0 */
};

/* 0, or -1 and *problem (NULL without memory), and nothing to free. */
int colsep_compile(struct colsep *colsep, const char *text, char **problem);

/* Whether the text is one character, and which. */
bool colsep_is_character(const char *text, char *c);

/* Adds the columns of a text with a NUL behind it; each gets one, in the place of the separator. 0,
   or -1 without memory. */
int colsep_split(const struct colsep *colsep, char *text, size_t len, struct fields *fields);

void colsep_free(struct colsep *colsep);
#endif
