/* SPDX-License-Identifier: MIT
 *
 * run: carrying a plan out. The run is an iterator of events: run_next() holds the only loop there
 * is. It knows nothing of reports.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/base.h"
#include "plan/plan.h"
#include "result/result.h"
#include "run/gate.h"
#include "run/jobserver.h"
#include "run/workers_file.h"

#include <signal.h>
#include <stdatomic.h>

struct run; /* opaque */

/* What every attempt of a run shares; made by the run, read by the workers. */
struct attempt_common {
	const struct plan *plan;
	const char *id;                 /* SPOOL_RUN */
	const char *const *environment; /* spool's own */
	const sigset_t *mask;           /* that jobs start with */
	const char *spill_dir;          /* for output too long for memory; NULL: $TMPDIR or /tmp */
	int null_fd;                    /* /dev/null, read and write */
	int results;                    /* as run_options has it */
	const sp_cancel *stop;          /* end what runs: signal, grace, KILL. Clean-up jobs have a
					   common of their own: a halt does not stop them */
	const sp_cancel *kill;          /* KILL it now */
	const atomic_int *signal;       /* that stop passes on to the jobs */
	atomic_size_t *memory;          /* bytes that captured output may still take */
	struct room *room;              /* for processes */
	const _Atomic(int64_t) *limit;  /* on the time of a job by what is typical, of a plan that
					   has timeout_percent; 0: not known yet */
	atomic_size_t *live_memory;     /* bytes that output on its way may still take */
	/* Hands a piece of a job's output (stream 1 or 2) to the main thread. Takes *output; false:
	   not now, for want of memory. */
	bool (*deliver)(const struct attempt_common *common, const struct result *result,
		int stream, struct output *output);
	struct run *run;
};

/* One try of one job. Fills in *result, which comes with job, attempt and slot set. */
typedef void (*attempt_func)(const struct attempt_common *common, struct result *result);

struct run_options {
	unsigned descriptors;           /* that the caller will open, beside those of one report */
	const char *const *environment; /* NULL: environ */
	const sigset_t *mask;           /* that jobs start with; NULL: the caller's */
	const char *spill_dir;
	attempt_func attempt;  /* NULL: real processes; a test passes its own */
	struct source *source; /* of a plan without an end; borrowed, the main thread's */
	/* What may hold starts back. Borrowed; NULL */
	struct gate_options gate;
	struct jobserver *jobserver;
	struct workers_file *workers_file; /* the plan's number is what it says now */
	int results; /* directory in which all output is kept, beside what the report gets;
			borrowed; 0: none */
};

/* Opens what the run needs. 0, or -1 and errno (EMFILE with too few descriptors for one worker). */
int run_new(struct run **run, const struct plan *plan, const struct run_options *options);

/* The limit on open files (ulimit -n) that one worker takes, with what is open now and as many
   as run_options.descriptors says. */
unsigned long run_least_descriptors(const struct plan *plan, const struct run_options *options);

/* SPOOL_RUN of the jobs, and when it began, on the clock of the results. */
const char *run_id(const struct run *run);
int64_t run_began(const struct run *run);

/*
 * The next event, waiting up to wait_ns for it (<= 0: not at all; SP_FOREVER). The caller clears
 * it. 0, or -1 and errno when the run itself cannot go on. Main thread only.
 */
int run_next(struct run *run, int64_t wait_ns, struct event *event);

/* From now on run_next returns EVENT_NONE when this descriptor is readable. Main thread only. */
void run_wake_on(struct run *run, int fd);

/* While held no new job starts; everything else goes on. Main thread only. */
void run_hold(struct run *run, bool hold);

/* What runs now. False: nothing runs. Main thread only. */
bool run_running(const struct run *run, struct running *running);
/* The i-th job that runs now, in no order, and for how long. False: there are fewer. */
bool run_nth_running(const struct run *run, size_t i, struct running *running);

/* Ends the run: nothing new starts, signal goes to all jobs, then grace, then KILL. A second call
   with kill_now does the KILL at once. Thread-safe; only sets flags. */
void run_cancel(struct run *run, int signal, bool kill_now);

/* What runs may end, nothing new starts. Thread-safe. */
void run_drain(struct run *run);

/* Has run_next return EVENT_NONE soon, whatever it waits for. Thread-safe. */
void run_look_up(struct run *run);

/* Before an end that waits for nothing: make gets the tokens back that jobs hold. Thread-safe. */
void run_abandon(struct run *run);

/* Frees it; before EVENT_END the jobs are killed first. */
void run_free(struct run *run);

#endif
