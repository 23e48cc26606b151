// SPDX-License-Identifier: MIT
// How the life of an sp_proc ends: close, free, interruption (subprocess contract 3.7, 3.8;
// pitfalls 26, 28).
#include "command.h"

#include <pthread.h>

static sp_cancel *cancel_new(void) {
	sp_cancel *cancel;
	assert_int_equal(sp_cancel_new(&cancel), SP_OK);
	return cancel;
}

static sp_cancel *cancel_that_is_set(void) {
	sp_cancel *cancel = cancel_new();
	sp_cancel_set(cancel);
	return cancel;
}

static sp_proc *start_sleeper(const sp_cancel *cancel) {
	COMMAND(opts, "sleep", "100");
	opts.cancel = cancel;
	return start(&opts);
}

// ---- close

static void section_3_7_close_closes_the_pipes_and_waits(void **state) {
	(void)state;
	SCRIPT(opts, "cat; exit 4");
	opts.in = opts.out = opts.err = SP_PIPE;
	int fds = open_fds();
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(open_fds(), fds + (sp_pidfd(proc) >= 0));
	int rc;
	assert_true(sp_returncode(proc, &rc, NULL));
	assert_int_equal(rc, 4);
	assert_int_equal(sp_fd(proc, 0), -1);
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	sp_free(proc);
}

static void section_3_7_a_writer_dies_when_its_pipe_is_closed(void **state) {
	(void)state;
	COMMAND(opts, "yes");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), -SIGPIPE);
}

// ---- free

static void section_3_7_free_does_not_kill(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	opts.in = opts.out = opts.err = SP_PIPE;
	int fds = open_fds();
	sp_proc *proc = start(&opts);
	pid_t pid = sp_pid(proc), listed[2] = {0, 0};
	bool has_pidfd = sp_pidfd(proc) >= 0;
	sp_free(proc);
	assert_int_equal(open_fds(), fds + has_pidfd);
	assert_int_equal(sp_abandoned(NULL, 0), 1);
	assert_int_equal(sp_abandoned(listed, 2), 1);
	assert_int_equal(listed[0], pid);
	assert_int_equal(listed[1], 0);
	assert_int_equal(sp_reap_abandoned(), 0);
	assert_true(state_of(pid) != 0 && state_of(pid) != 'Z');
	assert_int_equal(kill(pid, SIGKILL), 0);
	AWAIT(state_of(pid) == 'Z');
	assert_int_equal(sp_reap_abandoned(), 1);
	assert_int_equal(sp_abandoned(NULL, 0), 0);
	assert_int_equal(state_of(pid), 0);
	assert_int_equal(open_fds(), fds);
}

static void section_3_7_free_collects_what_has_ended(void **state) {
	(void)state;
	COMMAND(opts, "true");
	sp_proc *proc = start(&opts);
	await_end(proc);
	pid_t pid = sp_pid(proc);
	sp_free(proc);
	assert_int_equal(sp_abandoned(NULL, 0), 0);
	assert_int_equal(state_of(pid), 0);
	sp_free(NULL);
}

static void pitfall_26_no_zombies_of_abandoned_handles(void **state) {
	(void)state;
	enum { CHILDREN = 50 };
	int fds = open_fds();
	pid_t pids[CHILDREN], listed[CHILDREN + 1];
	COMMAND(opts, "sleep", "0.2");
	opts.out = SP_PIPE;
	for (int i = 0; i < CHILDREN; i++) {
		sp_proc *proc = start(&opts);
		pids[i] = sp_pid(proc);
		sp_free(proc);
	}
	assert_true(sp_abandoned(listed, CHILDREN + 1) <= CHILDREN);
	for (int i = 0; i < CHILDREN; i++) {
		AWAIT(state_of(pids[i]) == 'Z' || state_of(pids[i]) == 0);
	}
	COMMAND(another, "true");
	assert_int_equal(rc_of(&another), 0);
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(state_of(pids[i]), 0);
	}
	assert_int_equal(sp_abandoned(NULL, 0), 0);
	assert_int_equal(open_fds(), fds);
}

// ---- interruption

enum { GRACE_MS = 250 };

static void section_3_8_a_wait_is_interrupted(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	sp_proc *proc = start_sleeper(cancel);
	sp_error error = SP_ERROR_INIT;
	int64_t before = probe_now();
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, &error), SP_E_INTERRUPTED);
	assert_int_equal(error.code, SP_E_INTERRUPTED);
	assert_true(probe_now() - before >= GRACE_MS * MS);
	// Only once for each child.
	before = probe_now();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, &error), SP_E_INTERRUPTED);
		assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, NULL, NULL, &error),
			SP_E_INTERRUPTED);
	}
	assert_true(probe_now() - before < 20 * GRACE_MS * MS);
	assert_false(sp_poll(proc, NULL));
	sp_error_clear(&error);
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	AWAIT(sp_poll(proc, NULL));
	// What is known is told all the same.
	assert_int_equal(finish(proc), -SIGKILL);
	sp_cancel_free(cancel);
}

struct setter {
	sp_cancel *cancel;
	sp_proc *proc;
};

static void *set_when_it_waits(void *arg) {
	struct setter *setter = arg;
	AWAIT(probe_asleep(getpid()));
	sp_cancel_set(setter->cancel);
	return NULL;
}

static void section_3_8_a_wait_is_woken(void **state) {
	(void)state;
	struct setter setter = {cancel_new(), NULL};
	setter.proc = start_sleeper(setter.cancel);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, set_when_it_waits, &setter), 0);
	assert_int_equal(sp_wait(setter.proc, SP_FOREVER, NULL, NULL), SP_E_INTERRUPTED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sp_kill(setter.proc, NULL), SP_OK);
	AWAIT(sp_poll(setter.proc, NULL));
	sp_free(setter.proc);
	sp_cancel_free(setter.cancel);
}

