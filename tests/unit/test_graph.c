// SPDX-License-Identifier: MIT
// What jobs need: which jobs the words mean, in which order they would start, what is taken with
// what, and what is wrong. Each case is a file and what comes of it.
#include "base/buf.h"
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "probe.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct plan_options plain = {.cpus = 3};

static void put_needs(struct buf *buf, const struct plan *plan, const struct needs *needs) {
	static const char *const signs[] = {
		[NEED_PASSED] = "", [NEED_DONE] = "~", [NEED_FAILED] = "!"};
	for (size_t i = 0; needs && i < needs->n; i++) {
		buf_printf(buf, "%s %s%s", i ? "" : " <", signs[needs->items[i].condition],
			plan->jobs[needs->items[i].job].name);
	}
	if (needs && needs->left_out) {
		buf_printf(buf, " (!%s)", needs->left_out);
	}
}

// A line for each job as they would start, with what it needs; then what is wrong.
static char *dump(const struct plan *plan, const struct problems *problems) {
	struct buf buf = {0};
	for (size_t i = 0; i < plan->n_jobs && problems->n == 0; i++) {
		const struct job *job = plan_nth(plan, i);
		buf_puts(&buf, job->name);
		buf_puts(&buf, job->when == WHEN_ALWAYS       ? " always"
			       : job->when == WHEN_ON_FAILURE ? " on_failure"
							      : "");
		buf_puts(&buf, job->allow_failure ? " may fail" : "");
		put_needs(&buf, plan, job->needs);
		buf_putc(&buf, '\n');
	}
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *problem = &problems->items[i];
		buf_printf(
			&buf, "! %u:%u: %s\n", problem->at.line, problem->at.col, problem->message);
		if (problem->hint) {
			buf_printf(&buf, "? %s\n", problem->hint);
		}
	}
	buf_putc(&buf, '\0');
	return buf_take(&buf);
}

static void assert_graph(
	const char *yaml, const struct plan_options *options, const char *expected) {
	struct problems problems = {0};
	bool unreadable;
	struct spec *spec = spec_parse("jobs.yaml", yaml, strlen(yaml), &problems, &unreadable);
	assert_false(unreadable);
	struct plan *plan = plan_make(spec, options, &problems);
	problems_sort(&problems);
	char *text = dump(plan, &problems);
	assert_string_equal(text, expected);
	free(text);
	spec_free(spec);
}

// defaults give every job its command.
#define FILE_OF(jobs) "defaults: {args: [x]}\njobs:\n" jobs

static void words_mean_names_then_matrices_then_globs(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: all, needs: ['*']}\n"
			     "- {name: t, matrix: {v: [1, 2]}}\n"
			     "- {name: t*, needs: [t]}\n"
			     "- {name: exact, needs: ['t*']}\n"
			     "- {name: glob, needs: ['?* (*)', {job: t*, if: done}]}\n"),
		&plain,
		"t (1)\n"
		"t (2)\n"
		"t* < t (1) t (2)\n"
		"exact < t*\n"
		"glob < t (1) t (2) ~t*\n"
		"all < t (1) t (2) t* exact glob\n");
}

static void a_word_said_twice_is_one_need(void **state) {
	(void)state;
	assert_graph(
		FILE_OF("- {name: a}\n"
			"- {name: b, needs: [a, a, {job: a, if: passed}, {job: a, if: failed}, "
			"'a*']}\n"
			"- {name: c, needs: []}\n"),
		&plain,
		"a\n"
		"b < a !a\n"
		"c\n");
}

static void templates_are_filled_in(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: build, matrix: {v: [1, 2]}}\n"
			     "- {name: test, matrix: {v: [1, 2]}, needs: ['build (${{ v }})']}\n"),
		&plain,
		"build (1)\n"
		"build (2)\n"
		"test (1) < build (1)\n"
		"test (2) < build (2)\n");
	assert_graph(FILE_OF("- {name: a}\n"
			     "- {name: b, needs: ['a${{ spool.slot }}', 'a${{ nix }}']}\n"),
		&plain,
		"! 4:21: an entry of 'needs' cannot hold what is known only when the job starts\n"
		"! 4:45: '${{ nix }}' is not defined\n"
		"? the job has no matrix; known are env.NAME, env.NAME:-default, job.name, "
		"spool.seq, spool.slot, spool.attempt, spool.workers\n");
}

