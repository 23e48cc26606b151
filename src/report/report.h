/* SPDX-License-Identifier: MIT
 *
 * report: events to bytes. Reporters are consts in files of their own; what they print goes
 * through a writer thread each, so that a reader who does not read delays nothing but new starts.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "plan/plan.h"
#include "result/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum report_show { SHOW_NEVER, SHOW_FAILED, SHOW_ALL }; /* --output */

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_OUTPUTS, /* the jobs' standard output */
	REPORT_FAULTS,  /* their standard error, and what did not pass */
	REPORT_JOBLOG,  /* GNU parallel's job log */
};
enum { N_REPORT_FORMATS = REPORT_JOBLOG + 1 };

/* One report: in which format, and where to. */
struct report_outlet {
	enum report_format format;
	int fd;      /* borrowed */
	bool colour; /* decided by the caller; without it all control sequences are stripped */
};

struct report_options {
	const struct report_outlet *outlets; /* borrowed; the first one is what people look at */
	size_t n_outlets;
	bool quiet; /* only what did not pass */
	enum report_show show;
	bool keep_order;       /* results in the order of the jobs */
	bool live;             /* of jobs of a plan: their output comes while they run */
	bool usage;            /* CPU time and peak memory of each job */
	int64_t silence_ns;    /* of the first one, that report_silent tells; 0: never */
	int64_t heartbeat_ns;  /* of silence that a format for machines breaks; 0: never */
	const char *spill_dir; /* borrowed; for a long digest; NULL: $TMPDIR or /tmp */
	const char *run_id;    /* borrowed */
	int64_t began_ns;      /* when the run did, as results have it */
};

/* Descriptors that the reports take beside the outlets' own, and beside the four that a run keeps
   for one: two for each further outlet, and files for what waits and for a long digest. */
unsigned report_descriptors(const struct report_options *options);

struct report; /* opaque */

/* Starts the writer threads and prints what stands before all events. 0, or -1 and errno. The
   calling thread's signal mask is the writers': block what must not reach them. */
int report_open(
	struct report **report, const struct plan *plan, const struct report_options *options);

/* Takes what it wants of the event (the result too); the caller clears the rest. Never blocks.
   0; -1 and errno: a line was lost (the digest still names the job), or output that could not be
   kept until it is to be printed. */
int report_event(struct report *report, struct event *event);

/* Says this, whole lines, on the outlet that has the jobs' standard error: none of their lines is
   cut by it. -1: there is no such outlet, or its end has been printed, or ENOMEM. */
int report_say(struct report *report, const char *text, size_t n);

/* Hands all that is formatted to the writers; called before main waits. */
void report_flush(struct report *report);

/* Whether more is waiting to be written than should be: start nothing new. */
bool report_behind(const struct report *report);

/* Readable when report_behind may have changed or a write has failed, until report_failure is
   called. */
int report_wake_fd(const struct report *report);

/* How long until report_silent or report_heartbeat has something to do: <= 0 when they have,
   SP_FOREVER: never. */
int64_t report_tick(const struct report *report);
/* Whether the first outlet has been silent for silence_ns, and nothing was said beside it. */
bool report_silent(const struct report *report);
/* Something was said beside the report: its silence begins anew. */
void report_spoke(struct report *report);
/* Outlets that have been silent say what runs; running: NULL when nothing does. 0; -1: ENOMEM. */
int report_heartbeat(struct report *report, const struct running *running);

/* The next outlet of which a write has failed, each told once: the errno (EPIPE: the reader is
   gone) and which one; 0: no more of them. */
int report_failure(struct report *report, size_t *outlet);

/* From now on a reader who takes nothing for a second is given up: what waits and what comes is
   dropped and counted (the run was cancelled). Thread-safe. */
void report_hurry(struct report *report);
/* The same, but nobody is waited for at all: what does not go out at once is dropped (the second
   signal). Files are never given up. Thread-safe. */
void report_drop(struct report *report);

/*
 * Prints the footer and the digest (after EVENT_END) and waits for the writers to be done; status:
 * the exit status that follows. 0, or -1 and errno when part of the end is lost; then
 * report_failure tells the rest. *dropped: bytes that were not written because nobody read them.
 * Other threads may still call report_hurry and report_drop.
 */
int report_finish(struct report *report, int status, uint64_t *dropped);

/* Bytes of the jobs' output that could not be kept until they were to be printed. */
uint64_t report_lost(const struct report *report);

/* Ends the writers (what was not finished is dropped) and frees everything. NULL is allowed. */
void report_free(struct report *report);

#include "report/command.h"
#include "report/listing.h"
#endif
