// SPDX-License-Identifier: MIT
// Failing at each step for want of descriptors, and that nothing is left or closed that is not the
// library's (subprocess contract R10; pitfall 12; DEV-9).
#include "command.h"
#include "stepped.h"

#include <pthread.h>
#include <stdatomic.h>

static void limit_files(int soft) {
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

struct attempt {
	sp_status status;
	int os_errno;
	sp_stage stage;
	char filename[16];
};

// Starts it with room for so many descriptors; what is open lies below base without gaps.
static struct attempt start_with_room(const sp_opts *opts, int base, int room) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	struct attempt attempt = {.status = SP_OK};
	limit_files(base + room);
	attempt.status = sp_popen(&proc, opts, &error);
	limit_files(1024);
	assert_int_equal(open_fds(),
		base + (proc ? (sp_fd(proc, 0) >= 0) + (sp_fd(proc, 1) >= 0) +
					       (sp_fd(proc, 2) >= 0) + (sp_pidfd(proc) >= 0)
			     : 0));
	attempt.os_errno = error.os_errno;
	attempt.stage = error.stage;
	snprintf(attempt.filename, sizeof attempt.filename, "%s",
		error.filename ? error.filename : "");
	sp_error_clear(&error);
	if (proc) {
		assert_int_equal(sp_close(proc, NULL), SP_OK);
		assert_int_equal(finish(proc), 0);
	}
	assert_int_equal(open_fds(), base);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return attempt;
}

// The step at which it fails with 0, 1, 2 .. descriptors free, until it does not.
static void assert_steps(const sp_opts *opts, const struct attempt *expected, int n) {
	assert_int_equal(close_range(3, ~0U, 0), 0);
	for (int room = 0; room < n; room++) {
		struct attempt attempt = start_with_room(opts, 3, room);
		assert_int_equal(attempt.status, SP_E_OS);
		assert_int_equal(attempt.os_errno, EMFILE);
		assert_int_equal(attempt.stage, expected[room].stage);
		assert_string_equal(attempt.filename, expected[room].filename);
	}
	assert_int_equal(start_with_room(opts, 3, n).status, SP_OK);
}

#define FAILS_AT(stage, filename) \
	{ SP_E_OS, EMFILE, stage, filename }

static void three_pipes_and_cwd(void) {
	COMMAND(opts, "true");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.cwd = "/";
	const struct attempt steps[] = {FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, ""),
		FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, ""),
		FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_CWD, "/"), FAILS_AT(SP_AT_CWD, "/")};
	assert_steps(&opts, steps, 8);
}

static void R10_DEV9_pitfall_12_three_pipes_and_cwd(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(three_pipes_and_cwd);
}

static void devnull_and_a_pipe(void) {
	COMMAND(opts, "true");
	opts.in = SP_DEVNULL;
	opts.out = SP_PIPE;
	const struct attempt steps[] = {FAILS_AT(SP_AT_PIPE, "/dev/null"), FAILS_AT(SP_AT_PIPE, ""),
		FAILS_AT(SP_AT_PIPE, "")};
	assert_steps(&opts, steps, 3);
}

static void R10_DEV9_pitfall_12_devnull_and_a_pipe(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(devnull_and_a_pipe);
}

static void a_swap(void) {
	COMMAND(opts, "true");
	opts.in = 1;
	opts.out = 0;
	const struct attempt steps[] = {FAILS_AT(SP_AT_FDS, "")};
	assert_steps(&opts, steps, 1);
}

static void R10_DEV9_pitfall_12_a_swap(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(a_swap);
}

static void the_exec_step(void) {
	COMMAND(opts, "true");
	opts.out = SP_PIPE;
	opts.umask = 022;
	opts.exec_step = step_program(0);
	// Two pipes and its order.
	const struct attempt steps[] = {FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, ""),
		FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, ""), FAILS_AT(SP_AT_PIPE, "")};
	assert_steps(&opts, steps, 5);
}

