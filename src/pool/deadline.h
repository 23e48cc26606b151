/* SPDX-License-Identifier: MIT
 * Waiting for a condition, but not beyond a moment of CLOCK_MONOTONIC. */
#ifndef POOL_DEADLINE_H
#define POOL_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* With the mutex held. false: the deadline, which may be SP_FOREVER, has passed. */
bool deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns);
#endif
