// SPDX-License-Identifier: MIT
// The pool's contract as seen from outside: submitting, results, callbacks, the end of a pool.
// Its threads are test_pool_threads.c's.
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
#include <unistd.h>

enum { MS = 1000000 };

static sp_async *submit(sp_pool *pool, sp_func func, void *arg) {
	sp_async *job = NULL;
	assert_int_equal(sp_pool_apply_async(pool, func, arg, NULL, NULL, NULL, &job), SP_OK);
	assert_non_null(job);
	return job;
}

static sp_status get(sp_async *job) {
	return sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, NULL);
}

// ---- tasks

// Goes wrong, with details and a value all the same.
static sp_status fails(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel;
	*value = arg;
	error->os_errno = ENOENT;
	error->filename = strdup("some/file");
	return SP_E_OS;
}

// ---- options

static void P_processes_at_least_one(void **state) {
	(void)state;
	sp_pool_opts opts;
	sp_pool *pool;
	sp_error error = SP_ERROR_INIT;
	const int wrong[] = {0, -2, INT32_MIN};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		sp_pool_opts_init(&opts);
		opts.processes = wrong[i];
		assert_int_equal(sp_pool_new(&pool, &opts, &error), SP_E_VALUE);
		assert_int_equal(error.code, SP_E_VALUE);
		assert_string_equal(error.msg, "Number of processes must be at least 1");
	}
	opts.size = 0;
	assert_int_equal(sp_pool_new(&pool, &opts, &error), SP_E_VALUE);
	assert_int_equal(sp_pool_new(&pool, NULL, &error), SP_OK);
	assert_int_equal(error.code, SP_OK);
	assert_true(sp_pool_size(pool) >= 1);
	assert_true(sp_pool_size(pool) <= sysconf(_SC_NPROCESSORS_CONF));
	sp_pool_free(pool);
	sp_pool_free(NULL);
	sp_async_free(NULL);
}

// ---- submitting

static void P1_submit_when_closed_is_not_running(void **state) {
	(void)state;
	for (int terminate = 0; terminate < 2; terminate++) {
		sp_pool *pool = pool_of(2, NULL);
		atomic_int calls = 0;
		sp_error error = SP_ERROR_INIT;
		void *value = &calls;
		assert_int_equal(terminate ? sp_pool_terminate(pool) : sp_pool_close(pool), SP_OK);
		sp_async *job = value;
		assert_int_equal(sp_pool_apply_async(pool, count, &calls, NULL, NULL, NULL, &job),
			SP_E_NOTRUNNING);
		assert_null(job);
		assert_int_equal(
			sp_pool_apply(pool, count, &calls, &value, &error), SP_E_NOTRUNNING);
		assert_null(value);
		assert_string_equal(error.msg, "Pool not running");
		assert_int_equal(sp_pool_join(pool), SP_OK);
		assert_int_equal(calls, 0);
		sp_pool_free(pool);
	}
}

struct in_order {
	int next;
	bool disorder;
};
struct numbered {
	struct in_order *order;
	int number;
};

static sp_status in_order(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct numbered *me = arg;
	me->order->disorder |= me->number != me->order->next++;
	return SP_OK;
}

static void P2_tasks_start_in_order(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct in_order order = {0};
	struct numbered tasks[200];
	for (int i = 0; i < 200; i++) {
		tasks[i] = (struct numbered){&order, i};
		assert_int_equal(
			sp_pool_apply_async(pool, in_order, &tasks[i], NULL, NULL, NULL, NULL),
			SP_OK);
	}
	finish(pool);
	assert_int_equal(order.next, 200);
	assert_false(order.disorder);
}

static void P3_apply_waits_and_hands_over_the_value(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	int thing;
	void *value = NULL;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_pool_apply(pool, echo, &thing, &value, &error), SP_OK);
	assert_ptr_equal(value, &thing);
	value = NULL;
	assert_int_equal(sp_pool_apply(pool, fails, &thing, &value, &error), SP_E_OS);
	assert_ptr_equal(value, &thing);
	assert_int_equal(error.os_errno, ENOENT);
	assert_string_equal(error.filename, "some/file");
	sp_error_clear(&error);
	finish(pool);
}

