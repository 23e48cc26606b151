// SPDX-License-Identifier: MIT
// A ring of pointers that grows, for the queues: putting, taking, waiting, polling.
#include "pool/ring.h"

#include "base/fd.h"
#include "pool/deadline.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum { FIRST_SLOTS = 16 };

void ring_init(struct ring *ring, size_t capacity) {
	*ring = (struct ring){.capacity = capacity ? capacity : SIZE_MAX, .fd = -1};
	pthread_mutex_init(&ring->mutex, NULL);
	pthread_cond_init(&ring->readable, NULL);
	pthread_cond_init(&ring->writable, NULL);
}

void ring_destroy(struct ring *ring) {
	fd_close(&ring->fd);
	pthread_cond_destroy(&ring->readable);
	pthread_cond_destroy(&ring->writable);
	pthread_mutex_destroy(&ring->mutex);
	free(ring->items);
}

bool ring_wait(struct ring *ring, pthread_cond_t *condition, int64_t deadline_ns) {
	return deadline_ns != RING_NOW && deadline_wait(condition, &ring->mutex, deadline_ns);
}

// A full ring becomes twice as long, its pointers unrolled to the front.
static sp_status grow(struct ring *ring) {
	size_t slots = ring->slots ? 2 * ring->slots : FIRST_SLOTS;
	void **items = slots > ring->slots ? reallocarray(NULL, slots, sizeof *items) : NULL;
	if (!items) {
		return SP_E_NOMEM;
	}
	size_t behind = ring->slots - ring->head;
	if (ring->count) {
		memcpy(items, ring->items + ring->head, behind * sizeof *items);
		memcpy(items + behind, ring->items, ring->head * sizeof *items);
	}
	free(ring->items);
	ring->items = items;
	ring->slots = slots;
	ring->head = 0;
	return SP_OK;
}

// Room for one more, waiting for it if need be. Who has waited needs no memory: the ring was full
// then, and it never shrinks. So no signal is lost on one who fails for want of it.
static sp_status await_room(struct ring *ring, int64_t deadline_ns) {
	bool in_time = true;
	while (!ring->closed && ring->count >= ring->capacity && in_time) {
		in_time = ring_wait(ring, &ring->writable, deadline_ns);
	}
	if (ring->closed) {
		return SP_E_CLOSED;
	}
	if (ring->count >= ring->capacity) {
		return SP_E_FULL;
	}
	return ring->count < ring->slots ? SP_OK : grow(ring);
}

sp_status ring_put(struct ring *ring, void *item, int64_t deadline_ns) {
	pthread_mutex_lock(&ring->mutex);
	sp_status status = await_room(ring, deadline_ns);
	if (status == SP_OK) {
		ring->items[(ring->head + ring->count++) % ring->slots] = item;
		ring->unfinished++;
		if (ring->count == 1 && ring->fd >= 0) {
			eventfd_write(ring->fd, 1);
		}
		// With the mutex held: who takes the item may free the queue.
		pthread_cond_signal(&ring->readable);
	}
	pthread_mutex_unlock(&ring->mutex);
	return status;
}

static void *take(struct ring *ring) {
	void *item = ring->items[ring->head];
	ring->head = (ring->head + 1) % ring->slots;
	ring->count--;
	// In a closed queue get never blocks, so the descriptor stays readable.
	if (!ring->count && ring->fd >= 0 && !ring->closed) {
		eventfd_t drained;
		eventfd_read(ring->fd, &drained);
	}
	pthread_cond_signal(&ring->writable);
	return item;
}

sp_status ring_get(struct ring *ring, void **item, int64_t deadline_ns) {
	pthread_mutex_lock(&ring->mutex);
	bool in_time = true;
	while (!ring->closed && !ring->count && in_time) {
		in_time = ring_wait(ring, &ring->readable, deadline_ns);
	}
	sp_status status = ring->closed ? SP_E_CLOSED : ring->count ? SP_OK : SP_E_EMPTY;
	if (status == SP_OK) {
		*item = take(ring);
	}
	pthread_mutex_unlock(&ring->mutex);
	return status;
}

sp_status ring_try_get(struct ring *ring, void **item) {
	pthread_mutex_lock(&ring->mutex);
	sp_status status = SP_OK;
	if (ring->count) {
		*item = take(ring);
	} else {
		status = ring->closed ? SP_E_CLOSED : SP_E_EMPTY;
	}
	pthread_mutex_unlock(&ring->mutex);
	return status;
}

sp_status ring_empty(struct ring *ring, bool *empty) {
	pthread_mutex_lock(&ring->mutex);
	sp_status status = ring->closed ? SP_E_CLOSED : SP_OK;
	if (status == SP_OK) {
		*empty = ring->count == 0;
	}
	pthread_mutex_unlock(&ring->mutex);
	return status;
}

int ring_fd(struct ring *ring) {
	pthread_mutex_lock(&ring->mutex);
	if (ring->fd < 0) {
		unsigned readable = ring->count || ring->closed;
		ring->fd = fd_above_stdio(eventfd(readable, EFD_CLOEXEC | EFD_NONBLOCK));
	}
	int fd = ring->fd;
	pthread_mutex_unlock(&ring->mutex);
	return fd;
}

void ring_close(struct ring *ring) {
	pthread_mutex_lock(&ring->mutex);
	if (!ring->closed) {
		ring->closed = true;
		if (!ring->count && ring->fd >= 0) {
			eventfd_write(ring->fd, 1);
		}
		pthread_cond_broadcast(&ring->readable);
		pthread_cond_broadcast(&ring->writable);
	}
	pthread_mutex_unlock(&ring->mutex);
}
