// SPDX-License-Identifier: MIT
/*
 * How the bytes of a stream go through a capture:
 *
 *	head (memory) | first (file, linear) | gap | ring (file) | tail ring (memory)
 *
 * The head fills first. Behind it everything passes through the tail ring; what the tail pushes
 * out goes to the file: first to its linear part until half of what may be kept is reached, then
 * into a ring, whose oldest bytes are the ones that get left out.
 */
#include "run/capture.h"
#include "base/fd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ALLOCATION = 1024 };

void capture_init(struct capture *capture, const char *dir, atomic_size_t *budget, uint64_t kept) {
	*capture = (struct capture){
		.output = OUTPUT_EMPTY,
		.first_half = kept - kept / 2,
		.last_half = kept / 2,
		.all = kept == UINT64_MAX,
		.dir = dir,
	};
	capture->output.budget = budget;
}

// Takes n bytes of memory out of the budget that all jobs share.
static bool charge(struct output *out, size_t n) {
	size_t left = atomic_load(out->budget);
	do {
		if (left < n) {
			return false;
		}
	} while (!atomic_compare_exchange_weak(out->budget, &left, left - n));
	out->charged += n;
	return true;
}

static void uncharge(struct output *out, size_t n) {
	atomic_fetch_add(out->budget, n);
	out->charged -= n;
}

static bool grow_head(struct capture *capture, size_t want) {
	struct output *out = &capture->output;
	size_t cap = capture->head_cap ? capture->head_cap : FIRST_ALLOCATION;
	while (cap < want) {
		cap *= 2;
	}
	size_t more = cap - capture->head_cap;
	if (!charge(out, more)) {
		return false;
	}
	char *head = realloc(out->head, cap);
	if (!head) {
		uncharge(out, more);
		return false;
	}
	out->head = head;
	capture->head_cap = cap;
	return true;
}

// Head and tail in memory are no longer than what may be kept at all.
static size_t end_size(uint64_t half) {
	return half < CAPTURE_ENDS ? (size_t)half : CAPTURE_ENDS;
}

// As much as the head takes; returns how much that was.
static size_t write_head(struct capture *capture, const char *data, size_t n) {
	struct output *out = &capture->output;
	if (capture->head_closed) {
		return 0;
	}
	size_t most = end_size(capture->first_half), room = most - out->head_len;
	n = n < room ? n : room;
	if (out->head_len + n > capture->head_cap && !grow_head(capture, out->head_len + n)) {
		room = capture->head_cap - out->head_len;
		n = n < room ? n : room;
		capture->head_closed = true;
	}
	if (n) {
		memcpy(out->head + out->head_len, data, n);
		out->head_len += n;
	}
	capture->head_closed |= out->head_len == most;
	return n;
}

static bool write_at(int fd, const char *data, size_t n, uint64_t offset) {
	while (n) {
		ssize_t r = pwrite(fd, data, n, (off_t)offset);
		if (r <= 0) {
			return false;
		}
		data += r;
		n -= (size_t)r;
		offset += (uint64_t)r;
	}
	return true;
}

// The file takes no more: what its ring had is lost, and what comes now is only counted.
static void give_up_file(struct output *out, size_t n) {
	out->incomplete = true;
	out->omitted += out->ring_len + n;
	out->ring_len = 0;
}

static bool write_ring(struct output *out, const char *data, size_t n) {
	if (out->ring_size == 0) {
		out->omitted += n;
		return true;
	}
	if (n > out->ring_size) {
		size_t skip = n - (size_t)out->ring_size;
		out->omitted += skip;
		data += skip;
		n -= skip;
	}
	while (n) {
		uint64_t end = (out->ring_start + out->ring_len) % out->ring_size;
		uint64_t run = out->ring_size - end;
		size_t part = n < run ? n : (size_t)run;
		if (!write_at(out->fd, data, part, out->ring_at + end)) {
			give_up_file(out, n);
			return false;
		}
		out->ring_len += part;
		if (out->ring_len > out->ring_size) {
			uint64_t over = out->ring_len - out->ring_size;
			out->ring_start = (out->ring_start + over) % out->ring_size;
			out->ring_len = out->ring_size;
			out->omitted += over;
		}
		data += part;
		n -= part;
	}
	return true;
}