static void P4_async_tells_its_state_and_result(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct gate gate = GATE_INIT;
	bool successful = false;
	void *const *values = NULL;
	size_t n = 9, failed = 9;
	sp_error error = SP_ERROR_INIT;
	sp_async *job = submit(pool, gate_task, &gate);
	assert_false(sp_async_ready(job));
	assert_int_equal(sp_async_successful(job, &successful), SP_E_VALUE);
	assert_int_equal(sp_async_get(job, 0, &values, &n, &failed, &error), SP_E_TIMEOUT);
	assert_null(values);
	assert_int_equal(n, 0);
	gate_open(&gate);
	assert_int_equal(sp_async_get(job, SP_FOREVER, &values, &n, &failed, &error), SP_OK);
	assert_ptr_equal(values[0], &gate);
	assert_int_equal(n, 1);
	assert_int_equal(failed, 1);
	assert_int_equal(error.code, SP_OK);
	assert_true(sp_async_ready(job));
	assert_int_equal(sp_async_successful(job, &successful), SP_OK);
	assert_true(successful);
	sp_async_free(job);

	job = submit(pool, fails, &gate);
	assert_int_equal(sp_async_get(job, SP_FOREVER, &values, &n, &failed, &error), SP_E_OS);
	assert_ptr_equal(values[0], &gate);
	assert_int_equal(failed, 0);
	assert_string_equal(error.filename, "some/file");
	assert_int_equal(sp_async_wait(job, 0), SP_OK);
	assert_int_equal(sp_async_successful(job, &successful), SP_OK);
	assert_false(successful);
	sp_error_clear(&error);
	sp_async_free(job);
	finish(pool);
}

// ---- callbacks

struct heard {
	int calls, error_calls, rc;
	void *value;
	sp_status code;
	pthread_t thread;
	sp_pool *pool;
	// What the callback was told when it asked about its own job and pool.
	_Atomic(sp_async *) job;
	bool ready;
	sp_status polled, got, terminated, joined;
};

static void listen(struct heard *heard, void *const *values, size_t n, const sp_error *error) {
	heard->value = n == 1 ? values[0] : NULL;
	heard->code = error->code;
	heard->thread = pthread_self();
	if (heard->pool) {
		sp_async *job;
		while (!(job = heard->job)) {
			probe_rest();
		}
		heard->ready = sp_async_ready(job);
		heard->polled = sp_async_wait(job, 0);
		heard->got = get(job);
		heard->terminated = sp_pool_terminate(heard->pool);
		heard->joined = sp_pool_join(heard->pool);
		sp_pool_free(heard->pool); // does nothing here
	}
}

static int on_value(void *const *values, size_t n, const sp_error *error, void *ud) {
	struct heard *heard = ud;
	heard->calls++;
	listen(heard, values, n, error);
	return heard->rc;
}

static int on_error(void *const *values, size_t n, const sp_error *error, void *ud) {
	struct heard *heard = ud;
	heard->error_calls++;
	listen(heard, values, n, error);
	return heard->rc;
}

static void P5_exactly_one_callback_in_one_thread_of_its_own(void **state) {
	(void)state;
	sp_pool *pool = pool_of(3, NULL);
	struct heard heard[40] = {0};
	sp_async *jobs[40];
	for (int i = 0; i < 40; i++) {
		assert_int_equal(sp_pool_apply_async(pool, i % 2 ? fails : echo, &heard[i],
					 on_value, on_error, &heard[i], &jobs[i]),
			SP_OK);
	}
	for (int i = 0; i < 40; i++) {
		assert_int_equal(get(jobs[i]), i % 2 ? SP_E_OS : SP_OK);
		assert_int_equal(heard[i].calls, i % 2 ? 0 : 1);
		assert_int_equal(heard[i].error_calls, i % 2 ? 1 : 0);
		assert_int_equal(heard[i].code, i % 2 ? SP_E_OS : SP_OK);
		assert_ptr_equal(heard[i].value, &heard[i]);
		assert_true(pthread_equal(heard[i].thread, heard[0].thread));
		assert_false(pthread_equal(heard[i].thread, pthread_self()));
		sp_async_free(jobs[i]);
	}
	finish(pool);
}

static void P5_P21_inside_a_callback(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct heard heard = {.pool = pool, .ready = true};
	sp_async *job;
	assert_int_equal(
		sp_pool_apply_async(pool, echo, NULL, on_value, on_error, &heard, &job), SP_OK);
	heard.job = job;
	assert_int_equal(get(job), SP_OK);
	assert_false(heard.ready);
	assert_int_equal(heard.polled, SP_E_TIMEOUT);
	assert_int_equal(heard.got, SP_E_DEADLOCK);
	assert_int_equal(heard.terminated, SP_E_DEADLOCK);
	assert_int_equal(heard.joined, SP_E_DEADLOCK);
	sp_async_free(job);
	assert_int_equal(sp_pool_apply(pool, echo, NULL, NULL, NULL), SP_OK);
	finish(pool);
}

