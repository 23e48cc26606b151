// SPDX-License-Identifier: MIT
// Starting a child: arguments, shell, session, group, pipe size, and what the constructor leaves
// behind (subprocess contract S1-S15, 1.9, and the shape of the options).
#include "command.h"

#include <limits.h>
#include <sys/mman.h>

// ---- what is executed

static void S1_words_arrive_as_they_are(void **state) {
	(void)state;
	COMMAND(opts, "printf", "%s|", "a b", "", "*", "$HOME", "'", "\xff");
	assert_says(&opts, "a b||*|$HOME|'|\xff|");
}

static void S1_a_string_is_never_split(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "ls -l");
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "ls -l");
}

static void S1_no_words_are_senseless(void **state) {
	(void)state;
	COMMAND(opts, "x");
	opts.argc = 0;
	assert_senseless(&opts, SP_E_VALUE, "argv");
	opts.argv = NULL;
	assert_senseless(&opts, SP_E_VALUE, "argv");
	opts.argc = 1;
	assert_senseless(&opts, SP_E_VALUE, "argv");
	const char *const hole[] = {"true", NULL};
	opts.argv = hole;
	opts.argc = 2;
	assert_senseless(&opts, SP_E_VALUE, "argv[1]");
}

static void S1_no_words_but_an_executable(void **state) {
	(void)state;
	COMMAND(opts, "x");
	opts.argc = 0;
	opts.executable = "/bin/cat";
	opts.in = SP_PIPE;
	sp_proc *proc = start(&opts);
	char path[64], name[2] = "x";
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)sp_pid(proc));
	await_executed(sp_pid(proc));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	// Linux 5.18 and later give it an empty name.
	assert_int_equal(read(fd, name, sizeof name), 1);
	assert_int_equal(name[0], '\0');
	close(fd);
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

static void S1_an_empty_name_is_a_folder_of_path(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "");
	const char *const env[] = {"PATH=/usr/bin", NULL};
	opts.env = env;
	assert_refused(&opts, EACCES, SP_AT_EXEC, "");
}

static void S2_executable_runs_under_the_name_of_argv0(void **state) {
	(void)state;
	COMMAND(opts, "zero", "-c", "echo $0");
	opts.executable = "sh"; // looked for in PATH
	assert_says(&opts, "zero\n");
	opts.executable = "/bin/sh";
	assert_says(&opts, "zero\n");
}

static void S3_shell_gives_further_words_to_the_script(void **state) {
	(void)state;
	SCRIPT(opts, "echo $0 $1", "A", "B");
	assert_says(&opts, "A B\n");
}

static void S3_executable_replaces_the_shell(void **state) {
	(void)state;
	SCRIPT(opts, "echo $0");
	assert_says(&opts, "/bin/sh\n");
	opts.executable = "/usr/bin/sh";
	assert_says(&opts, "/usr/bin/sh\n");
}

static void S3_shell_without_a_script_is_the_shells_affair(void **state) {
	(void)state;
	SCRIPT(opts, "x");
	opts.argc = 0;
	opts.err = SP_DEVNULL;
	assert_int_equal(rc_of(&opts), 2);
}

// ---- streams that cannot be

static void S5_other_negative_numbers_are_no_descriptors(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.in = -5;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	opts.in = SP_INHERIT;
	opts.out = INT_MIN;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
}

static void S5_DEV8_STDOUT_is_for_err_only(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.in = SP_STDOUT;
	assert_senseless(&opts, SP_E_VALUE, "in");
	opts.in = SP_PIPE; // opened, and closed again
	opts.out = SP_STDOUT;
	assert_senseless(&opts, SP_E_VALUE, "out");
}

// ---- session and group

struct ids {
	int pid, group, session;
};

static struct ids ids_of(const sp_opts *opts) {
	struct ids ids;
	char *text = output_of(opts);
	assert_int_equal(sscanf(text, "%d %d %d", &ids.pid, &ids.group, &ids.session), 3);
	free(text);
	return ids;
}

#define PRINT_IDS                                                          \
	"read pid comm state parent group session rest </proc/self/stat; " \
	"echo $pid $group $session"

static void S10_new_session(void **state) {
	(void)state;
	SCRIPT(opts, PRINT_IDS);
	opts.start_new_session = true;
	struct ids ids = ids_of(&opts);
	assert_int_equal(ids.group, ids.pid);
	assert_int_equal(ids.session, ids.pid);
}

static void S11_group_of_its_own(void **state) {
	(void)state;
	SCRIPT(opts, PRINT_IDS);
	opts.process_group = 0;
	struct ids ids = ids_of(&opts);
	assert_int_equal(ids.group, ids.pid);
	assert_int_equal(ids.session, getsid(0));
}

