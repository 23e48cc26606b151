// SPDX-License-Identifier: MIT
/*
 * The life of an attempt. Two things can end a job early, its deadline and the run's stop; both
 * lead down the ladder:
 *
 *	RUNNING ── deadline: TERM, stop: its signal (+ CONT) ──► GRACE ── grace over, kill ──►
 *KILLED
 *
 * On every step the same two calls go on pumping output and waiting for the exit; only deadline
 * and cancel change. The attempt is over at the leader's exit plus at most 200 ms of draining.
 */
#include "run/attempt.h"
#include "base/clock.h"
#include "run/capture.h"
#include "run/live.h"
#include "run/room.h"
#include "run/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t DRAIN = 200 * (int64_t)CLOCK_MS;
static const int64_t LOOK = 20 * (int64_t)CLOCK_MS; // whether it has ended, while it is held up
static const int64_t ASK_AGAIN = 100 * (int64_t)CLOCK_MS;
static const int64_t UNKILLABLE = 5 * (int64_t)CLOCK_SECOND;

enum step { RUNNING, GRACE, KILLED };

struct attempt {
	const struct attempt_common *common;
	const struct job *job;
	struct result *result;
	sp_proc *proc;
	char *input;
	size_t input_len;
	struct capture out, err;
	struct live live; // of a job whose output is
	struct results results;
	bool held;
	bool broken; // the pump failed: what is left is to see the leader dead
	enum step step;
	int64_t began; // to run; what it waited for before is not its time
	int64_t deadline;
	const sp_cancel *cancel;
};

static int take_output(void *ud, int which, const char *data, size_t n) {
	struct attempt *a = ud;
	capture_write(which == 1 ? &a->out : &a->err, data, n);
	results_write(&a->results, which, data, n);
	return a->job->live && live_write(&a->live, which, data, n);
}

// To the whole group, or to the command alone where the group is ours too.
static void signal_job(struct attempt *a, int signal) {
	if (a->job->foreground) {
		sp_send_signal(a->proc, signal, NULL);
	} else {
		sp_signal_group(a->proc, signal, NULL);
	}
	a->result->ladder = signal;
}

static void kill_job(struct attempt *a) {
	signal_job(a, SIGKILL);
	a->step = KILLED;
	a->deadline = clock_deadline(UNKILLABLE);
	a->cancel = NULL;
}

// How a job is asked to end: a stopped one does not act on it without CONT.
static void ask(struct attempt *a, int signal) {
	signal_job(a, signal);
	signal_job(a, SIGCONT);
	a->result->ladder = signal;
}

// The first rung: why the job is ended, and how it is asked to.
static void ask_to_end(struct attempt *a, enum verdict why, int signal) {
	a->result->verdict = why;
	if (a->job->grace_ns == 0 || sp_cancelled(a->common->kill)) {
		kill_job(a);
		return;
	}
	ask(a, signal);
	a->step = GRACE;
	a->deadline = clock_deadline(a->job->grace_ns);
	// A job in the grace of its timeout still hears of the end of the run.
	a->cancel = why == VERDICT_TIMEOUT ? a->common->stop : a->common->kill;
}

// The run ends while the job is in the grace of its timeout: another signal is news to it.
static void hear_of_stop(struct attempt *a) {
	int signal = atomic_load(a->common->signal);
	if (signal != a->result->ladder) {
		ask(a, signal);
	}
	a->cancel = a->common->kill;
}

// Pumps until the streams are at their end and the leader is seen dead, or something else happens.
static sp_status pump_and_wait(struct attempt *a, sp_error *error) {
	sp_pump_opts pump;
	sp_pump_opts_init(&pump);
	pump.in = a->input;
	pump.n = a->input_len;
	pump.sink = take_output;
	pump.ud = a;
	pump.deadline_ns = a->deadline;
	pump.drain_ns = DRAIN;
	pump.cancel = a->cancel;
	pump.held = &a->held;
	sp_status status = a->broken ? SP_OK : sp_pump(a->proc, &pump, error);
	return status == SP_OK ? sp_wait_exit(a->proc, a->deadline, a->cancel, error) : status;
}

// Talking to it failed, which is no fault of the job: it is ended, and says why.
static void break_off(struct attempt *a, const sp_error *error) {
	struct result *result = a->result;
	result->os_errno = error->os_errno;
	if (asprintf(&result->error, "%s: %s", error->msg,
		    error->os_errno ? strerror(error->os_errno) : "it was ended") < 0) {
		result->error = NULL;
	}
	result->verdict = VERDICT_EXEC;
	a->broken = true;
	kill_job(a);
}

// One rung down. False: it does not even die of KILL.
static bool escalate(struct attempt *a, sp_status status) {
	switch (a->step) {
	case RUNNING:
		if (status == SP_E_INTERRUPTED) {
			ask_to_end(a, VERDICT_CANCELLED, atomic_load(a->common->signal));
		} else {
			ask_to_end(a, VERDICT_TIMEOUT, SIGTERM);
		}
		return true;
	case GRACE:
		if (status == SP_E_INTERRUPTED && a->cancel == a->common->stop) {
			hear_of_stop(a);
		} else {
			kill_job(a);
		}
		return true;
	case KILLED:
		break;
	}
	return false;
}

// When the job's time is over, as far as that is known. A share of what is typical may not be yet:
// then it is asked for again.
static int64_t time_over(const struct attempt *a) {
	int64_t limit = a->job->timeout_ns;
	if (a->common->plan->timeout_percent) {
		limit = atomic_load(a->common->limit);
	}
	a->result->timeout_ns = limit;
	if (limit == 0) {
		return clock_deadline(ASK_AGAIN);
	}
	return limit > SP_FOREVER - a->began ? SP_FOREVER : a->began + limit;
}

