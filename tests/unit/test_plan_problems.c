// SPDX-License-Identifier: MIT
// What a plan finds wrong with a job file, and where. Each case is a file, the problems in the
// order of their places ("line:col: message"), and words that the first hint holds.
#include "base/buf.h"
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const environment[] = {"HOME=/home/me", "EMPTY=", "CTRL=a\nb", NULL};

struct example {
	const char *yaml, *problems;
	const char *hint; // NULL: whatever
};

// Returns how many jobs the plan has all the same.
static size_t assert_problems(const struct example *example, const struct plan_options *options) {
	struct problems problems = {0};
	struct buf found = {0};
	bool unreadable;
	struct spec *spec = spec_parse(
		"jobs.yaml", example->yaml, strlen(example->yaml), &problems, &unreadable);
	assert_false(unreadable);
	struct plan *plan = plan_make(spec, options, &problems);
	assert_non_null(plan);
	problems_sort(&problems);
	for (size_t i = 0; i < problems.n; i++) {
		const struct problem *problem = &problems.items[i];
		if (problem->at.line) {
			buf_printf(&found, "%u:%u: ", problem->at.line, problem->at.col);
		}
		buf_printf(&found, "%s\n", problem->message);
	}
	char *text = buf_take(&found);
	assert_string_equal(text, example->problems);
	if (example->hint) {
		const char *hint = problems.items[0].hint ? problems.items[0].hint : "none";
		if (!strstr(hint, example->hint)) {
			assert_string_equal(hint, example->hint);
		}
	}
	size_t n_jobs = plan->n_jobs;
	free(text);
	spec_free(spec);
	return n_jobs;
}

static const struct plan_options plain = {.environment = environment, .cpus = 3};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ASSERT_ALL(examples)                             \
	for (size_t i = 0; i < COUNT(examples); i++) {   \
		assert_problems(&(examples)[i], &plain); \
	}

static void test_commands(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs:\n- name: x\n", "2:3: job has neither 'args' nor 'run'\n", "args: [PROGRAM"},
		{"jobs:\n- args: [a]\n  run: b\n", "3:8: both 'args' and 'run' are given\n",
			"keep one"},
		{"jobs:\n- run: b\n  args: [a]\n", "3:9: both 'args' and 'run' are given\n", NULL},
		{"defaults:\n  args: [a]\n  run: b\njobs: [{name: x}, {name: y}]\n",
			"3:8: both 'args' and 'run' are given\n", NULL},
		{"jobs:\n- args: [a]\n  shell: sh\n", "3:10: 'shell' is given without 'run'\n",
			"'run'"},
		{"jobs:\n- run: a\n  executable: sh\n", "3:15: 'executable' cannot go with 'run'\n",
			"shell:"},
		{"defaults: {run: a}\njobs:\n- executable: sh\n",
			"3:15: 'executable' cannot go with 'run'\n", NULL},
		// A command that was refused is not missed, too.
		{"jobs: [{args: 3}]", "1:15: 'args' must be a list, not a text\n", NULL},
		{"jobs: [{run: [a]}]", "1:14: 'run' must be a text, not a list\n", NULL},
		{"jobs: [{args: [a], cwd: ''}]", "1:25: 'cwd' is empty\n", NULL},
		{"defaults: {cwd: ''}\njobs: [{args: [a]}, {args: [a]}]", "1:17: 'cwd' is empty\n",
			NULL},
		{"jobs: [{args: [a], cwd: '${{ env.EMPTY }}'}]", "1:25: 'cwd' is empty\n", NULL},
		{"jobs: [{args: [a], cwd: '${{ n }}', matrix: {n: ['', 1]}}]",
			"1:25: 'cwd' is empty\n", NULL},
		{"jobs: [{args: [a], cwd: '${{ n }}', matrix: {n: [''], m: [1, 2]}}]",
			"1:25: 'cwd' is empty\n", NULL},
		{"jobs: [{args: ['${{ n }}'], matrix: {n: ['', 1]}}]",
			"1:16: the program is empty\n", NULL},
		{"jobs: [{run: a, shell: ''}, {args: [a], executable: '${{ env.EMPTY }}'}]",
			"1:24: 'shell' is empty\n1:53: 'executable' is empty\n", NULL},
		{"jobs: [{run: a, shell: '${{ n }}', matrix: {n: ['']}}]",
			"1:24: 'shell' is empty\n", NULL},
	};
	ASSERT_ALL(examples);
}

