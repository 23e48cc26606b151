// SPDX-License-Identifier: MIT
/*
 * Writing to a descriptor that is shared with others. O_NONBLOCK is a property of the open file,
 * so it is not ours to set; a pipe or a terminal is opened a second time instead, where that is
 * possible. Where it is not, poll() says when a write of at most PIPE_BUF bytes will not wait.
 */
#include "report/outlet.h"
#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENT, HURRIED, DROPPING };

enum {
	SLICE_MS = 100, // between two looks at whether the reader has read
	REST_MS = 10,   // after a write that found no room where poll had seen some
	SOME = 64 * 1024,
	MOST = 1024 * 1024, // of a file into a file
};
static const int64_t PATIENCE = CLOCK_SECOND;

// Since when the reader has taken nothing.
struct pace {
	int64_t since; // 0: not looked yet
	int queued;
};

static int open_anew(int fd) {
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return fd_above_stdio(open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

static void look_at_fd(struct outlet *outlet) {
	struct stat st;
	int flags = fcntl(outlet->fd, F_GETFL);
	bool writable = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
	if (!writable || fstat(outlet->fd, &st) < 0 || S_ISREG(st.st_mode)) {
		outlet->immediate = true; // on a wrong descriptor write() says so
		outlet->sends = writable;
		outlet->most = SSIZE_MAX;
		return;
	}
	if (S_ISFIFO(st.st_mode) || isatty(outlet->fd)) {
		outlet->own = open_anew(outlet->fd);
	}
	outlet->sends = outlet->own >= 0 && S_ISFIFO(st.st_mode);
	outlet->socket = S_ISSOCK(st.st_mode);
	outlet->most = outlet->own >= 0 || outlet->socket ? SOME : PIPE_BUF;
}

int outlet_open(struct outlet *outlet, int fd) {
	*outlet = (struct outlet){.fd = fd, .own = -1, .control = -1, .last = '\n'};
	outlet->control = fd_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (outlet->control < 0 || buf_reserve(&outlet->page, OUTLET_PAGE) < 0) {
		outlet_close(outlet);
		return -1;
	}
	look_at_fd(outlet);
	return 0;
}

void outlet_close(struct outlet *outlet) {
	fd_close(&outlet->own);
	fd_close(&outlet->control);
	buf_clear(&outlet->page);
}

static int target(const struct outlet *outlet) {
	return outlet->own >= 0 ? outlet->own : outlet->fd;
}

// Bytes that the reader has still to take, as far as the kernel tells: TIOCOUTQ is for terminals
// and sockets, FIONREAD for pipes.
static int queued(const struct outlet *outlet) {
	int n = 0;
	if (ioctl(outlet->fd, TIOCOUTQ, &n) < 0 && ioctl(outlet->fd, FIONREAD, &n) < 0) {
		n = 0;
	}
	return n;
}

// Whether the reader has let a second pass without taking anything. A slow one is waited for.
static bool stuck(const struct outlet *outlet, struct pace *pace) {
	int64_t now = clock_now();
	int n = queued(outlet);
	if (pace->since == 0 || n != pace->queued) {
		*pace = (struct pace){.since = now, .queued = n};
	}
	return now - pace->since >= PATIENCE;
}

static void drain(int control) {
	uint64_t n;
	while (read(control, &n, sizeof n) < 0 && errno == EINTR) {
	}
}

// Waits until a write will not. False: the reader is given up.
static bool await_room(struct outlet *outlet, struct pace *pace) {
	struct pollfd fds[] = {
		{.fd = target(outlet), .events = POLLOUT},
		{.fd = outlet->control, .events = POLLIN},
	};
	for (;;) {
		int mode = atomic_load(&outlet->mode);
		if (mode == HURRIED && stuck(outlet, pace)) {
			return false;
		}
		int n = poll(fds, 2, mode == PATIENT ? -1 : mode == HURRIED ? SLICE_MS : 0);
		if (n > 0 && fds[1].revents) {
			drain(outlet->control);
		}
		if ((n > 0 && fds[0].revents) || (n < 0 && errno != EINTR)) {
			return true;
		}
		if (n == 0 && mode == DROPPING) {
			return false;
		}
	}
}

// What is to be written: bytes in memory, or those of a file from a place on.
struct load {
	const char *data; // NULL: of the file
	int fd;
	off_t at;
	uint64_t n;
};

static ssize_t write_some(const struct outlet *outlet, struct load *load) {
	size_t n = load->n < outlet->most ? (size_t)load->n : outlet->most;
	ssize_t r;
	if (!load->data) {
		r = sendfile(target(outlet), load->fd, &load->at, n < MOST ? n : MOST);
	} else if (outlet->socket) {
		r = send(outlet->fd, load->data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	} else {
		r = write(target(outlet), load->data, n);
	}
	if (r > 0) {
		load->data += load->data ? r : 0;
		load->n -= (uint64_t)r;
	}
	return r;
}

// A terminal may have room for a byte, but not for a newline, which takes two.
static void rest(struct outlet *outlet) {
	struct pollfd fd = {.fd = outlet->control, .events = POLLIN};
	if (atomic_load(&outlet->mode) == DROPPING) {
		outlet->given_up = true;
	} else {
		poll(&fd, 1, REST_MS);
	}
}

void outlet_fail(struct outlet *outlet, int error) {
	int none = 0;
	atomic_compare_exchange_strong(&outlet->error, &none, error);
}

bool outlet_lost(const struct outlet *outlet) {
	return outlet->given_up || atomic_load(&outlet->error);
}

// Until all is written or dropped, but of a file what the kernel cannot send is left.
static void send_load(struct outlet *outlet, struct load *load) {
	struct pace pace = {0};
	while (load->n > 0) {
		bool lost = outlet_lost(outlet);
		if (!lost && !outlet->immediate && !await_room(outlet, &pace)) {
			lost = outlet->given_up = true;
		}
		if (lost) {
			outlet->dropped += load->n;
			load->n = 0;
			return;
		}
		ssize_t r = write_some(outlet, load);
		if (r > 0) {
			pace.since = 0;
		} else if (r < 0 && errno == EAGAIN) {
			rest(outlet);
		} else if (r < 0 && errno == EINTR) {
			continue;
		} else if (!load->data) {
			return; // to be read and written, which tells what is wrong
		} else if (r == 0) {
			rest(outlet);
		} else {
			outlet_fail(outlet, errno);
		}
	}
}

static void send_all(struct outlet *outlet, const char *data, size_t n) {
	struct load load = {.data = data, .n = n};
	outlet->last = n > 0 ? data[n - 1] : outlet->last;
	send_load(outlet, &load);
}

uint64_t outlet_send(struct outlet *outlet, int fd, uint64_t at, uint64_t n) {
	struct load load = {.fd = fd, .at = (off_t)at, .n = n};
	if (n == 0 || !outlet->sends || pread(fd, &outlet->last, 1, (off_t)(at + n - 1)) != 1) {
		return 0;
	}
	outlet_flush(outlet);
	send_load(outlet, &load);
	return n - load.n;
}

struct buf *outlet_page(struct outlet *outlet, size_t n) {
	if (OUTLET_PAGE - outlet->page.len < n) {
		outlet_flush(outlet);
	}
	return &outlet->page;
}

void outlet_put(struct outlet *outlet, const void *data, size_t n) {
	if (n >= OUTLET_PAGE) {
		outlet_flush(outlet);
		send_all(outlet, data, n);
	} else if (n > 0) {
		struct buf *page = outlet_page(outlet, n);
		memcpy(page->data + page->len, data, n);
		page->len += n;
	}
}

void outlet_begin_line(struct outlet *outlet) {
	const struct buf *page = &outlet->page;
	if ((page->len > 0 ? page->data[page->len - 1] : outlet->last) != '\n') {
		outlet_put(outlet, "\n", 1);
	}
}

void outlet_flush(struct outlet *outlet) {
	send_all(outlet, outlet->page.data, outlet->page.len);
	outlet->page.len = 0;
}

static void change(struct outlet *outlet, int mode) {
	uint64_t one = 1;
	int old = atomic_load(&outlet->mode);
	while (old < mode && !atomic_compare_exchange_weak(&outlet->mode, &old, mode)) {
	}
	while (write(outlet->control, &one, sizeof one) < 0 && errno == EINTR) {
	}
}

void outlet_hurry(struct outlet *outlet) {
	change(outlet, HURRIED);
}

void outlet_drop(struct outlet *outlet) {
	change(outlet, DROPPING);
}

int outlet_error(const struct outlet *outlet) {
	return atomic_load(&outlet->error);
}
