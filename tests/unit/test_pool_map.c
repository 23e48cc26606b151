// SPDX-License-Identifier: MIT
// map: one job of many tasks. What a pool does with any job is test_pool.c's; how a map ends before
// all has run is test_pool_map_end.c's.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "pooled.h"
#include "probe.h"

#include <errno.h>

enum { SOME = 100 };

// Arguments that are the addresses of the numbers.
static int numbers[SOME];
static void *args[SOME];

static int number_args(void **state) {
	(void)state;
	for (int i = 0; i < SOME; i++) {
		numbers[i] = i;
		args[i] = &numbers[i];
	}
	return 0;
}

static sp_async *map_async(sp_pool *pool, sp_func func, size_t n, int chunksize) {
	sp_async *job = NULL;
	assert_int_equal(
		sp_pool_map_async(pool, func, args, n, chunksize, NULL, NULL, NULL, &job), SP_OK);
	assert_non_null(job);
	return job;
}

// Every tenth fails, all leave a value.
static sp_status some_fail(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel;
	const int *number = arg;
	*value = arg;
	if (*number % 10 != 7) {
		return SP_OK;
	}
	error->os_errno = *number;
	error->filename = strdup("some/file");
	return SP_E_OS;
}

// ---- submitting

static void P1_map_when_closed_is_not_running(void **state) {
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		sp_pool *pool = pool_of(2, NULL);
		sp_pool_close(pool);
		sp_error error = SP_ERROR_INIT;
		void *values[] = {&error};
		sp_async *job = values[0];
		assert_int_equal(
			sp_pool_map(pool, echo, args, n, -1, values, &error), SP_E_NOTRUNNING);
		assert_string_equal(error.msg, "Pool not running");
		assert_true(n == 0 || values[0] == NULL);
		assert_int_equal(sp_pool_map_async(pool, echo, args, n, -1, NULL, NULL, NULL, &job),
			SP_E_NOTRUNNING);
		assert_int_equal(sp_pool_map_async(pool, echo, args, n, -1, NULL, NULL, NULL, NULL),
			SP_E_NOTRUNNING);
		assert_null(job);
		assert_int_equal(sp_pool_join(pool), SP_OK);
		sp_pool_free(pool);
	}
}

static void P7_values_are_in_the_order_of_the_input(void **state) {
	(void)state;
	sp_pool *pool = pool_of(3, NULL);
	const int chunksizes[] = {-1, 1, 3, 7, SOME - 1, SOME, SOME + 1, INT32_MAX};
	for (size_t c = 0; c < sizeof chunksizes / sizeof chunksizes[0]; c++) {
		for (size_t n = 1; n <= SOME; n += 33) {
			void *values[SOME] = {NULL};
			sp_error error = SP_ERROR_INIT;
			assert_int_equal(
				sp_pool_map(pool, echo, args, n, chunksizes[c], values, &error),
				SP_OK);
			assert_int_equal(error.code, SP_OK);
			assert_memory_equal(values, args, n * sizeof *args);
			assert_true(n == SOME || values[n] == NULL);
		}
	}
	finish(pool);
}

static void P7_the_arguments_of_map_async_are_copied(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct gate gate = GATE_INIT;
	assert_int_equal(
		sp_pool_apply_async(pool, gate_task, &gate, NULL, NULL, NULL, NULL), SP_OK);
	void *mine[] = {args[3], args[4]};
	sp_async *job;
	assert_int_equal(sp_pool_map_async(pool, echo, mine, 2, 1, NULL, NULL, NULL, &job), SP_OK);
	mine[0] = mine[1] = NULL;
	gate_open(&gate);
	void *const *values;
	size_t n, failed;
	assert_int_equal(sp_async_get(job, SP_FOREVER, &values, &n, &failed, NULL), SP_OK);
	assert_int_equal(n, 2);
	assert_int_equal(failed, 2);
	assert_ptr_equal(values[0], args[3]);
	assert_ptr_equal(values[1], args[4]);
	sp_async_free(job);
	finish(pool);
}

static void P_queue_max_counts_a_map_as_one(void **state) {
	(void)state;
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = 1;
	opts.queue_max = 2;
	sp_pool *pool = pool_with(&opts);
	struct gate gate = GATE_INIT;
	assert_int_equal(
		sp_pool_apply_async(pool, gate_task, &gate, NULL, NULL, NULL, NULL), SP_OK);
	AWAIT(gate.arrived == 1);
	sp_async *first = map_async(pool, echo, SOME, 1), *second = map_async(pool, echo, SOME, 1);
	gate_open(&gate);
	assert_int_equal(sp_pool_map(pool, echo, args, SOME, 1, NULL, NULL), SP_OK);
	assert_int_equal(sp_async_get(first, 0, NULL, NULL, NULL, NULL), SP_OK);
	assert_int_equal(sp_async_get(second, 0, NULL, NULL, NULL, NULL), SP_OK);
	sp_async_free(first);
	sp_async_free(second);
	finish(pool);
}