static void S11_joins_a_group(void **state) {
	(void)state;
	COMMAND(leader, "sleep", "100");
	leader.process_group = 0;
	sp_proc *proc = start(&leader);
	SCRIPT(opts, PRINT_IDS);
	opts.process_group = sp_pid(proc);
	struct ids ids = ids_of(&opts);
	assert_int_equal(ids.group, sp_pid(proc));
	assert_int_not_equal(ids.pid, ids.group);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void S11_negative_means_no_call(void **state) {
	(void)state;
	SCRIPT(opts, PRINT_IDS);
	opts.process_group = -5;
	assert_int_equal(ids_of(&opts).group, getpgrp());
}

static void S11_group_of_another_session(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(other, "sleep", "100");
	other.start_new_session = true;
	sp_proc *proc = start(&other);
	COMMAND(opts, "true");
	opts.process_group = sp_pid(proc);
	sp_error error = SP_ERROR_INIT;
	sp_proc *none;
	assert_int_equal(sp_popen(&none, &opts, &error), SP_E_OS);
	assert_int_equal(error.os_errno, EPERM);
	assert_int_equal(error.stage, SP_AT_SETUP);
	assert_null(error.filename);
	assert_ptr_equal(strstr(error.msg, "process_group: cannot join group "), error.msg);
	sp_error_clear(&error);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	// Now it does not exist.
	assert_refused(&opts, EPERM, SP_AT_SETUP, NULL);
}

static void S12_a_session_leader_cannot_move(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "true");
	opts.start_new_session = true;
	opts.process_group = 0;
	assert_refused(&opts, EPERM, SP_AT_SETUP, NULL);
	assert_failure_says(&opts, "start_new_session and process_group may not both be used");
}

// ---- pipe size

static int new_pipe_size(void) {
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	int size = fcntl(ends[0], F_GETPIPE_SZ);
	close(ends[0]);
	close(ends[1]);
	return size;
}

static void assert_pipe_sizes(int pipesize, int expected) {
	COMMAND(opts, "cat");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.pipesize = pipesize;
	sp_proc *proc = start(&opts);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(fcntl(sp_fd(proc, i), F_GETPIPE_SZ), expected);
	}
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

static void S15_pipesize_is_rounded_up(void **state) {
	(void)state;
	assert_pipe_sizes(1, 4096);
	assert_pipe_sizes(5000, 8192);
}

static void S15_pipesize_0_and_below_leave_it(void **state) {
	(void)state;
	assert_pipe_sizes(0, new_pipe_size());
	assert_pipe_sizes(-7, new_pipe_size());
}

static void pipesize_over_the_limit(void) {
	become_nobody();
	COMMAND(opts, "true");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.pipesize = INT_MAX;
	assert_refused(&opts, EPERM, SP_AT_PIPE, NULL);
	assert_failure_says(&opts, "pipesize: no pipe of 2147483647 bytes");
}

static void S15_pipesize_over_the_limit(void **state) {
	(void)state;
	in_own_process(pipesize_over_the_limit);
}

// ---- what a constructor that returned has done

static void section_1_9_returns_when_the_program_is_executed(void **state) {
	(void)state;
	for (int i = 0; i < 20; i++) {
		COMMAND(opts, "sleep", "100");
		sp_proc *proc = start(&opts);
		char path[64], program[64] = "";
		snprintf(path, sizeof path, "/proc/%d/exe", (int)sp_pid(proc));
		assert_true(readlink(path, program, sizeof program - 1) > 0);
		assert_string_equal(program + strlen(program) - 6, "/sleep");
		assert_int_equal(kill_and_finish(proc), -SIGKILL);
	}
}

static void section_1_9_fields(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	opts.out = SP_DEVNULL;
	sp_proc *proc = start(&opts);
	int rc = 77;
	bool lost = true;
	struct rusage usage;
	assert_true(sp_pid(proc) > 0);
	assert_int_equal(kill(sp_pid(proc), 0), 0);
	assert_false(sp_returncode(proc, &rc, &lost));
	assert_false(sp_poll(proc, &rc));
	assert_false(sp_rusage(proc, &usage));
	assert_int_equal(rc, 77);
	for (int i = -1; i <= 3; i++) {
		assert_int_equal(sp_fd(proc, i), -1);
		assert_int_equal(sp_detach_fd(proc, i), -1);
	}
	pid_t pid = sp_pid(proc);
	sp_kill(proc, NULL);
	assert_int_equal(sp_wait(proc, SP_FOREVER, NULL, NULL), SP_OK);
	assert_int_equal(sp_pid(proc), pid);
	assert_true(sp_returncode(proc, NULL, NULL));
	sp_free(proc);
}

