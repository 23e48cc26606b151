// SPDX-License-Identifier: MIT
// imap: results as they come, from an input that is drawn no further ahead than it must be. How one
// ends before its input is test_pool_imap_end.c's.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "input.h"
#include "pooled.h"
#include "probe.h"

// ---- order

static void P1_imap_when_closed_is_not_running(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(SOME);
	sp_pool_close(pool);
	sp_imap *imap = (sp_imap *)input; // anything but NULL
	assert_int_equal(
		sp_pool_imap(pool, run_item, next_item, input, 0, true, &imap), SP_E_NOTRUNNING);
	assert_null(imap);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool);
	assert_int_equal(input->drawn, 0);
	free(input);
}

static void P13_ordered_results_are_in_the_order_of_the_input(void **state) {
	(void)state;
	const size_t sizes[] = {0, 1, 2, 7, SOME, 10 * SOME};
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		sp_pool *pool = pool_of(3, NULL);
		struct input *input = input_of(SOME);
		sp_imap *imap = imap_of(pool, run_item, input, sizes[s], true);
		for (int i = 0; i < SOME; i++) {
			assert_next(imap, input, i, (size_t)i);
		}
		assert_over(imap, SP_E_EOF);
		assert_false(input->crowded);
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

static void P13_unordered_results_come_as_they_arrive(void **state) {
	(void)state;
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(50);
	sp_imap *imap = imap_of(pool, first_waits, input, 8, false);
	for (int i = 1; i < 50; i++) {
		assert_next(imap, input, i, (size_t)i);
	}
	assert_int_equal(sp_imap_next(imap, 0, NULL, NULL, NULL), SP_E_TIMEOUT);
	gate_open(&first_gate);
	assert_next(imap, input, 0, 0);
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

static void P13_ordered_results_wait_for_the_first(void **state) {
	(void)state;
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(50);
	sp_imap *imap = imap_of(pool, first_waits, input, 8, true);
	AWAIT(input->items[7].ran);
	size_t index = 0;
	assert_int_equal(sp_imap_next(imap, -1, &index, NULL, NULL), SP_E_TIMEOUT);
	assert_true(index == SIZE_MAX);
	gate_open(&first_gate);
	for (int i = 0; i < 50; i++) {
		assert_next(imap, input, i, (size_t)i);
	}
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

// ---- failures and timeouts

// Odd items time out, with details.
static sp_status odd_fails(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	const struct item *item = arg;
	run_item(arg, cancel, value, error);
	error->os_errno = item->number;
	error->filename = strdup("some/file");
	return item->number % 2 ? SP_E_TIMEOUT : SP_OK;
}

static void P13_iteration_goes_on_after_an_error(void **state) {
	(void)state;
	for (int ordered = 0; ordered < 2; ordered++) {
		sp_pool *pool = pool_of(2, NULL);
		struct input *input = input_of(SOME);
		sp_imap *imap = imap_of(pool, odd_fails, input, 4, ordered);
		sp_error error = SP_ERROR_INIT;
		for (size_t i = 0; i < SOME; i++) {
			size_t index = 999;
			void *value = NULL;
			sp_status status = sp_imap_next(imap, SP_FOREVER, &index, &value, &error);
			assert_true(index < SOME && (!ordered || index == i));
			assert_int_equal(status, index % 2 ? SP_E_TIMEOUT : SP_OK);
			assert_int_equal(error.code, status);
			assert_ptr_equal(value, &input->items[index]);
			if (status != SP_OK) {
				assert_int_equal(error.os_errno, index);
				assert_string_equal(error.filename, "some/file");
			}
		}
		sp_error_clear(&error);
		assert_over(imap, SP_E_EOF);
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

static void P26_timeouts_of_next(void **state) {
	(void)state;
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(1);
	sp_imap *imap = imap_of(pool, first_waits, input, 0, true);
	const int64_t polls[] = {0, -5, INT64_MIN};
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sp_imap_next(imap, polls[i], NULL, NULL, NULL), SP_E_TIMEOUT);
	}
	int64_t start = probe_now();
	assert_int_equal(sp_imap_next(imap, 20 * MS, NULL, NULL, NULL), SP_E_TIMEOUT);
	assert_true(probe_now() - start >= 20 * MS);
	gate_open(&first_gate);
	assert_int_equal(sp_imap_next(imap, SP_FOREVER - 1, NULL, NULL, NULL), SP_OK);
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

static void P15_pitfall_30_an_error_of_the_input_is_an_item(void **state) {
	(void)state;
	const int positions[] = {0, 3};
	for (int round = 0; round < 4; round++) {
		sp_pool *pool = pool_of(2, NULL);
		struct input *input = input_of(SOME);
		input->fails = positions[round / 2];
		input->status = SP_E_RANGE;
		sp_imap *imap = imap_of(pool, run_item, input, 1, round % 2);
		for (int i = 0; i < input->fails; i++) {
			assert_next(imap, input, i, (size_t)i);
		}
		size_t index = 999;
		void *value = &index;
		sp_error error = SP_ERROR_INIT;
		assert_int_equal(
			sp_imap_next(imap, SP_FOREVER, &index, &value, &error), SP_E_RANGE);
		assert_int_equal(index, input->fails);
		assert_null(value);
		assert_int_equal(error.code, SP_E_RANGE);
		assert_over(imap, SP_E_EOF);
		assert_int_equal(
			sp_pool_apply(pool, run_item, &input->items[50], NULL, NULL), SP_OK);
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

static void P10_pitfall_30_an_empty_input_ends_at_once(void **state) {
	(void)state;
	for (int ordered = 0; ordered < 2; ordered++) {
		sp_pool *pool = pool_of(2, NULL);
		struct input *input = input_of(0);
		sp_imap *imap = imap_of(pool, run_item, input, 0, ordered);
		assert_int_equal(sp_imap_next(imap, SP_FOREVER, NULL, NULL, NULL), SP_E_EOF);
		assert_over(imap, SP_E_EOF);
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

// ---- looking ahead

static void P14_DEV14_pitfall_30_an_endless_input_is_drawn_buffersize_ahead(void **state) {
	(void)state;
	for (int ordered = 0; ordered < 2; ordered++) {
		sp_pool *pool = pool_of(2, NULL);
		struct input *input = input_of(-1);
		sp_imap *imap = imap_of(pool, run_item, input, 8, ordered);
		AWAIT(input->drawn == 8);
		for (int i = 0; i < 500; i++) {
			assert_int_equal(sp_imap_next(imap, SP_FOREVER, NULL, NULL, NULL), SP_OK);
			assert_true(input->drawn <= i + 1 + 8);
		}
		// A full window again once half of it was taken.
		AWAIT(input->drawn > 500 + 4);
		int64_t until = probe_now() + 20 * MS;
		while (probe_now() < until) {
			assert_true(input->drawn <= 508);
			probe_rest();
		}
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

// All tasks of the window are there at once.
static void DEV14_the_threads_run_the_tasks_side_by_side(void **state) {
	(void)state;
	for (int room = 1; room < 6; room++) {
		sp_pool *pool = pool_of(4, NULL);
		struct input *input = input_of(SOME);
		first_gate = (struct gate)GATE_INIT;
		sp_imap *imap = imap_of(pool, first_waits, input, (size_t)room, true);
		// Item 0 holds one thread; all else that fits runs, and no more.
		AWAIT(first_gate.arrived == 1 && input->drawn == room);
		for (int i = 1; i < room; i++) {
			AWAIT(input->items[i].ran);
		}
		assert_int_equal(input->drawn, room);
		gate_open(&first_gate);
		for (int i = 0; i < SOME; i++) {
			assert_next(imap, input, i, (size_t)i);
		}
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

static void P24_an_imap_uses_all_threads(void **state) {
	(void)state;
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(4, NULL);
	struct input *input = input_of(SOME);
	sp_imap *imap = imap_of(pool, at_gate, input, 0, false);
	AWAIT(first_gate.arrived == 4);
	gate_open(&first_gate);
	for (int i = 0; i < SOME; i++) {
		assert_int_equal(sp_imap_next(imap, SP_FOREVER, NULL, NULL, NULL), SP_OK);
	}
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

// As many threads as it takes.
static void P24_an_imap_in_a_pool_without_a_limit(void **state) {
	(void)state;
	sp_pool *pool = pool_of(INT32_MAX, NULL);
	struct input *input = input_of(5);
	sp_imap *imap = imap_of(pool, run_item, input, 0, true);
	for (int i = 0; i < 5; i++) {
		assert_next(imap, input, i, (size_t)i);
	}
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

// ---- beside other work

static void DEV14_other_work_goes_on_while_the_window_is_full(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, NULL);
	struct input *input = input_of(SOME);
	sp_imap *imap = imap_of(pool, run_item, input, 2, true);
	for (int i = 0; i < SOME; i++) {
		atomic_int calls = 0;
		assert_int_equal(sp_pool_apply(pool, count, &calls, NULL, NULL), SP_OK);
		assert_int_equal(calls, 1);
		assert_next(imap, input, i, (size_t)i);
	}
	assert_over(imap, SP_E_EOF);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

static void DEV14_an_input_that_blocks_holds_up_only_itself(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct gate gate = {.mutex = PTHREAD_MUTEX_INITIALIZER,
		.opened = PTHREAD_COND_INITIALIZER,
		.open = true};
	struct input *input = input_of(SOME);
	input->gate = &gate;
	sp_imap *imap = imap_of(pool, run_item, input, 4, true);
	AWAIT(input->items[3].ran);
	pthread_mutex_lock(&gate.mutex);
	gate.open = false;
	pthread_mutex_unlock(&gate.mutex);
	// The results that are there are had, and the pool works, while the input blocks.
	for (int i = 0; i < 4; i++) {
		assert_next(imap, input, i, (size_t)i);
	}
	AWAIT(gate.arrived == 5);
	void *in[] = {&input->items[90], &input->items[91], &input->items[92]};
	assert_int_equal(sp_pool_map(pool, run_item, in, 3, 1, NULL, NULL), SP_OK);
	assert_int_equal(sp_imap_next(imap, 20 * MS, NULL, NULL, NULL), SP_E_TIMEOUT);
	assert_int_equal(gate.arrived, 5);
	gate_open(&gate);
	for (int i = 4; i < SOME; i++) {
		assert_next(imap, input, i, (size_t)i);
	}
	assert_false(input->crowded);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

struct order {
	struct gate gate;
	atomic_int map_ran;
	int map_ran_before;
};
static struct order order;

static sp_status note_order(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	const struct item *item = arg;
	if (item->number == 1) {
		order.map_ran_before = order.map_ran;
	}
	return run_item(arg, cancel, value, error);
}

static sp_status behind(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)arg, (void)cancel, (void)value, (void)error;
	order.map_ran++;
	gate_pass(&order.gate);
	return SP_OK;
}

// The second thread to begin waits there.
static struct gate second_gate;

static void second_waits(void *arg) {
	atomic_int *begun = arg;
	if ((*begun)++ == 1) {
		gate_pass(&second_gate);
	}
}

// A thread is made for a task; before it is there an imap comes back, which goes first.
static void DEV14_an_imap_that_comes_back_takes_no_thread_away(void **state) {
	(void)state;
	struct gate busy = GATE_INIT, gate = GATE_INIT;
	atomic_int begun = 0, calls = 0;
	sp_pool_opts opts;
	sp_pool_opts_init(&opts);
	opts.processes = 3;
	opts.initializer = second_waits;
	opts.initarg = &begun;
	second_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_with(&opts);
	struct input *input = input_of(SOME);
	sp_imap *imap = imap_of(pool, run_item, input, 1, true);
	AWAIT(input->items[0].ran);
	assert_int_equal(
		sp_pool_apply_async(pool, gate_task, &busy, NULL, NULL, NULL, NULL), SP_OK);
	AWAIT(busy.arrived == 1);
	assert_int_equal(sp_pool_apply_async(pool, count, &calls, NULL, NULL, NULL, NULL), SP_OK);
	AWAIT(second_gate.arrived == 1);
	input->gate = &gate;
	assert_next(imap, input, 0, 0);
	gate_open(&second_gate);
	// One thread is in the input, one in the task before: the third is for this.
	AWAIT(gate.arrived == 1 && calls == 1);
	gate_open(&gate);
	gate_open(&busy);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

static void P2_an_imap_goes_before_a_later_map(void **state) {
	(void)state;
	order = (struct order){.gate = GATE_INIT};
	sp_pool *pool = pool_of(1, NULL);
	struct input *input = input_of(2);
	sp_imap *imap = imap_of(pool, note_order, input, 1, true);
	AWAIT(input->items[0].ran);
	void *in[SOME] = {NULL};
	sp_async *map;
	assert_int_equal(
		sp_pool_map_async(pool, behind, in, SOME, 1, NULL, NULL, NULL, &map), SP_OK);
	AWAIT(order.map_ran == 1);
	assert_next(imap, input, 0, 0); // now there is room again
	gate_open(&order.gate);
	assert_next(imap, input, 1, 1);
	assert_int_equal(order.map_ran_before, 1);
	assert_int_equal(sp_async_wait(map, SP_FOREVER), SP_OK);
	assert_int_equal(order.map_ran, SOME);
	sp_async_free(map);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

enum { STORM = 20000 };

static sp_status next_number(void *ud, void **arg) {
	atomic_int *drawn = ud;
	*arg = drawn;
	if (*drawn == STORM) {
		return SP_E_EOF;
	}
	(*drawn)++;
	return SP_OK;
}

struct storm {
	sp_pool *pool;
	pthread_t thread;
	bool ordered;
	atomic_int drawn;
	int lost;
};

static void *storm_imap(void *arg) {
	struct storm *me = arg;
	sp_imap *imap;
	size_t taken = 0, index;
	me->lost = sp_pool_imap(me->pool, echo, next_number, &me->drawn, 16, me->ordered, &imap) !=
		   SP_OK;
	while (!me->lost && sp_imap_next(imap, SP_FOREVER, &index, NULL, NULL) == SP_OK) {
		me->lost += me->ordered && index != taken;
		taken++;
	}
	me->lost += taken != STORM;
	sp_imap_free(imap);
	return NULL;
}

static void *storm_map(void *arg) {
	struct storm *me = arg;
	void *in[SOME] = {NULL};
	for (int i = 0; i < STORM / SOME; i++) {
		me->lost += sp_pool_map(me->pool, echo, in, SOME, 1 + i % 5, NULL, NULL) != SP_OK;
	}
	return NULL;
}

static void *storm_apply(void *arg) {
	struct storm *me = arg;
	for (int i = 0; i < STORM; i++) {
		sp_async *job = NULL;
		me->lost += sp_pool_apply_async(me->pool, echo, NULL, NULL, NULL, NULL,
				    i % 8 ? NULL : &job) != SP_OK;
		if (job) {
			me->lost += sp_async_wait(job, SP_FOREVER) != SP_OK;
			sp_async_free(job);
		}
	}
	return NULL;
}

static void P_imap_map_and_apply_at_once(void **state) {
	(void)state;
	static void *(*const kinds[])(void *) = {
		storm_imap, storm_map, storm_apply, storm_imap, storm_map};
	for (int max = 0; max < 2; max++) {
		sp_pool_opts opts;
		sp_pool_opts_init(&opts);
		opts.processes = 3;
		opts.queue_max = max ? 2 : 0;
		opts.maxtasksperchild = max ? 1000 : -1;
		sp_pool *pool = pool_with(&opts);
		struct storm storms[5];
		for (int i = 0; i < 5; i++) {
			storms[i] = (struct storm){.pool = pool, .ordered = i == 0};
			pthread_create(&storms[i].thread, NULL, kinds[i], &storms[i]);
		}
		for (int i = 0; i < 5; i++) {
			pthread_join(storms[i].thread, NULL);
			assert_int_equal(storms[i].lost, 0);
		}
		finish(pool);
	}
}

static void P25_several_threads_share_the_results(void **state) {
	(void)state;
	for (int round = 0; round < 40; round++) {
		sp_pool *pool = pool_of(2, NULL);
		struct input *input = input_of(SOME);
		sp_imap *imap = imap_of(pool, run_item, input, 1 + (size_t)round % 9, round % 2);
		struct consumer consumers[4];
		int taken = 0;
		for (int i = 0; i < 4; i++) {
			consumers[i] = (struct consumer){.imap = imap};
			pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]);
		}
		for (int i = 0; i < 4; i++) {
			pthread_join(consumers[i].thread, NULL);
			assert_int_equal(consumers[i].last, SP_E_EOF);
			taken += consumers[i].taken;
		}
		assert_int_equal(taken, SOME);
		for (int i = 0; i < SOME; i++) {
			assert_int_equal(input->items[i].freed, 1);
		}
		sp_imap_free(imap);
		finish(pool);
		free(input);
	}
}

static void *consume_one(void *arg) {
	struct consumer *me = arg;
	me->tid = gettid();
	me->last = sp_imap_next(me->imap, SP_FOREVER, NULL, NULL, NULL);
	return NULL;
}

// All three results are there when the first is, and the input has ended.
static void P25_all_that_wait_are_told(void **state) {
	(void)state;
	enum { ITEMS = 3, CONSUMERS = 5 };
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(ITEMS);
	sp_imap *imap = imap_of(pool, first_waits, input, 8, true);
	struct consumer consumers[CONSUMERS];
	int last[SP_E_EOF + 1] = {0};
	AWAIT(input->items[ITEMS - 1].ran);
	for (int i = 0; i < CONSUMERS; i++) {
		consumers[i] = (struct consumer){.imap = imap};
		pthread_create(&consumers[i].thread, NULL, consume_one, &consumers[i]);
		AWAIT(consumers[i].tid && probe_asleep(consumers[i].tid));
	}
	gate_open(&first_gate);
	for (int i = 0; i < CONSUMERS; i++) {
		pthread_join(consumers[i].thread, NULL);
		last[consumers[i].last]++;
	}
	assert_int_equal(last[SP_OK], ITEMS);
	assert_int_equal(last[SP_E_EOF], CONSUMERS - ITEMS);
	sp_imap_free(imap);
	finish(pool);
	free(input);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P1_imap_when_closed_is_not_running),
		cmocka_unit_test(P13_ordered_results_are_in_the_order_of_the_input),
		cmocka_unit_test(P13_unordered_results_come_as_they_arrive),
		cmocka_unit_test(P13_ordered_results_wait_for_the_first),
		cmocka_unit_test(P13_iteration_goes_on_after_an_error),
		cmocka_unit_test(P26_timeouts_of_next),
		cmocka_unit_test(P15_pitfall_30_an_error_of_the_input_is_an_item),
		cmocka_unit_test(P10_pitfall_30_an_empty_input_ends_at_once),
		cmocka_unit_test(P14_DEV14_pitfall_30_an_endless_input_is_drawn_buffersize_ahead),
		cmocka_unit_test(DEV14_the_threads_run_the_tasks_side_by_side),
		cmocka_unit_test(P24_an_imap_uses_all_threads),
		cmocka_unit_test(P24_an_imap_in_a_pool_without_a_limit),
		cmocka_unit_test(DEV14_other_work_goes_on_while_the_window_is_full),
		cmocka_unit_test(DEV14_an_input_that_blocks_holds_up_only_itself),
		cmocka_unit_test(DEV14_an_imap_that_comes_back_takes_no_thread_away),
		cmocka_unit_test(P2_an_imap_goes_before_a_later_map),
		cmocka_unit_test(P_imap_map_and_apply_at_once),
		cmocka_unit_test(P25_several_threads_share_the_results),
		cmocka_unit_test(P25_all_that_wait_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
