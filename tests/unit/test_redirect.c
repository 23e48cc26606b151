// SPDX-License-Identifier: MIT
// Where the streams of a child go (subprocess contract R1-R11; pitfalls 8, 9, 10, 15).
#include "command.h"
#include "folder.h"

#include <linux/kcmp.h>
#include <sys/syscall.h>

static int file_of(const char *text) {
	FILE *file = tmpfile();
	assert_non_null(file);
	int fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	fclose(file);
	return fd;
}

static void assert_file_says(int fd, const char *text) {
	char found[256];
	ssize_t n = pread(fd, found, sizeof found - 1, 0);
	assert_true(n >= 0);
	found[n] = '\0';
	assert_string_equal(found, text);
}

// One open file behind both numbers, not two of one name.
static bool share_a_description(pid_t child, int a, int b) {
	return syscall(SYS_kcmp, child, child, KCMP_FILE, a, b) == 0;
}

// ---- pipes and /dev/null

static void R1_our_ends_are_born_closed_on_exec_and_blocking(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	opts.in = opts.out = opts.err = SP_PIPE;
	sp_proc *proc = start(&opts);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(fcntl(sp_fd(proc, i), F_GETFD), FD_CLOEXEC);
		assert_int_equal(fcntl(sp_fd(proc, i), F_GETFL), i == 0 ? O_WRONLY : O_RDONLY);
	}
	if (sp_pidfd(proc) >= 0) {
		assert_int_equal(fcntl(sp_pidfd(proc), F_GETFD), FD_CLOEXEC);
	}
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

