// SPDX-License-Identifier: MIT
// Which descriptors a child gets (subprocess contract F1-F10; pitfalls 11, 13; DEV-10).
#include "stepped.h"

static const char *const sleeper_argv[] = {"sleep", "100"};

static sp_opts sleeper(void) {
	sp_opts opts;
	sp_opts_init(&opts);
	opts.argv = sleeper_argv;
	opts.argc = 2;
	return opts;
}

// A descriptor with this number on a pipe of its own, so that no two are the same file.
static void open_at(int fd, int flags) {
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	int copy = fcntl(ends[0], F_DUPFD_CLOEXEC, 1000);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(dup3(copy, fd, flags), fd);
	close(copy);
}

static void assert_child_fds(const sp_opts *opts, const char *expected) {
	sp_proc *proc = start(opts);
	assert_fds(sp_pid(proc), expected);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

// What the harness left open is none of ours; in a process of its own it can go.
static void only_stdio(void) {
	assert_int_equal(close_range(3, ~0U, 0), 0);
}

// ---- close_fds

static void default_child(void) {
	only_stdio();
	open_at(3, 0);
	open_at(50, 0);
	open_at(51, O_CLOEXEC);
	open_at(700, 0);
	sp_opts opts = sleeper();
	assert_child_fds(&opts, "0 1 2");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.cwd = "/";
	assert_child_fds(&opts, "0 1 2");
}

static void F1_a_child_gets_only_0_1_2(void **state) {
	(void)state;
	in_own_process(default_child);
}

static void limit_files(rlim_t soft) {
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void above_a_lowered_limit(void) {
	only_stdio();
	open_at(500, 0);
	limit_files(100);
	sp_opts opts = sleeper();
	assert_child_fds(&opts, "0 1 2");
	opts.in = 500;
	sp_proc *proc = start(&opts);
	assert_true(is_same_file(sp_pid(proc), 0, 500));
	assert_false(child_has_fd(sp_pid(proc), 500));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	opts = sleeper();
	opts.out = opts.err = 500;
	proc = start(&opts);
	assert_true(is_same_file(sp_pid(proc), 1, 500));
	assert_true(is_same_file(sp_pid(proc), 2, 500));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void F1_F9_pitfall_13_above_a_lowered_limit(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(above_a_lowered_limit);
}

static void pass_above_a_lowered_limit(void) {
	only_stdio();
	open_at(98, 0);
	open_at(99, 0);
	open_at(500, 0);
	limit_files(100);
	const int fds[] = {98, 99, 500};
	sp_opts opts = sleeper();
	opts.pass_fds = fds + 2;
	opts.n_pass_fds = 1;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	// The last number below the limit: glibc cannot close from there on.
	opts.pass_fds = fds + 1;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	opts.pass_fds = fds;
	assert_child_fds(&opts, "0 1 2 98");
}

static void F9_DEV10_pass_fds_above_a_lowered_limit(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(pass_above_a_lowered_limit);
}

static int64_t cpu_time(void) {
	struct rusage self, children;
	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return cpu_us(&self) + cpu_us(&children);
}

static void high_limit(void) {
	struct rlimit high = {1 << 20, 1 << 20};
	if (setrlimit(RLIMIT_NOFILE, &high) < 0) {
		assert_int_equal(getrlimit(RLIMIT_NOFILE, &high), 0);
		limit_files(high.rlim_max);
	}
	COMMAND(opts, "true");
	int64_t before = cpu_time();
	for (int i = 0; i < 10; i++) {
		assert_int_equal(rc_of(&opts), 0);
	}
	// A million calls of close take 0.1 s and more for each child.
	assert_true(cpu_time() - before < 500000);
}

static void F1_pitfall_13_a_high_limit_costs_nothing(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "is slow to start children");
	in_own_process(high_limit);
}

static void without_close_fds(void) {
	only_stdio();
	open_at(10, 0);
	open_at(11, O_CLOEXEC);
	open_at(12, 0);
	sp_opts opts = sleeper();
	opts.close_fds = false;
	opts.out = SP_PIPE;
	assert_child_fds(&opts, "0 1 2 10 12");
}

static void F2_without_close_fds_all_but_cloexec(void **state) {
	(void)state;
	in_own_process(without_close_fds);
}

// ---- pass_fds

static void pass_fds_override(void) {
	only_stdio();
	open_at(10, 0);
	open_at(12, 0);
	const int fds[] = {12};
	sp_opts opts = sleeper();
	opts.close_fds = false;
	opts.pass_fds = fds;
	opts.n_pass_fds = 1;
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_OK);
	assert_int_equal(error.warnings, SP_W_PASS_FDS);
	assert_fds(sp_pid(proc), "0 1 2 12");
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	opts.close_fds = true;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_OK);
	assert_int_equal(error.warnings, 0);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void F3_pass_fds_override_close_fds_with_a_warning(void **state) {
	(void)state;
	in_own_process(pass_fds_override);
}

static void F3_the_warning_comes_through_every_call(void **state) {
	(void)state;
	const int fds[] = {2};
	COMMAND(opts, "false");
	opts.close_fds = false;
	opts.pass_fds = fds;
	opts.n_pass_fds = 1;
	sp_result result;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_run(&opts, NULL, &result), SP_OK);
	assert_int_equal(result.error.warnings, SP_W_PASS_FDS);
	sp_result_clear(&result);
	assert_int_equal(sp_call(&opts, SP_FOREVER, NULL, &error), SP_OK);
	assert_int_equal(error.warnings, SP_W_PASS_FDS);
	assert_int_equal(sp_check_call(&opts, SP_FOREVER, &error), SP_E_STATUS);
	assert_int_equal(error.warnings, SP_W_PASS_FDS);
	sp_error_clear(&error);
}

