// SPDX-License-Identifier: MIT
// Moments that seldom come by themselves: threads are held up on the way into a mutex or out of it.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "pooled.h"
#include "probe.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

// While set, the next thread but the first waits there before it locks a mutex, and the first one
// after it has unlocked one.
static _Atomic(struct gate *) lock_gate, unlock_gate;
static pthread_t first_thread;

static void pass_once(_Atomic(struct gate *) *which) {
	struct gate *gate = atomic_exchange(which, NULL);
	if (gate) {
		gate_pass(gate);
	}
}

typedef int (*mutex_fn)(pthread_mutex_t *mutex);

static mutex_fn real(_Atomic(mutex_fn) *known, const char *name) {
	mutex_fn function = atomic_load(known);
	if (!function) {
		void *found = dlsym(RTLD_NEXT, name);
		memcpy(&function, &found, sizeof function);
		atomic_store(known, function);
	}
	return function;
}

// These stand in for the C library's.
int pthread_mutex_lock(pthread_mutex_t *mutex) {
	static _Atomic(mutex_fn) known;
	if (lock_gate && !pthread_equal(pthread_self(), first_thread)) {
		pass_once(&lock_gate);
	}
	return real(&known, "pthread_mutex_lock")(mutex);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
	static _Atomic(mutex_fn) known;
	int error = real(&known, "pthread_mutex_unlock")(mutex);
	if (unlock_gate && pthread_equal(pthread_self(), first_thread)) {
		pass_once(&unlock_gate);
	}
	return error;
}

static int count_calls(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	atomic_int *calls = ud;
	(*calls)++;
	return 0;
}

static sp_status tell(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	*value = arg;
	*(atomic_int *)arg = gettid();
	return SP_OK;
}

static int tell_back(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	*(atomic_int *)ud = gettid();
	return 0;
}

// A thread has claimed the only chunk, which takes the map off the queue, and run nothing of it.
static void DEV5b_a_map_that_did_not_begin_gets_no_callback(void **state) {
	(void)state;
	struct gate gate = GATE_INIT;
	sp_pool *pool = pool_of(1, NULL);
	atomic_int worker = 0, handler = 0, calls = 0;
	void *in[] = {&worker, &worker};
	sp_async *job;
	assert_int_equal(
		sp_pool_apply_async(pool, tell, &worker, tell_back, NULL, &handler, NULL), SP_OK);
	AWAIT(worker && handler && probe_asleep(worker) && probe_asleep(handler));
	worker = 0;
	first_thread = pthread_self();
	lock_gate = &gate;
	assert_int_equal(
		sp_pool_map_async(pool, tell, in, 2, 2, count_calls, count_calls, &calls, &job),
		SP_OK);
	AWAIT(gate.arrived == 1);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	gate_open(&gate);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_int_equal(worker, 0);
	assert_int_equal(calls, 0);
	for (size_t i = 0; i < 2; i++) {
		void *value = in;
		assert_int_equal(sp_async_item(job, i, &value, NULL), SP_E_CANCELLED);
		assert_null(value);
	}
	sp_pool_free(pool);
	sp_async_free(job);
}

// What its own task finds where the holder of a job is to have it.
struct finder {
	sp_async *job;
	sp_imap *imap;
	void *found;
	struct gate gate;
};

static sp_status find_job(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct finder *finder = arg;
	finder->found = finder->job;
	gate_open(&finder->gate);
	return SP_OK;
}

static sp_status find_imap(void *ud, void **arg) {
	(void)arg;
	struct finder *finder = ud;
	finder->found = finder->imap;
	gate_open(&finder->gate);
	return SP_E_EOF;
}

// The submitter goes on only when the first task has run.
static void P4_a_task_finds_its_own_job(void **state) {
	(void)state;
	first_thread = pthread_self();
	for (int kind = 0; kind < 3; kind++) {
		struct finder finder = {.gate = GATE_INIT};
		sp_pool *pool = pool_of(1, NULL);
		void *in[] = {&finder};
		sp_status status = SP_OK;
		unlock_gate = &finder.gate;
		if (kind == 0) {
			status = sp_pool_apply_async(
				pool, find_job, &finder, NULL, NULL, NULL, &finder.job);
		} else if (kind == 1) {
			status = sp_pool_map_async(
				pool, find_job, in, 1, 1, NULL, NULL, NULL, &finder.job);
		} else {
			status = sp_pool_imap(
				pool, echo, find_imap, &finder, 0, true, &finder.imap);
		}
		assert_int_equal(status, SP_OK);
		assert_int_equal(finder.gate.arrived, 1);
		assert_non_null(finder.found);
		assert_ptr_equal(finder.found, kind < 2 ? (void *)finder.job : (void *)finder.imap);
		sp_async_free(finder.job);
		sp_imap_free(finder.imap);
		finish(pool);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(DEV5b_a_map_that_did_not_begin_gets_no_callback),
		cmocka_unit_test(P4_a_task_finds_its_own_job),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
