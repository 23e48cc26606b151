/* SPDX-License-Identifier: MIT
 *
 * What jobs have written, byte for byte: it is data. Only what they are tagged with goes before
 * each line. */
#ifndef REPORT_RAW_H
#define REPORT_RAW_H

#include "report/backlog.h"
#include "report/outlet.h"
#include "result/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Puts a label before each line of a text, wherever that is cut. Starts as {.label = …}. */
struct raw_tagger {
	const char *label; /* NULL: nothing */
	bool inside;       /* a line */
};

/* The next piece to print of *n bytes, which are fewer then, or the label; NULL: there is none. */
const char *raw_tag(struct raw_tagger *tagger, const char **data, size_t *n, size_t *piece);

/* One stream of a result. Reporters' layouts. */
void raw_out(struct outlet *outlet, const struct result *result, bool colour, char *chunk);
void raw_err(struct outlet *outlet, const struct result *result, bool colour, char *chunk);

/* All of a span. */
void raw_span(struct outlet *outlet, struct backlog *backlog, struct span *span);
#endif
