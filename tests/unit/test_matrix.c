// SPDX-License-Identifier: MIT
// What a matrix makes of a job: ranges, include and exclude; what is wrong with them; and that
// large ones stay quick and small. A case is the rest of a job, and a line of each job that comes
// of it.
#include "base/buf.h"
#include "plan/plan.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cost.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const environment[] = {"N=3", "EMPTY=", "ODD=x y", NULL};
static const struct plan_options options = {.environment = environment, .cpus = 3};

struct made {
	struct problems problems;
	struct spec *spec;
	struct plan *plan;
};

static struct made make(const char *yaml) {
	struct made made = {0};
	bool unreadable;
	made.spec = spec_parse("jobs.yaml", yaml, strlen(yaml), &made.problems, &unreadable);
	assert_false(unreadable);
	made.plan = plan_make(made.spec, &options, &made.problems);
	problems_sort(&made.problems);
	return made;
}

// Each job's name, and its environment: that is what a script sees of the matrix.
static char *dump(const struct made *made) {
	struct buf buf = {0};
	for (size_t i = 0; i < made->problems.n; i++) {
		const struct problem *p = &made->problems.items[i];
		buf_printf(&buf, "%u:%u: %s | %s\n", p->at.line, p->at.col, p->message,
			p->hint ? p->hint : "");
	}
	for (size_t i = 0; i < made->plan->n_jobs && made->problems.n == 0; i++) {
		const struct job *job = &made->plan->jobs[i];
		buf_printf(&buf, "%s:", job->name);
		for (size_t k = 0; k < job->n_env; k++) {
			const struct plan_env *env = &job->env[k];
			assert_true(env->unset == (env->value.n == 0));
			buf_printf(&buf, env->unset ? " -%s" : " %s=%s", env->name,
				env->unset ? "" : text_fixed(&env->value));
		}
		buf_puts(&buf, "\n");
	}
	return buf_take(&buf);
}

struct example {
	const char *job, *jobs;
};

static void assert_examples(const struct example *examples, size_t n) {
	for (size_t i = 0; i < n; i++) {
		struct buf yaml = {0};
		buf_printf(&yaml, "jobs:\n- {name: m, %s}\n", examples[i].job);
		char *file = buf_take(&yaml);
		struct made made = make(file);
		char *text = dump(&made);
		assert_string_equal(text, examples[i].jobs);
		free(text);
		free(file);
		spec_free(made.spec);
	}
}

