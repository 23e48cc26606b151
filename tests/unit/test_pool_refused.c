// SPDX-License-Identifier: MIT
// Each thread that a pool would make is refused once: what was accepted comes to its end all the
// same, with those that are there.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pooled.h"
#include "probe.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

enum { ITEMS = 12, PROCESSES = 3 };

// ---- refusing threads

static atomic_int threads_left = -1; // how many more are made; -1: all
static atomic_bool refused_once;     // after one that was refused all are made again
static atomic_int refused;

static bool refuses(void) {
	int left = threads_left;
	while (left > 0 && !atomic_compare_exchange_weak(&threads_left, &left, left - 1)) {
	}
	if (left == 0) {
		threads_left = refused_once ? -1 : 0;
		refused++;
	}
	return left == 0;
}

// Stands in for the C library's.
int pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*func)(void *), void *arg) {
	static _Atomic(void *) found;
	found = found ? found : dlsym(RTLD_NEXT, "pthread_create");
	void *next = found;
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	memcpy(&create, &next, sizeof create);
	return refuses() ? EAGAIN : create(thread, attr, func, arg);
}

// ---- what is tried

struct trial {
	sp_pool *pool;
	int accepted, called_back;
	atomic_int ran, freed, heard;
};

// Its value is the trial, so that it counts what is freed.
static sp_status run(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	struct trial *trial = arg;
	trial->ran++;
	*value = trial;
	return SP_OK;
}

static void free_run(void *value) {
	struct trial *trial = value;
	trial->freed++;
}

static int hear(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	struct trial *trial = ud;
	trial->heard++;
	return 0;
}

// Whether it was accepted; if not, a thread was refused.
static bool accepted(struct trial *trial, sp_status status, int tasks) {
	if (status != SP_OK) {
		assert_int_equal(status, SP_E_OS);
		assert_int_equal(errno, EAGAIN);
		assert_true(refused > 0);
		return false;
	}
	trial->accepted += tasks;
	return true;
}

static void try_apply(struct trial *trial) {
	sp_async *jobs[ITEMS] = {NULL};
	for (int i = 0; i < ITEMS; i++) {
		sp_callback callback = i % 3 ? NULL : hear;
		bool is = accepted(trial,
			sp_pool_apply_async(
				trial->pool, run, trial, callback, callback, trial, &jobs[i]),
			1);
		trial->called_back += is && callback;
	}
	for (int i = 0; i < ITEMS; i++) {
		if (jobs[i]) {
			assert_int_equal(sp_async_wait(jobs[i], SP_FOREVER), SP_OK);
		}
		sp_async_free(jobs[i]);
	}
	accepted(trial, sp_pool_apply(trial->pool, run, trial, NULL, NULL), 1);
}

static void try_map(struct trial *trial) {
	void *in[ITEMS];
	for (int i = 0; i < ITEMS; i++) {
		in[i] = trial;
	}
	accepted(trial, sp_pool_map(trial->pool, run, in, ITEMS, 1, NULL, NULL), ITEMS);
	trial->called_back += accepted(trial,
		sp_pool_map_async(trial->pool, run, in, ITEMS, 2, hear, hear, trial, NULL), ITEMS);
}

struct input {
	struct trial *trial;
	int left;
};

static sp_status next(void *ud, void **arg) {
	struct input *input = ud;
	*arg = input->trial;
	return input->left-- > 0 ? SP_OK : SP_E_EOF;
}

static void try_imap(struct trial *trial) {
	struct input input = {trial, ITEMS};
	sp_imap *imap;
	if (!accepted(trial, sp_pool_imap(trial->pool, run, next, &input, 2, true, &imap), ITEMS)) {
		return;
	}
	for (int i = 0; i < ITEMS; i++) {
		assert_int_equal(sp_imap_next(imap, SP_FOREVER, NULL, NULL, NULL), SP_OK);
	}
	assert_int_equal(sp_imap_next(imap, SP_FOREVER, NULL, NULL, NULL), SP_E_EOF);
	sp_imap_free(imap);
}

// With the threads that are made; how many were refused.
static int try_with(int threads, bool once, int tasks, void (*const steps[3])(struct trial *)) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = PROCESSES;
	opts.maxtasksperchild = tasks;
	opts.free_value = free_run;
	struct trial trial = {.pool = pool_with(&opts)};
	refused = 0;
	refused_once = once;
	threads_left = threads;
	for (int i = 0; i < 3; i++) {
		steps[i](&trial);
	}
	assert_int_equal(sp_pool_close(trial.pool), SP_OK);
	assert_int_equal(sp_pool_join(trial.pool), SP_OK);
	threads_left = -1;
	int size = sp_pool_size(trial.pool);
	assert_true(size >= 1 && (refused ? size <= PROCESSES : size == PROCESSES));
	sp_pool_free(trial.pool);
	assert_int_equal(trial.ran, trial.accepted);
	assert_int_equal(trial.freed, trial.accepted);
	assert_int_equal(trial.heard, trial.called_back);
	return refused;
}

static void try_all(int tasks) {
	static void (*const orders[][3])(struct trial *) = {{try_apply, try_map, try_imap},
		{try_map, try_imap, try_apply}, {try_imap, try_apply, try_map}};
	alarm(300); // a hang is what this looks for
	int before = probe_count("task");
	for (size_t i = 0; i < 3; i++) {
		for (int once = 0; once < 2; once++) {
			int n = 0;
			while (try_with(n, once, tasks, orders[i])) {
				n++;
			}
			assert_true(n > 0);
		}
	}
	AWAIT(probe_count("task") <= before + (strcmp(probe_tool(), "tsan") == 0));
	alarm(0);
}

static void P24_pitfall_29_each_thread_is_refused(void **state) {
	(void)state;
	try_all(-1);
}

static void P24_pitfall_29_each_replacement_is_refused(void **state) {
	(void)state;
	try_all(1);
	try_all(3);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P24_pitfall_29_each_thread_is_refused),
		cmocka_unit_test(P24_pitfall_29_each_replacement_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
