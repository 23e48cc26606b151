// SPDX-License-Identifier: MIT
/*
 * run_next() is the only loop of a run:
 *
 *	claim ─► EVENT_STARTING ─► submit ─► pool ─► attempt ─► results ─► settle ─► EVENT_RESULT
 *
 * A job is announced by the event that run_next returns and handed to the pool by the next call,
 * so that whoever records starts can do it before the job exists. Claims wait in the pool
 * beside each worker, so that none idles while main reports.
 */
#include "run/run.h"
#include "base/clock.h"
#include "base/fd.h"
#include "pool/pool.h"
#include "run/attempt.h"
#include "run/budget.h"
#include "run/capture.h"
#include "run/queue.h"
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

// A job on its way through the pool. The result comes first: the event hands it on as that.
struct claim {
	struct result result;
	struct run *run;
	struct claim *next;           // in the list of those taken back
	struct claim *before, *after; // in the list of those submitted
	_Atomic(int64_t) began;       // when a worker took it; 0: none has it
};

struct run {
	struct attempt_common common;
	attempt_func attempt;
	struct queue *queue;
	struct slots *slots;
	sp_pool *pool;
	sp_squeue *results;
	sp_cancel *stop, *kill;
	atomic_int signal;
	atomic_size_t memory;
	sigset_t mask;
	char id[48];
	struct claim *announced; // returned as EVENT_STARTING, not yet submitted; owned
	char *warning;           // to be said next; owned
	unsigned workers;        // that there can be; the plan says how many were wanted
	int wake_fd;
	atomic_bool held;         // workers look at it too: a claim that comes up then goes back
	struct claim *taken_back; // announced, not started, to be submitted again; owned
	struct claim *submitted;  // not settled yet, the last first; the pool's
	bool cancelled, ended;
	int64_t began;
	int64_t pace; // how long jobs take of late
	bool brisk;   // they are short
};

// Runs in a worker thread.
static sp_status work(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	struct claim *claim = arg;
	struct run *run = claim->run;
	(void)cancel, (void)value, (void)error; // the run has its own stop and its own results
	if (!sp_cancelled(run->stop) && !atomic_load(&run->held)) {
		claim->result.slot = slots_take(run->slots);
		atomic_store(&claim->began, clock_now());
		run->attempt(&run->common, &claim->result);
		atomic_store(&claim->began, 0);
		slots_give(run->slots, claim->result.slot);
	}
	// The queue is unbounded and outlives the pool: this only fails without memory.
	while (sp_squeue_put(run->results, claim) == SP_E_NOMEM) {
		nanosleep(&(struct timespec){.tv_nsec = CLOCK_MS}, NULL);
	}
	return SP_OK;
}

