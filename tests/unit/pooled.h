/* SPDX-License-Identifier: MIT
 * Pools and tasks that the tests of map, imap and the workers share. Include after cmocka.h. */
#ifndef TESTS_POOLED_H
#define TESTS_POOLED_H

#include "pool/pool.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>

static inline sp_pool *pool_with(const sp_pool_opts *opts) {
	sp_pool *pool;
	assert_int_equal(sp_pool_new(&pool, opts, NULL), SP_OK);
	return pool;
}

static inline sp_pool *pool_of(int processes, void (*free_value)(void *value)) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = processes;
	opts.free_value = free_value;
	return pool_with(&opts);
}

static inline void finish(sp_pool *pool) {
	assert_int_equal(sp_pool_close(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool);
}

/* The value is the argument. */
static inline sp_status echo(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	*value = arg;
	return SP_OK;
}

/* Counts in an atomic_int. */
static inline sp_status count(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	atomic_int *counter = arg;
	(*counter)++;
	return SP_OK;
}

/* The same, then sleeps until the pool is terminated. */
static inline sp_status until_cancelled(
	void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)value, (void)error;
	atomic_int *running = arg;
	(*running)++;
	struct pollfd look = {.fd = sp_cancel_fd(cancel), .events = POLLIN};
	poll(&look, 1, -1);
	return SP_E_INTERRUPTED;
}

/* A free_value for values that are atomic_int. */
static inline void count_freed(void *value) {
	atomic_int *freed = value;
	(*freed)++;
}
#endif
