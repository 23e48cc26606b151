// SPDX-License-Identifier: MIT
// imap: results as they come, from an input that is drawn no further ahead than it must be.
#include "pool/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"
#include "pooled.h"
#include "probe.h"

#include <unistd.h>

enum { MS = 1000000, SOME = 100 };

// ---- inputs

// The numbers 0, 1, … as pointers to items, up to `n`; at `fails` the status instead.
struct item {
	struct input *input;
	int number;
	atomic_int ran, freed;
};

struct input {
	int n, fails;
	sp_status status;
	atomic_int drawn;
	atomic_int inside, crowded; // calls under way; whether there were two at once
	struct gate *gate;          // each call waits there
	struct item items[SOME];
};

static struct input *input_of(int n) {
	struct input *input = calloc(1, sizeof *input);
	assert_non_null(input);
	input->n = n;
	input->fails = -1;
	for (int i = 0; i < SOME; i++) {
		input->items[i].input = input;
		input->items[i].number = i;
	}
	return input;
}

static sp_status next_item(void *ud, void **arg) {
	struct input *input = ud;
	input->crowded |= input->inside++ > 0;
	sp_status status = *arg ? SP_E_VALUE : SP_OK;
	if (input->gate) {
		gate_pass(input->gate);
	}
	int i = input->drawn;
	if (i == input->fails) {
		status = input->status;
	} else if (i == input->n) {
		status = SP_E_EOF;
	} else {
		*arg = &input->items[i % SOME];
		input->drawn++;
	}
	input->inside--;
	return status;
}

// ---- tasks

static sp_status run_item(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	struct item *item = arg;
	item->ran++;
	*value = item;
	return SP_OK;
}

static void free_item(void *value) {
	struct item *item = value;
	item->freed++;
}

static sp_imap *imap_of(
	sp_pool *pool, sp_func func, struct input *input, size_t buffersize, bool ordered) {
	sp_imap *imap = NULL;
	assert_int_equal(
		sp_pool_imap(pool, func, next_item, input, buffersize, ordered, &imap), SP_OK);
	assert_non_null(imap);
	return imap;
}

// The next result is item i, as the one of this index.
static void assert_next(sp_imap *imap, struct input *input, int i, size_t at) {
	size_t index = 999;
	void *value = NULL;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_imap_next(imap, SP_FOREVER, &index, &value, &error), SP_OK);
	assert_int_equal(index, at);
	assert_ptr_equal(value, &input->items[i]);
	assert_int_equal(error.code, SP_OK);
}

static void assert_over(sp_imap *imap, sp_status status) {
	for (int i = 0; i < 3; i++) {
		size_t index = 0;
		void *value = &index;
		sp_error error = SP_ERROR_INIT;
		assert_int_equal(
			sp_imap_next(imap, i % 2 ? 0 : SP_FOREVER, &index, &value, &error), status);
		assert_true(index == SIZE_MAX);
		assert_null(value);
		assert_int_equal(error.code, status);
	}
}

// ---- order

