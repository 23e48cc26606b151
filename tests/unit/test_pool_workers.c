// SPDX-License-Identifier: MIT
// What a pool may be told of its workers: initializer, maxtasksperchild, and options as such.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "pooled.h"
#include "probe.h"

#include <pthread.h>

enum { SOME = 100 };

// ---- options

static void section_10_options_that_were_not_set_up(void **state) {
	(void)state;
	sp_pool_opts opts = {.processes = 1, .maxtasksperchild = -1};
	sp_pool *pool = NULL;
	sp_error error = SP_ERROR_INIT;
	const size_t sizes[] = {0, sizeof opts.size - 1, sizeof opts + 8}; // the last: to come
	for (int i = 0; i < 3; i++) {
		opts.size = sizes[i];
		assert_int_equal(sp_pool_new(&pool, &opts, &error), SP_E_VALUE);
		const char *const said = "sp_pool_opts was not set up by sp_pool_opts_init";
		assert_ptr_equal(strstr(error.msg, said), error.msg);
		assert_int_equal(strstr(error.msg, "later version") != NULL, i == 2);
		assert_null(pool);
	}
}

static void section_10_options_of_an_older_header(void **state) {
	(void)state;
	sp_pool_opts opts;
	memset(&opts, 0x5a, sizeof opts);
	sp_pool_opts_init_size(&opts, offsetof(sp_pool_opts, initializer));
	// What is behind its end is neither set nor looked at.
	assert_int_equal(opts.maxtasksperchild & 0xff, 0x5a);
	assert_int_equal(opts.processes, -1);
	opts.processes = 3;
	sp_pool *pool = pool_with(&opts);
	assert_int_equal(sp_pool_size(pool), 3);
	assert_int_equal(sp_pool_apply(pool, echo, NULL, NULL, NULL), SP_OK);
	finish(pool);
}

static void section_10_options_of_a_newer_caller_are_cleared(void **state) {
	(void)state;
	struct {
		sp_pool_opts opts;
		size_t more;
	} newer;
	memset(&newer, 0x5a, sizeof newer);
	sp_pool_opts_init_size(&newer.opts, sizeof newer);
	assert_int_equal(newer.opts.size, sizeof newer);
	assert_int_equal(newer.opts.maxtasksperchild, -1);
	assert_true(!newer.opts.initializer && !newer.opts.initarg && !newer.opts.free_value);
	assert_int_equal(newer.more, 0);
}

static void P_maxtasksperchild_is_positive_or_none(void **state) {
	(void)state;
	const int wrong[] = {0, -2, INT32_MIN};
	for (int i = 0; i < 3; i++) {
		sp_pool_opts opts;
		sp_pool *pool;
		sp_error error = SP_ERROR_INIT;
		sp_pool_opts_init(&opts);
		opts.maxtasksperchild = wrong[i];
		assert_int_equal(sp_pool_new(&pool, &opts, &error), SP_E_VALUE);
		assert_string_equal(error.msg, "maxtasksperchild must be at least 1, or -1");
	}
}

// ---- initializer

// The threads that called the initializer, so many they were; tasks and callbacks look there.
struct staff {
	pthread_mutex_t mutex;
	pthread_t members[SOME];
	atomic_int hired;
	atomic_int strangers, members_heard;
	struct gate *gate;
};

static void hire(void *arg) {
	struct staff *staff = arg;
	if (staff->gate) {
		gate_pass(staff->gate);
	}
	pthread_mutex_lock(&staff->mutex);
	if (staff->hired < SOME) {
		staff->members[staff->hired] = pthread_self();
	}
	staff->hired++;
	pthread_mutex_unlock(&staff->mutex);
}

static bool is_member(struct staff *staff) {
	bool found = false;
	pthread_mutex_lock(&staff->mutex);
	for (int i = 0; i < staff->hired && i < SOME; i++) {
		found |= pthread_equal(staff->members[i], pthread_self()) != 0;
	}
	pthread_mutex_unlock(&staff->mutex);
	return found;
}

static sp_status by_member(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct staff *staff = arg;
	staff->strangers += !is_member(staff);
	return SP_OK;
}

static int hear(void *const *values, size_t n, const sp_error *error, void *ud) {
	(void)values, (void)n, (void)error;
	struct staff *staff = ud;
	staff->members_heard += is_member(staff);
	return 0;
}

static sp_pool *staffed(struct staff *staff, int processes, int tasks) {
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = processes;
	opts.initializer = hire;
	opts.initarg = staff;
	opts.maxtasksperchild = tasks;
	return pool_with(&opts);
}

