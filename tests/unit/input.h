/* SPDX-License-Identifier: MIT
 * Inputs, tasks and consumers that the tests of imap share. Include after cmocka.h. */
#ifndef TESTS_INPUT_H
#define TESTS_INPUT_H

#include "gate.h"
#include "pooled.h"

#include <unistd.h>

enum { MS = 1000000, SOME = 100 };

/* ---- inputs */

/* The numbers 0, 1, … as pointers to items, up to `n`; at `fails` the status instead. */
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

static inline struct input *input_of(int n) {
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

static inline sp_status next_item(void *ud, void **arg) {
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

/* ---- tasks */

static inline sp_status run_item(
	void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	(void)cancel, (void)error;
	struct item *item = arg;
	item->ran++;
	*value = item;
	return SP_OK;
}

static inline void free_item(void *value) {
	struct item *item = value;
	item->freed++;
}

static inline sp_imap *imap_of(
	sp_pool *pool, sp_func func, struct input *input, size_t buffersize, bool ordered) {
	sp_imap *imap = NULL;
	assert_int_equal(
		sp_pool_imap(pool, func, next_item, input, buffersize, ordered, &imap), SP_OK);
	assert_non_null(imap);
	return imap;
}

/* The next result is item i, as the one of this index. */
static inline void assert_next(sp_imap *imap, struct input *input, int i, size_t at) {
	size_t index = 999;
	void *value = NULL;
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_imap_next(imap, SP_FOREVER, &index, &value, &error), SP_OK);
	assert_int_equal(index, at);
	assert_ptr_equal(value, &input->items[i]);
	assert_int_equal(error.code, SP_OK);
}

static inline void assert_over(sp_imap *imap, sp_status status) {
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

static struct gate first_gate;

/* Item 0 waits for the gate. */
static inline sp_status first_waits(
	void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	const struct item *item = arg;
	if (item->number == 0) {
		gate_pass(&first_gate);
	}
	return run_item(arg, cancel, value, error);
}

static inline sp_status at_gate(void *arg, const sp_cancel *cancel, void **value, sp_error *error) {
	gate_pass(&first_gate);
	return run_item(arg, cancel, value, error);
}

struct consumer {
	sp_imap *imap;
	pthread_t thread;
	atomic_int tid;
	int taken;
	sp_status last;
};

static inline void *consume(void *arg) {
	struct consumer *me = arg;
	void *value;
	me->tid = gettid();
	while ((me->last = sp_imap_next(me->imap, SP_FOREVER, NULL, &value, NULL)) == SP_OK) {
		free_item(value);
		me->taken++;
	}
	return NULL;
}
#endif
