// SPDX-License-Identifier: MIT
// Job files that are large, deep or made to hurt: each is read or refused in bounded time, memory
// and stack. Times are CPU time, so that a busy machine does not count.
#include "base/buf.h"
#include "spec/spec.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cost.h"
#include "probe.h"

enum { MIB = 1024 * 1024 };

struct outcome {
	size_t n_problems, left_out, n_jobs;
	struct problem first;
	char message[256];
	bool unreadable;
	double seconds;
	size_t kept; // bytes, the source not counted
};

static struct outcome read_it(const struct buf *text) {
	struct problems problems = {0};
	struct outcome outcome = {0};
	size_t memory_before = cost_memory();
	double before = cost_cpu();
	struct spec *spec = spec_parse(
		"x.yaml", text->data, text->len, &problems, &outcome.unreadable);
	outcome.seconds = cost_cpu() - before;
	size_t memory = cost_memory() - memory_before;
	outcome.kept = memory > text->len ? memory - text->len : 0;
	problems_sort(&problems);
	outcome.n_problems = problems.n;
	outcome.left_out = problems.left_out;
	outcome.n_jobs = spec->n_jobs;
	if (problems.n) {
		outcome.first = problems.items[0];
		strncpy(outcome.message, problems.items[0].message, sizeof outcome.message - 1);
	}
	spec_free(spec);
	return outcome;
}

static void repeat(struct buf *text, const char *piece, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (buf_puts(text, piece) < 0) {
			abort();
		}
	}
}

static void check_refused(
	const struct outcome *outcome, const char *message, unsigned line, unsigned col) {
	assert_true(outcome->unreadable);
	assert_int_equal(outcome->n_problems, 1);
	if (!strstr(outcome->message, message)) {
		fail_msg("said: %s", outcome->message);
	}
	assert_int_equal(outcome->first.at.line, line);
	assert_int_equal(outcome->first.at.col, col);
	assert_true(outcome->seconds < cost_most()); // hundredths are expected
	assert_true(outcome->kept < 10 * MIB);
}

struct deep_case {
	const char *piece;
	unsigned col; // of the 65th level
	struct outcome outcome;
};
enum { N_DEEP = 5 };

static void *read_deep(void *arg) {
	struct deep_case *deep = arg;
	for (size_t i = 0; i < N_DEEP; i++) {
		struct buf text = {0};
		repeat(&text, deep[i].piece, 100000);
		deep[i].outcome = read_it(&text);
		buf_clear(&text);
	}
	return NULL;
}

// On a stack of 256 KiB, as under `ulimit -s 256`.
static void test_depth(void **state) {
	(void)state;
	struct deep_case deep[N_DEEP] = {
		{.piece = "[", .col = 65},
		{.piece = "- ", .col = 129},
		{.piece = "{a: ", .col = 257},
		{.piece = "? ", .col = 129},
		{.piece = "[{", .col = 65},
	};
	pthread_attr_t attr;
	pthread_t thread;
	pthread_attr_init(&attr);
	assert_int_equal(pthread_attr_setstacksize(&attr, (size_t)256 * 1024), 0);
	assert_int_equal(pthread_create(&thread, &attr, read_deep, deep), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	for (size_t i = 0; i < N_DEEP; i++) {
		check_refused(&deep[i].outcome, "deeper than 64 levels", 1, deep[i].col);
	}

	struct buf text = {0}; // what is as deep as may be is read
	buf_puts(&text, "jobs: [{run: x}]\nx-deep: ");
	repeat(&text, "[", 63);
	repeat(&text, "]", 63);
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	buf_clear(&text);
}

static void test_billion_laughs(void **state) {
	(void)state;
	struct buf text = {0};
	buf_puts(&text, "x-0: &a0 [x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i <= 9; i++) {
		buf_printf(&text, "x-%d: &a%d [", i, i);
		for (int j = 0; j < 9; j++) {
			buf_printf(&text, "%s*a%d", j ? "," : "", i - 1);
		}
		buf_puts(&text, "]\n");
	}
	buf_puts(&text, "jobs: [{run: x}]\n");
	// 10 nodes, then 9 times as many and one: past a million at the first of the seventh line
	struct outcome outcome = read_it(&text);
	buf_clear(&text);
	check_refused(
		&outcome, "the aliases of this file stand for more than 1000000 values", 7, 11);
}

static void test_many_aliases(void **state) {
	(void)state;
	struct buf text = {0};
	buf_puts(&text, "x-env: &e {A: 1, B: 2}\nx-text: &t ");
	repeat(&text, "0123456789", 100000); // a megabyte that may be kept once only
	buf_puts(&text, "\njobs:\n");
	repeat(&text, "- {run: x, env: *e, input: *t}\n", 10000);
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	assert_int_equal(outcome.n_jobs, 10000);
	assert_true(outcome.kept < 20 * MIB);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);
}

static double seconds_for(size_t jobs) {
	struct buf text = {0};
	buf_puts(&text, "jobs:\n");
	for (size_t i = 0; i < jobs; i++) {
		buf_printf(&text, "  - name: job%zu\n    args: [echo, \"%zu\"]\n", i, i);
	}
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	assert_int_equal(outcome.n_jobs, jobs);
	assert_true(outcome.kept <= 400 * jobs + MIB); // 320 are the job itself
	buf_clear(&text);
	return outcome.seconds;
}

