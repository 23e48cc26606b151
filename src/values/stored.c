// SPDX-License-Identifier: MIT
// The rows of a source that are needed again and again.
#include "values/stored.h"

#include <stdlib.h>

int stored_add(struct stored *stored, const struct fields *row) {
	if (stored->n == stored->cap) {
		size_t cap = stored->cap ? 2 * stored->cap : 16;
		size_t *ends = reallocarray(stored->ends, cap, sizeof *ends);
		if (!ends) {
			return -1;
		}
		stored->ends = ends;
		stored->cap = cap;
	}
	for (size_t i = 0; i < row->n; i++) {
		const struct value *value = &row->items[i];
		if (buf_append(&stored->text, value->text, value->len) < 0 ||
			buf_putc(&stored->text, '\0') < 0 ||
			fields_add(&stored->values, NULL, value->len) < 0) {
			return -1;
		}
	}
	stored->ends[stored->n++] = stored->values.n;
	return 0;
}

void stored_finish(struct stored *stored) {
	const char *text = stored->text.data;
	for (size_t i = 0; i < stored->values.n; i++) {
		stored->values.items[i].text = text;
		text += stored->values.items[i].len + 1;
	}
}

struct row stored_row(const struct stored *stored, size_t i) {
	size_t begin = i > 0 ? stored->ends[i - 1] : 0;
	return (struct row){stored->values.items + begin, stored->ends[i] - begin};
}

void stored_free(struct stored *stored) {
	buf_clear(&stored->text);
	fields_free(&stored->values);
	free(stored->ends);
	*stored = (struct stored){0};
}
