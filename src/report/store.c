// SPDX-License-Identifier: MIT
/*
 * A log. Its last blocks are in memory; the oldest of them goes to the file when room is needed,
 * unless nothing in it is live any more. Live bytes are counted for each segment: one in which
 * none is left is a hole in the file. When there are more segments than counters, segments grow.
 */
#include "report/store.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAST_SHIFT = 16 };

int store_init(struct store *store, const char *dir) {
	*store = (struct store){.dir = dir, .fd = -1, .shift = LEAST_SHIFT};
	store->memory = malloc((size_t)STORE_BLOCKS * STORE_BLOCK);
	return store->memory ? 0 : -1;
}

void store_clear(struct store *store) {
	fd_close(&store->fd);
	free(store->memory);
	store->memory = NULL;
}

int store_pwrite(int fd, const char *data, size_t n, uint64_t at) {
	while (n) {
		ssize_t r = pwrite(fd, data, n, (off_t)at);
		if (r == 0) {
			errno = ENOSPC;
		}
		if (r == 0 || (r < 0 && errno != EINTR)) {
			return -1;
		}
		size_t done = r > 0 ? (size_t)r : 0;
		data += done;
		n -= done;
		at += done;
	}
	return 0;
}

static char *block_of(const struct store *store, uint64_t block) {
	return store->memory + (block % STORE_BLOCKS) * STORE_BLOCK;
}

static uint64_t *count_of(struct store *store, uint64_t segment) {
	return &store->counts[segment % STORE_SEGMENTS];
}

// Two segments become one, until that which the place is in has a counter.
static void make_countable(struct store *store, uint64_t at) {
	while (store->base < at >> store->shift && *count_of(store, store->base) == 0) {
		store->base++;
	}
	while ((at >> store->shift) - store->base >= STORE_SEGMENTS) {
		uint64_t counts[STORE_SEGMENTS] = {0};
		for (uint64_t i = store->base; i < store->base + STORE_SEGMENTS; i++) {
			counts[i / 2 % STORE_SEGMENTS] += *count_of(store, i);
		}
		memcpy(store->counts, counts, sizeof counts);
		store->shift++;
		store->base /= 2;
	}
}

// How many of the n bytes from a place on are in its unit, which has `size` bytes.
static size_t within(uint64_t at, uint64_t n, uint64_t size) {
	uint64_t left = size - at % size;
	return (size_t)(n < left ? n : left);
}

// The oldest block leaves memory.
static int evict(struct store *store) {
	uint64_t at = store->first * STORE_BLOCK;
	uint64_t segment = at >> store->shift;
	if (segment >= store->base && *count_of(store, segment) > 0) {
		if (store->fd < 0) {
			store->fd = fd_unnamed_file(store->dir);
		}
		store->written = true;
		if (store->fd < 0 || store_pwrite(store->fd, block_of(store, store->first),
					     STORE_BLOCK, at) < 0) {
			return -1;
		}
	}
	store->first++;
	return 0;
}

size_t store_append(struct store *store, const void *data, size_t n) {
	size_t done = 0;
	while (done < n) {
		uint64_t block = store->end / STORE_BLOCK;
		if (block - store->first == STORE_BLOCKS && evict(store) < 0) {
			break;
		}
		size_t part = within(store->end, n - done, STORE_BLOCK);
		memcpy(block_of(store, block) + store->end % STORE_BLOCK, (const char *)data + done,
			part);
		make_countable(store, store->end);
		*count_of(store, store->end >> store->shift) += part;
		store->end += part;
		store->live += part;
		done += part;
	}
	return done;
}

int store_patch(struct store *store, uint64_t at, const void *data, size_t n) {
	const char *from = data;
	while (n) {
		size_t part = within(at, n, STORE_BLOCK);
		if (at / STORE_BLOCK >= store->first) {
			memcpy(block_of(store, at / STORE_BLOCK) + at % STORE_BLOCK, from, part);
		} else if (store_pwrite(store->fd, from, part, at) < 0) {
			return -1;
		}
		from += part;
		at += part;
		n -= part;
	}
	return 0;
}

const char *store_look(const struct store *store, uint64_t at, size_t *n) {
	uint64_t block = at / STORE_BLOCK;
	if (block >= store->first) {
		*n = within(at, store->end - at, STORE_BLOCK);
		return block_of(store, block) + at % STORE_BLOCK;
	}
	*n = (size_t)(store->first * STORE_BLOCK - at);
	return NULL;
}

// The part of a segment that has left memory is no more; where that cannot be, it is back on the
// disk when all is.
static void punch(struct store *store, uint64_t segment) {
	uint64_t from = segment << store->shift, to = (segment + 1) << store->shift;
	uint64_t evicted = store->first * STORE_BLOCK;
	to = to < evicted ? to : evicted;
	if (store->written && store->fd >= 0 && from < to) {
		fallocate(store->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
			(off_t)(to - from));
	}
}

static void begin_anew(struct store *store) {
	if (store->written && store->fd >= 0 && ftruncate(store->fd, 0) == 0) {
		store->written = false;
	}
	store->first = store->end = store->base = 0;
	store->shift = LEAST_SHIFT;
	memset(store->counts, 0, sizeof store->counts);
}

void store_give_back(struct store *store, uint64_t at, uint64_t n) {
	store->live -= n;
	if (store->live == 0) {
		begin_anew(store);
		return;
	}
	while (n) {
		uint64_t segment = at >> store->shift;
		size_t part = within(at, n, UINT64_C(1) << store->shift);
		*count_of(store, segment) -= part;
		if (*count_of(store, segment) == 0 && (segment + 1) << store->shift <= store->end) {
			punch(store, segment);
		}
		at += part;
		n -= part;
	}
}
