// SPDX-License-Identifier: MIT
// SimpleQueue: a ring of pointers that grows, and an eventfd beside it for those who poll.
#include "base/fd.h"
#include "pool/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum { FIRST_SLOTS = 16 };

struct sp_squeue {
	pthread_mutex_t mutex;   // guards everything below but capacity
	pthread_cond_t readable; // count > 0, or closed
	pthread_cond_t writable; // count < capacity, or closed
	size_t capacity;
	void **ring; // slots of them, the oldest at head
	size_t slots, head, count;
	bool closed;
	int fd; // -1 until asked for; then non-zero inside while count > 0 or closed
};

sp_status sp_squeue_new(sp_squeue **queue, size_t capacity) {
	sp_squeue *new = calloc(1, sizeof *new);
	if (!new) {
		return SP_E_NOMEM;
	}
	pthread_mutex_init(&new->mutex, NULL);
	pthread_cond_init(&new->readable, NULL);
	pthread_cond_init(&new->writable, NULL);
	new->capacity = capacity ? capacity : SIZE_MAX;
	new->fd = -1;
	*queue = new;
	return SP_OK;
}

// A full ring becomes twice as long, its pointers unrolled to the front.
static sp_status grow(sp_squeue *queue) {
	size_t slots = queue->slots ? 2 * queue->slots : FIRST_SLOTS;
	void **ring = slots > queue->slots ? reallocarray(NULL, slots, sizeof *ring) : NULL;
	if (!ring) {
		return SP_E_NOMEM;
	}
	size_t behind = queue->slots - queue->head;
	if (queue->count) {
		memcpy(ring, queue->ring + queue->head, behind * sizeof *ring);
		memcpy(ring + behind, queue->ring, queue->head * sizeof *ring);
	}
	free(queue->ring);
	queue->ring = ring;
	queue->slots = slots;
	queue->head = 0;
	return SP_OK;
}

// Room for one more, waiting for it if need be.
static sp_status await_room(sp_squeue *queue) {
	while (!queue->closed && queue->count >= queue->capacity) {
		pthread_cond_wait(&queue->writable, &queue->mutex);
	}
	if (queue->closed) {
		return SP_E_CLOSED;
	}
	return queue->count < queue->slots ? SP_OK : grow(queue);
}

sp_status sp_squeue_put(sp_squeue *queue, void *item) {
	pthread_mutex_lock(&queue->mutex);
	sp_status status = await_room(queue);
	if (status == SP_OK) {
		queue->ring[(queue->head + queue->count++) % queue->slots] = item;
		if (queue->count == 1 && queue->fd >= 0) {
			eventfd_write(queue->fd, 1);
		}
		// With the mutex held: who takes the item may free the queue.
		pthread_cond_signal(&queue->readable);
	}
	pthread_mutex_unlock(&queue->mutex);
	return status;
}

static void *take(sp_squeue *queue) {
	void *item = queue->ring[queue->head];
	queue->head = (queue->head + 1) % queue->slots;
	queue->count--;
	// In a closed queue get never blocks, so the descriptor stays readable.
	if (!queue->count && queue->fd >= 0 && !queue->closed) {
		eventfd_t drained;
		eventfd_read(queue->fd, &drained);
	}
	pthread_cond_signal(&queue->writable);
	return item;
}

sp_status sp_squeue_get(sp_squeue *queue, void **item) {
	pthread_mutex_lock(&queue->mutex);
	while (!queue->closed && !queue->count) {
		pthread_cond_wait(&queue->readable, &queue->mutex);
	}
	sp_status status = queue->closed ? SP_E_CLOSED : SP_OK;
	if (status == SP_OK) {
		*item = take(queue);
	}
	pthread_mutex_unlock(&queue->mutex);
	return status;
}

sp_status sp_squeue_try_get(sp_squeue *queue, void **item) {
	pthread_mutex_lock(&queue->mutex);
	sp_status status = SP_OK;
	if (queue->count) {
		*item = take(queue);
	} else {
		status = queue->closed ? SP_E_CLOSED : SP_E_EMPTY;
	}
	pthread_mutex_unlock(&queue->mutex);
	return status;
}

sp_status sp_squeue_empty(sp_squeue *queue, bool *empty) {
	pthread_mutex_lock(&queue->mutex);
	sp_status status = queue->closed ? SP_E_CLOSED : SP_OK;
	if (status == SP_OK) {
		*empty = queue->count == 0;
	}
	pthread_mutex_unlock(&queue->mutex);
	return status;
}

int sp_squeue_fd(sp_squeue *queue) {
	pthread_mutex_lock(&queue->mutex);
	if (queue->fd < 0) {
		unsigned readable = queue->count || queue->closed;
		queue->fd = fd_above_stdio(eventfd(readable, EFD_CLOEXEC | EFD_NONBLOCK));
	}
	int fd = queue->fd;
	pthread_mutex_unlock(&queue->mutex);
	return fd;
}

void sp_squeue_close(sp_squeue *queue) {
	pthread_mutex_lock(&queue->mutex);
	if (!queue->closed) {
		queue->closed = true;
		if (!queue->count && queue->fd >= 0) {
			eventfd_write(queue->fd, 1);
		}
		pthread_cond_broadcast(&queue->readable);
		pthread_cond_broadcast(&queue->writable);
	}
	pthread_mutex_unlock(&queue->mutex);
}

void sp_squeue_free(sp_squeue *queue) {
	if (!queue) {
		return;
	}
	fd_close(&queue->fd);
	pthread_cond_destroy(&queue->readable);
	pthread_cond_destroy(&queue->writable);
	pthread_mutex_destroy(&queue->mutex);
	free(queue->ring);
	free(queue);
}