static void test_ranges_include_both_ends(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"run: a, matrix: {n: {range: [1, 3]}}", "m (1): n=1\nm (2): n=2\nm (3): n=3\n"},
		{"run: a, matrix: {n: {range: [-1, 1]}}", "m (-1): n=-1\nm (0): n=0\nm (1): n=1\n"},
		{"run: a, matrix: {n: {range: [1, 8, 3]}}", "m (1): n=1\nm (4): n=4\nm (7): n=7\n"},
		{"run: a, matrix: {n: {range: [2, 0, -1]}}",
			"m (2): n=2\nm (1): n=1\nm (0): n=0\n"},
		{"run: a, matrix: {n: {range: [5, 5]}}", "m (5): n=5\n"},
		{"run: a, matrix: {n: {range: [5, 5, -7]}}", "m (5): n=5\n"},
		{"run: a, matrix: {n: {range: ['9', \"${{ env.N }}0\", 100]}}", "m (9): n=9\n"},
		{"run: a, matrix: {n: {range: ['${{ env.EMPTY:-2 }}', '${{ env.N }}']}}",
			"m (2): n=2\nm (3): n=3\n"},
		{"run: a, matrix: {n: {range: [9223372036854775806, 9223372036854775807]}}",
			"m (9223372036854775806): n=9223372036854775806\n"
			"m (9223372036854775807): n=9223372036854775807\n"},
		{"run: a, matrix: {n: {range: [-9223372036854775808, 0, 9223372036854775807]}}",
			"m (-9223372036854775808): n=-9223372036854775808\nm (-1): n=-1\n"},
		{"run: a, matrix: {n: {range: [0, -9223372036854775808, -9223372036854775808]}}",
			"m (0): n=0\nm (-9223372036854775808): n=-9223372036854775808\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_exclude_takes_away(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"run: a, matrix: {a: [1, 2], b: [x, y], exclude: [{a: 1, b: y}]}",
			"m (1, x): a=1 b=x\nm (2, x): a=2 b=x\nm (2, y): a=2 b=y\n"},
		{"run: a, matrix: {exclude: [{b: y}, {b: y, a: 1}], a: [1, 2], b: [x, y]}",
			"m (1, x): a=1 b=x\nm (2, x): a=2 b=x\n"},
		{"run: a, matrix: {a: [1, 2, 3], b: [x, y], c: [p, q], exclude: [{a: 1}, {c: q}, "
		 "{a: 3, b: x}]}",
			"m (2, x, p): a=2 b=x c=p\nm (2, y, p): a=2 b=y c=p\nm (3, y, p): a=3 b=y "
			"c=p\n"},
		// All that have the value, however often it stands there.
		{"run: a, matrix: {a: [1, 2, 1], exclude: [{a: 1}]}", "m (2): a=2\n"},
		// A value that is another text is another one; what comes of the environment may be
		// missing.
		{"run: a, matrix: {a: ['1', '01'], exclude: [{a: 01}]}", "m (1): a=1\n"},
		{"run: a, matrix: {a: {range: [1, '${{ env.N }}']}, exclude: [{a: 2}, {a: 4}]}",
			"m (1): a=1\nm (3): a=3\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_include_adds(void **state) {
	(void)state;
	static const struct example examples[] = {
		// GitHub's own example.
		{"run: a, matrix: {fruit: [apple, pear], animal: [cat, dog], include: [{color: "
		 "green}, "
		 "{color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, "
		 "{fruit: banana, animal: cat}]}",
			"m (apple, cat, pink, circle): fruit=apple animal=cat color=pink "
			"shape=circle\n"
			"m (apple, dog, green, circle): fruit=apple animal=dog color=green "
			"shape=circle\n"
			"m (pear, cat, pink): fruit=pear animal=cat color=pink -shape\n"
			"m (pear, dog, green): fruit=pear animal=dog color=green -shape\n"
			"m (banana): fruit=banana -animal -color -shape\n"
			"m (banana, cat): fruit=banana animal=cat -color -shape\n"},
		{"run: a, matrix: {include: [{a: 1, b: 2}, {b: 3, a: 1}, {c: ''}]}",
			"m (1, 2): a=1 b=2 -c\nm (1, 3): a=1 b=3 -c\nm (): -a -b c=\n"},
		// What was excluded comes back; what is there already is not doubled.
		{"run: a, matrix: {a: [1, 2], exclude: [{a: 1}], include: [{a: 1, x: y}, {a: 2}]}",
			"m (2): a=2 -x\nm (1, y): a=1 x=y\n"},
		{"run: a, matrix: {a: [1], exclude: [{a: 1}], include: [{x: y}]}",
			"m (y): -a x=y\n"},
		// An entry is never added to one that stands alone.
		{"run: a, matrix: {a: [1], include: [{a: 2}, {a: 2, x: y}, {x: z}]}",
			"m (1, z): a=1 x=z\nm (2): a=2 -x\nm (2, y): a=2 x=y\n"},
		{"args: ['<${{ a }}${{ x }}>'], env: {E: '${{ x }}'}, matrix: {a: [1, 2], include: "
		 "[{x: '${{ a }}'}]}",
			"m (1, ${{ a }}): E=${{ a }}\nm (2, ${{ a }}): E=${{ a }}\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_problems(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"run: a, matrix: {n: {range: [3, 1]}}",
			"2:42: no range goes from 3 up to 1 | write [3, 1, -1] to count down\n"},
		{"run: a, matrix: {n: {range: [1, 3, -1]}}",
			"2:42: no range goes from 1 down to 3 | a range that counts down begins "
			"with "
			"the larger number\n"},
		{"run: a, matrix: {n: {range: [1, 3, 0]}}",
			"2:48: a range cannot have the step 0 | \n"},
		{"run: a, matrix: {n: {range: [0x1, 9223372036854775808, -0]}}",
			"2:42: '0x1' is not a whole number: a number is written with the digits 0 "
			"to 9 "
			"alone, and '-' in front | \n"
			"2:47: '9223372036854775808' is not a whole number: it is too large | \n"
			"2:68: '-0' is not a whole number: a number is written without zeros in "
			"front "
			"| \n"},
		{"run: a, matrix: {n: {range: [-9223372036854775808, 9223372036854775807]}}",
			"2:33: the range has more than 1000000 numbers: a file has no more jobs | "
			"\n"},
		{"run: a, matrix: {n: {range: ['${{ n }}', '${{ spool.sloot }}']}}",
			"2:43: the source of matrix values cannot hold '${{ n }}' | only env.NAME "
			"and "
			"env.NAME:-default can: the jobs are made of these values\n"
			"2:55: '${{ spool.sloot }}' is not defined | did you mean 'spool.slot'?\n"},
		{"run: a, matrix: {n: {range: [1, '${{ env.ODD }}']}}",
			"2:45: 'x y' is not a whole number: a number is written with the digits 0 "
			"to 9 "
			"alone, and '-' in front | \n"},
		{"run: a, matrix: {name: [1], exclude: [{nmae: 1}]}",
			"2:52: the matrix has no variable 'nmae' to exclude | did you mean "
			"'name'?\n"},
		{"run: a, matrix: {n: [1, 2], include: [{x: 1}], exclude: [{x: 1}, {n: 3}]}",
			"2:71: the matrix has no variable 'x' to exclude | exclude comes first: it "
			"cannot name what include adds\n"
			"2:82: the matrix variable 'n' has no value '3' to exclude | it has '1', "
			"'2'\n"},
		{"run: a, matrix: {n: [1, 2], exclude: [{n: 1}, {n: 2}]}",
			"2:41: 'exclude' leaves no combination of the matrix | \n"},
		{"args: [a, 'x${{ x }}'], matrix: {n: [1, 2], include: [{n: 2, x: 1}]}",
			"2:25: '${{ x }}' has no value in the combination '1' | each of its "
			"combinations needs a value; in a run script the variable is only unset\n"},
		{"args: [a, '${{ a }}'], matrix: {include: [{a: 1}, {b: 2, a: ''}, {b: 3}, {c: "
		 "4}]}",
			"2:24: '${{ a }}' has no value in the combination '3' | each of its "
			"combinations needs a value; in a run script the variable is only unset\n"},
		{"args: [a, '${{ x }}${{ nn }}'], matrix: {n: [1], include: [{x: 1}]}",
			"2:32: '${{ nn }}' is not defined | did you mean 'n'? the matrix has n, "
			"x\n"},
		{"run: a, matrix: {n: [1], include: [{n: 2, a: b}, {a: b, n: 2}]}",
			"2:10: two jobs of this matrix are named 'm (2, b)' | a value stands in "
			"its "
			"matrix twice, or the name lacks one of its variables\n"},
		{"run: a, env: {x: 1}, matrix: {include: [{x: 1}]}",
			"2:27: 'x' is a variable of the matrix too | a matrix value is already an "
			"environment variable of a 'run' job\n"},
		{"run: a, matrix: {n: [\"\\n\"]}", "2:10: the name has a control character in it | "
						   "a name without the value has "
						   "none: name: \"${{ spool.seq }}\"\n"},
	};
	assert_examples(examples, COUNT(examples));
}

