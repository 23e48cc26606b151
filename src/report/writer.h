/* SPDX-License-Identifier: MIT
 *
 * The writer thread and its queue. What is pushed is printed in order; nobody who pushes waits. */
#ifndef REPORT_WRITER_H
#define REPORT_WRITER_H

#include "report/batch.h"

#include <stdbool.h>
#include <stdint.h>

enum { WRITER_MARK = 1024 * 1024 }; /* bytes that may wait before the writer counts as behind */

struct writer; /* opaque */

struct outlet;
struct bell;

struct writer_options {
	int fd;      /* borrowed */
	bool colour; /* for layout */
	/* Writes what follows the text of an item that has a result. */
	void (*layout)(
		struct outlet *outlet, const struct result *result, bool colour, char *chunk);
	struct bell *bell; /* rung when writer_behind has changed or a write has failed */
};

/* Starts the thread. 0, or -1 and errno. */
int writer_new(struct writer **writer, const struct writer_options *options);

/* Takes all items; the batch is empty then. Never fails, never blocks. */
void writer_push(struct writer *writer, struct batch *batch);

bool writer_behind(struct writer *writer);
/* errno of the first write that failed, or 0. */
int writer_state(const struct writer *writer);

void writer_hurry(struct writer *writer);
void writer_drop(struct writer *writer);

/* Waits until all is written or given up; nothing may be pushed after it. Returns the errno of the
   first write that failed or 0; *dropped: bytes that were not written. */
int writer_finish(struct writer *writer, uint64_t *dropped);

/* What is not written yet and would have to wait is dropped. NULL is allowed. */
void writer_free(struct writer *writer);
#endif
