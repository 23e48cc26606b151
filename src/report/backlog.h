/* SPDX-License-Identifier: MIT
 *
 * What jobs have written before it is their turn to be printed, however many they are and however
 * much it is, in flat memory. A job whose turn it is has nothing to do here but to end: what it
 * writes can be printed at once. One thread puts, another one may read. */
#ifndef REPORT_BACKLOG_H
#define REPORT_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct backlog; /* opaque */

/* What may be printed now: of the jobs from one to another, in this order. */
struct span {
	size_t from, to;
	uint64_t bytes;          /* of it that were not read yet */
	uint64_t at, left, next; /* the reader's: in the chunk that is being read, and behind it */
	bool begun;
};

/* spill_dir is borrowed; NULL: $TMPDIR or /tmp. NULL without memory. */
struct backlog *backlog_new(const char *spill_dir);
/* Spans that were not read to their end are worth nothing then. NULL is allowed. */
void backlog_free(struct backlog *backlog);

/* Jobs are known by their index, from 0. */
bool backlog_is_turn(const struct backlog *backlog, size_t job);

/* More of what a job has written whose turn has not come. 0; or -1 and errno: *lost grows by what
   could not be kept. */
int backlog_append(struct backlog *backlog, size_t job, const char *data, size_t n, uint64_t *lost);

/* A job has ended or will never be started. If it was its turn, that passes on, and the span is
   what others have written up to the first that has not ended, whose turn it is then; else, or
   when there is none, it is empty. Each span is read before the next. 0; or -1 and errno: that it
   has ended is not known, so that its turn does not pass on before backlog_close. */
int backlog_end(struct backlog *backlog, size_t job, struct span *span);

/* Nothing comes any more: all that waits. */
void backlog_close(struct backlog *backlog, struct span *span);

/* Takes up to n of the next bytes of a span; 0: it is read; -1 and errno: the rest of it is lost.
   Thread-safe. */
ssize_t backlog_read(struct backlog *backlog, struct span *span, char *data, size_t n);
#endif