// Whether the deadline that has passed was only one to ask again at.
static bool has_more_time(struct attempt *a, sp_status status) {
	if (status != SP_E_TIMEOUT || a->step != RUNNING) {
		return false;
	}
	a->deadline = time_over(a);
	return a->deadline > clock_now();
}

// Only the draining is left, and that has its own bound.
static void note_dead(struct attempt *a) {
	a->deadline = SP_FOREVER;
	a->cancel = NULL;
}

// Nobody takes its output: its time goes on, but not longer than it lives.
static sp_status await_reader(struct attempt *a) {
	for (;;) {
		int64_t look = clock_deadline(LOOK);
		bool dead = sp_exit_seen(a->proc) || a->result->end_ns;
		sp_status status = live_await(
			&a->live, !dead && look < a->deadline ? look : a->deadline, a->cancel);
		if (status != SP_E_TIMEOUT) {
			return status;
		}
		if (!dead && sp_wait_exit(a->proc, 0, NULL, NULL) == SP_OK) {
			a->result->end_ns = clock_now();
			note_dead(a);
		} else if (clock_now() >= a->deadline) {
			return status;
		}
	}
}

// Until the leader is dead and its output drained. False: it cannot be killed.
static bool see_out(struct attempt *a) {
	a->began = clock_now();
	a->deadline = time_over(a);
	a->cancel = a->common->stop;
	for (;;) {
		sp_error error = SP_ERROR_INIT;
		sp_status status = pump_and_wait(a, &error);
		if (status == SP_OK) {
			return true;
		}
		if (status == SP_E_CANCELLED) {
			status = await_reader(a);
			sp_error_clear(&error);
			if (status == SP_OK) {
				continue;
			}
		}
		if (status != SP_E_TIMEOUT && status != SP_E_INTERRUPTED && !a->broken) {
			break_off(a, &error);
			sp_error_clear(&error);
			continue;
		}
		sp_error_clear(&error);
		if (sp_wait_exit(a->proc, 0, NULL, NULL) == SP_OK) {
			note_dead(a); // in time
		} else if (!has_more_time(a, status) && !escalate(a, status)) {
			return false;
		}
	}
}

// Where the kernel can tell an empty group, what is left in it may still end by itself.
static bool group_ends(struct attempt *a) {
	struct timespec pause = {.tv_nsec = CLOCK_MS};
	int64_t deadline = a->result->end_ns + DRAIN;
	bool empty;
	while (sp_group_probe(a->proc, &empty) && !empty) {
		if (a->step == KILLED || sp_cancelled(a->common->kill) || clock_now() >= deadline) {
			return false;
		}
		nanosleep(&pause, NULL);
		pause.tv_nsec = pause.tv_nsec < 20 * CLOCK_MS ? pause.tv_nsec * 2 : 20 * CLOCK_MS;
	}
	return true;
}

// The leader is dead and its output drained: what is left of its group goes, then it is reaped.
static void sweep(struct attempt *a) {
	int returncode;
	if (a->job->foreground) {
		sp_wait(a->proc, 0, &returncode, NULL); // the group is the shell's
	} else if (sp_group_outlasts(a->proc)) {
		// An empty group can only be told from a dead leader's once that is reaped, and
		// through the pidfd no stranger can be hit any more.
		sp_wait(a->proc, 0, &returncode, NULL);
		if (!group_ends(a)) {
			sp_signal_group(a->proc, SIGKILL, NULL);
			a->result->leaked = true;
		}
	} else {
		sp_signal_group(a->proc, SIGKILL, NULL);
		sp_wait(a->proc, 0, &returncode, NULL);
	}
}

static void set_verdict(struct attempt *a) {
	struct result *result = a->result;
	sp_returncode(a->proc, &result->returncode, &result->status_lost);
	sp_rusage(a->proc, &result->usage);
	if (a->step != RUNNING) {
		return; // timeout or cancelled, whatever it made of the grace
	}
	if (!a->job->check || job_succeeds(a->job, result->returncode)) {
		result->verdict = VERDICT_PASS;
	} else {
		result->verdict = result->returncode < 0 ? VERDICT_SIGNAL : VERDICT_FAIL;
	}
}

void attempt_run(const struct attempt_common *common, struct result *result) {
	struct attempt a = {
		.common = common,
		.job = result->job,
		.result = result,
		.results = RESULTS_NONE,
	};
	capture_init(&a.out, common->spill_dir, common->memory, a.job->max_output);
	capture_init(&a.err, common->spill_dir, common->memory, a.job->max_output);
	live_init(&a.live, common, result);
	result->live = a.job->live;
	result->start_ns = clock_now();
	if (!attempt_start(common, result, &a.results, &a.proc, &a.input, &a.input_len)) {
		result->end_ns = clock_now();
		result->results_errno = results_close(&a.results);
		return;
	}
	result->unkillable = !see_out(&a);
	if (result->end_ns == 0) {
		result->end_ns = sp_exit_seen(a.proc) ? sp_exit_seen(a.proc) : clock_now();
	}
	if (!result->unkillable) {
		sweep(&a);
		set_verdict(&a);
	}
	room_leave(common->room);
	live_finish(&a.live);
	result->results_errno = results_close(&a.results);
	result->out = capture_take(&a.out);
	result->err = capture_take(&a.err);
	result->out.held = result->err.held = a.held;
	sp_free(a.proc);
	free(a.input);
}
