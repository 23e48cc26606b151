// SPDX-License-Identifier: MIT
// The run with an attempt of the test's own in place of processes: the order of events, the number
// at work at once, cancel, hold, waiting; then with real processes under a low limit.
#include "base/clock.h"
#include "run/run.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "graph.h"
#include "probe.h"

static const int64_t LONG = 20 * (int64_t)CLOCK_SECOND; // what none of these should ever take

// A plan of n jobs that run argv; what does not matter is zero.
static struct plan *make_plan(size_t n, unsigned workers, const struct text *argv, size_t argc) {
	struct job *jobs = calloc(n ? n : 1, sizeof *jobs);
	struct plan *plan = calloc(1, sizeof *plan);
	for (size_t i = 0; i < n; i++) {
		jobs[i] = graph_job(i);
		jobs[i].argv = argv;
		jobs[i].argc = argc;
	}
	plan->jobs = jobs;
	plan->n_jobs = plan->n_all = n;
	plan->workers = workers;
	return plan;
}

static void plan_drop(struct plan *plan) {
	free((void *)(uintptr_t)plan->jobs);
	free(plan);
}

static struct run *open_run(const struct plan *plan, attempt_func attempt, int wake_fd) {
	struct run_options options = {.attempt = attempt};
	struct run *run;
	assert_int_equal(run_new(&run, plan, &options), 0);
	run_wake_on(run, wake_fd);
	return run;
}

// What the fake attempts of one test share; the tests of this program run one after the other.
static struct {
	atomic_int at_work, most;
	atomic_bool slot_taken[64], shared_slot;
} seen;

static void forget(void) {
	memset(&seen, 0, sizeof seen);
}

static void note_most(int now) {
	int most = atomic_load(&seen.most);
	while (now > most && !atomic_compare_exchange_weak(&seen.most, &most, now)) {
	}
}

// Every third fails; all note how many are at work with them.
static void quick(const struct attempt_common *common, struct result *result) {
	(void)common;
	note_most(atomic_fetch_add(&seen.at_work, 1) + 1);
	if (result->slot < 64 && atomic_exchange(&seen.slot_taken[result->slot], true)) {
		atomic_store(&seen.shared_slot, true);
	}
	sched_yield();
	result->verdict = result->index % 3 ? VERDICT_PASS : VERDICT_FAIL;
	atomic_store(&seen.slot_taken[result->slot % 64], false);
	atomic_fetch_sub(&seen.at_work, 1);
}

static void waits_for_stop(const struct attempt_common *common, struct result *result) {
	struct pollfd fd = {.fd = sp_cancel_fd(common->stop), .events = POLLIN};
	atomic_fetch_add(&seen.at_work, 1);
	poll(&fd, 1, -1);
	result->verdict = VERDICT_CANCELLED;
}

static void runs_whole(size_t jobs, unsigned workers) {
	struct plan *plan = make_plan(jobs, workers, NULL, 0);
	struct run *run = open_run(plan, quick, -1);
	unsigned char *states = calloc(jobs + 1, 1);
	struct event event;
	size_t ended = 0;
	forget();
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_not_equal(event.kind, EVENT_NONE);
		if (event.kind == EVENT_STARTING) {
			assert_int_equal(states[event.index]++, 0);
		} else if (event.kind == EVENT_RESULT) {
			assert_int_equal(event.result->index, event.index);
			assert_int_equal(states[event.index]++, 1);
			ended++;
			assert_int_equal(event.tally.done, ended);
		}
		enum event_kind kind = event.kind;
		event_clear(&event);
		if (kind == EVENT_END) {
			break;
		}
	} while (true);
	assert_int_equal(ended, jobs);
	assert_true(atomic_load(&seen.most) <= (int)workers);
	assert_false(atomic_load(&seen.shared_slot));
	free(states);
	run_free(run);
	plan_drop(plan);
}

static void every_job_starts_then_ends_once(void **state) {
	(void)state;
	for (unsigned seed = 1; seed <= 60; seed++) {
		runs_whole(seed * seed * 7 % 1500, 1 + seed * 13 % 20);
	}
}

// Pulls events until one of this kind, clearing those before.
static void pull_until(struct run *run, enum event_kind kind, struct event *event) {
	for (;;) {
		assert_int_equal(run_next(run, LONG, event), 0);
		if (event->kind == kind) {
			return;
		}
		assert_int_not_equal(event->kind, EVENT_NONE);
		assert_int_not_equal(event->kind, EVENT_END);
		event_clear(event);
	}
}

