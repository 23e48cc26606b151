/* SPDX-License-Identifier: MIT
 * Jobs on their way through the pool: those announced that wait to be submitted, and those that
 * the pool has. Main thread only, but where it says so. */
#ifndef RUN_CLAIMS_H
#define RUN_CLAIMS_H

#include "run/run.h"

/* The result comes first: the event hands it on as that. */
struct claim {
	struct result result;
	struct run *run;
	const struct attempt_common *common;
	struct result *earlier; /* how the try before ended; held; NULL */
	bool another_try;       /* that is to be announced */
	bool piece;             /* none at all, but a piece of the output of a job that runs */
	bool leave;             /* to start, which is to be given back */
	struct claim *next;     /* of those that wait */
	struct claim *before, *after; /* of those submitted */
	_Atomic(int64_t) began;       /* when a worker took it; that sets it. 0: none has it */
};

/* Takes the job over, also when it fails: NULL and errno. */
struct claim *claim_new(const struct job *job, size_t index, unsigned attempt);
void claim_free(struct claim *claim); /* NULL is allowed */
/* It is tried again: what came of the try before is no longer wanted. Thread-safe. */
void claim_forget_earlier(struct claim *claim);
/* What is left of it then is the result; whoever releases that frees it. */
struct result *claim_take_result(struct claim *claim);

struct claims {
	struct claim *waiting;   /* owned */
	struct claim **end;      /* where the next of them goes */
	struct claim *submitted; /* not settled yet, the last first; the pool's */
};
void claims_init(struct claims *claims);
/* Frees those that wait. */
void claims_clear(struct claims *claims);

/* Takes it over, behind the others that wait. */
void claims_wait(struct claims *claims, struct claim *claim);
/* The first of those that wait for which this holds. NULL: none. */
struct claim *claims_first(const struct claims *claims,
	bool (*wanted)(const struct run *run, const struct claim *claim), const struct run *run);
/* Takes out the first of those that wait for which this holds. NULL: none. */
struct claim *claims_take(struct claims *claims,
	bool (*wanted)(const struct run *run, const struct claim *claim), const struct run *run);

/* It goes to the pool; it is back. */
void claims_submit(struct claims *claims, struct claim *claim);
void claims_settle(struct claims *claims, struct claim *claim);

/* What workers have of those submitted. False: nothing. */
bool claims_nth_running(const struct claims *claims, size_t i, struct running *running);
bool claims_running(const struct claims *claims, struct running *running);
#endif
