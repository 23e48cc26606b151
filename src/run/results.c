// SPDX-License-Identifier: MIT
/*
 * Everything is opened by a name of one part, in a directory that is held open, and no symbolic
 * link is followed: whoever may write there cannot lead us out of it. A file is always a new one,
 * so that a link planted in its place is what goes, not what it leads to.
 */
#include "run/results.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const STREAMS[RESULTS_FDS] = {"stdout", "stderr"};

enum { FILE_NAME = 32 };

static bool is_plain(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

void results_name(const struct job *job, char name[RESULTS_NAME]) {
	int n = snprintf(name, RESULTS_NAME, "%06u-", job->seq);
	char *at = name + n, *end = at + RESULTS_SLUG;
	for (const char *from = job->name; *from && at < end; from++) {
		*at++ = is_plain(*from) ? *from : '_';
	}
	if (at == name + n) {
		*at++ = '_';
	}
	*at = '\0';
}

// name has one part only, so that a kernel without openat2, or a sandbox that keeps it from us,
// makes no difference to what it can lead to.
static int open_below(int directory, const char *name, int flags, mode_t mode) {
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	int fd = (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		fd = openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	}
	return fd_above_stdio(fd);
}

// Of an earlier run. What cannot be removed is found out when it is to be made.
static void remove_old(int directory) {
	for (int i = 0; i < RESULTS_FDS; i++) {
		char name[FILE_NAME];
		unlinkat(directory, STREAMS[i], 0);
		for (unsigned attempt = 1;; attempt++) {
			snprintf(name, sizeof name, "%s.%u", STREAMS[i], attempt);
			if (unlinkat(directory, name, 0) < 0) {
				break;
			}
		}
	}
}

static int open_directory(const struct attempt_common *common, const struct job *job, bool *old) {
	char name[RESULTS_NAME];
	results_name(job, name);
	*old = mkdirat(common->results, name, 0777) < 0;
	if (*old && errno != EEXIST) {
		return -1;
	}
	return open_below(common->results, name, O_PATH | O_DIRECTORY, 0);
}

// The try before has its own file no longer under the plain name.
static void keep_earlier(int directory, int stream, unsigned attempt) {
	char name[FILE_NAME];
	if (attempt > 1) {
		snprintf(name, sizeof name, "%s.%u", STREAMS[stream], attempt - 1);
		renameat(directory, STREAMS[stream], directory, name);
	}
}

static bool is_kept(const struct job *job, int stream) {
	return (stream == 0 ? job->out : job->err) == STREAM_CAPTURE;
}

static int open_streams(
	struct results *results, int directory, const struct job *job, unsigned attempt) {
	int failed = 0;
	for (int i = 0; i < RESULTS_FDS; i++) {
		if (!is_kept(job, i) || results->fds[i] >= 0) {
			continue;
		}
		keep_earlier(directory, i, attempt);
		results->fds[i] = open_below(
			directory, STREAMS[i], O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY, 0666);
		if (results->fds[i] < 0) {
			failed = errno;
		}
	}
	errno = failed;
	return failed ? -1 : 0;
}

static void note(struct results *results, int os_errno) {
	results->os_errno = results->os_errno ? results->os_errno : os_errno;
}

sp_status results_open(struct results *results, const struct attempt_common *common,
	const struct result *result, sp_error *error) {
	const struct job *job = result->job;
	bool old;
	if (!common->results || results->os_errno || (!is_kept(job, 0) && !is_kept(job, 1))) {
		return SP_OK;
	}
	int directory = open_directory(common, job, &old);
	if (directory >= 0 && old && result->attempt == 1 && results->fds[0] < 0) {
		remove_old(directory);
	}
	if (directory >= 0 && open_streams(results, directory, job, result->attempt) == 0) {
		fd_close(&directory);
		return SP_OK;
	}
	fd_close(&directory);
	if (errno == EMFILE || errno == ENFILE) {
		*error = (sp_error){.os_errno = errno, .stage = SP_AT_PIPE};
		strcpy(error->msg, "cannot keep the output");
		return SP_E_OS;
	}
	note(results, errno);
	return SP_OK;
}

void results_write(struct results *results, int stream, const char *data, size_t n) {
	int *fd = &results->fds[stream == 1 ? 0 : 1];
	if (*fd >= 0 && fd_write_all(*fd, data, n) < 0) {
		note(results, errno);
		fd_close(fd); // a part behind a gap would be no whole
	}
}

int results_close(struct results *results) {
	for (int i = 0; i < RESULTS_FDS; i++) {
		// Some file systems tell only here that there was no room.
		if (results->fds[i] >= 0 && close(results->fds[i]) < 0) {
			note(results, errno);
		}
		results->fds[i] = -1;
	}
	return results->os_errno;
}
