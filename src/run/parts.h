/* SPDX-License-Identifier: MIT
 * What a run is made of: opened by open.c, worked by run.c. */
#ifndef RUN_PARTS_H
#define RUN_PARTS_H

#include "base/clock.h"
#include "pool/pool.h"
#include "run/claims.h"
#include "run/intake.h"
#include "run/queue.h"
#include "run/results.h"
#include "run/slots.h"
#include "run/starts.h"
#include "run/typical.h"

/* Claims that wait beside each worker, of jobs that are short on the average beside those that are
   not: long jobs are announced one ahead. */
enum { AHEAD = 1, AHEAD_OF_SHORT = 8, SHORT = 4 * CLOCK_MS };

struct run {
	struct attempt_common common, cleanup; /* what stops them differs */
	attempt_func attempt;
	struct queue *queue;
	struct slots *slots;
	sp_pool *pool;
	sp_squeue *results;
	sp_cancel *cancel; /* the whole run is ended */
	sp_cancel *stop;   /* it is, or its ordinary jobs are: a halt leaves clean-up jobs alone */
	sp_cancel *kill;
	atomic_int signal;
	atomic_size_t memory, live_memory;
	sigset_t mask;
	char id[48];
	char *warning;    /* to be said next; owned */
	unsigned workers; /* that there can be */
	unsigned wanted;  /* by the plan, or by the file that says how many */
	int wake_fd;
	/* Workers look at them too: a claim that comes up then goes back. */
	atomic_bool held, halting, draining;
	atomic_size_t counted; /* results that the halt counts */
	struct claims claims;
	struct intake intake;
	struct starts starts;
	bool tried_again;         /* the last one announced was: now a new one may come first */
	const struct job *spoken; /* of the last event, held until the next one */
	bool say_halted;          /* is due */
	int results_errno;        /* of the first results that are not whole; 0: all are */
	char results_name[RESULTS_NAME]; /* which those are; "": it was said */
	bool cancelled, drained, ended;
	struct typical typical;
	_Atomic(int64_t) limit; /* on the time of a job by that */
	int64_t began;
	int64_t pace; /* how long jobs take of late */
	bool brisk;   /* they are short */
};

/* attempt_common.deliver. Thread-safe. */
bool run_deliver(const struct attempt_common *common, const struct result *result, int stream,
	struct output *output);

/* The number of workers and the claims beside them, as far as there can be so many. */
void staff_set(struct run *run);
/* What the system does not carry: so many threads. */
void staff_lower(struct run *run, unsigned size);
/* The claim keeps no leave to start; NULL is allowed. */
void staff_return_leave(struct claim *claim);
/* Looks whether the number of workers has changed, and for what is to be said of starts. */
void staff_look(struct run *run);
#endif
