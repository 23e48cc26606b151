/* SPDX-License-Identifier: MIT
 * Records of CSV (RFC 4180); values.h says what becomes of those that are none. */
#ifndef VALUES_CSV_H
#define VALUES_CSV_H

#include "values/fields.h"
#include "values/input.h"

enum csv_state { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE };

struct csv_place {
	size_t read, written;
};

/*
 * Where the reading of a record is; between two records all zero but for the first two. Values are
 * written over what they were read from, with a NUL behind each, and so lie one behind the other:
 *
 *	"a ""b""",c\n	as it was read
 *	a "b"0c0	as it is written
 *
 * Offsets are from the input's start: the bytes may be moved when there are more.
 */
struct csv {
	char separator;
	int end; /* the delimiter behind a record; -1: nothing ends it */
	enum csv_state state;
	size_t read, written;
	size_t value;    /* where the value begins, as written */
	size_t newlines; /* in quotes, so far */
	struct csv_place line;
	struct csv_quote {
		struct csv_place line, at;
		size_t newlines;
	} quote; /* the one that was opened last, and its line */
};

/* The next record: its values, in place until the next call. */
enum values_state csv_next(struct csv *csv, struct input *input, struct fields *fields);
#endif
