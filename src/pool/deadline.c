// SPDX-License-Identifier: MIT
// Waiting for a condition, whatever happens to the clock on the wall.
#include "pool/deadline.h"

#include "base/base.h"
#include "base/clock.h"

#include <time.h>

bool deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns) {
	if (deadline_ns == SP_FOREVER) {
		return pthread_cond_wait(condition, mutex) == 0;
	}
	struct timespec until = {deadline_ns / CLOCK_SECOND, deadline_ns % CLOCK_SECOND};
	return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &until) == 0;
}