static void section_1_9_the_parent_keeps_only_its_own_ends(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	opts.in = opts.out = opts.err = SP_PIPE;
	int fds = open_fds();
	sp_proc *proc = start(&opts);
	assert_int_equal(open_fds(), fds + 3 + (sp_pidfd(proc) >= 0));
	assert_int_equal(write(sp_fd(proc, 0), "x", 1), 1);
	assert_int_equal(close(sp_detach_fd(proc, 0)), 0);
	assert_int_equal(sp_fd(proc, 0), -1);
	char text[2];
	assert_int_equal(read(sp_fd(proc, 1), text, sizeof text), 1);
	// No end of file, had the parent kept the child's ends.
	assert_int_equal(read(sp_fd(proc, 1), text, sizeof text), 0);
	assert_int_equal(read(sp_fd(proc, 2), text, sizeof text), 0);
	assert_int_equal(finish(proc), 0);
}

static void section_1_9_detached_ends_are_the_callers(void **state) {
	(void)state;
	COMMAND(opts, "echo", "hi");
	opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	int fd = sp_detach_fd(proc, 1);
	assert_int_equal(finish(proc), 0);
	char text[4];
	assert_int_equal(read(fd, text, sizeof text), 3);
	assert_int_equal(close(fd), 0);
}

static void section_1_9_abandoned_children_are_reaped_first(void **state) {
	(void)state;
	COMMAND(sleeper, "sleep", "100");
	sp_proc *proc = start(&sleeper);
	pid_t pid = sp_pid(proc);
	sp_free(proc);
	assert_int_equal(kill(pid, SIGKILL), 0);
	AWAIT(state_of(pid) == 'Z');
	COMMAND(opts, "true");
	proc = start(&opts);
	assert_int_equal(sp_abandoned(NULL, 0), 0);
	assert_int_equal(state_of(pid), 0);
	assert_int_equal(finish(proc), 0);
}

// ---- the options themselves

static void section_10_defaults(void **state) {
	(void)state;
	sp_opts opts;
	memset(&opts, 0x5a, sizeof opts);
	sp_opts_init(&opts);
	assert_int_equal(opts.size, sizeof opts);
	assert_true(!opts.argv && opts.argc == 0 && !opts.executable && !opts.shell);
	assert_int_equal(opts.in, SP_INHERIT);
	assert_int_equal(opts.out, SP_INHERIT);
	assert_int_equal(opts.err, SP_INHERIT);
	assert_true(opts.close_fds && !opts.pass_fds && opts.n_pass_fds == 0);
	assert_true(!opts.cwd && !opts.env && opts.restore_signals && !opts.start_new_session);
	assert_int_equal(opts.process_group, -1);
	assert_true(!opts.sigmask && opts.pipesize == -1 && opts.max_output == 0 && !opts.cancel);
}

static void section_10_options_that_were_not_set_up(void **state) {
	(void)state;
	const char *const argv[] = {"true"};
	sp_opts opts = {.argv = argv, .argc = 1};
	assert_senseless(&opts, SP_E_VALUE, "sp_opts");
	opts.size = sizeof opts + 8; // of a library to come
	assert_senseless(&opts, SP_E_VALUE, "sp_opts");
}

// Room for what an older header knew of a struct: who reads or writes behind its end dies.
static void *room_of(size_t size) {
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(
		NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(pages, MAP_FAILED);
	memset(pages, 0x5a, page);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	assert_true(size <= page && size % _Alignof(void *) == 0);
	return pages + page - size;
}

static void free_room(void *room) {
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = (char *)((uintptr_t)room / page * page);
	assert_int_equal(munmap(pages, 2 * page), 0);
}

// As it was first, without the fields that came later.
struct old_opts {
	size_t size;
	const char *const *argv;
	size_t argc;
	const char *executable;
	bool shell;
	int in, out, err;
};

static struct old_opts *old_opts(const char *const *argv, size_t argc) {
	struct old_opts *old = room_of(sizeof *old);
	sp_opts_init_size((sp_opts *)old, sizeof *old);
	assert_int_equal(old->size, sizeof *old);
	assert_int_equal(old->err, SP_INHERIT);
	old->argv = argv;
	old->argc = argc;
	return old;
}

static void section_10_options_of_an_older_header(void **state) {
	(void)state;
	const char *const argv[] = {"echo", "old"};
	struct old_opts *old = old_opts(argv, 2);
	old->out = SP_PIPE;
	sp_proc *proc = start((sp_opts *)old);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "old\n");
	assert_int_equal(finish(proc), 0);
	free_room(old);
}