static void R1_the_child_has_no_end_of_ours(void **state) {
	(void)state;
	COMMAND(opts, "cat");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.close_fds = false;
	sp_proc *proc = start(&opts);
	for (int i = 0; i < 3; i++) {
		AWAIT(!child_has_fd(sp_pid(proc), sp_fd(proc, i)));
	}
	assert_int_equal(sp_close(proc, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

static void R2_devnull_is_one_for_all_that_ask(void **state) {
	(void)state;
	COMMAND(opts, "sleep", "100");
	opts.in = opts.out = opts.err = SP_DEVNULL;
	sp_proc *proc = start(&opts);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 3; i++) {
		assert_true(is_same_file(sp_pid(proc), i, null));
	}
	close(null);
	assert_true(share_a_description(sp_pid(proc), 0, 1));
	assert_true(share_a_description(sp_pid(proc), 0, 2));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void R2_devnull_can_be_read_and_written(void **state) {
	(void)state;
	SCRIPT(opts, "cat; echo lost >&2 && grep flags /proc/self/fdinfo/0");
	opts.in = opts.err = SP_DEVNULL;
	char *out = output_of(&opts);
	long flags = strtol(strchr(out, '0'), NULL, 8);
	assert_int_equal(flags & O_ACCMODE, O_RDWR);
	free(out);
}

// ---- one file for two streams

static void R3_stderr_to_stdout_keeps_the_order(void **state) {
	(void)state;
	SCRIPT(opts, "echo a; echo b >&2; echo c; echo d >&2");
	opts.err = SP_STDOUT;
	assert_says(&opts, "a\nb\nc\nd\n");
	opts.out = SP_DEVNULL;
	assert_int_equal(rc_of(&opts), 0);
	COMMAND(sleeper, "sleep", "100");
	sleeper.out = SP_PIPE;
	sleeper.err = SP_STDOUT;
	sp_proc *proc = start(&sleeper);
	assert_true(share_a_description(sp_pid(proc), 1, 2));
	assert_int_equal(sp_fd(proc, 2), -1);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void stderr_to_a_stdout_that_is_inherited(void) {
	int file = file_of("");
	assert_int_equal(dup2(file, 1), 1);
	SCRIPT(opts, "echo a; echo b >&2");
	opts.err = SP_STDOUT;
	assert_int_equal(rc_of(&opts), 0);
	assert_file_says(file, "a\nb\n");
	close(1);
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
}

static void R3_stderr_to_a_stdout_that_is_inherited(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	in_own_process(stderr_to_a_stdout_that_is_inherited);
}

static void R4_one_file_for_all_streams(void **state) {
	(void)state;
	int file = file_of("in\n");
	SCRIPT(opts, "read word; echo got $word; echo err >&2");
	opts.in = opts.out = opts.err = file;
	assert_int_equal(rc_of(&opts), 0);
	assert_file_says(file, "in\ngot in\nerr\n");
	close(file);
}

// ---- sources among 0, 1, 2

static void assert_streams(const int how[3], const int files[3]) {
	COMMAND(opts, "sleep", "100");
	opts.in = how[0];
	opts.out = how[1];
	opts.err = how[2];
	sp_proc *proc = start(&opts);
	for (int i = 0; i < 3; i++) {
		if (files[i] >= 0) {
			assert_true(is_same_file(sp_pid(proc), i, files[i]));
		} else {
			AWAIT(!child_has_fd(sp_pid(proc), i));
		}
	}
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static const int permutations[6][3] = {
	{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

static void every_swap_of_the_standard_streams(void) {
	int files[3];
	for (int i = 0; i < 3; i++) {
		files[i] = file_of("");
		assert_int_equal(dup3(files[i], i == 0 ? 0 : i, O_CLOEXEC), i);
	}
	for (int i = 0; i < 6; i++) {
		const int *from = permutations[i];
		assert_streams(from, (int[]){files[from[0]], files[from[1]], files[from[2]]});
	}
	// One for two or three of them.
	for (int i = 0; i < 27; i++) {
		const int from[3] = {i % 3, i / 3 % 3, i / 9};
		assert_streams(from, (int[]){files[from[0]], files[from[1]], files[from[2]]});
	}
}

static void R5_pitfall_09_every_swap_of_the_standard_streams(void **state) {
	(void)state;
	in_own_process(every_swap_of_the_standard_streams);
}

// CPython's test_swap_std_fds_with_one_closed: two open ones go to two streams in any order; the
// third stream inherits what has its number, which may be nothing.
static void every_swap_with_one_closed(void) {
	int files[3];
	for (int i = 0; i < 3; i++) {
		files[i] = file_of("");
	}
	for (int closed = 0; closed < 3; closed++) {
		const int from[2] = {closed == 0 ? 1 : 0, closed == 2 ? 1 : 2};
		for (int i = 0; i < 3; i++) {
			assert_int_equal(dup2(files[i], i), i);
		}
		close(closed);
		for (int i = 0; i < 6; i++) {
			const int *to = permutations[i];
			int how[3] = {SP_INHERIT, SP_INHERIT, SP_INHERIT}, expected[3];
			how[to[0]] = from[0];
			how[to[1]] = from[1];
			expected[to[0]] = files[from[0]];
			expected[to[1]] = files[from[1]];
			expected[to[2]] = to[2] == closed ? -1 : files[to[2]];
			assert_streams(how, expected);
			assert_int_equal(fcntl(closed, F_GETFD), -1);
		}
	}
}

static void R5_pitfall_09_every_swap_with_one_closed(void **state) {
	(void)state;
	in_own_process(every_swap_with_one_closed);
}

static void a_swap_with_a_pipe_and_devnull(void) {
	int file = file_of("");
	assert_int_equal(dup2(file, 1), 1);
	// Ours is 1, which becomes a pipe; theirs is what 1 was.
	SCRIPT(opts, "echo piped; echo filed >&2");
	opts.in = SP_DEVNULL;
	opts.out = SP_PIPE;
	opts.err = 1;
	sp_proc *proc = start(&opts);
	sp_buf out;
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, &out, NULL, NULL), SP_OK);
	assert_buf(&out, "piped\n");
	assert_int_equal(finish(proc), 0);
	assert_file_says(file, "filed\n");
}

static void R5_a_swap_with_a_pipe_and_devnull(void **state) {
	(void)state;
	in_own_process(a_swap_with_a_pipe_and_devnull);
}

static void source_is_its_own_target(void) {
	int file = file_of("text\n");
	for (int fd = 0; fd < 3; fd++) {
		assert_int_equal(lseek(file, 0, SEEK_SET), 0);
		assert_int_equal(dup3(file, fd, O_CLOEXEC), fd);
		COMMAND(opts, "sleep", "100");
		*(fd == 0 ? &opts.in : fd == 1 ? &opts.out : &opts.err) = fd;
		sp_proc *proc = start(&opts);
		assert_true(is_same_file(sp_pid(proc), fd, file));
		assert_int_equal(kill_and_finish(proc), -SIGKILL);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
	COMMAND(cat, "cat");
	cat.in = 0;
	assert_says(&cat, "text\n");
}

static void R6_pitfall_10_source_is_its_own_target(void **state) {
	(void)state;
	in_own_process(source_is_its_own_target);
}

// ---- 0, 1, 2 missing in the parent

// Each combination of them closed; the bit says which.
static void run_without(unsigned closed) {
	sp_cancel *cancel;
	for (int fd = 0; fd < 3; fd++) {
		if (closed >> fd & 1) {
			close(fd);
		}
	}
	assert_int_equal(sp_cancel_new(&cancel), SP_OK);
	assert_true(sp_cancel_fd(cancel) >= 3);
	SCRIPT(opts, "read word; echo o$word; echo e >&2; exec >&- 2>&-; read word");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.cwd = "/";
	opts.cancel = cancel;
	sp_proc *proc = start(&opts);
	for (int i = 0; i < 3; i++) {
		assert_true(sp_fd(proc, i) >= 3);
	}
	assert_true(sp_pidfd(proc) == -1 || sp_pidfd(proc) >= 3);
	sp_buf out, err;
	assert_int_equal(sp_communicate(proc, "i\n", 2, SP_FOREVER, &out, &err, NULL), SP_OK);
	assert_buf(&out, "oi\n");
	assert_buf(&err, "e\n");
	sp_free(proc);
	SCRIPT(null, "cat; echo x; echo y >&2");
	null.in = null.out = null.err = SP_DEVNULL;
	assert_int_equal(rc_of(&null), 0);
	for (int fd = 0; fd < 3; fd++) {
		assert_int_equal(fcntl(fd, F_GETFD) < 0, closed >> fd & 1);
	}
	sp_cancel_free(cancel);
}

static void without_0_1_2_one_way(void) {
	for (unsigned closed = 1; closed < 8; closed++) {
		pid_t pid = fork();
		if (pid == 0) {
			run_without(closed);
			exit(0);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

static void R7_pitfall_15_without_0_1_2_in_the_parent(void **state) {
	(void)state;
	in_own_process(without_0_1_2_one_way);
}

static void a_missing_stream_stays_missing(void) {
	COMMAND(opts, "sleep", "100");
	close(0);
	assert_int_equal(fcntl(2, F_SETFD, FD_CLOEXEC), 0);
	sp_proc *proc = start(&opts);
	AWAIT(!child_has_fd(sp_pid(proc), 0));
	assert_true(child_has_fd(sp_pid(proc), 1));
	AWAIT(!child_has_fd(sp_pid(proc), 2));
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
}

static void R8_a_missing_stream_stays_missing(void **state) {
	(void)state;
	in_own_process(a_missing_stream_stays_missing);
}

static void R9_a_descriptor_that_is_not_open(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.in = 900;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	assert_failure_says(&opts, "in: there is no descriptor 900");
	opts.in = SP_PIPE; // whose number is not to be taken for the one given
	opts.out = 900;
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
	assert_failure_says(&opts, "out: there is no descriptor 900");
	opts.out = SP_PIPE;
	opts.err = open_fds();
	while (fcntl(opts.err, F_GETFD) >= 0) {
		opts.err++;
	}
	assert_refused(&opts, EBADF, SP_AT_FDS, NULL);
}

// ---- flags

static void take_flags(const int *fds, int n, int *flags) {
	for (int i = 0; i < n; i++) {
		flags[i] = fcntl(fds[i], F_GETFL);
		flags[n + i] = fcntl(fds[i], F_GETFD);
	}
}

static void R11_pitfall_08_flags_of_the_users_files_stay(void **state) {
	(void)state;
	int in[2], out[2], before[14], after[14];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, 0), 0);
	const int fds[7] = {0, 1, 2, in[0], in[1], out[0], out[1]};
	take_flags(fds, 7, before);
	SCRIPT(opts, "cat; echo said; cat /proc/self/fdinfo/0 /proc/self/fdinfo/1 >&2");
	opts.in = in[0];
	opts.out = out[1];
	opts.err = SP_PIPE;
	sp_proc *proc = start(&opts);
	sp_buf err;
	assert_int_equal(sp_communicate(proc, NULL, 0, 5 * MS, NULL, &err, NULL), SP_E_TIMEOUT);
	take_flags(fds, 7, after);
	assert_memory_equal(before, after, sizeof before);
	close(in[1]);
	assert_int_equal(sp_communicate(proc, NULL, 0, SP_FOREVER, NULL, &err, NULL), SP_OK);
	const char *in_child = err.data;
	for (int i = 0; i < 2; i++) {
		in_child = strstr(in_child, "flags:") + strlen("flags:");
		assert_int_equal(strtol(in_child, NULL, 8) & O_NONBLOCK, 0);
	}
	assert_int_equal(finish(proc), 0);
	assert_int_equal(fcntl(in[0], F_GETFL), before[3]);
	assert_int_equal(fcntl(out[1], F_GETFL), before[6]);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

// What the child sees of its own ends while communicate moves data through them.
static void R11_the_childs_ends_of_our_pipes_block(void **state) {
	(void)state;
	SCRIPT(opts, "read word; for fd in 0 1 2; do "
		     "grep flags /proc/$$/fdinfo/$fd; done; cat");
	opts.in = opts.out = opts.err = SP_PIPE;
	sp_proc *proc = start(&opts);
	char *input = malloc(200000);
	sp_buf out;
	memset(input, '\n', 200000);
	assert_int_equal(sp_communicate(proc, input, 200000, SP_FOREVER, &out, NULL, NULL), SP_OK);
	const char *at = out.data;
	for (int i = 0; i < 3; i++) {
		at = strstr(at, "flags:");
		assert_non_null(at);
		at += strlen("flags:");
		assert_int_equal(strtol(at, NULL, 8) & O_NONBLOCK, 0);
	}
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void R11_our_ends_block_again_after_a_timeout(void **state) {
	(void)state;
	SCRIPT(opts, "echo x; exec sleep 100");
	opts.in = opts.out = SP_PIPE;
	sp_proc *proc = start(&opts);
	char *input = calloc(1, 200000);
	assert_int_equal(
		sp_communicate(proc, input, 200000, 20 * MS, NULL, NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(fcntl(sp_fd(proc, 0), F_GETFL), O_WRONLY);
	assert_int_equal(fcntl(sp_fd(proc, 1), F_GETFL), O_RDONLY);
	assert_int_equal(kill_and_finish(proc), -SIGKILL);
	free(input);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(R1_our_ends_are_born_closed_on_exec_and_blocking),
		TEST(R1_the_child_has_no_end_of_ours),
		TEST(R2_devnull_is_one_for_all_that_ask),
		TEST(R2_devnull_can_be_read_and_written),
		TEST(R3_stderr_to_stdout_keeps_the_order),
		TEST(R3_stderr_to_a_stdout_that_is_inherited),
		TEST(R4_one_file_for_all_streams),
		TEST(R5_pitfall_09_every_swap_of_the_standard_streams),
		TEST(R5_pitfall_09_every_swap_with_one_closed),
		TEST(R5_a_swap_with_a_pipe_and_devnull),
		TEST(R6_pitfall_10_source_is_its_own_target),
		TEST_ON_EACH_KERNEL(R7_pitfall_15_without_0_1_2_in_the_parent),
		TEST(R8_a_missing_stream_stays_missing),
		TEST(R9_a_descriptor_that_is_not_open),
		TEST_ON_EACH_KERNEL(R11_pitfall_08_flags_of_the_users_files_stay),
		TEST(R11_the_childs_ends_of_our_pipes_block),
		TEST(R11_our_ends_block_again_after_a_timeout),
	};
	return cmocka_run_group_tests_name("redirect", tests, NULL, NULL);
}
