// SPDX-License-Identifier: MIT
/*
 * run_next() is the only loop of a run:
 *
 *	claim ─► EVENT_STARTING ─► submit ─► pool ─► attempt ─► results ─► settle ─► EVENT_RESULT
 *
 * A job is announced by the event that run_next returns and handed to the pool by the next call,
 * so that whoever records starts can do it before the job exists. Claims wait in the pool
 * beside each worker, so that none idles while main reports. One that must not start when it comes
 * up (hold, halt, cancel) comes back: it waits to be submitted again, or is skipped.
 *
 * A halt is seen twice: the worker whose job makes it come lets nothing new start, at once; main
 * ends what runs, if it has to, when that result has its turn in the order of events.
 */
#include "run/run.h"
#include "base/clock.h"
#include "base/fd.h"
#include "pool/pool.h"
#include "run/attempt.h"
#include "run/budget.h"
#include "run/capture.h"
#include "run/claims.h"
#include "run/queue.h"
#include "run/room.h"
#include "run/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

// Claims that wait beside each worker, and how long results may be gathered before main looks at
// them while every worker has a claim: a wake-up of main for each result costs 5 % of a run of
// short jobs. Long jobs are announced one ahead, and nobody waits for what is seen at once.
enum { AHEAD = 1, AHEAD_OF_SHORT = 8 };
static const int64_t GATHER = CLOCK_MS, GATHER_SHORT = 4 * CLOCK_MS;
static const int64_t SHORT = 4 * CLOCK_MS; // a job, on the average

struct run {
	struct attempt_common common, cleanup; // what stops them differs
	attempt_func attempt;
	struct queue *queue;
	struct slots *slots;
	sp_pool *pool;
	sp_squeue *results;
	sp_cancel *cancel; // the whole run is ended
	sp_cancel *stop;   // it is, or its ordinary jobs are: a halt leaves clean-up jobs alone
	sp_cancel *kill;
	atomic_int signal;
	atomic_size_t memory;
	sigset_t mask;
	char id[48];
	char *warning;    // to be said next; owned
	unsigned workers; // that there can be; the plan says how many were wanted
	int wake_fd;
	atomic_bool held, halting; // workers look at them too: a claim that comes up then goes back
	atomic_size_t counted;     // results that the halt counts
	struct claims claims;
	bool say_halted; // is due
	bool cancelled, ended;
	int64_t began;
	int64_t pace; // how long jobs take of late
	bool brisk;   // they are short
};

// Whether it may now; by workers too.
static bool may_start(const struct run *run, const struct claim *claim) {
	return !sp_cancelled(claim->common->stop) && !atomic_load(&run->held) &&
	       (claim->common == &run->cleanup || !atomic_load(&run->halting));
}

// A failure that counts, or whatever it is that halts the run: the next claim is to know.
static void note_end(struct run *run, struct result *result) {
	const struct plan *plan = run->common.plan;
	bool failed = result->verdict != VERDICT_PASS && result->verdict != VERDICT_CANCELLED;
	result->allowed = failed && result->job->allow_failure;
	if (halt_counts(plan->halt.on, result) &&
		atomic_fetch_add(&run->counted, 1) + 1 >= plan->halt.count) {
		atomic_store(&run->halting, true);
	}
}

// Runs in a worker thread.
static sp_status work(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	struct claim *claim = arg;
	struct run *run = claim->run;
	(void)cancel, (void)value, (void)error; // the run has its own stop and its own results
	if (may_start(run, claim)) {
		claim->result.slot = slots_take(run->slots);
		atomic_store(&claim->began, clock_now());
		run->attempt(claim->common, &claim->result);
		atomic_store(&claim->began, 0);
		note_end(run, &claim->result);
		slots_give(run->slots, claim->result.slot);
	}
	// The queue is unbounded and outlives the pool: this only fails without memory.
	while (sp_squeue_put(run->results, claim) == SP_E_NOMEM) {
		nanosleep(&(struct timespec){.tv_nsec = CLOCK_MS}, NULL);
	}
	return SP_OK;
}

// A run's name: when it began (UTC: no time zone to be read), and a few random digits.
static void make_id(char *id, size_t size) {
	time_t now = time(NULL);
	struct tm tm;
	unsigned random = (unsigned)getpid();
	char when[32];
	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) {
		random ^= (unsigned)clock_now();
	}
	snprintf(id, size, "%s-%08x", when, random);
}