enum { ROOM_MS = 1000 }; // how long to wait for a descriptor

// Results that are on their way to the report hold theirs for a moment more.
static int open_file(const char *dir) {
	int fd;
	for (int ms = 0; (fd = fd_unnamed_file(dir)) < 0 && ms < ROOM_MS; ms++) {
		if (errno != EMFILE && errno != ENFILE) {
			break;
		}
		poll(NULL, 0, 1);
	}
	return fd;
}

static void write_file(struct capture *capture, const char *data, size_t n) {
	struct output *out = &capture->output;
	if (out->head_len == capture->first_half && out->tail_size == capture->last_half) {
		out->omitted += n; // so little is kept that no part of it is for the file
		return;
	}
	if (n && out->fd < 0 && !out->incomplete) {
		out->fd = open_file(capture->dir);
		out->ring_at = capture->first_half - out->head_len;
		out->ring_size = capture->last_half - out->tail_size;
		out->incomplete = out->fd < 0;
	}
	if (out->incomplete) {
		out->omitted += n;
		return;
	}
	uint64_t room = out->ring_at - out->first_len;
	size_t part = n < room ? n : (size_t)room;
	if (part && !write_at(out->fd, data, part, out->first_len)) {
		give_up_file(out, n);
		return;
	}
	out->first_len += part;
	write_ring(out, data + part, n - part);
}

// Moves the oldest n bytes of the tail into the file.
static void evict_tail(struct capture *capture, size_t n) {
	struct output *out = &capture->output;
	while (n) {
		size_t run = out->tail_size - out->tail_start;
		size_t part = n < run ? n : run;
		write_file(capture, out->tail + out->tail_start, part);
		out->tail_start = (out->tail_start + part) % out->tail_size;
		out->tail_len -= part;
		n -= part;
	}
	out->tail_start = out->tail_len ? out->tail_start : 0;
}

static void write_tail(struct output *out, const char *data, size_t n) {
	while (n) {
		size_t end = (out->tail_start + out->tail_len) % out->tail_size;
		size_t run = out->tail_size - end;
		size_t part = n < run ? n : run;
		memcpy(out->tail + end, data, part);
		out->tail_len += part;
		data += part;
		n -= part;
	}
}

// The tail exists from the first byte behind the head on, or not at all.
static void open_tail(struct capture *capture) {
	struct output *out = &capture->output;
	size_t size = end_size(capture->last_half);
	if (size == 0 || out->tail || out->fd >= 0 || out->incomplete || !charge(out, size)) {
		return;
	}
	out->tail = malloc(size);
	if (out->tail) {
		out->tail_size = size;
	} else {
		uncharge(out, size);
	}
}

// Makes room in the tail. How many of n bytes go right into the file.
static size_t pass_tail(struct capture *capture, size_t n) {
	struct output *out = &capture->output;
	if (out->tail_len + n <= out->tail_size) {
		return 0;
	}
	if (capture->all) {
		// No tail need stay in memory: it goes as a whole, for few and long writes.
		evict_tail(capture, out->tail_len);
		return n >= out->tail_size / 2 ? n : 0;
	}
	size_t over = out->tail_len + n - out->tail_size;
	evict_tail(capture, over < out->tail_len ? over : out->tail_len);
	return n > out->tail_size ? n - out->tail_size : 0;
}

void capture_write(struct capture *capture, const char *data, size_t n) {
	struct output *out = &capture->output;
	out->total += n;
	size_t done = write_head(capture, data, n);
	data += done;
	n -= done;
	if (n == 0) {
		return;
	}
	open_tail(capture);
	size_t direct = pass_tail(capture, n);
	if (direct) {
		write_file(capture, data, direct);
	}
	write_tail(out, data + direct, n - direct);
}

struct output capture_take(struct capture *capture) {
	struct output output = capture->output;
	capture->output = OUTPUT_EMPTY;
	return output;
}
