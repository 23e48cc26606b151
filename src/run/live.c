// SPDX-License-Identifier: MIT
// A piece is a result of which only one output is filled in. What it takes of the memory comes back
// when its last holder clears it.
#include "run/live.h"
#include "base/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ENOUGH = LIVE_MEMORY / 4 }; // to go on with

void live_init(
	struct live *live, const struct attempt_common *common, const struct result *result) {
	*live = (struct live){.common = common, .result = result};
}

// Pieces that take the last of it may take more than there is: they have been read already.
static size_t charge(atomic_size_t *memory, size_t n) {
	size_t left = atomic_load(memory), taken;
	do {
		taken = n < left ? n : left;
	} while (!atomic_compare_exchange_weak(memory, &left, left - taken));
	return taken;
}

// Without memory it waits for some: nothing is lost.
static void deliver(struct live *live, int stream, char *data, size_t n) {
	bool *inside = &live->inside[stream == 1 ? 0 : 1];
	struct output output = {
		.head = data,
		.head_len = n,
		.fd = -1,
		.total = n,
		.continues = *inside,
		.budget = live->common->live_memory,
		.charged = charge(live->common->live_memory, n + LIVE_PIECE),
	};
	*inside = data[n - 1] != '\n';
	while (!live->common->deliver(live->common, live->result, stream, &output)) {
		nanosleep(&(struct timespec){.tv_nsec = CLOCK_MS}, NULL);
	}
}

static char *copy(const struct buf *line, const char *data, size_t n) {
	char *piece;
	while (!(piece = malloc(line->len + n))) {
		nanosleep(&(struct timespec){.tv_nsec = CLOCK_MS}, NULL);
	}
	if (line->len) {
		memcpy(piece, line->data, line->len);
	}
	memcpy(piece + line->len, data, n);
	return piece;
}

bool live_write(struct live *live, int stream, const char *data, size_t n) {
	struct buf *line = &live->lines[stream == 1 ? 0 : 1];
	const char *end = memrchr(data, '\n', n);
	size_t whole = end ? (size_t)(end - data) + 1 : 0;
	if (whole == 0 && line->len + n > LIVE_LINE) {
		whole = n;
	}
	if (whole) {
		deliver(live, stream, copy(line, data, whole), line->len + whole);
		line->len = 0;
	}
	if (buf_append(line, data + whole, n - whole) < 0) {
		struct buf none = {0};
		deliver(live, stream, copy(&none, data + whole, n - whole), n - whole);
	}
	return atomic_load(live->common->live_memory) == 0;
}

sp_status live_await(const struct live *live, int64_t deadline, const sp_cancel *cancel) {
	struct pollfd fd = {.fd = cancel ? sp_cancel_fd(cancel) : -1, .events = POLLIN};
	int pause = 1;
	while (atomic_load(live->common->live_memory) < ENOUGH &&
		!sp_cancelled(live->common->kill)) {
		int64_t now = clock_now();
		if (now >= deadline) {
			return SP_E_TIMEOUT;
		}
		int left = clock_poll_ms(deadline);
		if (poll(&fd, 1, left >= 0 && left < pause ? left : pause) > 0) {
			return SP_E_INTERRUPTED;
		}
		pause = pause < 16 ? pause * 2 : pause;
	}
	return SP_OK;
}

void live_finish(struct live *live) {
	for (int i = 0; i < 2; i++) {
		struct buf *line = &live->lines[i];
		if (line->len) {
			struct buf none = {0};
			deliver(live, i + 1, copy(&none, line->data, line->len), line->len);
		}
		buf_clear(line);
	}
}
