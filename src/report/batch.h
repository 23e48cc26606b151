/* SPDX-License-Identifier: MIT
 *
 * What a reporter has made and the writer has not got yet: a list of items, each of them text and
 * what follows it. Whole items change hands, so handing over needs no memory. */
#ifndef REPORT_BATCH_H
#define REPORT_BATCH_H

#include "base/buf.h"
#include "report/backlog.h"
#include "result/result.h"

#include <stdbool.h>
#include <stdint.h>

/* Printed in this order. */
struct item {
	struct item *next;
	struct buf text;
	bool own_line; /* the text begins on a line of its own, whatever was printed before it */
	struct output file;    /* more text that was too long for memory; OUTPUT_EMPTY: none */
	struct result *result; /* a job whose output is laid out while it is written; held; NULL */
	struct backlog *backlog; /* borrowed; what of it comes then; NULL */
	struct span span;
};

struct batch {
	struct item *first, *last;
	uint64_t size; /* of those that have more than text */
};

/* The text to append to; NULL without memory. Good until the next call. */
struct buf *batch_text(struct batch *batch);

/* The same, at the beginning of a line. */
struct buf *batch_line(struct batch *batch);

/* The output of a result behind the text so far. Takes the result. 0, or -1 without memory. */
int batch_result(struct batch *batch, struct result *result);
/* A file of text behind the text so far. Takes it, *file is empty then. 0, or -1. */
int batch_file(struct batch *batch, struct output *file);
/* What has waited behind the text so far. 0, or -1 without memory. */
int batch_span(struct batch *batch, struct backlog *backlog, const struct span *span);

/* Bytes that wait in an item, its outputs as they were kept, and it itself where it is for few. */
uint64_t item_size(const struct item *item);
/* Frees a whole list. */
void items_free(struct item *first);
#endif
