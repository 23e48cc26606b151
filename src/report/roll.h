/* SPDX-License-Identifier: MIT
 * Names as they come, as many on a line as fit: the first of them, however many they are. */
#ifndef REPORT_ROLL_H
#define REPORT_ROLL_H

#include "base/buf.h"

#include <stddef.h>

enum { ROLL_COLUMNS = 78 };

/* Starts as {.most_lines = …}. */
struct roll {
	size_t most_lines; /* 0: all of them */
	size_t n, named;
	size_t lines, at; /* columns of the last line */
	struct buf text;
};

/* Never fails: without memory it is only counted. */
void roll_add(struct roll *roll, const char *name);
/* Appends them, and how many more there were. 0, or -1 without memory. */
int roll_put(struct buf *buf, const struct roll *roll);
void roll_clear(struct roll *roll);
#endif