// What was filled in while names were looked for is gone when it is said; a tool sees it.
static void what_is_wrong_outlives_the_looking(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: x, needs: ['b (${{ op }})', '${{ env.HOMEE }}'], matrix: "
			     "{opt: [1, "
			     "2]}}\n"),
		&plain,
		"! 3:25: '${{ op }}' is not defined\n"
		"? did you mean 'opt'? the matrix has opt\n"
		"! 3:39: '${{ env.HOMEE }}' is not set in the environment\n"
		"? give it a default: ${{ env.HOMEE:-default }}\n");
}

static void clean_up_and_what_may_fail(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: clean, when: always, needs: ['*']}\n"
			     "- {name: tell, when: on_failure, needs: [a]}\n"
			     "- {name: a, allow_failure: true}\n"
			     "- {name: b, allow_failure: false}\n"),
		&plain,
		"a may fail\n"
		"tell on_failure < a\n"
		"b\n"
		"clean always < tell a b\n");
	assert_graph("defaults: {args: [x], when: always, allow_failure: true}\n"
		     "jobs: [{name: a}, {name: b, allow_failure: false, needs: [a]}]\n",
		&plain,
		"a always may fail\n"
		"b always < a\n");
	assert_graph(
		FILE_OF("- {name: a, when: on_failure}\n- {name: b, when: always, needs: []}\n"),
		&plain,
		"! 3:19: 'when' is about what the job needs, and it needs nothing\n"
		"? name what it waits for: needs: [build, test]; '*' is all other jobs\n"
		"! 4:19: 'when' is about what the job needs, and it needs nothing\n"
		"? name what it waits for: needs: [build, test]; '*' is all other jobs\n");
}

static void circles_are_named(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: a, needs: [d, b]}\n"
			     "- {name: b, needs: [c]}\n"
			     "- {name: c, needs: ['[a]']}\n"
			     "- {name: d}\n"
			     "- {name: e, needs: [e]}\n"
			     "- {name: f, needs: [a]}\n"
			     "- {name: m, matrix: {v: [1]}, needs: [m]}\n"),
		&plain,
		"! 3:24: 3 jobs need each other in a circle: a → b → c → a\n"
		"? each needs the one behind its arrow; one of these needs has to go\n"
		"! 7:21: job 'e' needs itself\n"
		"? take it out of its own needs\n"
		"! 9:39: job 'm (1)' needs itself\n"
		"? take it out of its own needs\n");
}

static void unknown_names_have_the_nearest(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: build, matrix: {v: [1]}}\n"
			     "- {name: test, needs: [biuld, 'x*', build (1, 2)]}\n"
			     "- {name: self, needs: ['self*']}\n"),
		&plain,
		"! 4:24: 'test' needs 'biuld', and no job is named so\n"
		"? did you mean 'build'?\n"
		"! 4:31: 'test' needs 'x*', which matches no other job\n"
		"? the file has 3 jobs: 'build (1)', 'test', 'self'\n"
		"! 4:37: 'test' needs 'build (1', and no job is named so\n"
		"? a comma ends an entry of a list; write the name in quotes\n"
		"! 4:47: 'test' needs '2)', and no job is named so\n"
		"? a comma ends an entry of a list; write the name in quotes\n"
		"! 5:24: 'self' needs 'self*', which matches no other job\n"
		"? a glob never means the job itself, nor its own matrix\n");
}

// The name of a job that was refused is not known: what needs it is no second mistake.
static void names_that_were_refused_are_not_missed(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: [a]}\n- {name: b, needs: [a]}\n"), &plain,
		"! 3:10: 'name' must be a text, not a list\n");
	assert_graph(FILE_OF("- {name: a, timout: 1}\n- {name: b, needs: [c]}\n"), &plain,
		"! 3:13: unknown key 'timout'\n"
		"? did you mean 'timeout'?\n"
		"! 4:21: 'b' needs 'c', and no job is named so\n"
		"? did you mean 'a'?\n");
}

