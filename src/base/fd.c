// SPDX-License-Identifier: MIT
// Descriptors that are ours: O_CLOEXEC at birth and never 0, 1 or 2.
#include "base/fd.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void fd_close(int *fd) {
	if (*fd >= 0) {
		int saved = errno;
		close(*fd);
		errno = saved;
		*fd = -1;
	}
}

int fd_above_stdio(int fd) {
	if (fd < 0 || fd > 2) {
		return fd;
	}
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0 && errno == EINVAL) {
		errno = EMFILE; // the limit leaves no number from 3 up
	}
	fd_close(&fd);
	return moved;
}

int fd_pipe(int ends[2]) {
	if (pipe2(ends, O_CLOEXEC) < 0) {
		ends[0] = ends[1] = -1;
		return -1;
	}
	ends[0] = fd_above_stdio(ends[0]);
	ends[1] = fd_above_stdio(ends[1]);
	if (ends[0] >= 0 && ends[1] >= 0) {
		return 0;
	}
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return -1;
}

int fd_read_all(int fd, struct buf *text, size_t most) {
	enum { CHUNK = 16 * 1024 };
	size_t before = text->len;
	while (text->len - before <= most) {
		if (buf_reserve(text, CHUNK) < 0) {
			return -1;
		}
		ssize_t n = read(fd, text->data + text->len, text->cap - text->len);
		if (n == 0) {
			return 0;
		}
		if (n < 0 && errno != EINTR) {
			return -1;
		}
		text->len += n > 0 ? (size_t)n : 0;
	}
	errno = EFBIG;
	return -1;
}

ssize_t fd_write_quietly(int fd, const char *data, size_t n) {
	sigset_t set, before, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	sigpending(&pending);
	ssize_t written = write(fd, data, n);
	int saved = errno;
	int sent = written >= 0 ? 0 : saved == EPIPE ? SIGPIPE : saved == EFBIG ? SIGXFSZ : 0;
	// It went to this thread, and is taken away again.
	if (sent && sigismember(&pending, sent) == 0) {
		const struct timespec now = {0};
		sigemptyset(&set);
		sigaddset(&set, sent);
		while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR) {
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return written;
}

int fd_write_all(int fd, const char *data, size_t n) {
	while (n) {
		ssize_t r = write(fd, data, n);
		if (r < 0 && errno == EAGAIN) {
			// Somebody else has made it O_NONBLOCK.
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (r < 0 && errno != EINTR) {
			return -1;
		}
		data += r > 0 ? r : 0;
		n -= r > 0 ? (size_t)r : 0;
	}
	return 0;
}

int fd_unnamed_file(const char *dir) {
	if (!dir) {
		const char *tmp = getenv("TMPDIR");
		dir = tmp && tmp[0] ? tmp : "/tmp";
	}
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 &&
		(errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)) {
		// Not every file system knows O_TMPFILE.
		char path[PATH_MAX];
		int n = snprintf(path, sizeof path, "%s/spool-XXXXXX", dir);
		if (n < 0 || (size_t)n >= sizeof path) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0) {
			unlink(path);
		}
	}
	return fd_above_stdio(fd);
}
