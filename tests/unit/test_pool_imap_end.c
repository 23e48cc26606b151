// SPDX-License-Identifier: MIT
// How an imap ends with its pool or is let go of, and where waiting for it would be in vain.
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

#include <unistd.h>

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
			// The end may be seen before the last results are taken.
			assert_true(i > SOME - 3 || !joiner.returned);
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
