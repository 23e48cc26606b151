// SPDX-License-Identifier: MIT
// A run whose jobs come one at a time from a source of the test's own: when it is asked, how long
// its jobs live, tries, halts, what is said of jobs that never start.
#include "base/clock.h"
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "graph.h"

static const int64_t LONG = 20 * (int64_t)CLOCK_SECOND;

// Makes n jobs; the pipe is what it waits on, a byte for each job; fd -1: it never waits.
struct maker {
	struct source source;
	size_t n, made, asked;
	size_t *waits; // how often it was asked what to wait for; NULL
	int fd;
	unsigned tries;
	bool fails;
	const char *broken;
};

struct made {
	struct job job;
	atomic_uint holders;
	char name[24];
};

static enum source_state make(struct source *source, const struct job **job) {
	struct maker *maker = (struct maker *)source;
	char byte;
	maker->asked++;
	if (maker->made == maker->n) {
		return maker->fails ? SOURCE_FAILED : SOURCE_END;
	}
	if (maker->fd >= 0 && read(maker->fd, &byte, 1) != 1) {
		return SOURCE_WAIT;
	}
	struct made *made = calloc(1, sizeof *made);
	made->job = graph_job(maker->made);
	made->job.seq = (unsigned)++maker->made;
	made->job.tries = maker->tries;
	made->job.broken = maker->broken;
	made->job.holders = &made->holders;
	snprintf(made->name, sizeof made->name, "value %zu", maker->made);
	made->job.name = made->name;
	*job = &made->job;
	return SOURCE_JOB;
}

static int maker_fd(const struct source *source) {
	const struct maker *maker = (const struct maker *)source;
	if (maker->waits) {
		++*maker->waits;
	}
	return maker->fd;
}

static const char *maker_problem(const struct source *source) {
	(void)source;
	return "cannot read 'list': Input/output error";
}

static struct maker maker_of(size_t n) {
	return (struct maker){.source = {make, maker_fd, maker_problem}, .n = n, .fd = -1};
}

static struct plan plan_of(unsigned workers) {
	return (struct plan){.endless = true, .workers = workers, .name = "map"};
}

static struct run *open_run(const struct plan *plan, struct maker *maker, attempt_func attempt) {
	struct run_options options = {.attempt = attempt, .source = &maker->source};
	struct run *run;
	assert_int_equal(run_new(&run, plan, &options), 0);
	return run;
}

// How often each kind of event came, and the last tally.
struct count {
	size_t kinds[EVENT_END + 1];
	struct tally tally;
	size_t ahead; // most jobs made and not ended yet
};

static void count_event(struct count *count, const struct event *event, const struct maker *maker) {
	char name[24];
	count->kinds[event->kind]++;
	count->tally = event->tally;
	if (event->job) {
		snprintf(name, sizeof name, "value %zu", event->index + 1);
		assert_string_equal(event->job->name, name);
	}
	if (event->result) {
		assert_ptr_equal(event->result->job, event->job);
		assert_int_equal(event->result->index, event->index);
	}
	size_t ahead = maker->made - event->tally.done;
	count->ahead = ahead > count->ahead ? ahead : count->ahead;
}

static void see_out(struct run *run, const struct maker *maker, struct count *count) {
	struct event event;
	enum event_kind kind;
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_not_equal(event.kind, EVENT_NONE);
		count_event(count, &event, maker);
		kind = event.kind;
		event_clear(&event);
	} while (kind != EVENT_END);
}

static void passes(const struct attempt_common *common, struct result *result) {
	(void)common;
	result->verdict = VERDICT_PASS;
}

static void fails(const struct attempt_common *common, struct result *result) {
	(void)common;
	result->verdict = VERDICT_FAIL;
	result->returncode = 1;
}

// The third try is the one.
static void passes_at_last(const struct attempt_common *common, struct result *result) {
	(void)common;
	result->verdict = result->attempt < 3 ? VERDICT_FAIL : VERDICT_PASS;
}

static void waits_for_stop(const struct attempt_common *common, struct result *result) {
	struct pollfd fd = {.fd = sp_cancel_fd(common->stop), .events = POLLIN};
	poll(&fd, 1, -1);
	result->verdict = VERDICT_CANCELLED;
}

static struct count whole(struct maker *maker, const struct plan *plan, attempt_func attempt) {
	struct run *run = open_run(plan, maker, attempt);
	struct count count = {0};
	see_out(run, maker, &count);
	run_free(run);
	return count;
}

static void a_source_is_asked_as_workers_are_free(void **state) {
	struct plan plan = plan_of(3);
	struct maker maker = maker_of(5000);
	(void)state;
	struct count count = whole(&maker, &plan, passes);
	assert_int_equal(count.kinds[EVENT_STARTING], 5000);
	assert_int_equal(count.kinds[EVENT_RESULT], 5000);
	assert_int_equal(count.tally.jobs, 5000);
	assert_int_equal(count.tally.verdicts[VERDICT_PASS], 5000);
	assert_true(count.ahead <= 3 * 9 + 1);
	assert_false(count.tally.unread);
}