static void P1_imap_when_closed_is_not_running(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(SOME);
	sp_pool_close(pool);
	sp_imap *imap = NULL;
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

static struct gate first_gate;

// Item 0 waits for the gate.
static sp_status first_waits(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	const struct item *item = arg;
	if (item->number == 0) {
		gate_pass(&first_gate);
	}
	return run_item(arg, cancel, value, error);
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

static void DEV14_pitfall_30_an_endless_input_is_drawn_buffersize_ahead(void **state) {
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

static sp_status at_gate(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	gate_pass(&first_gate);
	return run_item(arg, cancel, value, error);
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

struct consumer {
	sp_imap *imap;
	pthread_t thread;
	atomic_int tid;
	int taken;
	sp_status last;
};

static void *consume(void *arg) {
	struct consumer *me = arg;
	void *value;
	me->tid = gettid();
	while ((me->last = sp_imap_next(me->imap, SP_FOREVER, NULL, &value, NULL)) == SP_OK) {
		free_item(value);
		me->taken++;
	}
	return NULL;
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

// ---- the end of a pool

static sp_status item_until_cancelled(
	void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	struct item *item = arg;
	return until_cancelled(&item->ran, cancel, value, error);
}

static void DEV5b_pitfall_29_terminate_with_consumers_that_wait(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct input *input = input_of(-1);
	sp_imap *imap = imap_of(pool, item_until_cancelled, input, 0, true);
	struct consumer consumers[2];
	AWAIT(input->items[1].ran);
	for (int i = 0; i < 2; i++) {
		consumers[i] = (struct consumer){.imap = imap};
		pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]);
		AWAIT(consumers[i].tid && probe_asleep(consumers[i].tid));
	}
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	for (int i = 0; i < 2; i++) {
		pthread_join(consumers[i].thread, NULL);
		assert_int_equal(consumers[i].last, SP_E_CANCELLED);
	}
	assert_int_equal(sp_pool_join(pool), SP_OK);
	assert_over(imap, SP_E_CANCELLED);
	sp_pool_free(pool);
	sp_imap_free(imap);
	assert_int_equal(input->drawn, 2);
	free(input);
}

static void DEV5b_what_ran_before_terminate_is_handed_out(void **state) {
	(void)state;
	sp_pool *pool = pool_of(2, NULL);
	struct input *endless = input_of(-1), *ended = input_of(3);
	sp_imap *imap = imap_of(pool, run_item, endless, 4, true);
	sp_imap *other = imap_of(pool, run_item, ended, 4, true);
	AWAIT(endless->items[3].ran && ended->items[2].ran);
	assert_next(other, ended, 0, 0);
	assert_next(other, ended, 1, 1);
	assert_next(other, ended, 2, 2);
	assert_int_equal(sp_imap_next(other, SP_FOREVER, NULL, NULL, NULL), SP_E_EOF);
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	assert_int_equal(sp_pool_join(pool), SP_OK);
	sp_pool_free(pool); // they may outlive it
	for (int i = 0; i < 4; i++) {
		assert_next(imap, endless, i, (size_t)i);
	}
	assert_over(imap, SP_E_CANCELLED);
	assert_over(other, SP_E_EOF);
	sp_imap_free(imap);
	sp_imap_free(other);
	free(endless);
	free(ended);
}

static void *join_it(void *pool) {
	return sp_pool_join(pool) == SP_OK ? pool : NULL;
}

static void DEV5b_terminate_while_the_input_blocks(void **state) {
	(void)state;
	sp_pool *pool = pool_of(1, free_item);
	struct gate gate = GATE_INIT;
	struct input *input = input_of(-1);
	input->gate = &gate;
	sp_imap *imap = imap_of(pool, run_item, input, 0, true);
	struct consumer consumer = {.imap = imap};
	pthread_create(&consumer.thread, NULL, consume, &consumer);
	AWAIT(gate.arrived == 1 && consumer.tid && probe_asleep(consumer.tid));
	assert_int_equal(sp_pool_terminate(pool), SP_OK);
	// Nobody who takes results waits for the input.
	pthread_join(consumer.thread, NULL);
	assert_int_equal(consumer.last, SP_E_CANCELLED);
	pthread_t joiner;
	void *joined;
	pthread_create(&joiner, NULL, join_it, pool);
	gate_open(&gate);
	pthread_join(joiner, &joined);
	assert_ptr_equal(joined, pool);
	// What it gave then was run, so that it is not lost, and its value freed.
	assert_int_equal(input->items[0].ran, 1);
	assert_int_equal(input->items[0].freed, 1);
	assert_over(imap, SP_E_CANCELLED);
	sp_imap_free(imap);
	sp_pool_free(pool);
	free(input);
}

struct joiner {
	sp_pool *pool;
	pthread_t thread;
	atomic_int tid;
	atomic_bool returned;
	sp_status status;
};

static void *join_as(void *arg) {
	struct joiner *me = arg;
	me->tid = gettid();
	me->status = sp_pool_join(me->pool);
	me->returned = true;
	return NULL;
}

static void P16_close_goes_on_to_the_end_of_the_input(void **state) {
	(void)state;
	for (int tasks = -1; tasks < 2; tasks += 2) {
		sp_pool_opts opts;
		sp_pool_opts_init(&opts);
		opts.processes = 2;
		opts.maxtasksperchild = tasks;
		sp_pool *pool = pool_with(&opts);
		struct input *input = input_of(SOME);
		first_gate = (struct gate)GATE_INIT;
		sp_imap *imap = imap_of(pool, at_gate, input, 2, true);
		AWAIT(first_gate.arrived == 2); // both threads are there
		gate_open(&first_gate);
		assert_next(imap, input, 0, 0);
		assert_int_equal(sp_pool_close(pool), SP_OK);
		struct joiner joiner = {.pool = pool};
		pthread_create(&joiner.thread, NULL, join_as, &joiner);
		AWAIT(joiner.returned || (joiner.tid && probe_asleep(joiner.tid)));
		for (int i = 1; i < SOME; i++) {
			assert_false(joiner.returned);
			assert_next(imap, input, i, (size_t)i);
		}
		assert_over(imap, SP_E_EOF);
		pthread_join(joiner.thread, NULL);
		assert_int_equal(joiner.status, SP_OK);
		sp_imap_free(imap);
		sp_pool_free(pool);
		free(input);
	}
}

// ---- where waiting would be in vain

struct inside {
	sp_pool *pool;
	_Atomic(sp_imap *) imap;
	sp_status polled, waited, terminated, joined;
	bool let_go;
	atomic_int calls;
};

static sp_status next_inside(void *ud, void **arg) {
	struct inside *inside = ud;
	(void)arg;
	AWAIT(inside->imap);
	if (inside->calls++ > 0) {
		return SP_E_EOF;
	}
	inside->polled = sp_imap_next(inside->imap, 0, NULL, NULL, NULL);
	inside->waited = sp_imap_next(inside->imap, SP_FOREVER, NULL, NULL, NULL);
	inside->terminated = sp_pool_terminate(inside->pool);
	inside->joined = sp_pool_join(inside->pool);
	if (inside->let_go) {
		sp_imap_free(inside->imap);
	}
	return SP_OK;
}

static void P21_inside_the_input(void **state) {
	(void)state;
	for (int let_go = 0; let_go < 2; let_go++) {
		sp_pool *pool = pool_of(2, NULL);
		struct inside inside = {.pool = pool, .let_go = let_go};
		sp_imap *imap;
		assert_int_equal(
			sp_pool_imap(pool, echo, next_inside, &inside, 0, true, &imap), SP_OK);
		inside.imap = imap;
		if (!let_go) {
			size_t index = 999;
			assert_int_equal(sp_imap_next(imap, SP_FOREVER, &index, NULL, NULL), SP_OK);
			assert_int_equal(index, 0);
			assert_over(imap, SP_E_EOF);
			sp_imap_free(imap);
		}
		finish(pool);
		assert_int_equal(inside.calls, let_go ? 1 : 2);
		assert_int_equal(inside.polled, SP_E_TIMEOUT);
		assert_int_equal(inside.waited, SP_E_DEADLOCK);
		assert_int_equal(inside.terminated, SP_E_DEADLOCK);
		assert_int_equal(inside.joined, SP_E_DEADLOCK);
	}
}

static sp_status take_inside(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)value, (void)error;
	struct inside *inside = arg;
	size_t index = 0;
	AWAIT(inside->imap);
	inside->polled = sp_imap_next(inside->imap, 0, &index, NULL, NULL);
	inside->waited = sp_imap_next(inside->imap, SP_FOREVER, &index, NULL, NULL);
	return index == SIZE_MAX ? SP_E_CLOSED : SP_OK;
}

static void P21_a_task_takes_from_an_imap_of_its_pool(void **state) {
	(void)state;
	for (int processes = 1; processes < 3; processes++) {
		first_gate = (struct gate)GATE_INIT;
		sp_pool *pool = pool_of(processes, NULL);
		struct input *input = input_of(SOME);
		struct gate gate = GATE_INIT;
		input->gate = &gate;
		sp_async *job;
		struct inside inside = {.pool = pool};
		// The task comes first, so that in the only thread no result can be there.
		assert_int_equal(
			sp_pool_apply_async(pool, gate_task, &first_gate, NULL, NULL, NULL, NULL),
			SP_OK);
		assert_int_equal(
			sp_pool_apply_async(pool, take_inside, &inside, NULL, NULL, NULL, &job),
			SP_OK);
		inside.imap = imap_of(pool, run_item, input, 0, true);
		gate_open(&first_gate);
		if (processes == 2) {
			gate_open(&gate);
		}
		assert_int_equal(sp_async_get(job, SP_FOREVER, NULL, NULL, NULL, NULL),
			processes == 1 ? SP_E_CLOSED : SP_OK);
		assert_int_equal(inside.waited, processes == 1 ? SP_E_DEADLOCK : SP_OK);
		gate_open(&gate);
		sp_async_free(job);
		sp_imap_free(inside.imap);
		finish(pool);
		free(input);
	}
}

// ---- letting go

static void P_imap_free_at_any_time_loses_no_value(void **state) {
	(void)state;
	for (int round = 0; round < 60; round++) {
		sp_pool *pool = pool_of(2, free_item);
		struct input *input = input_of(SOME);
		sp_imap *imap = imap_of(pool, run_item, input, 1 + (size_t)round % 7, round % 2);
		for (int i = 0; i < round; i++) {
			void *value = NULL;
			assert_int_equal(
				sp_imap_next(imap, SP_FOREVER, NULL, i % 2 ? &value : NULL, NULL),
				SP_OK);
			if (i % 2) {
				free_item(value);
			}
		}
		sp_imap_free(imap);
		int drawn = input->drawn; // the last
		finish(pool);
		assert_int_equal(input->drawn, drawn);
		for (int i = 0; i < SOME; i++) {
			assert_int_equal(input->items[i].ran, i < drawn);
			assert_int_equal(input->items[i].freed, i < drawn);
		}
		free(input);
	}
}

static void *free_imap(void *arg) {
	struct consumer *me = arg;
	me->tid = gettid();
	sp_imap_free(me->imap);
	me->taken = 1;
	return NULL;
}

static void P_imap_free_waits_for_the_input_not_for_tasks(void **state) {
	(void)state;
	first_gate = (struct gate)GATE_INIT;
	sp_pool *pool = pool_of(2, free_item);
	struct gate gate = {.mutex = PTHREAD_MUTEX_INITIALIZER,
		.opened = PTHREAD_COND_INITIALIZER,
		.open = true};
	struct input *input = input_of(SOME);
	input->gate = &gate;
	sp_imap *imap = imap_of(pool, first_waits, input, 2, true);
	AWAIT(input->items[1].ran && first_gate.arrived == 1);
	// Item 0 runs, the window is full: nothing to wait for.
	sp_imap_free(imap);
	assert_int_equal(input->items[1].freed, 1);
	gate_open(&first_gate);
	AWAIT(input->items[0].freed);

	gate.open = false;
	struct input *second = input_of(SOME);
	second->gate = &gate;
	gate.arrived = 0;
	struct consumer freer = {.imap = imap_of(pool, run_item, second, 2, true)};
	AWAIT(gate.arrived == 1);
	pthread_create(&freer.thread, NULL, free_imap, &freer);
	AWAIT(freer.tid && probe_asleep(freer.tid));
	assert_int_equal(freer.taken, 0);
	gate_open(&gate);
	pthread_join(freer.thread, NULL);
	finish(pool);
	assert_int_equal(second->drawn, 1);
	assert_int_equal(second->items[0].ran, 1);
	assert_int_equal(second->items[0].freed, 1);
	free(input);
	free(second);
}

static void P_imap_free_of_nothing(void **state) {
	(void)state;
	sp_imap_free(NULL);
	sp_pool *pool = pool_of(2, NULL);
	sp_imap *imap = NULL;
	assert_int_equal(
		sp_pool_imap(pool, echo, next_item, NULL, SIZE_MAX, true, &imap), SP_E_NOMEM);
	assert_null(imap);
	finish(pool);
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
		cmocka_unit_test(DEV14_pitfall_30_an_endless_input_is_drawn_buffersize_ahead),
		cmocka_unit_test(DEV14_the_threads_run_the_tasks_side_by_side),
		cmocka_unit_test(P24_an_imap_uses_all_threads),
		cmocka_unit_test(DEV14_other_work_goes_on_while_the_window_is_full),
		cmocka_unit_test(DEV14_an_input_that_blocks_holds_up_only_itself),
		cmocka_unit_test(P2_an_imap_goes_before_a_later_map),
		cmocka_unit_test(P_imap_map_and_apply_at_once),
		cmocka_unit_test(P25_several_threads_share_the_results),
		cmocka_unit_test(P25_all_that_wait_are_told),
		cmocka_unit_test(DEV5b_pitfall_29_terminate_with_consumers_that_wait),
		cmocka_unit_test(DEV5b_what_ran_before_terminate_is_handed_out),
		cmocka_unit_test(DEV5b_terminate_while_the_input_blocks),
		cmocka_unit_test(P16_close_goes_on_to_the_end_of_the_input),
		cmocka_unit_test(P21_inside_the_input),
		cmocka_unit_test(P21_a_task_takes_from_an_imap_of_its_pool),
		cmocka_unit_test(P_imap_free_at_any_time_loses_no_value),
		cmocka_unit_test(P_imap_free_waits_for_the_input_not_for_tasks),
		cmocka_unit_test(P_imap_free_of_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
