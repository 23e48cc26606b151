/* SPDX-License-Identifier: MIT
 * The values of a row in the making. Starts as {0}. */
#ifndef VALUES_FIELDS_H
#define VALUES_FIELDS_H

#include "values/values.h"

struct fields {
	struct value *items;
	size_t n, cap;
};

/* 0, or -1 with errno ENOMEM. */
int fields_add(struct fields *fields, const char *text, size_t len);

void fields_free(struct fields *fields);
#endif
