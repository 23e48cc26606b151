/* SPDX-License-Identifier: MIT
 * Rows of values that are collected for one job: a number of them (-n), or as many as fit (-X). */
#ifndef PLAN_BUNDLE_H
#define PLAN_BUNDLE_H

#include "base/buf.h"
#include "plan/measure.h"
#include "values/values.h"

struct bundle_rule {
	size_t max_rows; /* 0: any number */
	bool fill;       /* until one more would not fit, and evenly over the workers at the end */
	size_t room;     /* of fill */
	unsigned workers;
	struct measure measure; /* of fill: the command's */
};

/* Starts as {.rule}. */
struct bundle {
	struct bundle_rule rule;
	struct buf bytes;     /* each value with a NUL behind it */
	struct value *values; /* their lengths; where they stand is said when they are taken */
	size_t *ends;         /* of each row: values up to its end */
	size_t n_values, cap_values, n_rows, cap_rows;
	size_t taken_rows; /* those at the front that were given out */
	struct load load;  /* of those that are not, but the one that did not fit */
	bool full;         /* the last row did not fit */
	bool ended;
	size_t share; /* rows for each job at the end */
};

/* Copies the row. 0, or -1 without memory, with the bundle as it was. */
int bundle_add(struct bundle *bundle, const struct row *row);

/* No row comes any more. */
void bundle_end(struct bundle *bundle);

/* The values of the next job, good until the next call; false: more rows are needed, or none is
   left behind the end. */
bool bundle_take(struct bundle *bundle, struct row *row);

void bundle_clear(struct bundle *bundle);
#endif