// Of a job with a range of n, and entries of include and exclude; a tenth of a second is expected.
static void assert_small_and_quick(const char *entries, size_t n, size_t n_jobs) {
	struct buf yaml = {0};
	buf_printf(&yaml, "jobs: [{run: x, matrix: {n: {range: [1, %zu]}, %s}}]", n, entries);
	char *text = buf_take(&yaml);
	size_t memory_before = cost_memory();
	double before = cost_cpu();
	struct made made = make(text);
	double seconds = cost_cpu() - before;
	size_t kept = cost_memory() - memory_before;
	assert_int_equal(made.problems.n, 0);
	assert_int_equal(made.plan->n_jobs, n_jobs);
	assert_true(seconds < cost_most());
	assert_true(kept <= 1024 * n_jobs + 2 * strlen(text));
	spec_free(made.spec);
	free(text);
}

static void test_large_ones_are_small_and_quick(void **state) {
	(void)state;
	enum { MANY = 100000 };
	struct buf entries = {0};
	assert_small_and_quick("m: [x]", MANY, MANY);
	assert_small_and_quick(
		"include: [{a: 1}, {b: 2, n: 7}], exclude: [{n: 8}]", MANY, MANY - 1);
	// As many entries as combinations: each finds its own without going through all.
	buf_puts(&entries, "exclude: [{n: 1}");
	for (int i = 3; i <= MANY; i += 2) {
		buf_printf(&entries, ", {n: %d}", i);
	}
	buf_puts(&entries, "], include: [{n: 2, a: x}");
	for (int i = 3; i <= MANY; i++) {
		buf_printf(&entries, ", {n: %d, a: x}", i);
	}
	buf_puts(&entries, "]");
	char *text = buf_take(&entries);
	assert_small_and_quick(text, MANY, MANY - 1);
	free(text);
}