static void section_10_run_options_of_an_older_header(void **state) {
	(void)state;
	struct {
		size_t size;
		const void *input;
		size_t input_len;
	} *run = room_of(sizeof *run);
	sp_run_opts_init_size((sp_run_opts *)run, sizeof *run);
	assert_int_equal(run->size, sizeof *run);
	assert_null(run->input);
	run->input = "hello";
	run->input_len = 5;
	const char *const argv[] = {"cat"};
	struct old_opts *old = old_opts(argv, 1);
	sp_result result;
	sp_buf out;
	assert_int_equal(sp_check_output((sp_opts *)old, (sp_run_opts *)run, &out, &result), SP_OK);
	assert_buf(&out, "hello");
	assert_int_equal(result.timeout_ns, SP_FOREVER); // what it does not know is as by default
	sp_buf_clear(&out);
	sp_result_clear(&result);
	old->out = SP_DEVNULL;
	assert_int_equal(sp_run((sp_opts *)old, (sp_run_opts *)run, &result), SP_OK);
	sp_result_clear(&result);
	free_room(old);
	free_room(run);
}

static int count_bytes(void *ud, int which, const char *data, size_t n) {
	(void)which, (void)data;
	*(size_t *)ud += n;
	return 0;
}

static void section_10_pump_options_of_an_older_header(void **state) {
	(void)state;
	struct {
		size_t size;
		const void *in;
		size_t n;
		sp_sink sink;
		void *ud;
	} *pump = room_of(sizeof *pump);
	sp_pump_opts_init_size((sp_pump_opts *)pump, sizeof *pump);
	assert_int_equal(pump->size, sizeof *pump);
	assert_null(pump->sink);
	size_t bytes = 0;
	pump->in = "hello";
	pump->n = 5;
	pump->sink = count_bytes;
	pump->ud = &bytes;
	COMMAND(opts, "cat");
	opts.in = opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	assert_int_equal(sp_pump(proc, (sp_pump_opts *)pump, NULL), SP_OK);
	assert_int_equal(bytes, 5);
	assert_int_equal(finish(proc), 0);
	free_room(pump);
}

static void section_10_an_error_may_be_used_again_or_left_out(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(bad, "/nonexistent/program");
	COMMAND(good, "true");
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &bad, NULL), SP_E_OS);
	assert_int_equal(sp_popen(&proc, &bad, &error), SP_E_OS);
	assert_int_equal(sp_popen(&proc, &bad, &error), SP_E_OS);
	assert_non_null(error.filename);
	assert_int_equal(sp_popen(&proc, &good, &error), SP_OK);
	assert_int_equal(error.code, SP_OK);
	assert_int_equal(error.os_errno, 0);
	assert_null(error.filename);
	assert_int_equal(finish(proc), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(S1_words_arrive_as_they_are),
		TEST(S1_a_string_is_never_split),
		TEST(S1_no_words_are_senseless),
		TEST(S1_no_words_but_an_executable),
		TEST(S1_an_empty_name_is_a_folder_of_path),
		TEST(S2_executable_runs_under_the_name_of_argv0),
		TEST(S3_shell_gives_further_words_to_the_script),
		TEST(S3_executable_replaces_the_shell),
		TEST(S3_shell_without_a_script_is_the_shells_affair),
		TEST(S5_other_negative_numbers_are_no_descriptors),
		TEST(S5_DEV8_STDOUT_is_for_err_only),
		TEST(S10_new_session),
		TEST(S11_group_of_its_own),
		TEST(S11_joins_a_group),
		TEST(S11_negative_means_no_call),
		TEST(S11_group_of_another_session),
		TEST(S12_a_session_leader_cannot_move),
		TEST(S15_pipesize_is_rounded_up),
		TEST(S15_pipesize_0_and_below_leave_it),
		TEST(S15_pipesize_over_the_limit),
		TEST_ON_EACH_KERNEL(section_1_9_returns_when_the_program_is_executed),
		TEST_ON_EACH_KERNEL(section_1_9_fields),
		TEST_ON_EACH_KERNEL(section_1_9_the_parent_keeps_only_its_own_ends),
		TEST_ON_EACH_KERNEL(section_1_9_detached_ends_are_the_callers),
		TEST_ON_EACH_KERNEL(section_1_9_abandoned_children_are_reaped_first),
		TEST(section_10_defaults),
		TEST(section_10_options_that_were_not_set_up),
		TEST(section_10_options_of_an_older_header),
		TEST(section_10_run_options_of_an_older_header),
		TEST(section_10_pump_options_of_an_older_header),
		TEST(section_10_an_error_may_be_used_again_or_left_out),
	};
	return cmocka_run_group_tests_name("popen", tests, NULL, NULL);
}
