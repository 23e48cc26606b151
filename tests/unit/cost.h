/* SPDX-License-Identifier: MIT
 * What something costs: CPU time and memory of this process. */
#ifndef TESTS_COST_H
#define TESTS_COST_H

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

static inline double cost_cpu(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes that are allocated; always 0 where a sanitizer has its own allocator. */
static inline size_t cost_memory(void) {
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* Seconds that nothing may take; more where the tests run under a tool that slows them down. */
static inline double cost_most(void) {
	const char *slower = getenv("SPOOL_TEST_SLOWER");
	return 5.0 * (slower ? atoi(slower) : 1);
}
#endif
