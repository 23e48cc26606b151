// SPDX-License-Identifier: MIT
// Opening the files that are a job's standard streams. What the job writes there is its own affair:
// no byte passes through spool.
#include "run/files.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_PAUSE_MS = 1, LAST_PAUSE_MS = 100 };

// A FIFO's writer is waited for, as a plain open would, but not beyond the run's stop.
static bool await_writer(int fd, const sp_cancel *stop) {
	struct stat status;
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLIN}, {.fd = sp_cancel_fd(stop), .events = POLLIN}};
	if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) {
		while (poll(fds, 2, -1) < 0 && errno == EINTR) {
		}
	}
	return !sp_cancelled(stop);
}

// O_NONBLOCK was for the opening only.
static int made_blocking(int fd, int flags) {
	if (fd >= 0 && fcntl(fd, F_SETFL, flags) < 0) {
		fd_close(&fd);
	}
	return fd;
}

static sp_status failed(sp_error *error, const char *what, const char *path) {
	*error = (sp_error){.os_errno = errno, .stage = SP_AT_PIPE, .filename = strdup(path)};
	strcpy(error->msg, what);
	return SP_E_OS;
}

static sp_status open_input(int *fd, const char *path, const sp_cancel *stop, sp_error *error) {
	*fd = fd_above_stdio(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
	if (*fd >= 0 && !await_writer(*fd, stop)) {
		return SP_E_INTERRUPTED;
	}
	*fd = made_blocking(*fd, 0);
	return *fd < 0 ? failed(error, "cannot read", path) : SP_OK;
}

// A FIFO that nobody reads yet: nothing tells when somebody does.
static bool lacks_reader(const char *path) {
	struct stat status;
	return errno == ENXIO && stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

static sp_status open_output(int *fd, const char *path, bool append, const struct job *job,
	const sp_cancel *stop, sp_error *error) {
	int how = append ? O_APPEND : O_TRUNC, pause_ms = FIRST_PAUSE_MS;
	// The umask of spool counts, and the job's own takes away more.
	mode_t taken = job->rights && job->rights->umask > 0 ? (mode_t)job->rights->umask : 0;
	while ((*fd = fd_above_stdio(
			open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | how,
				0666 & ~taken))) < 0 &&
		lacks_reader(path)) {
		struct pollfd stopped = {.fd = sp_cancel_fd(stop), .events = POLLIN};
		poll(&stopped, 1, pause_ms);
		if (sp_cancelled(stop)) {
			return SP_E_INTERRUPTED;
		}
		pause_ms = pause_ms * 2 < LAST_PAUSE_MS ? pause_ms * 2 : LAST_PAUSE_MS;
	}
	*fd = made_blocking(*fd, append ? O_APPEND : 0);
	return *fd < 0 ? failed(error, "cannot write to", path) : SP_OK;
}

sp_status files_open(struct files *files, const struct attempt_common *common,
	const struct job *job, const struct rendering *rendering, sp_error *error) {
	sp_status status = SP_OK;
	*files = (struct files){-1, -1, -1};
	if (job->in == STREAM_FILE) {
		status = open_input(&files->in, rendering->input, common->stop, error);
	}
	if (status == SP_OK && job->out == STREAM_FILE) {
		status = open_output(&files->out, rendering->out, job->sinks->out.append, job,
			common->stop, error);
	}
	if (status == SP_OK && job->err == STREAM_FILE) {
		status = open_output(&files->err, rendering->err, job->sinks->err.append, job,
			common->stop, error);
	}
	return status;
}

void files_close(struct files *files) {
	fd_close(&files->in);
	fd_close(&files->out);
	fd_close(&files->err);
}