static void test_templates(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs: [{args: [a, '${{ n }}']}]", "1:20: '${{ n }}' is not defined\n",
			"the job has no matrix"},
		{"jobs: [{args: [a, 'x${{ nn }}'], matrix: {n: [1], os: [2]}}]",
			"1:21: '${{ nn }}' is not defined\n",
			"did you mean 'n'? the matrix has n, os"},
		{"jobs: [{args: [a, 'x${{ matrix.number }}'], matrix: {n: [1], os: [2]}}]",
			"1:21: '${{ matrix.number }}' is not defined\n", "the matrix has n, os"},
		{"jobs: [{args: [a, '${{ spool.sloot }}']}]",
			"1:20: '${{ spool.sloot }}' is not defined\n",
			"did you mean 'spool.slot'?"},
		{"jobs: [{args: [a, '${{ HOME }}']}]", "1:20: '${{ HOME }}' is not defined\n",
			"did you mean 'env.HOME'?"},
		{"jobs: [{args: [a, '${{ secrets.KEY }}']}]",
			"1:20: '${{ secrets.KEY }}' is not defined\n", "env.KEY"},
		{"jobs: [{args: [a, '${{ seq }}']}]", "1:20: '${{ seq }}' is not defined\n",
			"did you mean 'spool.seq'?"},
		{"jobs: [{args: [a, '${{ name }}'], matrix: {names: [b]}}]",
			"1:20: '${{ name }}' is not defined\n", "did you mean 'names'?"},
		{"jobs: [{args: [a, '${{ env.HOM }}']}]",
			"1:20: '${{ env.HOM }}' is not set in the environment\n",
			"did you mean 'env.HOME'?"},
		{"jobs: [{args: [a, '${{ env.XYZZY }}']}]",
			"1:20: '${{ env.XYZZY }}' is not set in the environment\n",
			"${{ env.XYZZY:-default }}"},
		{"jobs: [{args: [a, '${{ n']}]", "1:20: '${{' is not closed by '}}'\n", NULL},
		{"jobs: [{args: [a, '${{ n ${{ spool.seq }}']}]",
			"1:20: '${{' is not closed by '}}'\n", NULL},
		{"jobs: [{args: [a, '${{}} ${{ }}']}]",
			"1:20: '${{ }}' holds no name\n1:26: '${{ }}' holds no name\n",
			"matrix.NAME"},
		{"jobs: [{args: [a, '${{ a + b }}']}]",
			"1:20: '${{ a + b }}' does not hold a name\n", "job.name"},
		{"jobs: [{args: [a, '${{ env. }}', '${{ 3 }}', '${{ :-x }}', '${{ matrix.a.b "
		 "}}']}]",
			"1:20: '${{ env. }}' does not hold a name\n"
			"1:35: '${{ 3 }}' does not hold a name\n"
			"1:47: '${{  }}' does not hold a name\n"
			"1:61: '${{ matrix.a.b }}' does not hold a name\n",
			NULL},
		{"jobs: [{args: [a, '${{ n:-1 }}'], matrix: {n: [1]}}]",
			"1:20: '${{ n }}' cannot have a default\n", "env.NAME"},
		// Every text of a job is looked into.
		{"jobs:\n- name: ${{ a }}\n  args: ['${{ b }}']\n  executable: ${{ c }}\n"
		 "  cwd: ${{ d }}\n  env: {K: '${{ e }}'}\n  input: ${{ f }}\n"
		 "- run: x\n  shell: ${{ g }}\n",
			"2:9: '${{ a }}' is not defined\n3:11: '${{ b }}' is not defined\n"
			"4:15: '${{ c }}' is not defined\n5:8: '${{ d }}' is not defined\n"
			"6:13: '${{ e }}' is not defined\n7:10: '${{ f }}' is not defined\n"
			"9:10: '${{ g }}' is not defined\n",
			NULL},
		// Once for a place, however many jobs come of it.
		{"jobs: [{args: [a, '${{ m }}'], matrix: {n: [1, 2, 3, 4]}}]",
			"1:20: '${{ m }}' is not defined\n", NULL},
		{"defaults: {args: [a, '${{ n }}']}\njobs:\n- name: x\n- name: y\n",
			"1:23: '${{ n }}' is not defined\n", "for the job at line 3: "},
		// What was refused may have been the name.
		{"jobs: [{args: [a, '${{ m }} ${{ n }} ${{ + }}'], matrix: {n: [1], m: 2}}]",
			"1:38: '${{ + }}' does not hold a name\n"
			"1:70: the matrix variable 'm' must be a list, not a text\n",
			NULL},
		{"jobs: [{name: '${{ n }}', args: [a], matrix: {n: 1, m: [1, 2]}}]",
			"1:50: the matrix variable 'n' must be a list, not a text\n", NULL},
	};
	ASSERT_ALL(examples);
}