static void P11_DEV11_chunksize_is_positive(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	atomic_int calls = 0;
	void *counter[] = {&calls};
	const int wrong[] = {0, -2, INT32_MIN};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		sp_error error = SP_ERROR_INIT;
		sp_async *job = NULL;
		assert_int_equal(
			sp_pool_map(pool, count, counter, 1, wrong[i], NULL, &error), SP_E_VALUE);
		assert_non_null(strstr(error.msg, "Chunksize must be 1+, not "));
		assert_int_equal(sp_pool_map_async(
					 pool, count, counter, 1, wrong[i], NULL, NULL, NULL, &job),
			SP_E_VALUE);
		assert_null(job);
	}
	finish(pool);
	assert_int_equal(calls, 0);
}

// ---- failures

struct late {
	struct gate gate;
	atomic_int ran;
};

struct late_item {
	struct late *late;
	int number;
};

// 0 fails only after 3 has; 5, by the same thread, lets it.
static sp_status fails_late(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	struct late_item *item = arg;
	item->late->ran++;
	*value = item;
	if (item->number == 0) {
		gate_pass(&item->late->gate);
		return SP_E_RANGE;
	}
	if (item->number == 5) {
		gate_open(&item->late->gate);
	}
	return item->number == 3 ? SP_E_VALUE : SP_OK;
}

static void P8_map_waits_for_all_and_tells_what_failed_first(void **state) {
	(void)state;
	enum { ITEMS = 9 };
	sp_pool *pool = pool_of(2, NULL);
	struct late late = {.gate = GATE_INIT};
	struct late_item items[ITEMS];
	void *in[ITEMS], *out[ITEMS];
	for (int i = 0; i < ITEMS; i++) {
		items[i] = (struct late_item){&late, i};
		in[i] = &items[i];
	}
	assert_int_equal(sp_pool_map(pool, fails_late, in, ITEMS, 1, out, NULL), SP_E_VALUE);
	assert_int_equal(late.ran, ITEMS);
	assert_memory_equal(out, in, sizeof in);
	late.gate.open = false;
	sp_async *job;
	assert_int_equal(
		sp_pool_map_async(pool, fails_late, in, ITEMS, 1, NULL, NULL, NULL, &job), SP_OK);
	size_t failed = 99;
	assert_int_equal(sp_async_get(job, SP_FOREVER, NULL, NULL, &failed, NULL), SP_E_VALUE);
	assert_int_equal(failed, 3);
	assert_int_equal(late.ran, 2 * ITEMS);
	assert_int_equal(sp_async_item(job, 0, NULL, NULL), SP_E_RANGE);
	assert_int_equal(sp_async_item(job, 3, NULL, NULL), SP_E_VALUE);
	assert_int_equal(sp_async_item(job, 5, NULL, NULL), SP_OK);
	sp_async_free(job);
	finish(pool);
}

static void P8_P9_each_item_has_its_own_result(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	const int chunksizes[] = {1, 30, SOME};
	for (int c = 0; c < 3; c++) {
		sp_async *job = map_async(pool, some_fail, SOME, chunksizes[c]);
		sp_error error = SP_ERROR_INIT;
		size_t n, failed;
		assert_int_equal(sp_async_get(job, SP_FOREVER, NULL, &n, &failed, &error), SP_E_OS);
		assert_int_equal(n, SOME);
		assert_int_equal(failed % 10, 7);
		assert_int_equal(error.os_errno, failed);
		for (int i = 0; i < SOME; i++) {
			void *value = NULL;
			sp_status status = i % 10 == 7 ? SP_E_OS : SP_OK;
			assert_int_equal(sp_async_item(job, (size_t)i, &value, &error), status);
			assert_int_equal(error.code, status);
			assert_ptr_equal(value, args[i]);
			assert_int_equal(error.os_errno, status == SP_OK ? 0 : i);
			assert_true(status == SP_OK || strcmp(error.filename, "some/file") == 0);
		}
		sp_error_clear(&error);
		sp_async_free(job);
	}
	finish(pool);
}