static void cancel_names_all_that_never_started(void **state) {
	struct plan *plan = make_plan(50, 3, NULL, 0);
	struct run *run = open_run(plan, waits_for_stop, -1);
	struct event event;
	size_t starting = 0;
	(void)state;
	forget();
	while (run_next(run, 0, &event) == 0 && event.kind == EVENT_STARTING) {
		starting++;
		event_clear(&event);
	}
	assert_int_equal(starting, 6); // three at work, a claim beside each
	int64_t until = clock_deadline(LONG);
	while (atomic_load(&seen.at_work) < 3 && clock_now() < until) {
		sched_yield();
	}
	run_cancel(run, SIGINT, false);
	pull_until(run, EVENT_END, &event);
	assert_int_equal(event.tally.verdicts[VERDICT_CANCELLED], 3);
	assert_int_equal(event.tally.not_started, 47);
	assert_int_equal(event.tally.done, 3);
	run_free(run);
	plan_drop(plan);
}

static void held_it_starts_nothing_not_even_what_was_claimed(void **state) {
	struct plan *plan = make_plan(20, 2, NULL, 0);
	struct run *run = open_run(plan, quick, -1);
	struct event event;
	(void)state;
	forget();
	for (int i = 0; i < 40; i++) {
		run_hold(run, true);
		while (run_next(run, CLOCK_MS / 10, &event) == 0 && event.kind == EVENT_RESULT) {
			event_clear(&event);
		}
		if (event.kind == EVENT_END) {
			break;
		}
		assert_int_equal(event.kind, EVENT_NONE); // and no EVENT_STARTING
		run_hold(run, false);
		assert_int_equal(run_next(run, LONG, &event), 0);
		event_clear(&event);
	}
	run_hold(run, false);
	if (event.kind != EVENT_END) {
		pull_until(run, EVENT_END, &event);
	}
	assert_int_equal(event.tally.done, 20);
	run_free(run);
	plan_drop(plan);
}

static void a_held_run_can_be_cancelled(void **state) {
	struct plan *plan = make_plan(20, 2, NULL, 0);
	struct run *run = open_run(plan, quick, -1);
	struct event event;
	(void)state;
	assert_int_equal(run_next(run, 0, &event), 0);
	assert_int_equal(event.kind, EVENT_STARTING);
	run_hold(run, true);
	run_cancel(run, SIGTERM, false);
	pull_until(run, EVENT_END, &event);
	assert_int_equal(event.tally.not_started, 20);
	run_free(run);
	plan_drop(plan);
}

static void what_runs_longest_is_known(void **state) {
	struct plan *plan = make_plan(20, 3, NULL, 0);
	struct run *run = open_run(plan, waits_for_stop, -1);
	struct running running;
	struct event event;
	(void)state;
	forget();
	assert_false(run_running(run, &running));
	for (int i = 0; i < 2; i++) { // announced by the first, submitted by the second
		assert_int_equal(run_next(run, 0, &event), 0);
		assert_int_equal(event.kind, EVENT_STARTING);
	}
	AWAIT(run_running(run, &running));
	while (run_next(run, 0, &event) == 0 && event.kind == EVENT_STARTING) {
		event_clear(&event);
	}
	AWAIT(run_running(run, &running) && running.n == 3); // what is only claimed does not run
	assert_int_equal(running.index, 0);
	int64_t ns = running.ns;
	assert_true(ns > 0);
	AWAIT(run_running(run, &running) && running.ns > ns + CLOCK_MS);
	run_cancel(run, SIGTERM, false);
	pull_until(run, EVENT_END, &event);
	assert_false(run_running(run, &running));
	run_free(run);
	plan_drop(plan);
}

