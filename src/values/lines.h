/* SPDX-License-Identifier: MIT
 * Records that end with a delimiter and mean nothing else. */
#ifndef VALUES_LINES_H
#define VALUES_LINES_H

#include "values/input.h"

struct lines {
	char delimiter;
	size_t seen; /* bytes from the input's start on that have no delimiter among them */
};

/* The next record, NUL-terminated in its place, where it may be written to until the next call. */
enum values_state lines_next(struct lines *lines, struct input *input, char **text, size_t *len);
#endif