static void mistakes_in_needs(void **state) {
	(void)state;
#define HINT "? write needs: [build, 'test*', {job: deploy, if: failed}]\n"
	assert_graph(
		FILE_OF("- {name: a, needs: b, when: always}\n"
			"- {name: b, needs: [{job: a, if: ok}, {jobs: a}, {if: done}, ~, '']}\n"),
		&plain,
		"! 3:20: 'needs' must be a list, not a text\n"
		"? write needs: [b]\n"
		"! 4:34: 'ok' is no condition of 'needs'\n"
		"? write if: passed, done or failed; passed is the default\n"
		"! 4:40: unknown key 'jobs' in an entry of 'needs'\n" HINT
		"! 4:50: an entry of 'needs' has no 'job'\n" HINT
		"! 4:62: an entry of 'needs' has no value\n" HINT
		"! 4:65: an entry of 'needs' is empty\n" HINT);
	assert_graph("defaults: {args: [x], needs: [a]}\njobs: [{name: a}]\n", &plain,
		"! 1:23: 'needs' is not for 'defaults': it belongs to one job\n"
		"? give it in each job\n");
}

static void a_missed_need_is_never_the_job_itself(void **state) {
	(void)state;
	assert_graph(FILE_OF("- {name: 't ${{ os }}', matrix: {os: [a, b]}}\n"
			     "- {name: tests, needs: [t]}\n"
			     "- {name: build, needs: [biuld]}\n"),
		&plain,
		"! 4:25: 'tests' needs 't', and no job is named so\n"
		"? 't*' means all jobs whose names begin so\n"
		"! 5:25: 'build' needs 'biuld', and no job is named so\n"
		"? the file has 4 jobs: 't a', 't b', 'tests', 'build'\n");
}

static void what_is_selected_brings_what_it_needs(void **state) {
	(void)state;
	static const char yaml[] = FILE_OF("- {name: deploy, needs: [test]}\n"
					   "- {name: test, needs: [build, lint]}\n"
					   "- {name: build, needs: [get]}\n"
					   "- {name: lint}\n"
					   "- {name: get}\n"
					   "- {name: undo, needs: [{job: deploy, if: failed}]}\n"
					   "- {name: other}\n");
	const char *test[] = {"test"}, *undo[] = {"undo"}, *build[] = {"build", "other"};
	struct plan_options options = plain;
	options.jobs = (struct plan_words){test, 1};
	assert_graph(yaml, &options,
		"lint\n"
		"get\n"
		"build < get\n"
		"test < build lint\n");
	options.jobs = (struct plan_words){undo, 1};
	options.skip = (struct plan_words){build, 2};
	assert_graph(yaml, &options,
		"lint\n"
		"test < lint\n"
		"deploy < test\n"
		"undo < !deploy\n");
	const char *deploy[] = {"deploy"};
	options.skip = (struct plan_words){deploy, 1};
	assert_graph(yaml, &options, "undo (!deploy)\n");
}

// What is behind a job that is left out keeps its place behind what that one needs.
static void what_is_left_out_hands_its_needs_on(void **state) {
	(void)state;
	static const char yaml[] = FILE_OF(
		"- {name: get}\n"
		"- {name: build, needs: [get]}\n"
		"- {name: test, needs: [build, {job: get, if: failed}]}\n"
		"- {name: more, needs: [test]}\n"
		"- {name: pack, needs: [more, build]}\n"
		"- {name: tell, needs: [{job: test, if: done}]}\n"
		"- {name: undo, needs: [{job: test, if: failed}]}\n"
		"- {name: tidy, when: always, needs: [build]}\n"
		"- {name: last, needs: [tidy]}\n");
	const char *skip[] = {"test", "more", "tidy"}, *pack[] = {"pack"};
	struct plan_options options = plain;
	options.skip = (struct plan_words){skip, 3};
	assert_graph(yaml, &options,
		"get\n"
		"build < get\n"
		"pack < build !get\n"
		"tell < ~build ~get\n"
		"undo (!test)\n"
		"last < ~build\n");
	// What only they need is not brought.
	options.jobs = (struct plan_words){pack, 1};
	const char *all[] = {"test", "more", "build"};
	options.skip = (struct plan_words){all, 3};
	assert_graph(yaml, &options, "pack\n");
}

// The n of n,m and so on; they are shared, so that a matrix that needs a matrix stays small.
static void jobs_of_a_matrix_share_their_needs(void **state) {
	static const char yaml[] = FILE_OF("- {name: a, matrix: {v: [1, 2, 3]}}\n"
					   "- {name: b, matrix: {v: [1, 2, 3]}, needs: [a]}\n"
					   "- {name: c, needs: [a]}\n"
					   "- {name: d, needs: ['a (*)']}\n");
	struct problems problems = {0};
	bool unreadable;
	(void)state;
	struct spec *spec = spec_parse("jobs.yaml", yaml, strlen(yaml), &problems, &unreadable);
	struct plan *plan = plan_make(spec, &plain, &problems);
	assert_int_equal(problems.n, 0);
	assert_int_equal(plan->n_needs, 1);
	for (size_t i = 3; i < plan->n_jobs; i++) {
		assert_ptr_equal(plan->jobs[i].needs, plan->jobs[3].needs);
	}
	spec_free(spec);
}

