// SPDX-License-Identifier: MIT
// SimpleQueue: a ring whose two ends wait without limit.
#include "pool/pool.h"
#include "pool/ring.h"

#include <stdlib.h>

struct sp_squeue {
	struct ring ring;
};

sp_status sp_squeue_new(sp_squeue **queue, size_t capacity) {
	sp_squeue *new = malloc(sizeof *new);
	if (!new) {
		return SP_E_NOMEM;
	}
	ring_init(&new->ring, capacity);
	*queue = new;
	return SP_OK;
}

sp_status sp_squeue_put(sp_squeue *queue, void *item) {
	return ring_put(&queue->ring, item, SP_FOREVER);
}

sp_status sp_squeue_get(sp_squeue *queue, void **item) {
	return ring_get(&queue->ring, item, SP_FOREVER);
}

sp_status sp_squeue_try_get(sp_squeue *queue, void **item) {
	return ring_try_get(&queue->ring, item);
}

sp_status sp_squeue_empty(sp_squeue *queue, bool *empty) {
	return ring_empty(&queue->ring, empty);
}

int sp_squeue_fd(sp_squeue *queue) {
	return ring_fd(&queue->ring);
}

void sp_squeue_close(sp_squeue *queue) {
	ring_close(&queue->ring);
}

void sp_squeue_free(sp_squeue *queue) {
	if (queue) {
		ring_destroy(&queue->ring);
		free(queue);
	}
}
