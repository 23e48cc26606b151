/* SPDX-License-Identifier: MIT
 * Commands for tests: options in a line, and what is expected of running them. */
#ifndef TESTS_COMMAND_H
#define TESTS_COMMAND_H

#include "as_found.h"

#include <poll.h>
#include <sys/stat.h>

/* Declares sp_opts for these words. */
#define COMMAND(opts, ...)                               \
	const char *const opts##_argv[] = {__VA_ARGS__}; \
	sp_opts opts;                                    \
	sp_opts_init(&opts);                             \
	opts.argv = opts##_argv;                         \
	opts.argc = sizeof opts##_argv / sizeof *opts##_argv

/* The same for a script. */
#define SCRIPT(opts, ...)           \
	COMMAND(opts, __VA_ARGS__); \
	opts.shell = true

static const int64_t MS = 1000000;

static inline sp_proc *start(const sp_opts *opts) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	sp_status status = sp_popen(&proc, opts, &error);
	if (status != SP_OK) {
		fail_msg("not started: %s (%s)", error.msg, strerrorname_np(error.os_errno));
	}
	assert_int_equal(error.code, SP_OK);
	return proc;
}

/* Waits for it, frees it, and returns its return code. */
static inline int finish(sp_proc *proc) {
	int rc = -1000;
	assert_int_equal(sp_wait(proc, SP_FOREVER, &rc, NULL), SP_OK);
	sp_free(proc);
	return rc;
}

static inline int kill_and_finish(sp_proc *proc) {
	assert_int_equal(sp_kill(proc, NULL), SP_OK);
	return finish(proc);
}

static inline int rc_of(const sp_opts *opts) {
	return finish(start(opts));
}

/* Its standard output, to be freed; it must end with 0. */
static inline char *output_of(const sp_opts *given) {
	sp_opts opts = *given;
	opts.out = SP_PIPE;
	sp_result result;
	sp_status status = sp_run(&opts, NULL, &result);
	if (status != SP_OK || result.returncode != 0) {
		fail_msg("status %d, returncode %d: %s", status, result.returncode,
			result.error.msg);
	}
	char *out = result.out.data;
	result.out = (sp_buf){0};
	sp_result_clear(&result);
	return out;
}

static inline void assert_says(const sp_opts *opts, const char *text) {
	char *out = output_of(opts);
	assert_string_equal(out, text);
	free(out);
}

static inline void assert_buf(const sp_buf *buf, const char *text) {
	assert_true(buf->captured);
	assert_int_equal(buf->len, strlen(text));
	assert_memory_equal(buf->data, text, buf->len + 1);
}

/* It cannot be started, for this reason. */
static inline void assert_refused(
	const sp_opts *opts, int os_errno, sp_stage stage, const char *filename) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc = (sp_proc *)&error; // anything but NULL
	int fds = open_fds();
	assert_int_equal(sp_popen(&proc, opts, &error), SP_E_OS);
	assert_null(proc);
	assert_int_equal(error.code, SP_E_OS);
	if (error.os_errno != os_errno) {
		fail_msg("%s, expected %s", strerrorname_np(error.os_errno),
			strerrorname_np(os_errno));
	}
	assert_int_equal(error.stage, stage);
	if (filename) {
		assert_non_null(error.filename);
		assert_string_equal(error.filename, filename);
	} else {
		assert_null(error.filename);
	}
	assert_true(error.msg[0] != '\0');
	sp_error_clear(&error);
	assert_int_equal(open_fds(), fds);
	assert_true(waitpid(-1, NULL, WNOHANG | __WALL) < 0 || sp_abandoned(NULL, 0) > 0);
}

/* It cannot be started, and this is the message. */
static inline void assert_failure_says(const sp_opts *opts, const char *text) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_not_equal(sp_popen(&proc, opts, &error), SP_OK);
	assert_string_equal(error.msg, text);
	sp_error_clear(&error);
}

/* It cannot be started, and the message names the parameter. */
static inline void assert_senseless(const sp_opts *opts, sp_status code, const char *parameter) {
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, opts, &error), code);
	assert_null(proc);
	assert_int_equal(error.code, code);
	assert_int_equal(error.os_errno, 0);
	assert_non_null(strstr(error.msg, parameter));
	sp_error_clear(&error);
}

static inline int64_t cpu_us(const struct rusage *usage) {
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * INT64_C(1000000) +
	       usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

/* R, S, T, Z .. of any process; 0 when there is none. */
static inline char state_of(pid_t pid) {
	char path[64], line[512] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return 0;
	}
	const char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return end && end[1] == ' ' ? end[2] : 0;
}

/* A process that is nobody's child here is gone when only its entry is left. */
static inline bool is_gone(pid_t pid) {
	char state = state_of(pid);
	return state == 0 || state == 'Z' || state == 'X';
}

static inline void await_end(const sp_proc *proc) {
	AWAIT(state_of(sp_pid(proc)) == 'Z');
}

/* Reads until a whole line is there; what its child says when it is ready. */
static inline void read_line(int fd, char *line, size_t size) {
	size_t len = 0;
	do {
		assert_true(len + 1 < size);
		assert_int_equal(read(fd, line + len, 1), 1);
	} while (line[len++] != '\n');
	line[len - 1] = '\0';
}

static inline bool has_events(int fd, short events) {
	struct pollfd poll_fd = {fd, events, 0};
	return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & events);
}

/* sp_popen returns in the midst of execve: names and descriptors closed by it come a little later.
 */
static inline void await_executed(pid_t pid) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c;
	assert_true(fd >= 0);
	AWAIT(pread(fd, &c, 1, 0) == 1);
	close(fd);
}

/* The child's descriptor is our file. */
static inline bool is_same_file(pid_t child, int child_fd, int fd) {
	char path[64];
	struct stat theirs, ours;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)child, child_fd);
	return stat(path, &theirs) == 0 && fstat(fd, &ours) == 0 && theirs.st_dev == ours.st_dev &&
	       theirs.st_ino == ours.st_ino;
}

static inline bool child_has_fd(pid_t child, int child_fd) {
	char path[64];
	struct stat status;
	await_executed(child);
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)child, child_fd);
	return lstat(path, &status) == 0;
}

/* The numbers that are open in the child, below 1200, once they are these: "0 1 2". A program that
   begins opens its libraries for a moment. */
static inline void assert_fds(pid_t child, const char *expected) {
	char text[256];
	int64_t until = probe_now() + INT64_C(20000000000);
	do {
		size_t len = 0;
		text[0] = '\0';
		for (int fd = 0; fd < 1200 && len < sizeof text; fd++) {
			if (child_has_fd(child, fd)) {
				len += (size_t)snprintf(
					text + len, sizeof text - len, "%s%d", len ? " " : "", fd);
			}
		}
	} while (strcmp(text, expected) != 0 && probe_now() < until);
	assert_string_equal(text, expected);
}
#endif