// One job behind the other, and one behind all of them.
static void test_many_needs(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	(void)state;
	enum { MANY = 100000 };
	struct buf text = {0};
	buf_puts(&text, "jobs:\n- {name: job0, args: [x]}\n");
	for (int i = 1; i < MANY; i++) {
		buf_printf(&text, "- {name: job%d, args: [x], needs: [job%d]}\n", i, i - 1);
	}
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	assert_true(outcome.kept <= (size_t)MANY * 450 + MIB);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);

	buf_puts(&text, "jobs:\n- args: [x]\n  needs:\n");
	for (int i = 0; i < MANY; i++) {
		buf_printf(&text, "  - job%d\n", i);
	}
	outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	assert_true(outcome.kept <= (size_t)MANY * 36 + MIB);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);
}

// 0.2 s are expected. Where a tool makes everything slow the small file is slow too: then a
// hundred times as many jobs may take a thousand times as long.
static void test_many_jobs(void **state) {
	(void)state;
	double few = seconds_for(1000);
	double many = seconds_for(100000);
	assert_true(many < 2 || many < 1000 * few);
}

// Each of these would be quadratic if done without thought.
static void test_long_lists(void **state) {
	(void)state;
	enum { MANY = 100000 };
	struct buf text = {0};
	buf_puts(&text, "jobs:\n- run: x\n  env:\n");
	for (int i = 0; i < MANY; i++) {
		buf_printf(&text, "    K%d: &a%d x\n", i, i);
	}
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);

	buf_puts(&text, "jobs:\n- run: x\n  env:\n");
	repeat(&text, "    K: x\n", MANY);
	outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, PROBLEMS_MAX);
	assert_int_equal(outcome.left_out, MANY - 1 - PROBLEMS_MAX);
	assert_string_equal(
		outcome.message, "the key 'K' is given twice; the first time on line 4");
	assert_int_equal(outcome.first.at.line, 5);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);

	buf_puts(&text, "jobs: [");
	repeat(&text, "*a ,{b},", MANY);
	buf_puts(&text, "]");
	outcome = read_it(&text);
	assert_int_equal(outcome.n_problems + outcome.left_out, 2 * MANY);
	assert_true(outcome.kept < (size_t)2 * MANY * 600 + MIB);
	assert_true(outcome.seconds < cost_most());
	buf_clear(&text);
}

static void test_entries(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	(void)state;
	enum { MANY = 1000000 };
	struct buf text = {0};
	buf_puts(&text, "jobs: [{run: x}]\nx-all: [");
	repeat(&text, "a,", MANY);
	size_t full = text.len;
	buf_puts(&text, "]\n");
	struct outcome outcome = read_it(&text);
	assert_int_equal(outcome.n_problems, 0);
	text.len = full;
	buf_puts(&text, "a]\n");
	outcome = read_it(&text);
	check_refused(&outcome, "this list, which begins on line 2, has more than 1000000 entries",
		2, 2 * MANY + 9);
	buf_clear(&text);

	buf_puts(&text, "jobs: [{run: x}]\nx-all: {");
	repeat(&text, "a,", MANY);
	buf_puts(&text, "a}\n");
	outcome = read_it(&text);
	check_refused(&outcome, "this map, which begins on line 2, has more than 1000000 entries",
		2, 2 * MANY + 9);
	buf_clear(&text);
}

static void test_directives(void **state) {
	(void)state;
	struct buf text = {0};
	for (int i = 0; i < 100000; i++) {
		buf_printf(&text, "%%TAG !t%d! x\n", i);
	}
	struct buf behind = {0};
	buf_puts(&behind, "{jobs: [{run: x}]}\n...\n");
	buf_append(&behind, text.data, text.len);
	struct outcome outcome = read_it(&text);
	buf_clear(&text);
	check_refused(&outcome, "neither has %TAG", 1, 1);
	outcome = read_it(&behind);
	assert_int_equal(outcome.n_problems, 1);
	assert_non_null(strstr(outcome.message, "a second document"));
	assert_true(outcome.seconds < cost_most());
	buf_clear(&behind);
}

static void test_too_large(void **state) {
	(void)state;
	struct buf text = {0};
	buf_puts(&text, "jobs: [{run: x}] #");
	assert_int_equal(buf_reserve(&text, (size_t)64 * MIB), 0);
	memset(text.data + text.len, 'x', (size_t)64 * MIB);
	text.len = (size_t)64 * MIB;
	struct outcome outcome = read_it(&text); // one line, as large as may be
	assert_int_equal(outcome.n_problems, 0);
	text.len++;
	outcome = read_it(&text);
	assert_true(outcome.unreadable);
	assert_non_null(strstr(outcome.message, "larger than a job file may be (64 MiB)"));
	buf_clear(&text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_billion_laughs),
		cmocka_unit_test(test_many_aliases),
		cmocka_unit_test(test_many_jobs),
		cmocka_unit_test(test_many_needs),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_directives),
		cmocka_unit_test(test_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
