/* SPDX-License-Identifier: MIT
 * The rows of a source that are needed again and again. Starts as {0}. */
#ifndef VALUES_STORED_H
#define VALUES_STORED_H

#include "base/buf.h"
#include "values/fields.h"

struct stored {
	struct buf text;      /* of all values, with a NUL behind each */
	struct fields values; /* of all rows; their texts are set by stored_finish */
	size_t *ends;         /* of each row: where in values it ends */
	size_t n, cap;        /* rows */
};

/* 0, or -1 without memory. */
int stored_add(struct stored *stored, const struct fields *row);

/* When all rows are there. */
void stored_finish(struct stored *stored);

struct row stored_row(const struct stored *stored, size_t i);

void stored_free(struct stored *stored);
#endif
