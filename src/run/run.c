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
#include "run/parts.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// How long results may be gathered before main looks at them while every worker has a claim: a
// wake-up of main for each result costs 5 % of a run of short jobs. Nobody waits for what is seen
// at once.
static const int64_t GATHER = CLOCK_MS, GATHER_SHORT = 4 * CLOCK_MS;

// Whether it may now; by workers too.
static bool may_start(const struct run *run, const struct claim *claim) {
	return !sp_cancelled(claim->common->stop) && !atomic_load(&run->held) &&
	       !atomic_load(&run->draining) &&
	       (claim->common == &run->cleanup || !atomic_load(&run->halting));
}

// Whether the job may be tried again after this.
static bool tries_left(const struct result *result) {
	// The terminal's ^C was meant for a command that it reaches.
	bool meant = result->job->foreground &&
		     (result->returncode == -SIGINT || result->returncode == -SIGQUIT);
	return result->verdict != VERDICT_PASS && result->verdict != VERDICT_CANCELLED && !meant &&
	       result->attempt < result->job->tries;
}

// A failure that counts, or whatever it is that halts the run: the next claim is to know.
static void note_end(struct run *run, struct result *result) {
	const struct plan *plan = run->common.plan;
	bool failed = result->verdict != VERDICT_PASS && result->verdict != VERDICT_CANCELLED;
	result->allowed = failed && result->job->allow_failure;
	if (!tries_left(result) && halt_counts(plan->halt.on, result) &&
		atomic_fetch_add(&run->counted, 1) + 1 >= plan->halt.count) {
		atomic_store(&run->halting, true);
	}
}

bool run_deliver(const struct attempt_common *common, const struct result *result, int stream,
	struct output *output) {
	struct claim *claim = claim_new(job_hold(result->job), result->index, result->attempt);
	if (!claim) {
		return false;
	}
	claim->piece = true;
	claim->result.slot = result->slot;
	*(stream == 1 ? &claim->result.out : &claim->result.err) = *output;
	if (sp_squeue_put(common->run->results, claim) != SP_OK) {
		*(stream == 1 ? &claim->result.out : &claim->result.err) = OUTPUT_EMPTY;
		claim_free(claim);
		return false;
	}
	return true;
}

