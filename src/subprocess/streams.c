// SPDX-License-Identifier: MIT
// Pipes, /dev/null and descriptors of the caller on their way to 0, 1 and 2 of a child.
#include "subprocess/streams.h"

#include "base/error.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const stream_names[3] = {"in", "out", "err"};

static void keep_temporary(struct streams *streams, int fd) {
	streams->temporary[streams->n_temporary++] = fd;
}

static sp_status open_pipe(struct streams *streams, int which, int pipesize, sp_error *error) {
	int ends[2];
	if (fd_pipe(ends) < 0) {
		return error_os(error, errno, SP_AT_PIPE, NULL);
	}
	int child = which == 0 ? 0 : 1;
	streams->source[which] = ends[child];
	keep_temporary(streams, ends[child]);
	streams->ours[which] = ends[1 - child];
	if (pipesize > 0 && fcntl(ends[1], F_SETPIPE_SZ, pipesize) < 0) {
		return error_os_says(
			error, errno, SP_AT_PIPE, "pipesize: no pipe of %d bytes", pipesize);
	}
	return SP_OK;
}

static sp_status open_null(struct streams *streams, int which, int *null, sp_error *error) {
	if (*null < 0) {
		*null = fd_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));
		if (*null < 0) {
			return error_os(error, errno, SP_AT_PIPE, "/dev/null");
		}
		keep_temporary(streams, *null);
	}
	streams->source[which] = *null;
	return SP_OK;
}

static sp_status open_stream(
	struct streams *streams, int which, int how, int pipesize, int *null, sp_error *error) {
	switch (how) {
	case SP_INHERIT:
		return SP_OK;
	case SP_PIPE:
		return open_pipe(streams, which, pipesize, error);
	case SP_DEVNULL:
		return open_null(streams, which, null, error);
	case SP_STDOUT:
		if (which != 2) {
			return error_set(error, SP_E_VALUE,
				"%s: SP_STDOUT can only be used for err", stream_names[which]);
		}
		streams->source[2] = streams->source[1] >= 0 ? streams->source[1] : 1;
		return SP_OK;
	default:
		streams->source[which] = how;
		return SP_OK;
	}
}

// Looked at before anything is opened, which might get just this number.
static sp_status check_given(const int how[3], sp_error *error) {
	for (int i = 0; i < 3; i++) {
		if (how[i] < SP_INHERIT || (how[i] >= 0 && fcntl(how[i], F_GETFD) < 0)) {
			return error_os_says(error, EBADF, SP_AT_FDS,
				"%s: there is no descriptor %d", stream_names[i], how[i]);
		}
	}
	return SP_OK;
}

int streams_lower(struct streams *streams, int which) {
	int copy = fcntl(streams->source[which], F_DUPFD_CLOEXEC, 3);
	if (copy < 0) {
		// EINVAL: the limit is so low that no number from 3 on is below it.
		errno = errno == EINVAL ? EMFILE : errno;
		return -1;
	}
	keep_temporary(streams, copy);
	streams->source[which] = copy;
	return 0;
}

// The dup2 of an earlier stream would replace what a later one is to be a copy of.
static bool is_overwritten(const struct streams *streams, int which) {
	int source = streams->source[which];
	return source >= 0 && source < which && streams->source[source] >= 0 &&
	       streams->source[source] != source;
}

sp_status streams_open(struct streams *streams, const sp_opts *opts, sp_error *error) {
	*streams = (struct streams){.source = {-1, -1, -1}, .ours = {-1, -1, -1}};
	const int how[3] = {opts->in, opts->out, opts->err};
	int null = -1;
	sp_status status = check_given(how, error);
	for (int i = 0; i < 3 && status == SP_OK; i++) {
		status = open_stream(streams, i, how[i], opts->pipesize, &null, error);
	}
	for (int i = 1; i < 3 && status == SP_OK; i++) {
		if (is_overwritten(streams, i) && streams_lower(streams, i) < 0) {
			status = error_os(error, errno, SP_AT_FDS, NULL);
		}
	}
	if (status != SP_OK) {
		streams_close(streams);
	}
	return status;
}

void streams_close_temporary(struct streams *streams) {
	while (streams->n_temporary > 0) {
		fd_close(&streams->temporary[--streams->n_temporary]);
	}
}

void streams_close(struct streams *streams) {
	streams_close_temporary(streams);
	for (int i = 0; i < 3; i++) {
		fd_close(&streams->ours[i]);
	}
}
