// SPDX-License-Identifier: MIT
/*
 * Tokens are read through a description of our own, /proc/self/fd/R opened anew, since O_NONBLOCK
 * on the one that make and its other clients share would be theirs too. Where that cannot be had, a
 * byte is spliced into a pipe of ours, which waits for nothing either. It is the same bytes that go
 * back, the last one first.
 */
#include "run/jobserver.h"
#include "base/fd.h"
#include "run/makeflags.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKENS = 4096 }; // more jobs than descriptors carry

struct jobserver {
	int take_fd;           // readable when there is a token
	int give_fd;           // make's own, or take_fd
	int own_fd;            // to be closed; -1: none
	int through[2];        // the pipe of ours; -1: reading take_fd waits for nothing
	pthread_mutex_t mutex; // guards the rest
	bool closed;           // nothing is taken any more
	size_t running;        // jobs, one of them without a token
	size_t n;
	char tokens[TOKENS];
};

// A number at *at, and moves *at behind it.
static bool read_number(const char **at, const char *end, int *number) {
	char *behind;
	if (*at >= end || !strchr("-0123456789", **at)) {
		return false;
	}
	errno = 0;
	long n = strtol(*at, &behind, 10);
	if (behind == *at || errno || n < INT_MIN || n > INT_MAX) {
		return false;
	}
	*at = behind;
	*number = (int)n;
	return true;
}

// "3,4" or "fifo:/tmp/GMfifo17"
static void parse_place(struct jobserver_spec *spec, const struct makeflag *place) {
	static const char fifo[] = "fifo:";
	const size_t before = sizeof fifo - 1;
	const char *at = place->text, *end = at + place->len;
	spec->kind = JOBSERVER_BROKEN;
	if (place->len > before && memcmp(at, fifo, before) == 0) {
		spec->kind = JOBSERVER_FIFO;
		spec->path = at + before;
		spec->path_len = place->len - before;
	} else if (read_number(&at, end, &spec->read_fd) && at < end && *at++ == ',' &&
		   read_number(&at, end, &spec->write_fd) && at == end) {
		spec->kind = JOBSERVER_PIPE;
	}
}

