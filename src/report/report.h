/* SPDX-License-Identifier: MIT
 *
 * report: events to bytes. Reporters are consts in files of their own; what they print goes
 * through a writer thread, so that a reader who does not read delays nothing but new starts.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "plan/plan.h"
#include "result/result.h"

#include <stdbool.h>
#include <stdint.h>

enum report_show { SHOW_NEVER, SHOW_FAILED, SHOW_ALL }; /* --output */

struct report_options {
	int fd;      /* where to; borrowed; usually standard output */
	bool colour; /* decided by the caller; without it all control sequences are stripped */
	bool quiet;  /* only what did not pass */
	enum report_show show;
	bool keep_order;       /* results in the order of the jobs */
	bool usage;            /* CPU time and peak memory of each job */
	int64_t heartbeat_ns;  /* of silence that report_tick tells; 0: never */
	const char *spill_dir; /* borrowed; for a long digest; NULL: $TMPDIR or /tmp */
};

struct report; /* opaque */

/* Starts the writer thread and prints the title. 0, or -1 and errno. The calling thread's signal
   mask is the writer's: block what must not reach it. */
int report_open(
	struct report **report, const struct plan *plan, const struct report_options *options);

/* Takes what it wants of the event (the result too); the caller clears the rest. Never blocks.
   0; -1 with errno ENOMEM: a line was lost (the digest still names the job). */
int report_event(struct report *report, struct event *event);

/* Hands all that is formatted to the writer; called before main waits. */
void report_flush(struct report *report);

/* Whether more is waiting to be written than should be: start nothing new. */
bool report_behind(const struct report *report);

/* Readable when report_behind may have changed or a write has failed; drained by report_state. */
int report_wake_fd(const struct report *report);

/* How long until the report has been silent for heartbeat_ns: <= 0 when it has been, SP_FOREVER
   without one. */
int64_t report_tick(const struct report *report);
/* Something was said beside the report: the silence begins anew. */
void report_spoke(struct report *report);

/* errno of the first write that failed (EPIPE: the reader is gone), 0 while all is well. */
int report_state(struct report *report);

/* From now on a reader who takes nothing for a second is given up: what waits and what comes is
   dropped and counted (the run was cancelled). Thread-safe. */
void report_hurry(struct report *report);
/* The same, but nobody is waited for at all: what does not go out at once is dropped (the second
   signal). Files are never given up. Thread-safe. */
void report_drop(struct report *report);

/*
 * Prints the footer and the digest (after EVENT_END) and waits for the writer to be done.
 * Returns 0, the errno of the first write that failed, or ENOMEM when part of the end is lost.
 * *dropped: bytes that were not written; with 0 that is because nobody read them.
 * Other threads may still call report_hurry and report_drop.
 */
int report_finish(struct report *report, uint64_t *dropped);

/* Ends the writer (what was not finished is dropped) and frees everything. NULL is allowed. */
void report_free(struct report *report);

#endif
