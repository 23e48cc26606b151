// SPDX-License-Identifier: MIT
// How a map ends with its pool, and who frees its values.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pooled.h"
#include "probe.h"

#include <pthread.h>

enum { SOME = 100 };

// ---- the end of a pool

enum { MILLION = 1000000 };

static void **million(void *arg) {
	void **many = malloc(MILLION * sizeof *many);
	assert_non_null(many);
	for (int i = 0; i < MILLION; i++) {
		many[i] = arg;
	}
	return many;
}

static int count_calls(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values;
	atomic_int *calls = ud;
	*calls += n == MILLION && error->code == SP_E_CANCELLED ? 1 : 1000;
	return 0;
}

// Counts, and leaves a value; from the twentieth on they wait for the end of the pool.
static sp_status count_or_wait(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	atomic_int *ran = arg;
	*value = arg;
	return *ran < 20 ? count(arg, cancel, value, error)
			 : until_cancelled(arg, cancel, value, error);
}

static atomic_int freed_values;

static void free_one(void *value) {
	(void)value;
	freed_values++;
}

static void DEV5b_pitfall_29_terminate_within_a_million(void **state) {
	(void)state;
	const int chunksizes[] = {1, -1};
	for (int round = 0; round < 2; round++) {
		sp_pool *pool = pool_of(2, free_one);
		atomic_int ran = 0, behind = 0, calls = 0;
		freed_values = 0;
		void **many = million(&ran);
		sp_async *job, *next;
		assert_int_equal(sp_pool_map_async(pool, count_or_wait, many, MILLION,
					 chunksizes[round], NULL, count_calls, &calls, &job),
			SP_OK);
		many[0] = &behind;
		assert_int_equal(sp_pool_map_async(pool, count_or_wait, many, 1, 1, count_calls,
					 count_calls, &calls, &next),
			SP_OK);
		AWAIT(ran > 20);
		int64_t start = probe_now();
		assert_int_equal(sp_pool_terminate(pool), SP_OK);
		// What had not started is done already.
		assert_int_equal(sp_async_get(next, 0, NULL, NULL, NULL, NULL), SP_E_CANCELLED);
		assert_int_equal(sp_pool_join(pool), SP_OK);
		assert_true(probe_now() - start < INT64_C(2000000000));
		void *const *values;
		size_t n, failed;
		assert_int_equal(sp_async_get(job, 0, &values, &n, &failed, NULL), SP_E_CANCELLED);
		assert_int_equal(n, MILLION);
		int with_value = 0;
		for (size_t i = 0; i < n; i++) {
			with_value += values[i] != NULL;
			sp_status item = sp_async_item(job, i, NULL, NULL);
			assert_true(item == SP_E_CANCELLED || (item == SP_OK && values[i]));
		}
		assert_int_equal(sp_async_item(job, failed, NULL, NULL), SP_E_CANCELLED);
		assert_int_equal(with_value, ran);
		assert_true(ran < 30); // the rest of a chunk is dropped too
		assert_int_equal(behind, 0);
		assert_int_equal(calls, 1);
		sp_pool_free(pool);
		sp_async_free(job);
		sp_async_free(next);
		assert_int_equal(freed_values, ran);
		free(many);
	}
}

struct blocked {
	sp_pool *pool;
	pthread_t thread;
	atomic_int *running;
	sp_status status;
};

static void *map_blocked(void *arg) {
	struct blocked *me = arg;
	void *in[] = {me->running, me->running, me->running, me->running};
	me->status = sp_pool_map(me->pool, until_cancelled, in, 4, 1, NULL, NULL);
	return NULL;
}

static void DEV5b_terminate_ends_a_map_that_is_waited_for(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	atomic_int running = 0;
	struct blocked blocked = {.pool = pool, .running = &running};
	pthread_create(&blocked.thread, NULL, map_blocked, &blocked);
	AWAIT(running == 2);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	pthread_join(blocked.thread, NULL);
	assert_int_equal(blocked.status, SP_E_CANCELLED);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_int_equal(running, 2);
	sp_pool_free(pool);
}

static void P16_close_runs_the_rest_of_a_map(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	atomic_int calls = 0;
	void *in[SOME];
	for (int i = 0; i < SOME; i++) {
		in[i] = &calls;
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(
			sp_pool_map_async(pool, count, in, SOME, 1, NULL, NULL, NULL, NULL), SP_OK);
	}
	finish(pool);
	assert_int_equal(calls, 20 * SOME);
}

// ---- who frees values

static void P_values_of_a_map_are_freed_once(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, count_freed);
	static atomic_int freed[SOME];
	void *in[SOME], *out[SOME];
	for (int i = 0; i < SOME; i++) {
		in[i] = &freed[i];
	}
	assert_int_equal(sp_pool_map(pool, echo, in, SOME, 3, out, NULL), SP_OK);
	assert_int_equal(freed[0] + freed[SOME - 1], 0); // the caller's
	assert_int_equal(sp_pool_map(pool, echo, in, SOME, 3, NULL, NULL), SP_OK);
	sp_async *job;
	assert_int_equal(sp_pool_map_async(pool, echo, in, SOME, 3, NULL, NULL, NULL, &job), SP_OK);
	assert_int_equal(sp_async_wait(job, SP_FOREVER), SP_OK);
	for (int i = 0; i < SOME; i++) {
		assert_int_equal(freed[i], 1);
	}
	sp_async_free(job);
	assert_int_equal(sp_pool_map_async(pool, echo, in, SOME, 3, NULL, NULL, NULL, NULL), SP_OK);
	finish(pool);
	for (int i = 0; i < SOME; i++) {
		assert_int_equal(freed[i], 3);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(DEV5b_pitfall_29_terminate_within_a_million),
		cmocka_unit_test(DEV5b_terminate_ends_a_map_that_is_waited_for),
		cmocka_unit_test(P16_close_runs_the_rest_of_a_map),
		cmocka_unit_test(P_values_of_a_map_are_freed_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