static void assert_problem(const char *yaml, const char *message) {
	struct made made = make(yaml);
	assert_int_equal(made.problems.n, 1);
	assert_string_equal(made.problems.items[0].message, message);
	spec_free(made.spec);
}

static void test_limits(void **state) {
	(void)state;
	static const char too_many[] =
		"more than 1000000 jobs with this matrix: that is the limit of a file";
	static const char too_long[] =
		"'include' and 'exclude' have too many entries for so many combinations";
	assert_problem("jobs: [{run: x, matrix: {a: {range: [1, 1000]}, b: {range: [0, 1000]}}}]",
		too_many);
	// Those that exclude would leave out take memory too.
	assert_problem("jobs: [{run: x, matrix: {a: {range: [1, 1000]}, b: {range: [0, 1000]}, "
		       "exclude: [{b: 0}]}}]",
		too_many);
	assert_problem("jobs: [{run: x}, {run: x, matrix: {a: {range: [1, 1000]}, b: {range: [1, "
		       "1000]}}}]",
		too_many);
	assert_problem("jobs: [{run: x, matrix: {a: {range: [1, 1000000]}, include: [{a: 0}]}}]",
		too_many);
	struct buf yaml = {0};
	buf_puts(&yaml, "jobs: [{run: x, matrix: {a: {range: [1, 1000000]}, include: [{x: 1");
	for (int i = 0; i < 32; i++) {
		buf_printf(&yaml, ", x%d: 1", i);
	}
	buf_puts(&yaml, "}]}}]");
	char *text = buf_take(&yaml);
	assert_problem(text, too_long);
	free(text);
	buf_puts(&yaml, "jobs: [{run: x, matrix: {a: {range: [1, 1000000]}, include: [{x: 1}");
	for (int i = 0; i < 1000; i++) {
		buf_puts(&yaml, ", {x: 1}");
	}
	buf_puts(&yaml, "]}}]");
	text = buf_take(&yaml);
	assert_problem(text, too_long);
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges_include_both_ends),
		cmocka_unit_test(test_exclude_takes_away),
		cmocka_unit_test(test_include_adds),
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_large_ones_are_small_and_quick),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