static void halt_is_read_and_counted(void **state) {
	static const struct {
		const char *text;
		enum halt_on on;
		bool now;
		size_t count; // of seven jobs
	} good[] = {
		{"never", HALT_NEVER, false, 0},
		{"now,fail=1", HALT_FAIL, true, 1},
		{"soon,success=12", HALT_SUCCESS, false, 12},
		{"soon,done=50%", HALT_DONE, false, 4},
		{"now,fail=1%", HALT_FAIL, true, 1},
		{"now,done=100%", HALT_DONE, true, 7},
	};
	static const char *const bad[] = {"", "now", "fail=1", "soon,fail",
		"soon,fail=", "now,fail=0", "now,fail=-1", "now,fail=1x", "now,fail=101%",
		"now,fail=0%", "later,fail=1", "now,pass=1", "now, fail=1", "now,fail=1.5",
		"now,fail=99999999999999999999", "Never"};
	static const char yaml[] = FILE_OF("- {name: a, matrix: {v: [1, 2, 3, 4, 5, 6, 7]}}\n");
	struct halt halt;
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct plan_options options = plain;
		struct problems problems = {0};
		bool unreadable;
		assert_null(halt_parse(good[i].text, &options.halt));
		struct spec *spec = spec_parse(
			"jobs.yaml", yaml, strlen(yaml), &problems, &unreadable);
		struct plan *plan = plan_make(spec, &options, &problems);
		assert_int_equal(plan->halt.on, good[i].on);
		assert_int_equal(plan->halt.now, good[i].now);
		assert_int_equal(plan->halt.count, good[i].count);
		assert_string_equal(plan->halt.text, good[i].text);
		spec_free(spec);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_non_null(halt_parse(bad[i], &halt));
	}
	assert_graph("halt: now,fale=1\njobs: [{name: a, args: [x]}]\n", &plain,
		"! 1:7: 'now,fale=1' is no value of 'halt': behind the comma stands fail=N, "
		"success=N or done=N\n"
		"? write now or soon, a comma, fail, success or done, and how many: now,fail=1 or "
		"soon,done=50%; never is the default\n");
}

enum { MANY = 100000 };

static struct plan *plan_of(struct buf *yaml, struct spec **spec, struct problems *problems) {
	bool unreadable;
	*spec = spec_parse("jobs.yaml", yaml->data, yaml->len, problems, &unreadable);
	buf_clear(yaml);
	return plan_make(*spec, &plain, problems);
}

// Written so that each job needs the one behind it: the order is that of the file backwards.
static void a_long_chain_takes_no_recursion(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	struct buf yaml = {0};
	struct problems problems = {0};
	struct spec *spec;
	struct rlimit before, low;
	(void)state;
	buf_puts(&yaml, FILE_OF("- {name: j0, needs: [j1]}\n"));
	for (int i = 1; i < MANY - 1; i++) {
		buf_printf(&yaml, "- {name: j%d, needs: [j%d]}\n", i, i + 1);
	}
	buf_printf(&yaml, "- {name: j%d}\n", MANY - 1);
	getrlimit(RLIMIT_STACK, &before);
	low = before;
	low.rlim_cur = 256 * 1024;
	setrlimit(RLIMIT_STACK, &low); // the stack of a thread that grows is held to it at once
	struct plan *plan = plan_of(&yaml, &spec, &problems);
	setrlimit(RLIMIT_STACK, &before);
	assert_int_equal(problems.n, 0);
	assert_int_equal(plan->n_jobs, MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(plan->order[i], MANY - 1 - i);
	}
	spec_free(spec);
}