static void claim_free(struct claim *claim) {
	if (claim) {
		result_clear(&claim->result);
		free(claim);
	}
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
	if (run->common.null_fd < 0 || sp_cancel_new(&run->stop) != SP_OK ||
		sp_cancel_new(&run->kill) != SP_OK || sp_squeue_new(&run->results, 0) != SP_OK) {
		return -1;
	}
	run->common.stop = run->stop;
	run->common.kill = run->kill;
	run->slots = slots_new(run->workers);
	run->queue = queue_new(run->common.plan->n_jobs, run->workers, run->workers * AHEAD);
	sp_pool_opts_init(&opts);
	opts.processes = (int)run->workers;
	return run->slots && run->queue && sp_pool_new(&run->pool, &opts, NULL) == SP_OK ? 0 : -1;
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
	if (!sp_cancelled(run->stop)) {
		atomic_store(&run->signal, signal);
	}
	if (kill_now) {
		sp_cancel_set(run->kill);
	}
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

static void list(struct run *run, struct claim *claim) {
	claim->before = NULL;
	claim->after = run->submitted;
	if (claim->after) {
		claim->after->before = claim;
	}
	run->submitted = claim;
}

static void unlist(struct run *run, struct claim *claim) {
	if (claim->before) {
		claim->before->after = claim->after;
	} else {
		run->submitted = claim->after;
	}
	if (claim->after) {
		claim->after->before = claim->before;
	}
}

bool run_running(const struct run *run, struct running *running) {
	int64_t now = clock_now();
	*running = (struct running){0};
	for (struct claim *claim = run->submitted; claim; claim = claim->after) {
		int64_t began = atomic_load(&claim->began);
		if (began == 0) {
			continue;
		}
		if (running->n == 0 || now - began > running->ns) {
			running->ns = now - began;
			running->job = claim->result.job;
		}
		running->n++;
	}
	return running->n > 0;
}

// Takes the claim over, also when it fails.
static int submit(struct run *run, struct claim *claim) {
	list(run, claim);
	sp_status status = sp_pool_apply_async(run->pool, work, claim, NULL, NULL, NULL, NULL);
	if (status != SP_OK) {
		unlist(run, claim);
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

static struct claim *next_taken_back(struct run *run) {
	struct claim *claim = run->taken_back;
	if (claim) {
		run->taken_back = claim->next;
		claim->next = NULL;
	}
	return claim;
}

// Hands what was announced to the workers, unless nothing may start: what was taken back first.
static int submit_all(struct run *run) {
	while (!atomic_load(&run->held) && (run->taken_back || run->announced)) {
		struct claim *claim = next_taken_back(run);
		if (!claim) {
			claim = run->announced;
			run->announced = NULL;
		}
		if (submit(run, claim) < 0) {
			return -1;
		}
	}
	return 0;
}

static int announce(struct run *run, size_t job, struct event *event) {
	struct claim *claim = calloc(1, sizeof *claim);
	if (!claim) {
		return -1;
	}
	claim->run = run;
	claim->result = (struct result){
		.job = job, .attempt = 1, .out = OUTPUT_EMPTY, .err = OUTPUT_EMPTY};
	run->announced = claim;
	event->kind = EVENT_STARTING;
	event->job = job;
	return 0;
}

static void never_started(struct run *run, struct claim *claim, struct event *event) {
	event->kind = EVENT_SKIPPED;
	event->skip.reason = SKIP_CANCEL;
	event->job = claim->result.job;
	queue_take_back(run->queue, event->job);
	claim_free(claim);
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
	struct claim **last = &run->taken_back;
	unlist(run, claim);
	if (claim->result.slot) {
		event->kind = EVENT_RESULT;
		event->job = claim->result.job;
		event->result = &claim->result;
		queue_settle(run->queue, event->job, claim->result.verdict);
		note_pace(run, &claim->result);
		return 0;
	}
	if (run->cancelled) {
		never_started(run, claim, event);
		return 0;
	}
	if (!atomic_load(&run->held)) {
		return submit(run, claim); // held only for a moment: it was announced already
	}
	while (*last) {
		last = &(*last)->next;
	}
	*last = claim;
	return 0;
}

// What can be said without waiting; EVENT_NONE if nothing.
static int next_ready(struct run *run, struct event *event) {
	void *claim;
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
	if (!run->cancelled && sp_cancelled(run->stop)) {
		run->cancelled = true;
		queue_cancel(run->queue);
	}
	if (!atomic_load(&run->held) && queue_claim(run->queue, &job)) {
		return announce(run, job, event);
	}
	while (event->kind == EVENT_NONE && sp_squeue_try_get(run->results, &claim) == SP_OK) {
		if (settle(run, claim, event) < 0) {
			return -1;
		}
	}
	if (event->kind != EVENT_NONE) {
		return 0;
	}
	if (run->cancelled && (run->taken_back || run->announced)) {
		struct claim *back = next_taken_back(run);
		back = back ? back : run->announced;
		run->announced = back == run->announced ? NULL : run->announced;
		never_started(run, back, event);
	} else if (queue_abandon(run->queue, &job)) {
		event->kind = EVENT_SKIPPED;
		event->skip.reason = SKIP_CANCEL;
		event->job = job;
	} else if (queue_finished(run->queue)) {
		event->kind = EVENT_END;
		run->ended = true;
	}
	return 0;
}

// True when the caller should look up from the run: its own descriptor is readable.
static bool wait_for_more(struct run *run, int64_t deadline) {
	struct pollfd fds[] = {
		{.fd = run->wake_fd, .events = POLLIN},
		{.fd = run->cancelled ? -1 : sp_cancel_fd(run->stop), .events = POLLIN},
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
	void *claim;
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
	while (run->results && sp_squeue_try_get(run->results, &claim) == SP_OK) {
		claim_free(claim);
	}
	for (struct claim *back; (back = next_taken_back(run));) {
		claim_free(back);
	}
	claim_free(run->announced);
	free(run->warning);
	sp_squeue_free(run->results);
	queue_free(run->queue);
	slots_free(run->slots);
	sp_cancel_free(run->stop);
	sp_cancel_free(run->kill);
	fd_close(&run->common.null_fd);
	free(run);
}
