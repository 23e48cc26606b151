// SPDX-License-Identifier: MIT
// The values of a row in the making.
#include "values/fields.h"

#include <stdlib.h>

int fields_add(struct fields *fields, const char *text, size_t len) {
	if (fields->n == fields->cap) {
		size_t cap = fields->cap ? 2 * fields->cap : 16;
		struct value *items = reallocarray(fields->items, cap, sizeof *items);
		if (!items) {
			return -1;
		}
		fields->items = items;
		fields->cap = cap;
	}
	fields->items[fields->n++] = (struct value){text, len};
	return 0;
}

void fields_free(struct fields *fields) {
	free(fields->items);
	*fields = (struct fields){0};
}