static void P6_DEV5a_a_callback_that_fails_fails_its_job_only(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct heard bad = {.rc = 7}, good = {0}, both = {.rc = 7};
	sp_async *jobs[3];
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(
		sp_pool_apply_async(pool, echo, &bad, on_value, NULL, &bad, &jobs[0]), SP_OK);
	assert_int_equal(
		sp_pool_apply_async(pool, fails, NULL, NULL, on_error, &both, &jobs[1]), SP_OK);
	assert_int_equal(
		sp_pool_apply_async(pool, echo, NULL, on_value, NULL, &good, &jobs[2]), SP_OK);
	void *const *values;
	size_t failed = 9;
	assert_int_equal(
		sp_async_get(jobs[0], SP_FOREVER, &values, NULL, &failed, &error), SP_E_STATUS);
	assert_string_equal(error.msg, "the callback returned 7");
	assert_ptr_equal(values[0], &bad);
	assert_int_equal(failed, 0);
	assert_int_equal(get(jobs[1]), SP_E_OS); // its own error is worth more
	assert_int_equal(get(jobs[2]), SP_OK);
	assert_int_equal(bad.calls + both.error_calls + good.calls, 3);
	assert_int_equal(bad.error_calls, 0);
	for (int i = 0; i < 3; i++) {
		sp_async_free(jobs[i]);
	}
	finish(pool);
}

// ---- the end of a pool

static void *join_it(void *pool) {
	return sp_pool_join(pool) == SP_OK ? pool : NULL;
}

static void P16_P23_close_runs_what_is_queued_and_join_repeats(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	atomic_int calls = 0;
	struct gate gate = GATE_INIT;
	assert_int_equal(sp_pool_join(pool), SP_E_VALUE);
	sp_async *job = submit(pool, gate_task, &gate);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(
			sp_pool_apply_async(pool, count, &calls, NULL, NULL, NULL, NULL), SP_OK);
	}
	assert_int_equal(sp_pool_close(pool), SP_OK);
	assert_int_equal(sp_pool_close(pool), SP_OK);
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, join_it, pool);
	}
	gate_open(&gate);
	for (int i = 0; i < 4; i++) {
		void *joined;
		pthread_join(threads[i], &joined);
		assert_ptr_equal(joined, pool);
	}
	assert_int_equal(calls, 500);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	assert_int_equal(sp_pool_close(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool);
	assert_int_equal(get(job), SP_OK); // a job may outlive its pool
	sp_async_free(job);
}

static void DEV5b_terminate_completes_running_and_queued(void **state) {
	(void)state;
	enum { QUEUED = 1000 };
	sp_pool *pool = pool_of(1, NULL);
	atomic_int running = 0, calls = 0;
	struct heard heard = {0};
	sp_error error = SP_ERROR_INIT;
	static sp_async *jobs[QUEUED];
	sp_async *first = submit(pool, until_cancelled, &running);
	AWAIT(running == 1);
	for (int i = 0; i < QUEUED; i++) {
		assert_int_equal(sp_pool_apply_async(
					 pool, count, &calls, on_value, on_error, &heard, &jobs[i]),
			SP_OK);
	}
	assert_int_equal(sp_pool_apply_async(pool, count, &calls, NULL, NULL, NULL, NULL), SP_OK);
	int64_t start = probe_now();
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_true(probe_now() - start < INT64_C(2000) * MS);
	assert_int_equal(sp_async_get(first, 0, NULL, NULL, NULL, &error), SP_E_CANCELLED);
	assert_int_equal(error.code, SP_E_CANCELLED);
	for (int i = 0; i < QUEUED; i++) {
		assert_int_equal(
			sp_async_get(jobs[i], 0, NULL, NULL, NULL, &error), SP_E_CANCELLED);
		sp_async_free(jobs[i]);
	}
	assert_string_equal(error.msg, "the pool was terminated");
	assert_int_equal(calls, 0);
	assert_int_equal(heard.calls + heard.error_calls, 0);
	sp_async_free(first);
	sp_pool_free(pool);
}

static void P17_a_task_that_ignores_the_cancel_is_waited_for(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct gate gate = GATE_INIT;
	struct heard heard = {0};
	sp_async *job;
	assert_int_equal(
		sp_pool_apply_async(pool, gate_task, &gate, on_value, NULL, &heard, &job), SP_OK);
	AWAIT(gate.arrived == 1);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	pthread_t joiner;
	void *joined;
	pthread_create(&joiner, NULL, join_it, pool);
	assert_int_equal(sp_async_wait(job, 20 * MS), SP_E_TIMEOUT);
	gate_open(&gate);
	pthread_join(joiner, &joined);
	assert_ptr_equal(joined, pool);
	assert_int_equal(get(job), SP_OK); // it did end well
	assert_int_equal(heard.calls, 1);
	sp_async_free(job);
	sp_pool_free(pool);
}