static void test_names(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs:\n- name: x\n  args: [a]\n- args: [b]\n  name: x\n",
			"5:9: two jobs are named 'x', the first at line 2:9\n", "another name"},
		{"jobs:\n- {name: b-2, args: [a]}\n- {args: [b]}\n",
			"3:4: two jobs are named 'b-2', the first at line 2:10\n", NULL},
		{"jobs:\n- {name: x, args: [a], matrix: {n: [1, 2, 1, 2]}}\n",
			"2:10: two jobs of this matrix are named 'x (1)'\n", "twice"},
		{"jobs:\n- {name: '${{ n }}', args: [a], matrix: {n: [1, 2], m: [3, 4]}}\n",
			"2:10: two jobs of this matrix are named '1'\n", "lacks one"},
		{"jobs: [{name: '', args: [a]}]", "1:15: the name is empty\n", NULL},
		{"jobs: [{name: '${{ n }}', args: [a], matrix: {n: ['', '']}}]",
			"1:15: the name is empty\n", NULL},
		{"jobs: [{name: \"a\\tb\", args: [a]}]",
			"1:15: the name has a control character in it\n", NULL},
		{"jobs: [{name: x, args: [a], matrix: {n: [\"\\e[1m\", \"\\n\"]}}]",
			"1:15: the name has a control character in it\n", NULL},
		{"jobs: [{name: \"a\\x85\", args: [a]}]",
			"1:15: the name has a control character in it\n", NULL},
		{"jobs: [{name: '${{ env.CTRL }}', args: [a]}]",
			"1:15: the name has a control character in it\n", NULL},
		{"jobs: [{name: '${{ job.name }}', args: [a]}]",
			"1:16: a job's name cannot hold '${{ job.name }}'\n", NULL},
		{"jobs: [{name: '${{ spool.slot }} ${{ spool.attempt }}', args: [a]}]",
			"1:16: a job's name cannot hold '${{ spool.slot }}': it is known only at "
			"the start\n"
			"1:34: a job's name cannot hold '${{ spool.attempt }}': it is known only "
			"at the start\n",
			NULL},
		{"jobs: [{run: a, matrix: {n: [1]}, env: {n: 2}}]",
			"1:41: 'n' is a variable of the matrix too\n", "already"},
		{"defaults: {env: {n: 2}}\njobs: [{run: a, matrix: {n: [1]}}, {run: b}]",
			"1:18: 'n' is a variable of the matrix too\n", NULL},
	};
	ASSERT_ALL(examples);
}

static void test_scripts(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs: [{run: 'echo ${{ n }}', matrix: {n: [1]}}]",
			"1:20: '${{ n }}' cannot stand in a run script\n", "write \"$n\""},
		{"jobs: [{run: 'echo ${{ matrix.n }}', matrix: {n: [1]}}]",
			"1:20: '${{ matrix.n }}' cannot stand in a run script\n", "write \"$n\""},
		{"jobs: [{run: '${{ job.name }}'}]",
			"1:15: '${{ job.name }}' cannot stand in a run script\n", "$SPOOL_JOB"},
		{"jobs: [{run: '${{ spool.slot }}'}]",
			"1:15: '${{ spool.slot }}' cannot stand in a run script\n", "$SPOOL_SLOT"},
		{"jobs: [{run: '${{ env.X }}'}]",
			"1:15: '${{ env.X }}' cannot stand in a run script\n", "write \"$X\""},
		{"jobs: [{run: '${{ env.X:-a b }}'}]",
			"1:15: '${{ env.X }}' cannot stand in a run script\n",
			"write \"${X:-a b}\""},
		{"jobs: [{run: '${{ env.X:-$(reboot) }}'}]",
			"1:15: '${{ env.X }}' cannot stand in a run script\n",
			"write \"${X:-...}\""},
		{"jobs: [{run: '${{ spool.x }} ${{'}]",
			"1:15: '${{ spool.x }}' cannot stand in a run script\n"
			"1:30: '${{' cannot stand in a run script\n",
			"its environment"},
		{"defaults: {run: '${{ n }}'}\njobs: [{name: a}, {name: b}]",
			"1:18: '${{ n }}' cannot stand in a run script\n", NULL},
	};
	ASSERT_ALL(examples);
}