static bool opens_for(int fd, int mode) {
	int flags = fcntl(fd, F_GETFL);
	return flags >= 0 && ((flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR);
}

// Whether they are the two ends of one pipe; negative ones are open nowhere.
static enum jobserver_kind look_at_pipe(const struct jobserver_spec *spec) {
	struct stat from, to;
	if (fstat(spec->read_fd, &from) < 0 || fstat(spec->write_fd, &to) < 0) {
		return JOBSERVER_CLOSED;
	}
	bool one = S_ISFIFO(from.st_mode) && from.st_dev == to.st_dev && from.st_ino == to.st_ino;
	return one && opens_for(spec->read_fd, O_RDONLY) && opens_for(spec->write_fd, O_WRONLY)
		       ? JOBSERVER_PIPE
		       : JOBSERVER_BROKEN;
}

static char *plain_path(const struct jobserver_spec *spec) {
	return makeflag_plain(&(struct makeflag){spec->path, spec->path_len});
}

static enum jobserver_kind look_at_fifo(const struct jobserver_spec *spec) {
	struct stat status;
	char *path = plain_path(spec);
	bool there = path && stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
	free(path);
	return there ? JOBSERVER_FIFO : JOBSERVER_BROKEN;
}

void jobserver_parse(const char *makeflags, struct jobserver_spec *spec) {
	struct makeflag flag, value;
	int jobs;
	*spec = (struct jobserver_spec){.kind = JOBSERVER_NONE, .read_fd = -1, .write_fd = -1};
	while (makeflags && makeflags_next(&makeflags, &flag)) {
		if (makeflag_is_jobserver(&flag, &value)) {
			parse_place(spec, &value);
		} else if (makeflag_is_jobs(&flag, &value)) {
			const char *at = value.text;
			spec->jobs = read_number(&at, at + value.len, &jobs) ? (unsigned)jobs : 0;
		}
	}
	if (spec->kind == JOBSERVER_PIPE) {
		spec->kind = look_at_pipe(spec);
	} else if (spec->kind == JOBSERVER_FIFO) {
		spec->kind = look_at_fifo(spec);
	}
}

const char *jobserver_problem(const struct jobserver_spec *spec) {
	switch (spec->kind) {
	case JOBSERVER_CLOSED:
		return "make keeps it from this recipe";
	case JOBSERVER_BROKEN:
		return "it is not where MAKEFLAGS says";
	case JOBSERVER_NONE:
	case JOBSERVER_PIPE:
	case JOBSERVER_FIFO:
		break;
	}
	return NULL;
}

static int open_fifo(struct jobserver *jobserver, const struct jobserver_spec *spec) {
	char *path = plain_path(spec);
	if (!path) {
		return -1;
	}
	// Both ways: it neither waits for somebody at the other end nor is ever at its end.
	jobserver->own_fd = fd_above_stdio(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
	jobserver->take_fd = jobserver->give_fd = jobserver->own_fd;
	int saved = errno;
	free(path);
	errno = saved;
	return jobserver->own_fd < 0 ? -1 : 0;
}

static int open_pipe(
	struct jobserver *jobserver, const struct jobserver_spec *spec, const char *root) {
	char *again;
	if (asprintf(&again, "%s/proc/self/fd/%d", root, spec->read_fd) < 0) {
		return -1;
	}
	jobserver->give_fd = spec->write_fd;
	jobserver->own_fd = fd_above_stdio(open(again, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	free(again);
	jobserver->take_fd = jobserver->own_fd < 0 ? spec->read_fd : jobserver->own_fd;
	if (jobserver->own_fd < 0 && fd_pipe(jobserver->through) < 0) {
		return -1;
	}
	// Of the descriptors, which are ours alone: no job is to inherit them.
	fcntl(spec->read_fd, F_SETFD, FD_CLOEXEC);
	fcntl(spec->write_fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

int jobserver_open(
	struct jobserver **jobserver, const struct jobserver_spec *spec, const char *root) {
	struct jobserver *new = malloc(sizeof *new);
	if (!new) {
		return -1;
	}
	*new = (struct jobserver){.take_fd = -1, .give_fd = -1, .own_fd = -1, .through = {-1, -1}};
	pthread_mutex_init(&new->mutex, NULL);
	int r = spec->kind == JOBSERVER_FIFO ? open_fifo(new, spec) : open_pipe(new, spec, root);
	if (r < 0) {
		int saved = errno;
		jobserver_free(new);
		errno = saved;
		return -1;
	}
	*jobserver = new;
	return 0;
}

// With the mutex, as all below. Waits for nothing.
static bool read_token(struct jobserver *jobserver, char *token) {
	bool own = jobserver->through[0] < 0;
	ssize_t n;
	do {
		n = own ? read(jobserver->take_fd, token, 1)
			: splice(jobserver->take_fd, NULL, jobserver->through[1], NULL, 1,
				  SPLICE_F_NONBLOCK);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && !own) {
		n = read(jobserver->through[0], token, 1);
	}
	// At its end or broken: it would be found readable for ever.
	jobserver->closed |= n == 0 || (n < 0 && errno != EAGAIN);
	return n == 1;
}

static void write_token(struct jobserver *jobserver) {
	char token = jobserver->tokens[--jobserver->n];
	while (fd_write_quietly(jobserver->give_fd, &token, 1) < 0 && errno == EINTR) {
	}
}

int jobserver_fd(struct jobserver *jobserver) {
	pthread_mutex_lock(&jobserver->mutex);
	int fd = jobserver->closed || jobserver->n == TOKENS ? -1 : jobserver->take_fd;
	pthread_mutex_unlock(&jobserver->mutex);
	return fd;
}

bool jobserver_take(struct jobserver *jobserver) {
	pthread_mutex_lock(&jobserver->mutex);
	bool taken = jobserver->running == 0;
	if (!taken && !jobserver->closed && jobserver->n < TOKENS) {
		taken = read_token(jobserver, &jobserver->tokens[jobserver->n]);
		jobserver->n += taken;
	}
	jobserver->running += taken;
	pthread_mutex_unlock(&jobserver->mutex);
	return taken;
}

void jobserver_give(struct jobserver *jobserver) {
	pthread_mutex_lock(&jobserver->mutex);
	jobserver->running--;
	if (jobserver->n > 0) {
		write_token(jobserver);
	}
	pthread_mutex_unlock(&jobserver->mutex);
}

void jobserver_give_all(struct jobserver *jobserver) {
	pthread_mutex_lock(&jobserver->mutex);
	jobserver->closed = true;
	while (jobserver->n > 0) {
		write_token(jobserver);
	}
	pthread_mutex_unlock(&jobserver->mutex);
}

void jobserver_free(struct jobserver *jobserver) {
	if (jobserver) {
		jobserver_give_all(jobserver);
		fd_close(&jobserver->own_fd);
		fd_close(&jobserver->through[0]);
		fd_close(&jobserver->through[1]);
		pthread_mutex_destroy(&jobserver->mutex);
		free(jobserver);
	}
}

// Make writes both; the second is for what read it before there was the first.
static bool is_flags(const char *variable) {
	return strncmp(variable, "MAKEFLAGS=", 10) == 0 || strncmp(variable, "MFLAGS=", 7) == 0;
}

// Copies the variable without those words. Where it ends; or `to`, when nothing is left of it.
static char *scrub(char *to, const char *variable) {
	const char *at = strchr(variable, '=') + 1, *before = at;
	struct makeflag flag, value;
	char *end = mempcpy(to, variable, (size_t)(at - variable));
	char *empty = end;
	for (; makeflags_next(&at, &flag); before = at) {
		if (!makeflag_is_jobserver(&flag, &value) && !makeflag_is_jobs(&flag, &value)) {
			end = mempcpy(end, before, (size_t)(at - before));
		}
	}
	end = stpcpy(end, before + (end == empty ? strspn(before, " ") : 0));
	return end == empty ? to : end + 1;
}

const char **jobserver_scrub(const char *const *environment) {
	size_t n = 0, bytes = 0, kept = 0;
	for (; environment[n]; n++) {
		bytes += is_flags(environment[n]) ? strlen(environment[n]) + 1 : 0;
	}
	const char **scrubbed = malloc((n + 1) * sizeof *scrubbed + bytes);
	if (!scrubbed) {
		return NULL;
	}
	char *to = (char *)(scrubbed + n + 1);
	for (size_t i = 0; i < n; i++) {
		char *behind = is_flags(environment[i]) ? scrub(to, environment[i]) : NULL;
		if (!behind || behind != to) {
			scrubbed[kept++] = behind ? to : environment[i];
		}
		to = behind ? behind : to;
	}
	scrubbed[kept] = NULL;
	return scrubbed;
}