static void P18_P22_free_of_a_running_pool_terminates_it(void **state) {
	(void)state;
	int fds = probe_count("fd"), threads = probe_count("task");
	sp_pool *pool = pool_of(1, NULL);
	atomic_int running = 0, calls = 0;
	sp_async *first = submit(pool, until_cancelled, &running);
	sp_async *queued = submit(pool, count, &calls);
	AWAIT(running == 1);
	sp_pool_free(pool);
	assert_int_equal(get(first), SP_E_CANCELLED);
	assert_int_equal(get(queued), SP_E_CANCELLED);
	assert_int_equal(calls, 0);
	sp_async_free(first);
	sp_async_free(queued);
	assert_int_equal(probe_count("fd"), fds);
	AWAIT(probe_count("task") == threads); // a joined thread may still be in the list
}

struct inside {
	sp_pool *pool;
	sp_status terminated, joined, submitted;
};

static sp_status end_own_pool(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct inside *inside = arg;
	inside->terminated = sp_pool_terminate(inside->pool);
	inside->joined = sp_pool_join(inside->pool);
	sp_pool_free(inside->pool);
	inside->submitted = sp_pool_apply_async(inside->pool, echo, NULL, NULL, NULL, NULL, NULL);
	return SP_OK;
}

static sp_status end_other_pool(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct inside *inside = arg;
	inside->terminated = sp_pool_terminate(inside->pool);
	inside->joined = sp_pool_join(inside->pool);
	return SP_OK;
}

static void P21_a_task_cannot_end_its_own_pool(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL), *other = pool_of(2, NULL);
	struct inside inside = {.pool = pool};
	assert_int_equal(sp_pool_apply(pool, end_own_pool, &inside, NULL, NULL), SP_OK);
	assert_int_equal(inside.terminated, SP_E_DEADLOCK);
	assert_int_equal(inside.joined, SP_E_DEADLOCK);
	assert_int_equal(inside.submitted, SP_OK);
	// That of another it can.
	inside.pool = other;
	assert_int_equal(sp_pool_apply(pool, end_other_pool, &inside, NULL, NULL), SP_OK);
	assert_int_equal(inside.terminated, SP_OK);
	assert_int_equal(inside.joined, SP_OK);
	sp_pool_free(other);
	finish(pool);
}

// ---- waiting

static void *get_value(void *job) {
	void *const *values = NULL;
	sp_async_get(job, SP_FOREVER, &values, NULL, NULL, NULL);
	return values ? values[0] : NULL;
}

static void P25_all_who_get_are_handed_the_value(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct gate gate = GATE_INIT;
	sp_async *job = submit(pool, gate_task, &gate);
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, get_value, job);
	}
	gate_open(&gate);
	for (int i = 0; i < 4; i++) {
		void *value;
		pthread_join(threads[i], &value);
		assert_ptr_equal(value, &gate);
	}
	sp_async_free(job);
	finish(pool);
}

static void P26_timeouts(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct gate gate = GATE_INIT;
	sp_async *job = submit(pool, gate_task, &gate);
	assert_int_equal(sp_async_wait(job, 0), SP_E_TIMEOUT);
	assert_int_equal(sp_async_wait(job, -5), SP_E_TIMEOUT);
	assert_int_equal(sp_async_wait(job, INT64_MIN), SP_E_TIMEOUT);
	int64_t start = probe_now();
	assert_int_equal(sp_async_wait(job, 20 * MS), SP_E_TIMEOUT);
	assert_true(probe_now() - start >= 20 * MS);
	gate_open(&gate);
	assert_int_equal(sp_async_wait(job, SP_FOREVER - 1), SP_OK);
	assert_int_equal(sp_async_wait(job, 0), SP_OK);
	sp_async_free(job);
	finish(pool);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P_processes_at_least_one),
		cmocka_unit_test(P1_submit_when_closed_is_not_running),
		cmocka_unit_test(P2_tasks_start_in_order),
		cmocka_unit_test(P3_apply_waits_and_hands_over_the_value),
		cmocka_unit_test(P4_async_tells_its_state_and_result),
		cmocka_unit_test(P5_exactly_one_callback_in_one_thread_of_its_own),
		cmocka_unit_test(P5_P21_inside_a_callback),
		cmocka_unit_test(P6_DEV5a_a_callback_that_fails_fails_its_job_only),
		cmocka_unit_test(P16_P23_close_runs_what_is_queued_and_join_repeats),
		cmocka_unit_test(DEV5b_terminate_completes_running_and_queued),
		cmocka_unit_test(P17_a_task_that_ignores_the_cancel_is_waited_for),
		cmocka_unit_test(P18_P22_free_of_a_running_pool_terminates_it),
		cmocka_unit_test(P21_a_task_cannot_end_its_own_pool),
		cmocka_unit_test(P25_all_who_get_are_handed_the_value),
		cmocka_unit_test(P26_timeouts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