static int warn_few(struct run *run, unsigned workers, unsigned wanted, unsigned long limit) {
	int n = asprintf(&run->warning,
		"%u of %u workers: the limit on open files (ulimit -n %lu) carries no more",
		workers, wanted, limit);
	if (n < 0) {
		run->warning = NULL;
	}
	return n < 0 ? -1 : 0;
}

static bool needs_step(const struct plan *plan) {
	for (size_t i = 0; i < plan->n_jobs; i++) {
		if (plan->jobs[i].rights) {
			return true;
		}
	}
	return false;
}

// As many workers as there are jobs and descriptors for.
static int settle_workers(struct run *run, unsigned beside) {
	const struct plan *plan = run->common.plan;
	unsigned long limit, needed;
	unsigned wanted = plan->n_jobs < plan->workers ? (unsigned)plan->n_jobs : plan->workers;
	unsigned workers = budget_workers(
		wanted ? wanted : 1, needs_step(plan), beside, &limit, &needed);
	if (workers == 0) {
		errno = EMFILE;
		return -1;
	}
	run->workers = workers;
	return workers < wanted ? warn_few(run, workers, wanted, limit) : 0;
}

static int open_parts(struct run *run) {
	sp_pool_opts opts;
	run->common.null_fd = fd_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));
	if (run->common.null_fd < 0 || sp_cancel_new(&run->cancel) != SP_OK ||
		sp_cancel_new(&run->stop) != SP_OK || sp_cancel_new(&run->kill) != SP_OK ||
		sp_squeue_new(&run->results, 0) != SP_OK) {
		return -1;
	}
	run->common.stop = run->stop;
	run->common.kill = run->kill;
	run->common.room = room_new();
	run->cleanup = run->common;
	run->cleanup.stop = run->cancel;
	run->slots = slots_new(run->workers);
	run->queue = queue_new(run->common.plan, run->workers, run->workers * AHEAD);
	sp_pool_opts_init(&opts);
	opts.processes = (int)run->workers;
	return run->slots && run->common.room && run->queue &&
			       sp_pool_new(&run->pool, &opts, NULL) == SP_OK
		       ? 0
		       : -1;
}

int run_new(struct run **result, const struct plan *plan, const struct run_options *options) {
	struct run *run = calloc(1, sizeof *run);
	if (!run) {
		return -1;
	}
	run->common = (struct attempt_common){
		.plan = plan,
		.id = run->id,
		.environment = options->environment ? options->environment
						    : (const char *const *)environ,
		.mask = &run->mask,
		.spill_dir = options->spill_dir,
		.null_fd = -1,
		.signal = &run->signal,
		.memory = &run->memory,
	};
	run->attempt = options->attempt ? options->attempt : attempt_run;
	claims_init(&run->claims);
	run->wake_fd = -1;
	run->began = clock_now();
	run->pace = 2 * SHORT; // until a few have shown otherwise
	atomic_init(&run->signal, SIGTERM);
	atomic_init(&run->memory, CAPTURE_MEMORY);
	make_id(run->id, sizeof run->id);
	if (options->mask) {
		run->mask = *options->mask;
	} else {
		pthread_sigmask(SIG_BLOCK, NULL, &run->mask);
	}
	if (settle_workers(run, options->descriptors) < 0 || open_parts(run) < 0) {
		int saved = errno;
		run_free(run);
		errno = saved;
		return -1;
	}
	*result = run;
	return 0;
}

unsigned long run_least_descriptors(const struct plan *plan, unsigned descriptors) {
	unsigned long limit, needed;
	budget_workers(1, needs_step(plan), descriptors, &limit, &needed);
	return needed;
}

const char *run_id(const struct run *run) {
	return run->id;
}

int64_t run_began(const struct run *run) {
	return run->began;
}

void run_wake_on(struct run *run, int fd) {
	run->wake_fd = fd;
}

void run_hold(struct run *run, bool hold) {
	atomic_store(&run->held, hold);
}

void run_cancel(struct run *run, int signal, bool kill_now) {
	if (!sp_cancelled(run->cancel)) {
		atomic_store(&run->signal, signal);
	}
	if (kill_now) {
		sp_cancel_set(run->kill);
	}
	sp_cancel_set(run->cancel);
	sp_cancel_set(run->stop);
}