static void waiting_ends_by_time_and_by_the_callers_descriptor(void **state) {
	struct plan *plan = make_plan(1, 1, NULL, 0);
	int fd = eventfd(0, EFD_CLOEXEC);
	struct run *run = open_run(plan, waits_for_stop, fd);
	struct event event;
	(void)state;
	assert_int_equal(run_next(run, 0, &event), 0);
	assert_int_equal(event.kind, EVENT_STARTING);
	assert_int_equal(run_next(run, 0, &event), 0);
	assert_int_equal(event.kind, EVENT_NONE);
	int64_t began = clock_now();
	assert_int_equal(run_next(run, 30 * (int64_t)CLOCK_MS, &event), 0);
	assert_int_equal(event.kind, EVENT_NONE);
	assert_true(clock_now() - began >= 30 * (int64_t)CLOCK_MS);
	eventfd_write(fd, 1);
	assert_int_equal(run_next(run, SP_FOREVER, &event), 0);
	assert_int_equal(event.kind, EVENT_NONE);
	run_free(run); // before its end: the job is ended first
	close(fd);
	plan_drop(plan);
}

static int count_fds(void) {
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;
	while (readdir(dir)) {
		n++;
	}
	closedir(dir);
	return n;
}

// In a process of its own, since a limit holds for all of it. 0: as it should be.
static int run_under_limit(rlim_t extra, size_t jobs, bool expect_run) {
	static const struct piece piece = {.kind = PIECE_TEXT, .text = "true"};
	static const struct text argv = {.pieces = &piece, .n = 1};
	struct plan *plan = make_plan(jobs, 100, &argv, 1);
	struct rlimit limit = {.rlim_cur = (rlim_t)count_fds() + extra, .rlim_max = 4096};
	struct run_options options = {0};
	struct run *run;
	struct event event = {.kind = EVENT_NONE};
	int warnings = 0;
	setrlimit(RLIMIT_NOFILE, &limit);
	int fds = count_fds();
	if (run_new(&run, plan, &options) < 0) {
		plan_drop(plan);
		return !expect_run && errno == EMFILE && count_fds() == fds ? 0 : 2;
	}
	do {
		event_clear(&event);
		if (run_next(run, LONG, &event) < 0 || event.kind == EVENT_NONE) {
			return 3;
		}
		warnings += event.kind == EVENT_WARNING;
	} while (event.kind != EVENT_END);
	size_t passed = event.tally.verdicts[VERDICT_PASS];
	run_free(run);
	plan_drop(plan);
	return expect_run && passed == jobs && warnings == 1 && count_fds() == fds ? 0 : 4;
}

static void under_limit(rlim_t extra, bool expect_run) {
	pid_t pid = fork();
	if (pid == 0) {
		exit(run_under_limit(extra, 60, expect_run));
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0) {
		fail_msg("%d descriptors to spare: status %d", (int)extra, WEXITSTATUS(status));
	}
}

static void few_descriptors_mean_fewer_workers_and_one_warning(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	under_limit(60, true);
	under_limit(30, true);
	under_limit(16, true);
	under_limit(12, false);
}

// All descriptors are taken when it is to start: it waits, and has its whole time then.
static void waiting_for_room_is_not_the_jobs_time(void **state) {
	static const struct piece piece = {.kind = PIECE_TEXT, .text = "true"};
	static const struct text argv = {.pieces = &piece, .n = 1};
	struct plan *plan = make_plan(1, 1, &argv, 1);
	struct rlimit before, none;
	struct running running;
	struct event event;
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	((struct job *)(uintptr_t)plan->jobs)->timeout_ns = 300 * (int64_t)CLOCK_MS;
	struct run *run = open_run(plan, NULL, -1);
	int next = dup(STDERR_FILENO);
	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(run_next(run, LONG, &event), 0);
	assert_int_equal(event.kind, EVENT_STARTING);
	assert_int_equal(run_next(run, 0, &event), 0);
	AWAIT(run_running(run, &running) && running.ns > 600 * (int64_t)CLOCK_MS);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(run_next(run, LONG, &event), 0);
	assert_int_equal(event.kind, EVENT_RESULT);
	assert_int_equal(event.result->verdict, VERDICT_PASS);
	event_clear(&event);
	run_free(run);
	plan_drop(plan);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_descriptors_mean_fewer_workers_and_one_warning),
		cmocka_unit_test(waiting_for_room_is_not_the_jobs_time),
		cmocka_unit_test(every_job_starts_then_ends_once),
		cmocka_unit_test(cancel_names_all_that_never_started),
		cmocka_unit_test(held_it_starts_nothing_not_even_what_was_claimed),
		cmocka_unit_test(a_held_run_can_be_cancelled),
		cmocka_unit_test(what_runs_longest_is_known),
		cmocka_unit_test(waiting_ends_by_time_and_by_the_callers_descriptor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