static void P8_an_item_that_is_not_there(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct gate gate = GATE_INIT;
	void *value = &gate;
	sp_error error = SP_ERROR_INIT;
	sp_async *job;
	assert_int_equal(
		sp_pool_apply_async(pool, gate_task, &gate, NULL, NULL, NULL, &job), SP_OK);
	assert_int_equal(sp_async_item(job, 0, &value, &error), SP_E_VALUE);
	assert_string_equal(error.msg, "not ready");
	assert_null(value);
	gate_open(&gate);
	assert_int_equal(sp_async_wait(job, SP_FOREVER), SP_OK);
	assert_int_equal(sp_async_item(job, 0, &value, &error), SP_OK);
	assert_ptr_equal(value, &gate);
	assert_int_equal(sp_async_item(job, 1, &value, &error), SP_E_VALUE);
	assert_string_equal(error.msg, "index out of range");
	sp_async_free(job);
	assert_int_equal(
		sp_pool_apply_async(pool, some_fail, args[17], NULL, NULL, NULL, &job), SP_OK);
	assert_int_equal(sp_async_wait(job, SP_FOREVER), SP_OK);
	assert_int_equal(sp_async_item(job, 0, &value, &error), SP_E_OS);
	assert_int_equal(error.os_errno, 17);
	sp_error_clear(&error);
	sp_async_free(job);
	finish(pool);
}

// ---- callbacks

struct heard {
	atomic_int calls, error_calls;
	int rc;
	size_t n;
	void *values[SOME];
	sp_status code;
	sp_pool *pool;
	_Atomic(sp_async *) job;
	sp_status got, terminated, joined, mapped;
};

static int listen(struct heard *heard, void *const *values, size_t n, const sp_error *error) {
	heard->n = n;
	heard->code = error->code;
	memcpy(heard->values, values, (n < SOME ? n : SOME) * sizeof *values);
	if (heard->pool) {
		AWAIT(heard->job);
		heard->got = sp_async_get(heard->job, SP_FOREVER, NULL, NULL, NULL, NULL);
		heard->terminated = sp_pool_terminate(heard->pool);
		heard->joined = sp_pool_join(heard->pool);
		heard->mapped = sp_pool_map(heard->pool, echo, args, SOME, 1, NULL, NULL);
	}
	return heard->rc;
}

static int on_values(void *const *values, size_t n, const sp_error *error, void *ud) {
	struct heard *heard = ud;
	heard->calls++;
	return listen(heard, values, n, error);
}

static int on_error(void *const *values, size_t n, const sp_error *error, void *ud) {
	struct heard *heard = ud;
	heard->error_calls++;
	return listen(heard, values, n, error);
}

static sp_async *map_heard(sp_pool *pool, sp_func func, size_t n, struct heard *heard) {
	sp_async *job = NULL;
	assert_int_equal(
		sp_pool_map_async(pool, func, args, n, 3, on_values, on_error, heard, &job), SP_OK);
	return job;
}

static void P10_an_empty_map_is_done_at_once_without_callback(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct heard heard = {0};
	void *const *values = NULL;
	size_t n = 9, failed = 9;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_pool_map(pool, echo, NULL, 0, -1, NULL, &error), SP_OK);
	sp_async *job = map_heard(pool, echo, 0, &heard);
	assert_true(sp_async_ready(job));
	assert_int_equal(sp_async_get(job, 0, &values, &n, &failed, &error), SP_OK);
	assert_int_equal(n, 0);
	assert_int_equal(failed, 0);
	assert_int_equal(sp_async_item(job, 0, NULL, NULL), SP_E_VALUE);
	assert_int_equal(
		sp_pool_map_async(pool, echo, NULL, 0, 1, on_values, on_error, &heard, NULL),
		SP_OK);
	finish(pool);
	sp_async_free(job);
	assert_int_equal(heard.calls + heard.error_calls, 0);
}

static void P12_one_callback_with_the_whole_list(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct heard good = {0}, bad = {0}, unheld = {0};
	sp_async *jobs[] = {
		map_heard(pool, echo, SOME, &good), map_heard(pool, some_fail, SOME, &bad)};
	assert_int_equal(
		sp_pool_map_async(pool, echo, args, SOME, 1, on_values, on_error, &unheld, NULL),
		SP_OK);
	assert_int_equal(sp_async_get(jobs[0], SP_FOREVER, NULL, NULL, NULL, NULL), SP_OK);
	assert_int_equal(sp_async_get(jobs[1], SP_FOREVER, NULL, NULL, NULL, NULL), SP_E_OS);
	finish(pool);
	struct heard *all[] = {&good, &bad, &unheld};
	for (int i = 0; i < 3; i++) {
		assert_int_equal(all[i]->calls, i != 1);
		assert_int_equal(all[i]->error_calls, i == 1);
		assert_int_equal(all[i]->n, SOME);
		assert_int_equal(all[i]->code, i == 1 ? SP_E_OS : SP_OK);
		assert_memory_equal(all[i]->values, args, sizeof args);
	}
	sp_async_free(jobs[0]);
	sp_async_free(jobs[1]);
}