static void lower_workers(struct run *run, unsigned size) {
	unsigned wanted = run->workers;
	run->workers = size;
	queue_set_workers(run->queue, size);
	free(run->warning); // of a moment ago: fewer still now
	if (asprintf(&run->warning, "%u of %u workers: no more threads can be made", size, wanted) <
		0) {
		run->warning = NULL;
	}
}

bool run_running(const struct run *run, struct running *running) {
	return claims_running(&run->claims, running);
}

// Takes the claim over, also when it fails.
static int submit(struct run *run, struct claim *claim) {
	claims_submit(&run->claims, claim);
	sp_status status = sp_pool_apply_async(run->pool, work, claim, NULL, NULL, NULL, NULL);
	if (status != SP_OK) {
		claims_settle(&run->claims, claim);
		claim_free(claim);
		errno = status == SP_E_OS ? EAGAIN : ENOMEM;
		return -1;
	}
	unsigned size = (unsigned)sp_pool_size(run->pool);
	if (size < run->workers) {
		lower_workers(run, size);
	}
	return 0;
}

// Hands what was announced to the workers, as far as it may start.
static int submit_all(struct run *run) {
	for (struct claim *claim; (claim = claims_take(&run->claims, may_start, run));) {
		if (submit(run, claim) < 0) {
			return -1;
		}
	}
	return 0;
}

static int announce(struct run *run, size_t index, struct event *event) {
	const struct job *job = &run->common.plan->jobs[index];
	struct claim *claim = calloc(1, sizeof *claim);
	if (!claim) {
		return -1;
	}
	claim->run = run;
	claim->common = job_cleans_up(job) ? &run->cleanup : &run->common;
	claim->result = (struct result){
		.job = job,
		.index = index,
		.attempt = 1,
		.out = OUTPUT_EMPTY,
		.err = OUTPUT_EMPTY,
	};
	claims_wait(&run->claims, claim);
	event->kind = EVENT_STARTING;
	event->job = job;
	event->index = index;
	return 0;
}

static bool is_barred(const struct run *run, const struct claim *claim) {
	return queue_bars(run->queue, claim->result.index);
}

static void never_started(struct run *run, struct claim *claim, struct event *event) {
	event->kind = EVENT_SKIPPED;
	event->job = claim->result.job;
	event->index = claim->result.index;
	queue_take_back(run->queue, event->index, &event->skip);
	claim_free(claim);
}

static bool skip(struct run *run, struct event *event) {
	bool skipped = queue_skip(run->queue, &event->index, &event->skip);
	event->job = skipped ? &run->common.plan->jobs[event->index] : NULL;
	event->kind = skipped ? EVENT_SKIPPED : EVENT_NONE;
	return skipped;
}

// Enough jobs have failed, passed or ended.
static void halt(struct run *run) {
	run->say_halted = true;
	if (run->common.plan->halt.now) {
		sp_cancel_set(run->stop);
	}
}

static int say_halted(struct run *run, struct event *event) {
	static const char *const words[] = {
		[HALT_FAIL] = "failed", [HALT_SUCCESS] = "passed", [HALT_DONE] = "ended"};
	const struct plan_halt *rule = &run->common.plan->halt;
	if (asprintf(&event->text, "%zu %s %s (%s)", rule->count, rule->count == 1 ? "job" : "jobs",
		    words[rule->on], rule->text) < 0) {
		event->text = NULL;
		return -1;
	}
	run->say_halted = false;
	event->kind = EVENT_HALTED;
	return 0;
}

// Looks whether jobs are short, and has more of them claimed ahead if so.
static void note_pace(struct run *run, const struct result *result) {
	run->pace += (result->end_ns - result->start_ns - run->pace) / 8;
	bool brisk = run->pace < SHORT;
	if (brisk != run->brisk) {
		run->brisk = brisk;
		queue_set_ahead(run->queue, run->workers * (brisk ? AHEAD_OF_SHORT : AHEAD));
	}
}