// The column is that of the ${{ wherever the source shows it as it is.
static void test_places(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs:\n- run: |\n    a\n\n      b ${{ n }}\n    c\n",
			"5:9: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\n- run: |2-\n     a ${{ n }}",
			"3:8: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\r\n- run: |\r\n    a\r\n    ${{ n }}\r\n",
			"4:5: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\n- run: >\n    a\n    ${{ n }}\n",
			"2:8: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\n- run: äö${{ n }}\n", "2:10: '${{ n }}' cannot stand in a run script\n",
			NULL},
		{"jobs:\n- {name: ä, run: \"ö${{ n }}\"}\n",
			"2:20: '${{ n }}' cannot stand in a run script\n", NULL},
		// Hidden behind an escape or a fold: the scalar's start.
		{"jobs:\n- run: \"\\t${{ n }}\"\n",
			"2:8: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\n- run: a\n    ${{ n }}\n",
			"2:8: '${{ n }}' cannot stand in a run script\n", NULL},
		{"jobs:\n- run: 'a''${{ n }} ${{ m }}'\n",
			"2:8: '${{ n }}' cannot stand in a run script\n"
			"2:8: '${{ m }}' cannot stand in a run script\n",
			NULL},
	};
	ASSERT_ALL(examples);
}

static void test_headlines(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"report: {title: 'a {job} {jobs}'}\njobs: [{args: [a]}]",
			"1:20: '{job}' is not known\n", "did you mean '{jobs}'?"},
		{"report: {footer: '{} {0} {elapsed!r}'}\njobs: [{args: [a]}]",
			"1:19: '{}' is not known\n1:22: '{0}' is not known\n"
			"1:26: '{elapsed!r}' is not known\n",
			"known are {jobs}"},
		{"report: {title: '{jobs:.2f} {elapsed:9.2f} {elapsed:} {elapsed:.10f}'}\n"
		 "jobs: [{args: [a]}]",
			"1:18: '{jobs:.2f}' has a format that is not known\n"
			"1:29: '{elapsed:9.2f}' has a format that is not known\n"
			"1:44: '{elapsed:}' has a format that is not known\n"
			"1:55: '{elapsed:.10f}' has a format that is not known\n",
			"0 to 9"},
		{"report: {title: 'a { b'}\njobs: [{args: [a]}]",
			"1:20: '{' is not closed by '}'\n", "{{"},
		{"report: {title: 'a } {{}'}\njobs: [{args: [a]}]",
			"1:20: '}' without a '{' before it\n1:24: '}' without a '{' before it\n",
			"}}"},
		{"report: {title: '{a{jobs}'}\njobs: [{args: [a]}]",
			"1:18: '{' is not closed by '}'\n", NULL},
	};
	ASSERT_ALL(examples);
}

static void test_selection(void **state) {
	(void)state;
	static const char yaml[] =
		"jobs: [{name: alpha, args: [a]}, {name: build, args: [a], matrix: {n: [1, 2]}}]";
	static const struct {
		const char *only, *problems, *hint;
	} cases[] = {
		{"alpa", "no job is named 'alpa'\n", "did you mean 'alpha'?"},
		{"buidl", "no job is named 'buidl'\n", "did you mean 'build'?"},
		{"zzz", "no job is named 'zzz'\n",
			"the file has 3 jobs: 'alpha', 'build (1)', 'build (2)'"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_options options = plain;
		options.jobs = (struct plan_words){&cases[i].only, 1};
		const struct example example = {yaml, cases[i].problems, cases[i].hint};
		assert_problems(&example, &options);
	}
	// Two of a name, and a name that may be missing only because another is wrong.
	const char *const only[] = {"x", "y"};
	const struct example twice = {"jobs: [{name: x, args: [a]}, {name: x, args: [a]}]",
		"1:37: two jobs are named 'x', the first at line 1:15\n", NULL};
	struct plan_options options = plain;
	options.jobs = (struct plan_words){only, 2};
	assert_int_equal(assert_problems(&twice, &options), 2);
}

static void test_limit(void **state) {
	(void)state;
	struct buf yaml = {0};
	buf_puts(&yaml, "jobs:\n- {args: [a], matrix: {a: &v [0");
	for (int i = 1; i < 1001; i++) {
		buf_printf(&yaml, ",%d", i);
	}
	buf_puts(&yaml, "], b: *v}}\n");
	char *text = buf_take(&yaml);
	assert_problems(&(struct example){text,
				"2:15: more than 1000000 jobs with this matrix: that is the limit "
				"of a file\n",
				NULL},
		&plain);
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_headlines),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