// Runs in a worker thread.
static sp_status work(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	struct claim *claim = arg;
	struct run *run = claim->run;
	(void)cancel, (void)value, (void)error; // the run has its own stop and its own results
	if (may_start(run, claim)) {
		claim_forget_earlier(claim);
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

void run_abandon(struct run *run) {
	if (run->starts.jobserver) {
		jobserver_give_all(run->starts.jobserver);
	}
}

void run_look_up(struct run *run) {
	sp_squeue_put(run->results, NULL);
}

void run_drain(struct run *run) {
	atomic_store(&run->draining, true);
	run_look_up(run);
}

bool run_running(const struct run *run, struct running *running) {
	return claims_running(&run->claims, running);
}

bool run_nth_running(const struct run *run, size_t i, struct running *running) {
	return claims_nth_running(&run->claims, i, running);
}

// Takes the claim over, also when it fails.
static int submit(struct run *run, struct claim *claim) {
	claims_submit(&run->claims, claim);
	sp_status status = sp_pool_apply_async(run->pool, work, claim, NULL, NULL, NULL, NULL);
	if (status != SP_OK) {
		claims_settle(&run->claims, claim);
		staff_return_leave(claim);
		claim_free(claim);
		errno = status == SP_E_OS ? EAGAIN : ENOMEM;
		return -1;
	}
	unsigned size = (unsigned)sp_pool_size(run->pool);
	if (size < run->workers) {
		staff_lower(run, size);
	}
	return 0;
}

static bool may_submit(const struct run *run, const struct claim *claim) {
	return claim->leave && !claim->another_try && may_start(run, claim);
}

// One that was announced and must not start now keeps no leave, which may be somebody else's.
static void share_leave(struct run *run) {
	for (struct claim *claim = run->claims.waiting; claim; claim = claim->next) {
		if (claim->another_try || !may_start(run, claim)) {
			staff_return_leave(claim);
		} else if (!claim->leave && starts_ask(&run->starts)) {
			claim->leave = true;
			starts_note(&run->starts);
		}
	}
}

// Hands what was announced to the workers, as far as it may start.
static int submit_all(struct run *run) {
	share_leave(run);
	for (struct claim *claim; (claim = claims_take(&run->claims, may_submit, run));) {
		if (submit(run, claim) < 0) {
			return -1;
		}
	}
	return 0;
}

static struct claim *make_claim(
	struct run *run, const struct job *job, size_t index, unsigned attempt) {
	struct claim *claim = claim_new(job, index, attempt);
	if (claim) {
		claim->run = run;
		claim->common = job_cleans_up(job) ? &run->cleanup : &run->common;
		claims_wait(&run->claims, claim);
	}
	return claim;
}

// What the caller is told of a job is held until it asks again.
static void speak_of(struct run *run, struct event *event, enum event_kind kind,
	const struct job *job, size_t index) {
	run->spoken = job_hold(job);
	event->kind = kind;
	event->job = job;
	event->index = index;
}

static void stop_speaking(struct run *run) {
	if (run->spoken) {
		job_release(run->spoken);
		run->spoken = NULL;
	}
}

// Takes the job over, also when it fails.
static int announce(struct run *run, const struct job *job, size_t index, struct event *event) {
	struct claim *claim = make_claim(run, job, index, 1);
	if (!claim) {
		return -1;
	}
	claim->leave = true;
	speak_of(run, event, EVENT_STARTING, job, index);
	event->attempt = 1;
	return 0;
}

static bool is_another_try(const struct run *run, const struct claim *claim) {
	(void)run;
	return claim->another_try;
}

static void announce_again(struct run *run, struct claim *claim, struct event *event) {
	claim->another_try = false;
	claim->leave = true;
	speak_of(run, event, EVENT_STARTING, claim->result.job, claim->result.index);
	event->attempt = claim->result.attempt;
}

// What may start next, if anything: jobs that are to be tried again and new ones take turns, since
// one that never passes would keep the others out where starts are few.
static int announce_next(struct run *run, struct event *event) {
	const struct job *job;
	size_t index;
	if (atomic_load(&run->held)) {
		return 0;
	}
	struct claim *again = queue_ending(run->queue)
				      ? NULL
				      : claims_first(&run->claims, is_another_try, run);
	bool fresh = intake_wants(&run->intake);
	if ((!again && !fresh) || !starts_ask(&run->starts)) {
		return 0;
	}
	bool turn = fresh && (run->tried_again || !again);
	if (turn && intake_next(&run->intake, &job, &index)) {
		run->tried_again = false;
		if (announce(run, job, index, event) < 0) {
			return -1;
		}
	} else if (again) {
		run->tried_again = true;
		announce_again(run, again, event);
	} else {
		starts_return(&run->starts);
		return 0;
	}
	starts_note(&run->starts);
	return 0;
}

static bool is_barred(const struct run *run, const struct claim *claim) {
	return queue_bars(run->queue, claim->result.index);
}

// Enough jobs have failed, passed or ended.
static void halt(struct run *run) {
	atomic_store(&run->halting, true);
	run->say_halted = true;
	if (run->common.plan->halt.now) {
		sp_cancel_set(run->stop);
	}
}

// One that was to be tried again has ended as it did the last time.
static void never_started(struct run *run, struct claim *claim, struct event *event) {
	bool tried = claim->earlier;
	speak_of(run, event, tried ? EVENT_RESULT : EVENT_SKIPPED, claim->result.job,
		claim->result.index);
	if (tried) {
		event->result = claim->earlier;
		claim->earlier = NULL;
		if (queue_settle(run->queue, event->result) && !run->cancelled) {
			halt(run);
		}
	} else {
		queue_take_back(run->queue, event->index, &event->skip);
	}
	staff_return_leave(claim);
	claim_free(claim);
}

// Those that nobody will ask the source for.
static bool skip_rest(struct run *run, struct event *event) {
	const struct job *job;
	size_t index;
	if (!intake_rest(&run->intake, &job, &index)) {
		return false;
	}
	queue_take_back(run->queue, index, &event->skip);
	speak_of(run, event, EVENT_SKIPPED, job, index);
	job_release(job);
	return true;
}

static bool skip(struct run *run, struct event *event) {
	bool skipped = queue_skip(run->queue, &event->index, &event->skip);
	event->job = skipped ? &run->common.plan->jobs[event->index] : NULL;
	event->kind = skipped ? EVENT_SKIPPED : EVENT_NONE;
	return skipped;
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
		staff_set(run);
	}
}

// Has the job tried again. Without memory for that it has ended. Till then the result is kept
// whole: if the run ends before, it is the one that counts, and its output is to be printed.
static bool try_again(struct run *run, struct result *result) {
	struct claim *claim;
	if (!tries_left(result) || queue_ending(run->queue) || atomic_load(&run->halting) ||
		atomic_load(&run->draining)) {
		return false;
	}
	claim = make_claim(run, job_hold(result->job), result->index, result->attempt + 1);
	if (claim) {
		claim->another_try = true;
		claim->earlier = result_hold(result);
	}
	return claim;
}

// What jobs that passed took says how long one may take.
static void note_typical(struct run *run, const struct result *result) {
	unsigned percent = run->common.plan->timeout_percent;
	int64_t limit;
	if (percent == 0 || result->verdict != VERDICT_PASS) {
		return;
	}
	typical_add(&run->typical, result->end_ns - result->start_ns);
	if (__builtin_mul_overflow(typical_median(&run->typical), percent, &limit)) {
		limit = SP_FOREVER;
	}
	atomic_store(&run->limit, limit == SP_FOREVER ? limit : limit / 100);
}

static void note_results(struct run *run, const struct result *result) {
	if (result->results_errno && run->results_errno == 0) {
		run->results_errno = result->results_errno;
		results_name(result->job, run->results_name);
	}
}

// Of the first only: on a full disk they would be thousands.
static int say_results(struct run *run, struct event *event) {
	if (asprintf(&event->text, "the results in '%s' are not whole: %s", run->results_name,
		    strerror(run->results_errno)) < 0) {
		event->text = NULL;
		return -1;
	}
	run->results_name[0] = '\0';
	event->kind = EVENT_TROUBLE;
	return 0;
}

static int take_result(struct run *run, struct claim *claim, struct event *event) {
	struct result *result = claim_take_result(claim);
	speak_of(run, event, EVENT_RESULT, result->job, result->index);
	event->result = result;
	event->attempt = result->attempt;
	note_pace(run, result);
	note_typical(run, result);
	note_results(run, result);
	if (try_again(run, result)) {
		event->kind = EVENT_RETRY;
	} else if (queue_settle(run->queue, result)) {
		halt(run);
	}
	return 0;
}

static void take_piece(struct run *run, struct claim *claim, struct event *event) {
	struct result *result = claim_take_result(claim);
	speak_of(run, event, EVENT_OUTPUT, result->job, result->index);
	event->result = result;
	event->attempt = result->attempt;
}

// A claim came back from the workers.
static int settle(struct run *run, struct claim *claim, struct event *event) {
	if (claim->piece) {
		take_piece(run, claim, event);
		return 0;
	}
	claims_settle(&run->claims, claim);
	if (claim->result.slot) {
		staff_return_leave(claim);
		return take_result(run, claim, event);
	}
	if (may_start(run, claim)) {
		return submit(run, claim); // held only for a moment: it was announced already
	}
	claims_wait(&run->claims, claim);
	return 0;
}

// True in *looked_up: somebody wants the caller to.
static int next_result(struct run *run, struct event *event, bool *looked_up) {
	void *claim;
	int r = 0;
	while (r == 0 && event->kind == EVENT_NONE &&
		sp_squeue_try_get(run->results, &claim) == SP_OK) {
		if (claim) {
			r = settle(run, claim, event);
		} else {
			*looked_up = true;
		}
	}
	return r;
}

// What is left when there is no result: jobs that will not start, and the end.
static int skip_or_end(struct run *run, struct event *event) {
	struct claim *claim = claims_take(&run->claims, is_barred, run);
	if (claim) {
		never_started(run, claim, event);
		return 0;
	}
	if (skip(run, event) || skip_rest(run, event)) {
		return 0;
	}
	const char *problem = intake_problem(&run->intake);
	if (problem) {
		event->kind = EVENT_TROUBLE;
		event->text = strdup(problem);
		return event->text ? 0 : -1;
	}
	if (queue_finished(run->queue)) {
		event->kind = EVENT_END;
		run->ended = true;
	}
	return 0;
}

// What can be said without waiting; EVENT_NONE if nothing.
static int next_ready(struct run *run, struct event *event, bool *looked_up) {
	starts_unasked(&run->starts);
	intake_unasked(&run->intake);
	if (submit_all(run) < 0) {
		return -1;
	}
	staff_look(run);
	if (run->warning) {
		event->kind = EVENT_WARNING;
		event->text = run->warning;
		run->warning = NULL;
		return 0;
	}
	if (run->results_name[0]) {
		return say_results(run, event);
	}
	if (run->say_halted) {
		return say_halted(run, event);
	}
	if (!run->cancelled && sp_cancelled(run->cancel)) {
		run->cancelled = true;
		queue_cancel(run->queue);
	}
	if (!run->drained && atomic_load(&run->draining)) {
		run->drained = true;
		queue_drain(run->queue);
	}
	int r = announce_next(run, event);
	if (r < 0 || event->kind != EVENT_NONE) {
		return r;
	}
	// What a result makes impossible comes right behind it; a run that ends has results first.
	if (!queue_ending(run->queue) && skip(run, event)) {
		return 0;
	}
	if (next_result(run, event, looked_up) < 0) {
		return -1;
	}
	return event->kind == EVENT_NONE ? skip_or_end(run, event) : 0;
}

// True when the caller should look up from the run: its own descriptor is readable.
static bool wait_for_more(struct run *run, int64_t deadline) {
	struct pollfd fds[] = {
		{.fd = run->wake_fd, .events = POLLIN},
		{.fd = run->cancelled ? -1 : sp_cancel_fd(run->cancel), .events = POLLIN},
		{.fd = sp_squeue_fd(run->results), .events = POLLIN},
		{.fd = intake_fd(&run->intake), .events = POLLIN},
		{.fd = starts_fd(&run->starts), .events = POLLIN},
	};
	int64_t gathered = clock_deadline(run->brisk ? GATHER_SHORT : GATHER);
	if (!run->cancelled && gathered < deadline && !run->starts.limited &&
		queue_saturated(run->queue) && poll(fds, 2, clock_poll_ms(gathered)) != 0) {
		return fds[0].revents != 0;
	}
	poll(fds, 5, clock_poll_ms(starts_deadline(&run->starts, deadline)));
	return fds[0].revents != 0;
}

int run_next(struct run *run, int64_t wait_ns, struct event *event) {
	int64_t deadline = clock_deadline(wait_ns);
	bool looked_up = false;
	*event = (struct event){.kind = EVENT_NONE};
	stop_speaking(run);
	for (;;) {
		if (next_ready(run, event, &looked_up) < 0) {
			return -1;
		}
		if (event->kind != EVENT_NONE || looked_up ||
			(wait_ns != SP_FOREVER && clock_now() >= deadline)) {
			event->tally = *queue_tally(run->queue);
			event->elapsed_ns = clock_now() - run->began;
			return 0;
		}
		looked_up |= wait_for_more(run, deadline);
	}
}
