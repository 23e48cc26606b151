/* SPDX-License-Identifier: MIT
 * One source: its records, cut into the values that a row has of it. */
#ifndef VALUES_READER_H
#define VALUES_READER_H

#include "values/colsep.h"
#include "values/csv.h"
#include "values/lines.h"

/* How a record is cut into values; the same for all sources. */
struct cutting {
	bool csv, header;
	char delimiter, separator;   /* separator: of csv */
	const struct colsep *colsep; /* NULL: a record is one value */
	size_t longest;
};

struct reader {
	const struct cutting *cutting;
	const struct values_source *source;
	struct input input;
	struct lines lines;
	struct csv csv;
	struct fields fields; /* the row, until the next call */
	size_t next_word;
	bool begun; /* a byte-order mark was looked for */
};

/* Opens the file. *reader is zeroed. 0, or -1 and the input's problem. */
int reader_open(
	struct reader *reader, const struct values_source *source, const struct cutting *cutting);

/* The next row, in fields. */
enum values_state reader_next(struct reader *reader);

/* The same, but waits for it. */
enum values_state reader_await(struct reader *reader);

void reader_close(struct reader *reader);
#endif