// All but the ends of a chain are left out: the last still waits for the first.
static void a_long_chain_may_be_left_out(void **state) {
	struct buf yaml = {0};
	struct problems problems = {0};
	bool unreadable;
	const char *middle[] = {"m*"};
	struct plan_options options = plain;
	(void)state;
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	buf_puts(&yaml, FILE_OF("- {name: first}\n- {name: m0, needs: [first]}\n"));
	for (int i = 1; i < MANY; i++) {
		buf_printf(&yaml, "- {name: m%d, needs: [m%d]}\n", i, i - 1);
	}
	buf_printf(&yaml, "- {name: last, needs: [m%d]}\n", MANY - 1);
	options.skip = (struct plan_words){middle, 1};
	struct spec *spec = spec_parse("jobs.yaml", yaml.data, yaml.len, &problems, &unreadable);
	struct plan *plan = plan_make(spec, &options, &problems);
	assert_int_equal(problems.n, 0);
	assert_int_equal(plan->n_jobs, 2);
	assert_int_equal(plan->n_needs, 1);
	assert_int_equal(plan->jobs[1].needs->n, 1);
	assert_int_equal(plan->jobs[1].needs->items[0].job, 0);
	buf_clear(&yaml);
	spec_free(spec);
}

static void a_long_circle_is_cut_short(void **state) {
	struct buf yaml = {0};
	struct problems problems = {0};
	struct spec *spec;
	(void)state;
	buf_puts(&yaml, FILE_OF(""));
	for (int i = 0; i < 10000; i++) {
		buf_printf(&yaml, "- {name: j%d, needs: [j%d]}\n", i, (i + 1) % 10000);
	}
	plan_of(&yaml, &spec, &problems);
	assert_int_equal(problems.n, 1);
	assert_string_equal(problems.items[0].message,
		"10000 jobs need each other in a circle: j0 → j1 → j2 → j3 → j4 → j5 → j6 → j7 → … "
		"9992 more … → j0");
	spec_free(spec);
}

static void one_job_can_need_all_others(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	struct buf yaml = {0};
	struct problems problems = {0};
	struct spec *spec;
	(void)state;
	buf_puts(&yaml, FILE_OF("- {name: all, needs: [j0"));
	for (int i = 1; i < MANY; i++) {
		buf_printf(&yaml, ", j%d", i);
	}
	buf_puts(&yaml, "]}\n");
	for (int i = 0; i < MANY; i++) {
		buf_printf(&yaml, "- {name: j%d}\n", i);
	}
	struct plan *plan = plan_of(&yaml, &spec, &problems);
	assert_int_equal(problems.n, 0);
	assert_int_equal(plan->jobs[0].needs->n, MANY);
	assert_int_equal(plan->order[MANY], 0);
	spec_free(spec);
}

// 5,000 × 5,000 would be more than a file may have.
static void too_many_needs_are_refused(void **state) {
	SKIP_UNDER("valgrind", "it takes long there, and the other builds look at it");
	struct buf yaml = {0};
	struct problems problems = {0};
	struct spec *spec;
	(void)state;
	buf_puts(&yaml, FILE_OF(""));
	for (int i = 0; i < 5000; i++) {
		buf_printf(&yaml, "- {name: a%d}\n- {name: b%d, needs: ['a*', b%d]}\n", i, i,
			i ? i - 1 : 5000);
	}
	buf_puts(&yaml, "- {name: b5000}\n");
	plan_of(&yaml, &spec, &problems);
	assert_int_equal(problems.n, 1);
	assert_non_null(strstr(problems.items[0].message, "more than 20000000 needs"));
	spec_free(spec);
}

int main(void) {
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_names_then_matrices_then_globs),
		cmocka_unit_test(a_word_said_twice_is_one_need),
		cmocka_unit_test(templates_are_filled_in),
		cmocka_unit_test(what_is_wrong_outlives_the_looking),
		cmocka_unit_test(clean_up_and_what_may_fail),
		cmocka_unit_test(circles_are_named),
		cmocka_unit_test(unknown_names_have_the_nearest),
		cmocka_unit_test(names_that_were_refused_are_not_missed),
		cmocka_unit_test(mistakes_in_needs),
		cmocka_unit_test(a_missed_need_is_never_the_job_itself),
		cmocka_unit_test(what_is_selected_brings_what_it_needs),
		cmocka_unit_test(what_is_left_out_hands_its_needs_on),
		cmocka_unit_test(jobs_of_a_matrix_share_their_needs),
		cmocka_unit_test(halt_is_read_and_counted),
		cmocka_unit_test(a_long_chain_takes_no_recursion),
		cmocka_unit_test(a_long_chain_may_be_left_out),
		cmocka_unit_test(a_long_circle_is_cut_short),
		cmocka_unit_test(one_job_can_need_all_others),
		cmocka_unit_test(too_many_needs_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