static void a_source_without_jobs_is_a_run_that_ends(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(0);
	(void)state;
	struct count count = whole(&maker, &plan, passes);
	assert_int_equal(count.kinds[EVENT_END], 1);
	assert_int_equal(count.tally.jobs, 0);
}

// Then its descriptor is readable all the time, and nobody reads it.
static void a_source_that_may_not_be_asked_is_not_waited_for(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(1);
	struct event event;
	size_t waits = 0;
	int fds[2];
	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	maker.fd = fds[0];
	maker.waits = &waits;
	struct run *run = open_run(&plan, &maker, passes);
	assert_int_equal(run_next(run, CLOCK_MS, &event), 0);
	assert_int_equal(event.kind, EVENT_NONE);
	run_hold(run, true);
	assert_int_equal(write(fds[1], "x", 1), 1);
	waits = 0;
	assert_int_equal(run_next(run, 50 * (int64_t)CLOCK_MS, &event), 0);
	assert_int_equal(event.kind, EVENT_NONE);
	assert_true(waits <= 3);
	run_hold(run, false);
	assert_int_equal(run_next(run, LONG, &event), 0);
	assert_int_equal(event.kind, EVENT_STARTING);
	run_free(run);
	close(fds[0]);
	close(fds[1]);
}

static void a_source_that_waits_is_waited_for(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(3);
	struct event event;
	int fds[2];
	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	maker.fd = fds[0];
	struct run *run = open_run(&plan, &maker, passes);
	for (int i = 0; i < 3; i++) {
		size_t asked = maker.asked;
		assert_int_equal(run_next(run, CLOCK_MS, &event), 0);
		assert_int_equal(event.kind, EVENT_NONE);
		assert_true(maker.asked <= asked + 3); // it does not spin
		assert_int_equal(write(fds[1], "x", 1), 1);
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_equal(event.kind, EVENT_STARTING);
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_equal(event.kind, EVENT_RESULT);
		event_clear(&event);
	}
	assert_int_equal(run_next(run, LONG, &event), 0);
	assert_int_equal(event.kind, EVENT_END);
	run_free(run);
	close(fds[0]);
	close(fds[1]);
}

static void a_source_that_fails_is_said_and_what_was_made_runs(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(7);
	(void)state;
	maker.fails = true;
	struct count count = whole(&maker, &plan, passes);
	assert_int_equal(count.kinds[EVENT_TROUBLE], 1);
	assert_int_equal(count.tally.verdicts[VERDICT_PASS], 7);
}

// Nothing runs that would be waited for: the end must not come first.
static void a_source_that_fails_at_once_is_said_too(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(0);
	(void)state;
	maker.fails = true;
	struct count count = whole(&maker, &plan, passes);
	assert_int_equal(count.kinds[EVENT_TROUBLE], 1);
	assert_int_equal(count.kinds[EVENT_END], 1);
}

static void a_job_is_tried_again_until_it_passes(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(200);
	(void)state;
	maker.tries = 5;
	struct count count = whole(&maker, &plan, passes_at_last);
	assert_int_equal(count.kinds[EVENT_STARTING], 600);
	assert_int_equal(count.kinds[EVENT_RETRY], 400);
	assert_int_equal(count.kinds[EVENT_RESULT], 200);
	assert_int_equal(count.tally.done, 200);
	assert_int_equal(count.tally.verdicts[VERDICT_PASS], 200);
}

static void a_job_is_tried_so_often_and_no_more(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(50);
	(void)state;
	maker.tries = 2;
	struct count count = whole(&maker, &plan, fails);
	assert_int_equal(count.kinds[EVENT_STARTING], 100);
	assert_int_equal(count.kinds[EVENT_RETRY], 50);
	assert_int_equal(count.tally.verdicts[VERDICT_FAIL], 50);
}

static void what_a_halt_leaves_is_named(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(400);
	(void)state;
	plan.halt = (struct plan_halt){
		.on = HALT_FAIL, .now = true, .count = 1, .text = "now,fail=1"};
	struct count count = whole(&maker, &plan, fails);
	assert_int_equal(count.tally.halted, HALTED_FAIL);
	assert_int_equal(count.kinds[EVENT_SKIPPED] + count.kinds[EVENT_RESULT], 400);
	assert_int_equal(count.tally.not_started, count.kinds[EVENT_SKIPPED]);
	assert_false(count.tally.unread);
}

static void of_very_many_that_a_halt_leaves_some_are_named(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(100000);
	(void)state;
	plan.halt = (struct plan_halt){
		.on = HALT_FAIL, .now = true, .count = 3, .text = "now,fail=3"};
	struct count count = whole(&maker, &plan, fails);
	assert_true(count.kinds[EVENT_SKIPPED] >= 1000);
	assert_true(count.kinds[EVENT_SKIPPED] < 1100);
	assert_true(count.tally.unread);
}