static void DEV5a_pitfall_29_a_callback_that_fails_fails_its_map_only(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct heard bad = {.rc = 7}, good = {0};
	sp_async *jobs[] = {map_heard(pool, echo, SOME, &bad), map_heard(pool, echo, SOME, &good)};
	sp_error error = SP_ERROR_INIT;
	void *const *values;
	size_t failed;
	assert_int_equal(
		sp_async_get(jobs[0], SP_FOREVER, &values, NULL, &failed, &error), SP_E_STATUS);
	assert_string_equal(error.msg, "the callback returned 7");
	assert_int_equal(failed, SOME); // it is no item's
	assert_ptr_equal(values[5], args[5]);
	assert_int_equal(sp_async_item(jobs[0], 5, NULL, NULL), SP_OK);
	assert_int_equal(sp_async_get(jobs[1], SP_FOREVER, NULL, NULL, NULL, NULL), SP_OK);
	assert_int_equal(bad.calls + good.calls, 2);
	assert_int_equal(bad.error_calls + good.error_calls, 0);
	sp_async_free(jobs[0]);
	sp_async_free(jobs[1]);
	finish(pool);
}

static void P5_P21_pitfall_29_inside_a_callback_of_a_map(void **state) {
	(void)state;
	for (int failing = 0; failing < 2; failing++) {
		sp_pool *pool = pool_of(1, NULL);
		struct heard heard = {.pool = pool, .mapped = SP_E_VALUE};
		sp_async *job = map_heard(pool, failing ? some_fail : echo, SOME, &heard);
		heard.job = job;
		assert_int_equal(sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, NULL),
			failing ? SP_E_OS : SP_OK);
		assert_int_equal(heard.got, SP_E_DEADLOCK);
		assert_int_equal(heard.terminated, SP_E_DEADLOCK);
		assert_int_equal(heard.joined, SP_E_DEADLOCK);
		assert_int_equal(heard.mapped, SP_OK); // the workers are free
		sp_async_free(job);
		finish(pool);
	}
}

// ---- from a task

struct inside {
	sp_pool *pool;
	sp_async *later;
	sp_status applied, mapped, empty, polled, got;
};

static sp_status wait_inside(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct inside *inside = arg;
	inside->applied = sp_pool_apply(inside->pool, echo, NULL, NULL, NULL);
	inside->mapped = sp_pool_map(inside->pool, echo, args, SOME, -1, NULL, NULL);
	inside->empty = sp_pool_map(inside->pool, echo, args, 0, -1, NULL, NULL);
	inside->later = map_async(inside->pool, echo, SOME, 1);
	inside->polled = sp_async_wait(inside->later, 0);
	inside->got = sp_async_get(inside->later, SP_FOREVER, NULL, NULL, NULL, NULL);
	return SP_OK;
}

static void P21_the_only_thread_cannot_wait_for_itself(void **state) {
	(void)state;
	for (int processes = 1; processes < 3; processes++) {
		sp_pool *pool = pool_of(processes, NULL);
		sp_status want = processes == 1 ? SP_E_DEADLOCK : SP_OK;
		struct inside inside = {.pool = pool};
		assert_int_equal(sp_pool_apply(pool, wait_inside, &inside, NULL, NULL), SP_OK);
		assert_int_equal(inside.applied, want);
		assert_int_equal(inside.mapped, want);
		assert_int_equal(inside.empty, SP_OK);
		assert_true(processes == 2 || inside.polled == SP_E_TIMEOUT);
		assert_int_equal(inside.got, want);
		assert_int_equal(
			sp_async_get(inside.later, SP_FOREVER, NULL, NULL, NULL, NULL), SP_OK);
		sp_async_free(inside.later);
		finish(pool);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P1_map_when_closed_is_not_running),
		cmocka_unit_test(P7_values_are_in_the_order_of_the_input),
		cmocka_unit_test(P7_the_arguments_of_map_async_are_copied),
		cmocka_unit_test(P_queue_max_counts_a_map_as_one),
		cmocka_unit_test(P11_DEV11_chunksize_is_positive),
		cmocka_unit_test(P8_map_waits_for_all_and_tells_what_failed_first),
		cmocka_unit_test(P8_P9_each_item_has_its_own_result),
		cmocka_unit_test(P8_an_item_that_is_not_there),
		cmocka_unit_test(P10_an_empty_map_is_done_at_once_without_callback),
		cmocka_unit_test(P12_one_callback_with_the_whole_list),
		cmocka_unit_test(DEV5a_pitfall_29_a_callback_that_fails_fails_its_map_only),
		cmocka_unit_test(P5_P21_pitfall_29_inside_a_callback_of_a_map),
		cmocka_unit_test(P21_the_only_thread_cannot_wait_for_itself),
	};
	return cmocka_run_group_tests(tests, number_args, NULL);
}
