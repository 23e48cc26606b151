// SPDX-License-Identifier: MIT
// Queue and JoinableQueue: a ring with timeouts, and the count of what is not done yet.
#include "base/clock.h"
#include "pool/pool.h"
#include "pool/ring.h"

#include <stdlib.h>

struct sp_queue {
	struct ring ring;
	// Both guarded by the ring's mutex.
	pthread_cond_t finished; // ring.unfinished has become 0
	uint64_t rounds;         // how often it has
};

sp_status sp_queue_new(sp_queue **queue, size_t maxsize) {
	sp_queue *new = malloc(sizeof *new);
	if (!new) {
		return SP_E_NOMEM;
	}
	ring_init(&new->ring, maxsize);
	pthread_cond_init(&new->finished, NULL);
	new->rounds = 0;
	*queue = new;
	return SP_OK;
}

static int64_t deadline_of(bool block, int64_t timeout_ns) {
	return block && timeout_ns > 0 ? clock_deadline(timeout_ns) : RING_NOW;
}

sp_status sp_queue_put(sp_queue *queue, void *item, bool block, int64_t timeout_ns) {
	return ring_put(&queue->ring, item, deadline_of(block, timeout_ns));
}

sp_status sp_queue_put_nowait(sp_queue *queue, void *item) {
	return ring_put(&queue->ring, item, RING_NOW);
}

sp_status sp_queue_get(sp_queue *queue, void **item, bool block, int64_t timeout_ns) {
	return ring_get(&queue->ring, item, deadline_of(block, timeout_ns));
}

sp_status sp_queue_get_nowait(sp_queue *queue, void **item) {
	return ring_get(&queue->ring, item, RING_NOW);
}

sp_status sp_queue_try_get(sp_queue *queue, void **item) {
	return ring_try_get(&queue->ring, item);
}

size_t sp_queue_qsize(sp_queue *queue) {
	pthread_mutex_lock(&queue->ring.mutex);
	size_t count = queue->ring.count;
	pthread_mutex_unlock(&queue->ring.mutex);
	return count;
}

sp_status sp_queue_empty(sp_queue *queue, bool *empty) {
	return ring_empty(&queue->ring, empty);
}

bool sp_queue_full(sp_queue *queue) {
	return sp_queue_qsize(queue) >= queue->ring.capacity;
}

int sp_queue_fd(sp_queue *queue) {
	return ring_fd(&queue->ring);
}

sp_status sp_queue_task_done(sp_queue *queue) {
	pthread_mutex_lock(&queue->ring.mutex);
	sp_status status = queue->ring.unfinished ? SP_OK : SP_E_OVERRELEASE;
	if (status == SP_OK && --queue->ring.unfinished == 0) {
		queue->rounds++;
		// With the mutex held: who has joined may free the queue.
		pthread_cond_broadcast(&queue->finished);
	}
	pthread_mutex_unlock(&queue->ring.mutex);
	return status;
}

sp_status sp_queue_join(sp_queue *queue, int64_t timeout_ns) {
	int64_t deadline = deadline_of(true, timeout_ns);
	bool in_time = true;
	pthread_mutex_lock(&queue->ring.mutex);
	uint64_t round = queue->rounds;
	// That all was done once is enough; more may have been put before this thread wakes.
	while (queue->ring.unfinished && queue->rounds == round && in_time) {
		in_time = ring_wait(&queue->ring, &queue->finished, deadline);
	}
	bool done = !queue->ring.unfinished || queue->rounds != round;
	pthread_mutex_unlock(&queue->ring.mutex);
	return done ? SP_OK : SP_E_TIMEOUT;
}

void sp_queue_close(sp_queue *queue) {
	ring_close(&queue->ring);
}

void sp_queue_free(sp_queue *queue) {
	if (queue) {
		pthread_cond_destroy(&queue->finished);
		ring_destroy(&queue->ring);
		free(queue);
	}
}