static void section_3_8_wait_exit_is_woken_without_grace(void **state) {
	(void)state;
	struct setter setter = {cancel_new(), start_sleeper(NULL)};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, set_when_it_waits, &setter), 0);
	assert_int_equal(
		sp_wait_exit(setter.proc, SP_FOREVER, setter.cancel, NULL), SP_E_INTERRUPTED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	int64_t before = probe_now();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_wait_exit(setter.proc, SP_FOREVER, setter.cancel, NULL),
			SP_E_INTERRUPTED);
	}
	assert_true(probe_now() - before < 20 * GRACE_MS * MS);
	assert_int_equal(kill_and_finish(setter.proc), -SIGKILL);
	sp_cancel_free(setter.cancel);
}

static void section_3_8_a_child_that_ends_in_time_is_collected(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	SCRIPT(opts, "sleep .05; exit 3");
	opts.cancel = cancel;
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_E_INTERRUPTED);
	int rc;
	assert_true(sp_returncode(proc, &rc, NULL));
	assert_int_equal(rc, 3);
	assert_int_equal(finish(proc), 3);
	sp_cancel_free(cancel);
}

static void section_3_8_pitfall_28_last_words_are_heard(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	SCRIPT(opts, "echo first; sleep .05; echo bye; exit 3");
	opts.cancel = cancel;
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	sp_buf out;
	assert_int_equal(
		sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_E_INTERRUPTED);
	assert_buf(&out, "first\nbye\n");
	assert_int_equal(finish(proc), 3);
	sp_cancel_free(cancel);
}

static void section_3_8_the_grace_ends_with_the_timeout(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	sp_proc *procs[20];
	for (int i = 0; i < 20; i++) {
		procs[i] = start_sleeper(cancel);
	}
	int64_t before = probe_now();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_wait(procs[i], 10 * MS, NULL, NULL), SP_E_INTERRUPTED);
	}
	assert_true(probe_now() - before < 20 * GRACE_MS * MS); // expected: 20 times 10
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_kill(procs[i], NULL), SP_OK);
		AWAIT(sp_poll(procs[i], NULL));
		sp_free(procs[i]);
	}
	sp_cancel_free(cancel);
}

static void reap_all_abandoned(void) {
	AWAIT((sp_reap_abandoned(), sp_abandoned(NULL, 0) == 0));
}

static void section_3_8_run_kills_and_does_not_block(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	SCRIPT(opts, "echo hi; exec sleep 100");
	opts.cancel = cancel;
	opts.out = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_E_INTERRUPTED);
	assert_int_equal(result.error.code, SP_E_INTERRUPTED);
	assert_true(result.killed && !result.timed_out);
	assert_int_equal(result.returncode, -SIGKILL);
	assert_buf(&result.out, "hi\n");
	sp_result_clear(&result);
	reap_all_abandoned();
	sp_cancel_free(cancel);
}

static void section_3_8_run_of_one_that_ends_in_time(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	SCRIPT(opts, "echo bye; exit 3");
	opts.cancel = cancel;
	opts.out = SP_PIPE;
	sp_result result;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_E_INTERRUPTED);
	assert_true(!result.killed && !result.status_lost);
	assert_int_equal(result.returncode, 3);
	assert_buf(&result.out, "bye\n");
	sp_result_clear(&result);
	sp_cancel_free(cancel);
}

static void section_3_8_call_kills_and_does_not_block(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	COMMAND(opts, "sleep", "100");
	opts.cancel = cancel;
	assert_int_equal(sp_call(&opts, SP_FOREVER, NULL, NULL), SP_E_INTERRUPTED);
	assert_int_equal(sp_check_call(&opts, SP_FOREVER, NULL), SP_E_INTERRUPTED);
	reap_all_abandoned();
	sp_cancel_free(cancel);
}

static void section_3_8_close_is_interrupted(void **state) {
	(void)state;
	sp_cancel *cancel = cancel_that_is_set();
	sp_proc *proc = start_sleeper(cancel);
	assert_int_equal(sp_close(proc, NULL), SP_E_INTERRUPTED);
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	sp_free(proc);
	reap_all_abandoned();
	sp_cancel_free(cancel);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(section_3_7_close_closes_the_pipes_and_waits),
		TEST(section_3_7_a_writer_dies_when_its_pipe_is_closed),
		TEST_ON_EACH_KERNEL(section_3_7_free_does_not_kill),
		TEST_ON_EACH_KERNEL(section_3_7_free_collects_what_has_ended),
		TEST_ON_EACH_KERNEL(pitfall_26_no_zombies_of_abandoned_handles),
		TEST_ON_EACH_KERNEL(section_3_8_a_wait_is_interrupted),
		TEST_ON_EACH_KERNEL(section_3_8_a_wait_is_woken),
		TEST_ON_EACH_KERNEL(section_3_8_wait_exit_is_woken_without_grace),
		TEST_ON_EACH_KERNEL(section_3_8_a_child_that_ends_in_time_is_collected),
		TEST_ON_EACH_KERNEL(section_3_8_pitfall_28_last_words_are_heard),
		TEST_ON_EACH_KERNEL(section_3_8_the_grace_ends_with_the_timeout),
		TEST_ON_EACH_KERNEL(section_3_8_run_kills_and_does_not_block),
		TEST_ON_EACH_KERNEL(section_3_8_run_of_one_that_ends_in_time),
		TEST_ON_EACH_KERNEL(section_3_8_call_kills_and_does_not_block),
		TEST_ON_EACH_KERNEL(section_3_8_close_is_interrupted),
	};
	return cmocka_run_group_tests_name("lifetime", tests, NULL, NULL);
}
