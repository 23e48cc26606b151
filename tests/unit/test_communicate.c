// SPDX-License-Identifier: MIT
// Talking to a child (subprocess contract C1-C20; pitfalls 2, 3, 4, 6, 7; DEV-1, 2, 3, 15).
#include "command.h"

#include <pthread.h>
#include <sys/time.h>

static sp_proc *start_piped(sp_opts *opts) {
	opts->in = opts->out = opts->err = SP_PIPE;
	return start(opts);
}

static char *pattern(size_t n) {
	char *data = malloc(n);
	assert_non_null(data);
	for (size_t i = 0; i < n; i++) {
		data[i] = (char)(i * 7 + i / 251);
	}
	return data;
}

// Goes on with a conversation for 5 ms at a time until it is over.
static void talk_on(sp_proc *proc, sp_buf *out, sp_buf *err) {
	sp_status status;
	int64_t until = probe_now() + 20000 * MS;
	do {
		status = sp_communicate(proc, NULL, 0, 5 * MS, out, err, NULL);
	} while (status == SP_E_TIMEOUT && probe_now() < until);
	assert_int_equal(status, SP_OK);
}

// ---- one call

static void C1_input_output_and_return_code(void **state) {
	(void)state;
	SCRIPT(opts, "cat; echo err >&2; exit 7");
	sp_proc *proc = start_piped(&opts);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, "in\0x", 4, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_true(out.captured);
	assert_int_equal(out.len, 4);
	assert_memory_equal(out.data, "in\0x", 5);
	assert_buf(&err, "err\n");
	int rc;
	assert_true(sp_returncode(proc, &rc, NULL));
	assert_int_equal(rc, 7);
	sp_free(proc);
}

static void C1_streams_that_are_no_pipes_and_pipes_that_say_nothing(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_buf(&out, "");
	assert_false(err.captured);
	assert_null(err.data);
	assert_int_equal(err.len, 0);
	assert_int_equal(finish(proc), 0);
}

static void C2_without_pipes_it_waits(void **state) {
	(void)state;
	SCRIPT(opts, "exit 5");
	sp_proc *proc = start(&opts);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_true(!out.captured && !err.captured);
	assert_true(sp_returncode(proc, NULL, NULL));
	assert_int_equal(finish(proc), 5);
}

static void C3_input_without_a_pipe_is_ignored(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	opts.in = SP_DEVNULL;
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, "word", 4, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "");
	assert_int_equal(finish(proc), 0);
}

