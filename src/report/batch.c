// SPDX-License-Identifier: MIT
// Items in the making.
#include "report/batch.h"

#include <stdlib.h>

struct buf *batch_text(struct batch *batch) {
	struct item *last = batch->last;
	if (last && !last->result && !last->backlog && output_kept(&last->file) == 0) {
		return &last->text;
	}
	struct item *item = calloc(1, sizeof *item);
	if (!item) {
		return NULL;
	}
	item->file = OUTPUT_EMPTY;
	if (last) {
		last->next = item;
	} else {
		batch->first = item;
	}
	batch->last = item;
	return &item->text;
}

struct buf *batch_line(struct batch *batch) {
	struct buf *text = batch_text(batch);
	if (text && text->len == 0) {
		batch->last->own_line = true;
	} else if (text && text->data[text->len - 1] != '\n' && buf_putc(text, '\n') < 0) {
		return NULL;
	}
	return text;
}

int batch_result(struct batch *batch, struct result *result) {
	if (!batch_text(batch)) {
		return -1;
	}
	batch->last->result = result;
	batch->size += item_size(batch->last);
	return 0;
}

int batch_file(struct batch *batch, struct output *file) {
	if (!batch_text(batch)) {
		return -1;
	}
	batch->last->file = *file;
	*file = OUTPUT_EMPTY;
	return 0;
}

int batch_span(struct batch *batch, struct backlog *backlog, const struct span *span) {
	if (!batch_text(batch)) {
		return -1;
	}
	batch->last->backlog = backlog;
	batch->last->span = *span;
	batch->size += item_size(batch->last);
	return 0;
}

uint64_t item_size(const struct item *item) {
	uint64_t n = item->text.len + output_kept(&item->file) + item->span.bytes;
	n += item->backlog ? sizeof *item : 0;
	if (item->result) {
		n += output_kept(&item->result->out) + output_kept(&item->result->err);
	}
	return n;
}

void items_free(struct item *first) {
	while (first) {
		struct item *next = first->next;
		buf_clear(&first->text);
		output_clear(&first->file);
		if (first->result) {
			result_release(first->result);
		}
		free(first);
		first = next;
	}
}
