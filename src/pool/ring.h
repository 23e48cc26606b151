/* SPDX-License-Identifier: MIT
 * What both queues are: pointers in a ring that grows, the threads that wait at its two ends, and
 * an eventfd for those who poll instead. Deadlines are absolute, on CLOCK_MONOTONIC (DEV-13);
 * RING_NOW does not wait. */
#ifndef POOL_RING_H
#define POOL_RING_H

#include "base/base.h"

#include <pthread.h>

enum { RING_NOW = 0 };

struct ring {
	pthread_mutex_t mutex;   // guards everything below but capacity
	pthread_cond_t readable; // count > 0, or closed
	pthread_cond_t writable; // count < capacity, or closed
	size_t capacity;
	void **items; // slots of them, the oldest at head
	size_t slots, head, count;
	size_t unfinished; // put and not said to be done; it has to rise together with count
	bool closed;
	int fd; // -1 until asked for; then non-zero inside while count > 0 or closed
};

/* An empty ring; capacity 0 = no limit. */
void ring_init(struct ring *ring, size_t capacity);

/* Nobody may be using it. */
void ring_destroy(struct ring *ring);

/* SP_OK, SP_E_CLOSED, SP_E_NOMEM; SP_E_FULL: there is no room at the deadline. */
sp_status ring_put(struct ring *ring, void *item, int64_t deadline_ns);

/* SP_OK, SP_E_CLOSED whatever is left; SP_E_EMPTY: there is nothing at the deadline. */
sp_status ring_get(struct ring *ring, void **item, int64_t deadline_ns);

/* Does not wait; takes from a closed ring too. SP_OK, SP_E_EMPTY, SP_E_CLOSED: closed and empty. */
sp_status ring_try_get(struct ring *ring, void **item);

/* SP_OK, SP_E_CLOSED. */
sp_status ring_empty(struct ring *ring, bool *empty);

/* Readable while ring_get would not block; -1 and errno if there is none to be had. */
int ring_fd(struct ring *ring);

/* Wakes all who wait in put and get. Again does nothing. */
void ring_close(struct ring *ring);

/* Waits for a condition that the mutex, which the caller holds, guards. false: the deadline has
   passed. It may have taken a signal even so: look at what is waited for before giving up. */
bool ring_wait(struct ring *ring, pthread_cond_t *condition, int64_t deadline_ns);
#endif