static void R10_section_2_3_pitfall_12_the_exec_step(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(the_exec_step);
}

// ---- many failures

static void R10_pitfall_12_a_thousand_failures(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "/nonexistent/program");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.cwd = "/";
	int fds = open_fds();
	for (int i = 0; i < 1024; i++) {
		sp_proc *proc;
		assert_int_equal(sp_popen(&proc, &opts, NULL), SP_E_OS);
	}
	assert_int_equal(open_fds(), fds);
}

static void R10_each_kind_of_failure(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "/nonexistent/program");
	opts.in = SP_DEVNULL;
	opts.out = SP_PIPE;
	opts.err = SP_STDOUT;
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "/nonexistent/program");
	opts.cwd = "/nonexistent";
	assert_refused(&opts, ENOENT, SP_AT_CWD, "/nonexistent");
	opts.cwd = NULL;
	opts.in = 900;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	opts.in = SP_PIPE;
	const int fds[] = {900};
	opts.pass_fds = fds;
	opts.n_pass_fds = 1;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	opts.n_pass_fds = 0;
	opts.start_new_session = true;
	opts.process_group = 0;
	assert_refused(&opts, EPERM, SP_AT_SETUP, NULL);
}

// The caller's descriptors are borrowed, whatever happens.
static void R10_the_callers_descriptors_stay_open(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	COMMAND(bad, "/nonexistent/program");
	COMMAND(good, "true");
	bad.in = good.in = ends[0];
	bad.out = good.out = bad.err = good.err = ends[1];
	assert_refused(&bad, ENOENT, SP_AT_EXEC, "/nonexistent/program");
	assert_int_equal(rc_of(&good), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	char c;
	assert_int_equal(read(ends[0], &c, 1), 1);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
}

// ---- beside other threads

struct churn {
	atomic_bool stop;
	atomic_int bad;
};

// Descriptors that a thread opens and closes meanwhile: a double close of ours would hit one.
static void *churn(void *arg) {
	struct churn *churn = arg;
	while (!churn->stop) {
		int ends[2];
		char c = 0;
		if (pipe2(ends, O_CLOEXEC) < 0) {
			churn->bad++;
			break;
		}
		bool ok = write(ends[1], "x", 1) == 1 && read(ends[0], &c, 1) == 1 && c == 'x';
		ok &= close(ends[0]) == 0;
		ok &= close(ends[1]) == 0;
		churn->bad += !ok;
	}
	return NULL;
}

static void pitfall_12_no_double_close_beside_other_threads(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	struct churn shared = {false, 0};
	pthread_t threads[2];
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, churn, &shared), 0);
	}
	COMMAND(bad, "/nonexistent/program");
	COMMAND(good, "cat");
	bad.in = bad.out = bad.err = SP_PIPE;
	good.in = good.out = good.err = SP_PIPE;
	bad.cwd = "/";
	for (int i = 0; i < 100; i++) {
		sp_proc *proc;
		assert_int_equal(sp_popen(&proc, &bad, NULL), SP_E_OS);
		proc = start(&good);
		sp_buf out;
		assert_int_equal(
			sp_communicate(proc, "word", 4, SP_FOREVER, &out, NULL, NULL), SP_OK);
		assert_buf(&out, "word");
		assert_int_equal(finish(proc), 0);
	}
	shared.stop = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	assert_int_equal(shared.bad, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(R10_DEV9_pitfall_12_three_pipes_and_cwd),
		TEST(R10_DEV9_pitfall_12_devnull_and_a_pipe),
		TEST(R10_DEV9_pitfall_12_a_swap),
		TEST(R10_section_2_3_pitfall_12_the_exec_step),
		TEST(R10_pitfall_12_a_thousand_failures),
		TEST(R10_each_kind_of_failure),
		TEST(R10_the_callers_descriptors_stay_open),
		TEST_ON_EACH_KERNEL(pitfall_12_no_double_close_beside_other_threads),
	};
	return cmocka_run_group_tests_name("exhaustion", tests, NULL, NULL);
}