static void P24_initializer_runs_first_in_each_worker_only(void **state) {
	(void)state;
	struct staff staff = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct gate gate = GATE_INIT, wait = GATE_INIT;
	staff.gate = &wait;
	sp_pool *pool = staffed(&staff, 3, -1);
	assert_int_equal(staff.hired, 0); // no thread yet
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			sp_pool_apply_async(pool, gate_task, &gate, NULL, NULL, NULL, NULL), SP_OK);
	}
	AWAIT(wait.arrived == 3);
	assert_int_equal(gate.arrived, 0);
	gate_open(&wait);
	AWAIT(gate.arrived == 3);
	gate_open(&gate);
	for (int i = 0; i < SOME; i++) {
		assert_int_equal(
			sp_pool_apply_async(pool, by_member, &staff, hear, hear, &staff, NULL),
			SP_OK);
	}
	finish(pool);
	assert_int_equal(staff.hired, 3);
	assert_int_equal(staff.strangers, 0);
	assert_int_equal(staff.members_heard, 0);
}

// ---- maxtasksperchild

static void P_a_worker_ends_after_so_many_tasks(void **state) {
	(void)state;
	for (int tasks = 1; tasks < 5; tasks++) {
		struct staff staff = {.mutex = PTHREAD_MUTEX_INITIALIZER};
		sp_pool *pool = staffed(&staff, 1, tasks);
		for (int i = 0; i < 12; i++) {
			assert_int_equal(sp_pool_apply(pool, by_member, &staff, NULL, NULL), SP_OK);
			assert_int_equal(staff.hired, i / tasks + 1);
		}
		finish(pool);
		assert_int_equal(staff.strangers, 0);
	}
}

static void P7_a_chunk_of_a_map_counts_as_one_task(void **state) {
	(void)state;
	struct staff staff = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	void *in[SOME];
	for (int i = 0; i < SOME; i++) {
		in[i] = &staff;
	}
	// -1: four chunks for each of the threads, of which there is one.
	const struct { int chunksize, chunks; } maps[] = {{-1, 4}, {SOME, 1}, {33, 4}, {1, SOME}};
	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		sp_pool *pool = staffed(&staff, 1, 1);
		staff.hired = 0;
		assert_int_equal(
			sp_pool_map(pool, by_member, in, SOME, maps[i].chunksize, NULL, NULL),
			SP_OK);
		finish(pool);
		assert_int_equal(staff.hired, maps[i].chunks);
		assert_int_equal(staff.strangers, 0);
	}
}

static void P16_workers_are_replaced_after_close(void **state) {
	(void)state;
	struct staff staff = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct gate gate = GATE_INIT;
	atomic_int calls = 0;
	sp_pool *pool = staffed(&staff, 2, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			sp_pool_apply_async(pool, gate_task, &gate, NULL, NULL, NULL, NULL), SP_OK);
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(
			sp_pool_apply_async(pool, count, &calls, NULL, NULL, NULL, NULL), SP_OK);
	}
	AWAIT(gate.arrived == 2);
	assert_int_equal(sp_pool_close(pool), SP_OK);
	gate_open(&gate);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool);
	assert_int_equal(calls, 20);
	assert_int_equal(staff.hired, 22);
}

static size_t mapped_kib(void) {
	char line[256];
	size_t kib = 0;
	FILE *file = fopen("/proc/self/status", "re");
	while (file && fgets(line, sizeof line, file)) {
		if (strncmp(line, "VmSize:", 7) == 0) {
			kib = strtoul(line + 7, NULL, 10);
		}
	}
	if (file) {
		fclose(file);
	}
	return kib;
}

static void P_thousands_of_workers_leave_nothing(void **state) {
	(void)state;
	int n = *probe_tool() ? 1000 : 10000;
	void **in = malloc((size_t)n * sizeof *in);
	assert_non_null(in);
	int threads = probe_count("task"), most = 0;
	struct staff staff = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	for (int i = 0; i < n; i++) {
		in[i] = &staff;
	}
	sp_pool *pool = staffed(&staff, 2, 1);
	size_t before = 0;
	for (int i = 0; i < n; i += SOME) {
		assert_int_equal(sp_pool_map(pool, by_member, in + i, SOME, 1, NULL, NULL), SP_OK);
		int now = probe_count("task");
		most = now > most ? now : most;
		before = i ? before : mapped_kib();
	}
	// A thread that is not joined keeps its stack.
	assert_true(*probe_tool() || mapped_kib() < before + 64 * 1024);
	finish(pool);
	assert_true(staff.hired >= n);
	assert_true(most < threads + 20);
	AWAIT(probe_count("task") == threads);
	free(in);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(section_10_options_that_were_not_set_up),
		cmocka_unit_test(section_10_options_of_an_older_header),
		cmocka_unit_test(section_10_options_of_a_newer_caller_are_cleared),
		cmocka_unit_test(P_maxtasksperchild_is_positive_or_none),
		cmocka_unit_test(P24_initializer_runs_first_in_each_worker_only),
		cmocka_unit_test(P_a_worker_ends_after_so_many_tasks),
		cmocka_unit_test(P7_a_chunk_of_a_map_counts_as_one_task),
		cmocka_unit_test(P16_workers_are_replaced_after_close),
		cmocka_unit_test(P_thousands_of_workers_leave_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
