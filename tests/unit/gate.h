/* SPDX-License-Identifier: MIT
 * A gate that tasks wait at until the test opens it. */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include "pool/pool.h"

#include <pthread.h>
#include <stdatomic.h>

struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t opened;
	bool open;
	atomic_int arrived;
};

#define GATE_INIT \
	{ .mutex = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER }

static inline void gate_open(struct gate *gate) {
	pthread_mutex_lock(&gate->mutex);
	gate->open = true;
	pthread_cond_broadcast(&gate->opened);
	pthread_mutex_unlock(&gate->mutex);
}

static inline void gate_pass(struct gate *gate) {
	gate->arrived++;
	pthread_mutex_lock(&gate->mutex);
	while (!gate->open) {
		pthread_cond_wait(&gate->opened, &gate->mutex);
	}
	pthread_mutex_unlock(&gate->mutex);
}

/* The task that waits at the gate; its value is the gate. */
static inline sp_status gate_task(
	void *gate, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	gate_pass(gate);
	*value = gate;
	return SP_OK;
}
#endif