static void pass_fds_flags(void) {
	only_stdio();
	open_at(5, O_CLOEXEC);
	open_at(6, 0);
	const int fds[] = {6, 5, 5, 6};
	sp_opts opts = sleeper();
	opts.pass_fds = fds;
	opts.n_pass_fds = 4;
	assert_child_fds(&opts, "0 1 2 5 6");
	assert_int_equal(fcntl(5, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(6, F_GETFD), 0);
}

static void F4_pass_fds_are_inherited_whatever_their_flag(void **state) {
	(void)state;
	in_own_process(pass_fds_flags);
}

static void pass_fds_that_are_redirected(void) {
	only_stdio();
	open_at(5, O_CLOEXEC);
	open_at(7, O_CLOEXEC);
	const int fds[] = {5, 7};
	sp_opts opts = sleeper();
	opts.out = 5;
	opts.pass_fds = fds;
	opts.n_pass_fds = 2;
	sp_proc *proc = start(&opts);
	assert_fds(sp_pid(proc), "0 1 2 5 7");
	assert_true(is_same_file(sp_pid(proc), 1, 5));
	assert_true(is_same_file(sp_pid(proc), 5, 5));
	assert_true(is_same_file(sp_pid(proc), 7, 7));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void F5_pitfall_11_pass_fds_that_are_redirected(void **state) {
	(void)state;
	in_own_process(pass_fds_that_are_redirected);
}

static void F6_pass_fds_that_are_none(void **state) {
	(void)state;
	sp_opts opts = sleeper();
	const int closed[] = {2, 900}, negative[] = {2, -1};
	opts.pass_fds = closed;
	opts.n_pass_fds = 2;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	assert_failure_says(&opts, "pass_fds: there is no descriptor 900");
	opts.pass_fds = negative;
	assert_senseless(&opts, SP_E_VALUE, "pass_fds");
	opts.pass_fds = NULL;
	assert_senseless(&opts, SP_E_VALUE, "pass_fds");
}

static void pass_fds_among_stdio(void) {
	only_stdio();
	open_at(9, 0);
	const int fds[] = {2, 0, 1};
	for (int fd = 0; fd < 3; fd++) {
		assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	}
	sp_opts opts = sleeper();
	opts.pass_fds = fds;
	opts.n_pass_fds = 3;
	assert_child_fds(&opts, "0 1 2");
	opts.in = SP_PIPE; // replaces the one passed
	assert_child_fds(&opts, "0 1 2");
	opts.in = SP_INHERIT;
	opts.n_pass_fds = 1;
	assert_child_fds(&opts, "2");
}

static void F7_pass_fds_among_0_1_2(void **state) {
	(void)state;
	in_own_process(pass_fds_among_stdio);
}

static void pass_fds_with_gaps(void) {
	only_stdio();
	for (int fd = 3; fd < 40; fd++) {
		open_at(fd, 0);
	}
	const int fds[] = {30, 10, 11, 14};
	sp_opts opts = sleeper();
	opts.pass_fds = fds;
	opts.n_pass_fds = 4;
	opts.out = SP_PIPE;
	assert_child_fds(&opts, "0 1 2 10 11 14 30");
}

static void F8_what_lies_between_pass_fds_is_closed(void **state) {
	(void)state;
	in_own_process(pass_fds_with_gaps);
}

// More numbers than are closed one by one: the exec step closes them at once.
static void pass_fds_far_away(void) {
	only_stdio();
	open_at(515, 0);
	open_at(516, 0);
	open_at(700, 0);
	const int near[] = {515}, far[] = {700, 516, 2, 516};
	sp_opts opts = sleeper();
	opts.exec_step = "/nonexistent/step";
	opts.n_pass_fds = 1;
	opts.pass_fds = near; // 512 numbers from 3 on
	assert_child_fds(&opts, "0 1 2 515");
	opts.pass_fds = far;
	opts.n_pass_fds = 4;
	opts.exec_step = step_program(0);
	assert_child_fds(&opts, "0 1 2 516 700");
	opts.exec_step = step_program(1);
	opts.in = opts.out = opts.err = SP_PIPE;
	assert_child_fds(&opts, "0 1 2 516 700");
}

static void F8_large_gaps_are_left_to_the_exec_step(void **state) {
	(void)state;
	in_own_process(pass_fds_far_away);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(F1_a_child_gets_only_0_1_2),
		TEST(F1_F9_pitfall_13_above_a_lowered_limit),
		TEST(F9_DEV10_pass_fds_above_a_lowered_limit),
		TEST(F1_pitfall_13_a_high_limit_costs_nothing),
		TEST(F2_without_close_fds_all_but_cloexec),
		TEST(F3_pass_fds_override_close_fds_with_a_warning),
		TEST(F3_the_warning_comes_through_every_call),
		TEST(F4_pass_fds_are_inherited_whatever_their_flag),
		TEST(F5_pitfall_11_pass_fds_that_are_redirected),
		TEST(F6_pass_fds_that_are_none),
		TEST(F7_pass_fds_among_0_1_2),
		TEST(F8_what_lies_between_pass_fds_is_closed),
		TEST(F8_large_gaps_are_left_to_the_exec_step),
	};
	return cmocka_run_group_tests_name("inherit", tests, NULL, NULL);
}