static void C4_without_input_stdin_is_closed(void **state) {
	(void)state;
	for (int i = 0; i < 2; i++) {
		COMMAND(opts, "cat");
		sp_proc *proc = start_piped(&opts);
		sp_buf out;
		const char *in = i == 0 ? NULL : "";
		assert_int_equal(sp_communicate(proc, in, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
		assert_buf(&out, "");
		assert_int_equal(finish(proc), 0);
	}
}

static void C5_pitfall_07_no_deadlock_by_order(void **state) {
	(void)state;
	enum { SIZE = 300000 };
	SCRIPT(opts, "head -c 300000 /dev/zero >&2; cat");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(SIZE);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, input, SIZE, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_int_equal(err.len, SIZE);
	assert_int_equal(out.len, SIZE);
	assert_memory_equal(out.data, input, SIZE);
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void C5_megabytes_both_ways(void **state) {
	(void)state;
	enum { SIZE = 5000000 };
	COMMAND(opts, "tee", "/dev/stderr");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(SIZE);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, input, SIZE, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_int_equal(out.len, SIZE);
	assert_int_equal(err.len, SIZE);
	assert_memory_equal(out.data, input, SIZE);
	assert_memory_equal(err.data, input, SIZE);
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void C6_pitfall_04_input_that_is_not_wanted(void **state) {
	(void)state;
	SCRIPT(opts, "head -c 10 >/dev/null; exec <&-; echo done");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(1000000);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, input, 1000000, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_buf(&out, "done\n");
	assert_buf(&err, "");
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void C6_a_child_that_is_dead_already(void **state) {
	(void)state;
	COMMAND(opts, "true");
	sp_proc *proc = start_piped(&opts);
	await_end(proc);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, "x", 1, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "");
	assert_int_equal(finish(proc), 0);
}

static void on_alarm(int sig) {
	(void)sig;
}

static void storm_of_signals(void) {
	enum { SIZE = 2000000 };
	struct sigaction action = {.sa_handler = on_alarm}; // no SA_RESTART
	assert_int_equal(sigaction(SIGVTALRM, &action, NULL), 0);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
	timer_t timer;
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	const struct itimerspec every = {{0, 500000}, {0, 500000}};
	assert_int_equal(timer_settime(timer, 0, &every, NULL), 0);
	SCRIPT(opts, "sleep .1; cat; sleep .1");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(SIZE);
	sp_buf out;
	// Such interruptions do not move the deadline either.
	int64_t before = probe_now();
	assert_int_equal(
		sp_communicate(proc, input, SIZE, 50 * MS, &out, NULL, NULL), SP_E_TIMEOUT);
	assert_true(probe_now() - before >= 50 * MS);
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_int_equal(out.len, SIZE);
	assert_memory_equal(out.data, input, SIZE);
	assert_int_equal(finish(proc), 0);
	assert_int_equal(timer_delete(timer), 0);
	free(input);
}

static void C7_a_storm_of_signals(void **state) {
	(void)state;
	in_own_process(storm_of_signals);
}

// ---- timeouts

static void C8_a_timeout_keeps_output_and_child(void **state) {
	(void)state;
	SCRIPT(opts, "echo out; echo err >&2; exec sleep 100");
	sp_proc *proc = start_piped(&opts);
	AWAIT(has_events(sp_fd(proc, 2), POLLIN));
	sp_buf out, err;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_communicate(proc, NULL, 0, 50 * MS, &out, &err, &error), SP_E_TIMEOUT);
	assert_int_equal(error.code, SP_E_TIMEOUT);
	assert_non_null(strstr(error.msg, "0.05 seconds"));
	assert_buf(&out, "out\n");
	assert_buf(&err, "err\n");
	assert_false(sp_poll(proc, NULL));
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void C9_nothing_read_in_time_is_none(void **state) {
	(void)state;
	SCRIPT(opts, "echo out; exec sleep 100");
	sp_proc *proc = start_piped(&opts);
	AWAIT(has_events(sp_fd(proc, 1), POLLIN));
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, NULL, 0, 5 * MS, &out, &err, NULL), SP_E_TIMEOUT);
	assert_buf(&out, "out\n");
	assert_false(err.captured);
	assert_null(err.data);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void C10_a_retry_loses_nothing(void **state) {
	(void)state;
	SCRIPT(opts, "for i in 1 2 3 4; do echo $i; sleep .03; done; head -c 200000 /dev/zero >&2");
	sp_proc *proc = start_piped(&opts);
	sp_buf out, err;
	talk_on(proc, &out, &err);
	assert_buf(&out, "1\n2\n3\n4\n");
	assert_int_equal(err.len, 200000);
	assert_int_equal(finish(proc), 0);
}

static void C11_new_input_on_a_retry_is_senseless(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(1000000);
	sp_error error = SP_ERROR_INIT;
	sp_buf out;
	assert_int_equal(sp_communicate(proc, input, 1000000, 0, &out, NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(
		sp_communicate(proc, "new", 3, SP_FOREVER, &out, NULL, &error), SP_E_VALUE);
	assert_string_equal(error.msg, "Cannot send input after starting communication");
	assert_int_equal(sp_communicate(proc, "", 0, SP_FOREVER, &out, NULL, &error), SP_OK);
	assert_int_equal(out.len, 1000000);
	assert_memory_equal(out.data, input, 1000000);
	assert_int_equal(
		sp_communicate(proc, "new", 3, SP_FOREVER, &out, NULL, &error), SP_E_VALUE);
	sp_error_clear(&error);
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void C12_DEV1_pitfall_02_unsent_input_is_sent_on_the_retry(void **state) {
	(void)state;
	SCRIPT(opts, "sleep .1; wc -c");
	sp_proc *proc = start_piped(&opts);
	char *input = pattern(1000000);
	sp_buf out;
	assert_int_equal(
		sp_communicate(proc, input, 1000000, 5 * MS, &out, NULL, NULL), SP_E_TIMEOUT);
	talk_on(proc, &out, NULL);
	assert_buf(&out, "1000000\n");
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void C12_DEV1_a_little_input_and_no_time(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	sp_proc *proc = start_piped(&opts);
	sp_buf out;
	sp_status status = sp_communicate(proc, "abc", 3, 0, &out, NULL, NULL);
	assert_true(status == SP_E_TIMEOUT || status == SP_OK);
	talk_on(proc, &out, NULL);
	assert_buf(&out, "abc");
	assert_int_equal(finish(proc), 0);
}

static void C13_DEV2_pitfall_06_timeout_after_eof_keeps_output(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exec >&- 2>&-; exec sleep 100");
	sp_proc *proc = start_piped(&opts);
	sp_buf out, err;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_communicate(proc, NULL, 0, 300 * MS, &out, &err, &error), SP_E_TIMEOUT);
	assert_buf(&out, "hi\n");
	assert_non_null(strstr(error.msg, "0.3 seconds"));
	sp_error_clear(&error);
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_buf(&out, "hi\n");
	assert_buf(&err, "");
	assert_int_equal(finish(proc), -SIGKILL);
}

static void C14_repeated_while_a_child_without_streams_lives(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exec >&- 2>&- <&-; sleep .1; exit 4");
	sp_proc *proc = start_piped(&opts);
	sp_buf out;
	talk_on(proc, &out, NULL);
	assert_buf(&out, "hi\n");
	assert_int_equal(finish(proc), 4);
}

static void C15_no_time_is_one_look(void **state) {
	(void)state;
	SCRIPT(opts, "echo hi; exec sleep 100");
	opts.out = SP_PIPE;
	sp_buf out;
	for (int64_t timeout = 0; timeout > -2; timeout--) {
		sp_proc *proc = start(&opts);
		AWAIT(has_events(sp_fd(proc, 1), POLLIN));
		assert_int_equal(
			sp_communicate(proc, NULL, 0, timeout, &out, NULL, NULL), SP_E_TIMEOUT);
		assert_buf(&out, "hi\n");
		assert_int_equal(kill_and_finish(proc), -SIGKILL);
	}
	COMMAND(quick, "true");
	sp_proc *proc = start(&quick);
	await_end(proc);
	assert_int_equal(sp_communicate(proc, NULL, 0, 0, &out, NULL, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

// ---- afterwards

static void C16_DEV3_repeated_it_gives_the_same(void **state) {
	(void)state;
	for (int streams = 1; streams <= 2; streams++) {
		SCRIPT(opts, "echo out; echo err >&2");
		opts.out = SP_PIPE;
		opts.err = streams == 2 ? SP_PIPE : SP_DEVNULL;
		sp_proc *proc = start(&opts);
		sp_buf out, err;
		for (int i = 0; i < 3; i++) {
			int64_t timeout = i == 2 ? 0 : SP_FOREVER;
			assert_int_equal(
				sp_communicate(proc, NULL, 0, timeout, &out, &err, NULL), SP_OK);
			assert_buf(&out, "out\n");
			assert_int_equal(err.captured, streams == 2);
		}
		assert_int_equal(finish(proc), 0);
	}
}

static void C17_it_waits_for_whoever_holds_the_pipe(void **state) {
	(void)state;
	SCRIPT(opts, "sleep .3 & echo $!");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	pid_t holder = atoi(out.data);
	assert_true(holder > 0);
	AWAIT(is_gone(holder)); // its descriptors went a moment before it
	assert_int_equal(finish(proc), 0);
}

static void C17_pitfall_05_wait_does_not(void **state) {
	(void)state;
	SCRIPT(opts, "sleep 100 & echo $!");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	int rc;
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	assert_int_equal(rc, 0);
	char line[16];
	read_line(sp_fd(proc, 1), line, sizeof line);
	assert_false(has_events(sp_fd(proc, 1), POLLHUP));
	sp_free(proc);
	assert_int_equal(kill(atoi(line), SIGKILL), 0);
}

static void C18_streams_that_the_caller_closed(void **state) {
	(void)state;
	SCRIPT(opts, "cat; echo err >&2");
	sp_proc *proc = start_piped(&opts);
	close(sp_detach_fd(proc, 1));
	close(sp_detach_fd(proc, 0));
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_buf(&out, "");
	assert_buf(&err, "err\n");
	assert_int_equal(finish(proc), 0);
}

static void C18_DEV15_stdin_that_the_caller_closed(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	sp_proc *proc = start_piped(&opts);
	assert_int_equal(write(sp_fd(proc, 0), "mine ", 5), 5);
	close(sp_detach_fd(proc, 0));
	sp_buf out;
	assert_int_equal(sp_communicate(proc, "yours", 5, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "mine ");
	assert_int_equal(finish(proc), 0);
}

static void C19_what_the_caller_has_read_is_the_callers(void **state) {
	(void)state;
	COMMAND(opts, "printf", "abcdef");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	char two[2];
	sp_buf out;
	assert_int_equal(read(sp_fd(proc, 1), two, 2), 2);
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "cdef");
	assert_int_equal(finish(proc), 0);
}

static void C20_the_pipes_are_closed_then(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	int fds = open_fds();
	sp_proc *proc = start_piped(&opts);
	assert_int_equal(sp_communicate(proc, "x", 1, SP_FOREVER, NULL, NULL, NULL), SP_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sp_fd(proc, i), -1);
	}
	assert_int_equal(open_fds(), fds + (sp_pidfd(proc) >= 0));
	assert_int_equal(finish(proc), 0);
}

// ---- the cost of waiting

static void pitfall_03_no_spinning_on_odd_events(void **state) {
	(void)state;
	// A full pipe whose reader is gone, an output that is closed, a child that lives on.
	SCRIPT(opts, "exec <&-; sleep .3; exec >&-; sleep .3");
	opts.in = opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	char *input = pattern(1 << 20);
	sp_buf out;
	struct rusage before, after;
	getrusage(RUSAGE_THREAD, &before);
	assert_int_equal(sp_communicate(proc, input, 1 << 20, SP_FOREVER, &out, NULL, NULL), SP_OK);
	getrusage(RUSAGE_THREAD, &after);
	// Each time that the thread sleeps and is woken is one round of the loop.
	assert_true(after.ru_nvcsw - before.ru_nvcsw < 50);
	assert_true(cpu_us(&after) - cpu_us(&before) < 200000); // spinning: 600,000
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void *talk_in_a_small_stack(void *ok) {
	COMMAND(opts, "head", "-c", "1000000", "/dev/zero");
	opts.out = SP_PIPE;
	sp_result result;
	*(bool *)ok = sp_run(&opts, NULL, &result) == SP_OK && result.out.len == 1000000;
	sp_result_clear(&result);
	return NULL;
}

static void section_10_a_stack_of_128_KiB_is_enough(void **state) {
	(void)state;
	SKIP_UNDER("asan", "frames are larger");
	SKIP_UNDER("tsan", "frames are larger");
	pthread_attr_t attr;
	pthread_t thread;
	bool ok = false;
	assert_int_equal(pthread_attr_init(&attr), 0);
	assert_int_equal(pthread_attr_setstacksize(&attr, 128 * 1024), 0);
	assert_int_equal(pthread_create(&thread, &attr, talk_in_a_small_stack, &ok), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attr);
	assert_true(ok);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(C1_input_output_and_return_code),
		TEST(C1_streams_that_are_no_pipes_and_pipes_that_say_nothing),
		TEST_ON_EACH_KERNEL(C2_without_pipes_it_waits),
		TEST(C3_input_without_a_pipe_is_ignored),
		TEST(C4_without_input_stdin_is_closed),
		TEST(C5_pitfall_07_no_deadlock_by_order),
		TEST(C5_megabytes_both_ways),
		TEST(C6_pitfall_04_input_that_is_not_wanted),
		TEST_ON_EACH_KERNEL(C6_a_child_that_is_dead_already),
		TEST_ON_EACH_KERNEL(C7_a_storm_of_signals),
		TEST_ON_EACH_KERNEL(C8_a_timeout_keeps_output_and_child),
		TEST(C9_nothing_read_in_time_is_none),
		TEST_ON_EACH_KERNEL(C10_a_retry_loses_nothing),
		TEST(C11_new_input_on_a_retry_is_senseless),
		TEST_ON_EACH_KERNEL(C12_DEV1_pitfall_02_unsent_input_is_sent_on_the_retry),
		TEST(C12_DEV1_a_little_input_and_no_time),
		TEST_ON_EACH_KERNEL(C13_DEV2_pitfall_06_timeout_after_eof_keeps_output),
		TEST_ON_EACH_KERNEL(C14_repeated_while_a_child_without_streams_lives),
		TEST_ON_EACH_KERNEL(C15_no_time_is_one_look),
		TEST(C16_DEV3_repeated_it_gives_the_same),
		TEST_ON_EACH_KERNEL(C17_it_waits_for_whoever_holds_the_pipe),
		TEST_ON_EACH_KERNEL(C17_pitfall_05_wait_does_not),
		TEST(C18_streams_that_the_caller_closed),
		TEST(C18_DEV15_stdin_that_the_caller_closed),
		TEST(C19_what_the_caller_has_read_is_the_callers),
		TEST_ON_EACH_KERNEL(C20_the_pipes_are_closed_then),
		TEST_ON_EACH_KERNEL(pitfall_03_no_spinning_on_odd_events),
		TEST(section_10_a_stack_of_128_KiB_is_enough),
	};
	return cmocka_run_group_tests_name("communicate", tests, NULL, NULL);
}
