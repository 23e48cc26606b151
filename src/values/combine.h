/* SPDX-License-Identifier: MIT
 *
 * All combinations of several sources. Linked ones are a group, which counts as one source:
 *
 *	::: a b :::+ 1 2  :::: list  ::: x y
 *	└── group 0 ───┘  └ group 1┘ └group 2┘
 *	the readers are    the rows are stored, and counted through like the
 *	asked for more     digits of a number; the last one varies fastest
 */
#ifndef VALUES_COMBINE_H
#define VALUES_COMBINE_H

#include "values/reader.h"
#include "values/stored.h"

struct group {
	size_t first, n; /* of the readers */
	size_t rows;     /* of a group whose rows are stored */
	size_t at;       /* which of them is next */
};

struct combine {
	struct reader *readers;
	struct stored *stored; /* one for each reader; those of group 0 stay empty */
	size_t n_readers;
	struct group *groups;
	size_t n_groups;
	size_t loading; /* the group whose rows are being stored; n_groups: none is any more */
	size_t asked;   /* in the group that is being read, the reader that is to give a row now */
	bool begun;     /* group 0 has a row, and at counts through the others */
	struct fields gathered;
	struct reader *last; /* the reader that was asked last: it waits or has failed */
};

/* Room for n sources, none of which is open. 0, or -1 without memory. */
int combine_init(struct combine *combine, size_t n);

/* Once the readers are open: which of the n sources belong together. */
void combine_group(struct combine *combine, const struct values_source *sources, size_t n);

/* *row is set only with VALUES_ROW. */
enum values_state combine_next(struct combine *combine, struct row *row);

void combine_free(struct combine *combine);
#endif