// A claim came back from the workers.
static int settle(struct run *run, struct claim *claim, struct event *event) {
	claims_settle(&run->claims, claim);
	if (claim->result.slot) {
		event->kind = EVENT_RESULT;
		event->job = claim->result.job;
		event->index = claim->result.index;
		event->result = &claim->result;
		if (queue_settle(run->queue, &claim->result)) {
			halt(run);
		}
		note_pace(run, &claim->result);
	} else if (may_start(run, claim)) {
		return submit(run, claim); // held only for a moment: it was announced already
	} else {
		claims_wait(&run->claims, claim);
	}
	return 0;
}

static int next_result(struct run *run, struct event *event) {
	void *claim;
	int r = 0;
	while (r == 0 && event->kind == EVENT_NONE &&
		sp_squeue_try_get(run->results, &claim) == SP_OK) {
		r = settle(run, claim, event);
	}
	return r;
}

// What is left when there is no result: jobs that will not start, and the end.
static void skip_or_end(struct run *run, struct event *event) {
	struct claim *claim = claims_take(&run->claims, is_barred, run);
	if (claim) {
		never_started(run, claim, event);
	} else if (!skip(run, event) && queue_finished(run->queue)) {
		event->kind = EVENT_END;
		run->ended = true;
	}
}

// What can be said without waiting; EVENT_NONE if nothing.
static int next_ready(struct run *run, struct event *event) {
	size_t job;
	if (submit_all(run) < 0) {
		return -1;
	}
	if (run->warning) {
		event->kind = EVENT_WARNING;
		event->text = run->warning;
		run->warning = NULL;
		return 0;
	}
	if (run->say_halted) {
		return say_halted(run, event);
	}
	if (!run->cancelled && sp_cancelled(run->cancel)) {
		run->cancelled = true;
		queue_cancel(run->queue);
	}
	if (!atomic_load(&run->held) && queue_claim(run->queue, &job)) {
		return announce(run, job, event);
	}
	// What a result makes impossible comes right behind it; a run that ends has results first.
	if (!queue_ending(run->queue) && skip(run, event)) {
		return 0;
	}
	if (next_result(run, event) < 0) {
		return -1;
	}
	if (event->kind == EVENT_NONE) {
		skip_or_end(run, event);
	}
	return 0;
}

// True when the caller should look up from the run: its own descriptor is readable.
static bool wait_for_more(struct run *run, int64_t deadline) {
	struct pollfd fds[] = {
		{.fd = run->wake_fd, .events = POLLIN},
		{.fd = run->cancelled ? -1 : sp_cancel_fd(run->cancel), .events = POLLIN},
		{.fd = sp_squeue_fd(run->results), .events = POLLIN},
	};
	int64_t gathered = clock_deadline(run->brisk ? GATHER_SHORT : GATHER);
	if (!run->cancelled && gathered < deadline && queue_saturated(run->queue) &&
		poll(fds, 2, clock_poll_ms(gathered)) != 0) {
		return fds[0].revents != 0;
	}
	poll(fds, 3, clock_poll_ms(deadline));
	return fds[0].revents != 0;
}

int run_next(struct run *run, int64_t wait_ns, struct event *event) {
	int64_t deadline = clock_deadline(wait_ns);
	bool looked_up = false;
	*event = (struct event){.kind = EVENT_NONE};
	for (;;) {
		if (next_ready(run, event) < 0) {
			return -1;
		}
		if (event->kind != EVENT_NONE || looked_up ||
			(wait_ns != SP_FOREVER && clock_now() >= deadline)) {
			event->tally = *queue_tally(run->queue);
			event->elapsed_ns = clock_now() - run->began;
			return 0;
		}
		looked_up = wait_for_more(run, deadline);
	}
}

void run_free(struct run *run) {
	void *back;
	if (!run) {
		return;
	}
	if (run->pool) {
		if (!run->ended) {
			run_cancel(run, SIGTERM, true);
		}
		sp_pool_close(run->pool);
		sp_pool_join(run->pool);
		sp_pool_free(run->pool);
	}
	while (run->results && sp_squeue_try_get(run->results, &back) == SP_OK) {
		claim_free(back);
	}
	claims_clear(&run->claims);
	free(run->warning);
	sp_squeue_free(run->results);
	queue_free(run->queue);
	slots_free(run->slots);
	sp_cancel_free(run->cancel);
	room_free(run->common.room);
	sp_cancel_free(run->stop);
	sp_cancel_free(run->kill);
	fd_close(&run->common.null_fd);
	free(run);
}