static void a_source_that_waits_does_not_hold_the_end_up(void **state) {
	struct plan plan = plan_of(2);
	struct maker maker = maker_of(10);
	struct count count = {0};
	struct event event;
	int fds[2];
	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	maker.fd = fds[0];
	struct run *run = open_run(&plan, &maker, waits_for_stop);
	assert_int_equal(run_next(run, LONG, &event), 0);
	assert_int_equal(event.kind, EVENT_STARTING);
	assert_int_equal(run_next(run, 0, &event), 0);
	run_cancel(run, SIGTERM, false);
	see_out(run, &maker, &count);
	assert_int_equal(count.tally.verdicts[VERDICT_CANCELLED] + count.tally.not_started, 1);
	assert_true(count.tally.unread);
	run_free(run);
	close(fds[0]);
	close(fds[1]);
}

// Cancelled when one is about to be tried again: it has ended as it did before.
static void a_try_that_does_not_come_leaves_the_last_one(void **state) {
	struct plan plan = plan_of(1);
	struct maker maker = maker_of(1);
	struct count count = {0};
	struct event event;
	(void)state;
	maker.tries = 2;
	struct run *run = open_run(&plan, &maker, fails);
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		event_clear(&event);
	} while (maker.asked < 1);
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		enum event_kind kind = event.kind;
		event_clear(&event);
		if (kind == EVENT_RETRY) {
			break;
		}
	} while (true);
	run_cancel(run, SIGTERM, false);
	see_out(run, &maker, &count);
	assert_int_equal(count.kinds[EVENT_RESULT], 1);
	assert_int_equal(count.tally.verdicts[VERDICT_FAIL], 1);
	assert_int_equal(count.tally.done, 1);
	run_free(run);
}

// A drain lets no more tries be: then this failure is the one that halts the run.
static void a_try_that_does_not_come_may_halt_the_run(void **state) {
	struct plan plan = plan_of(1);
	struct maker maker = maker_of(1);
	struct count count = {0};
	struct event event;
	enum event_kind kind;
	(void)state;
	plan.halt = (struct plan_halt){
		.on = HALT_FAIL, .now = true, .count = 1, .text = "now,fail=1"};
	maker.tries = 2;
	struct run *run = open_run(&plan, &maker, fails);
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		kind = event.kind;
		event_clear(&event);
	} while (kind != EVENT_RETRY);
	run_drain(run);
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		count_event(&count, &event, &maker);
		kind = event.kind;
		event_clear(&event);
	} while (kind != EVENT_END);
	assert_int_equal(count.kinds[EVENT_RESULT], 1);
	assert_int_equal(count.kinds[EVENT_HALTED], 1);
	assert_int_equal(count.tally.halted, HALTED_FAIL);
	run_free(run);
}

static void a_run_that_is_dropped_keeps_no_job(void **state) {
	struct plan plan = plan_of(4);
	struct maker maker = maker_of(1000);
	struct event event;
	(void)state;
	struct run *run = open_run(&plan, &maker, passes);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run_next(run, LONG, &event), 0);
		event_clear(&event);
	}
	run_free(run); // the sanitizers look
}

static void a_job_that_cannot_be_started_says_why(void **state) {
	struct plan plan = plan_of(1);
	struct maker maker = maker_of(1);
	struct event event;
	(void)state;
	maker.broken = "its value has a NUL byte";
	struct run *run = open_run(&plan, &maker, NULL);
	do {
		assert_int_equal(run_next(run, LONG, &event), 0);
		if (event.kind == EVENT_RESULT) {
			assert_int_equal(event.result->verdict, VERDICT_EXEC);
			assert_string_equal(event.result->error, maker.broken);
		}
		enum event_kind kind = event.kind;
		event_clear(&event);
		if (kind == EVENT_END) {
			break;
		}
	} while (true);
	run_free(run);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_asked_as_workers_are_free),
		cmocka_unit_test(a_source_without_jobs_is_a_run_that_ends),
		cmocka_unit_test(a_source_that_waits_is_waited_for),
		cmocka_unit_test(a_source_that_may_not_be_asked_is_not_waited_for),
		cmocka_unit_test(a_source_that_fails_is_said_and_what_was_made_runs),
		cmocka_unit_test(a_source_that_fails_at_once_is_said_too),
		cmocka_unit_test(a_job_is_tried_again_until_it_passes),
		cmocka_unit_test(a_job_is_tried_so_often_and_no_more),
		cmocka_unit_test(what_a_halt_leaves_is_named),
		cmocka_unit_test(of_very_many_that_a_halt_leaves_some_are_named),
		cmocka_unit_test(a_source_that_waits_does_not_hold_the_end_up),
		cmocka_unit_test(a_try_that_does_not_come_leaves_the_last_one),
		cmocka_unit_test(a_try_that_does_not_come_may_halt_the_run),
		cmocka_unit_test(a_run_that_is_dropped_keeps_no_job),
		cmocka_unit_test(a_job_that_cannot_be_started_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
