// SPDX-License-Identifier: MIT
// What plans are made of job files. Each case is a file and the jobs that come of it, one a line.
#include "base/buf.h"
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const environment[] = {"HOME=/home/me", "EMPTY=", "ODD=${{ n }}", NULL};

struct made {
	struct problems problems;
	struct spec *spec;
	struct plan *plan;
};

static struct made make(const char *file, const char *text, const struct plan_options *options) {
	struct made made = {0};
	bool unreadable;
	made.spec = spec_parse(file, text, strlen(text), &made.problems, &unreadable);
	assert_false(unreadable);
	made.plan = plan_make(made.spec, options, &made.problems);
	for (size_t i = 0; i < made.problems.n; i++) {
		print_message("%u:%u: %s\n", made.problems.items[i].at.line,
			made.problems.items[i].at.col, made.problems.items[i].message);
	}
	assert_int_equal(made.problems.n, 0);
	return made;
}

static void put_text(struct buf *buf, const char *label, const struct text *text) {
	buf_puts(buf, label);
	for (size_t i = 0; i < text->n; i++) {
		const struct piece *piece = &text->pieces[i];
		buf_puts(buf, piece->kind == PIECE_TEXT   ? piece->text
			      : piece->kind == PIECE_SLOT ? "<slot>"
							  : "<attempt>");
	}
}

// Name, arguments between bars, and what differs from a plain job.
static char *dump(const struct plan *plan) {
	struct buf buf = {0};
	for (size_t i = 0; i < plan->n_jobs; i++) {
		const struct job *job = &plan->jobs[i];
		buf_printf(&buf, "%u %s:", job->seq, job->name);
		for (size_t k = 0; k < job->argc; k++) {
			put_text(&buf, k ? "|" : " ", &job->argv[k]);
		}
		put_text(&buf, job->executable.n ? " exe=" : "", &job->executable);
		put_text(&buf, job->cwd.n ? " cwd=" : "", &job->cwd);
		put_text(&buf, job->input.n ? " in=" : "", &job->input);
		for (size_t k = 0; k < job->n_env; k++) {
			buf_printf(&buf, " %s%s", job->env[k].unset ? "-" : "", job->env[k].name);
			put_text(&buf, job->env[k].unset ? "" : "=", &job->env[k].value);
		}
		buf_puts(&buf, job->script ? " script" : "");
		buf_puts(&buf, job->inherit_env ? "" : " bare");
		buf_puts(&buf, job->check ? "" : " unchecked");
		buf_puts(&buf, "\n");
	}
	char *text = buf_take(&buf);
	assert_non_null(text);
	return text;
}

static void assert_plan(const char *file, const char *yaml, const struct plan_options *options,
	const char *expected) {
	struct made made = make(file, yaml, options);
	char *text = dump(made.plan);
	assert_string_equal(text, expected);
	free(text);
	spec_free(made.spec);
}

static const struct plan_options plain = {.environment = environment, .cpus = 3};

struct example {
	const char *yaml, *jobs;
};

static void assert_examples(const struct example *examples, size_t n) {
	for (size_t i = 0; i < n; i++) {
		assert_plan("jobs.yaml", examples[i].yaml, &plain, examples[i].jobs);
	}
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_commands(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs: [{args: [echo, '{} $x %d $${ }}']}]", "1 echo-1: echo|{} $x %d $${ }}\n"},
		{"jobs: [{run: 'a; b'}]", "1 sh-1: /bin/sh|-e|-c|a; b script\n"},
		{"jobs: [{run: a, shell: bash}]", "1 bash-1: bash|-e|-c|a script\n"},
		{"jobs: [{args: [a, b], executable: /usr/bin/x}]", "1 x-1: a|b exe=/usr/bin/x\n"},
		{"jobs: [{args: [./is_prime, 3]}, {args: [/bin/a/]}]",
			"1 is_prime-1: ./is_prime|3\n2 job-2: /bin/a/\n"},
		{"jobs: [{name: x, args: ['${{ spool.slot }}']}, {args: ['p${{ spool.slot }}']}]",
			"1 x: <slot>\n2 job-2: p<slot>\n"},
		{"jobs: [{args: ['./${{ job.name }}']}]", "1 job-1: ./job-1\n"},
		{"jobs: [{name: ' a ', args: [x]}]", "1  a : x\n"},
		{"jobs: [{args: [cat], input: ''}, {args: [cat], input: 'a ${{ spool.seq }}'}]",
			"1 cat-1: cat in=\n2 cat-2: cat in=a 2\n"},
		{"jobs: [{args: [a], inherit_env: false, check: false}]",
			"1 a-1: a bare unchecked\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_defaults(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"defaults: {args: [a, b]}\njobs: [{name: x}, {run: c}, {args: [d]}]",
			"1 x: a|b\n2 sh-2: /bin/sh|-e|-c|c script\n3 d-3: d\n"},
		{"defaults: {run: a, shell: zsh}\njobs: [{name: x}, {args: [d]}, {shell: ksh}]",
			"1 x: zsh|-e|-c|a script\n2 d-2: d\n3 ksh-3: ksh|-e|-c|a script\n"},
		{"defaults: {executable: x}\njobs: [{args: [a]}, {run: b}]",
			"1 x-1: a exe=x\n2 sh-2: /bin/sh|-e|-c|b script\n"},
		{"defaults: {env: {A: 1, B: 2, C: null}}\n"
		 "jobs: [{args: [a]}, {args: [a], env: {B: null, D: 4}}, {args: [a], env: {C: 3}}]",
			"1 a-1: a A=1 B=2 -C\n2 a-2: a A=1 -C -B D=4\n3 a-3: a A=1 B=2 C=3\n"},
		{"defaults: {check: false, inherit_env: false, input: i}\n"
		 "jobs: [{args: [a]}, {args: [a], check: true, inherit_env: true, input: j}]",
			"1 a-1: a in=i bare unchecked\n2 a-2: a in=j\n"},
		{"defaults: {args: [a, '${{ n }}'], env: {N: '${{ job.name }}'}}\n"
		 "jobs: [{matrix: {n: [1]}}, {matrix: {n: [2]}}]",
			"1 a-1 (1): a|1 N=a-1 (1)\n2 a-2 (2): a|2 N=a-2 (2)\n"},
		{"defaults: {cwd: '${{ n }}/x'}\njobs: [{args: [a], matrix: {n: [/r, s]}}]",
			"1 a-1 (/r): a cwd=/r/x\n2 a-2 (s): a cwd=s/x\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_matrix(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs: [{name: b, matrix: {os: [x, y], py: [3.8, 010]},\n"
		 "        args: [t, '${{ os }}-${{matrix.py}}']}]",
			"1 b (x, 3.8): t|x-3.8\n2 b (x, 010): t|x-010\n"
			"3 b (y, 3.8): t|y-3.8\n4 b (y, 010): t|y-010\n"},
		{"jobs: [{name: '${{ n }}!', matrix: {n: [1, '']}, args: [p, '${{n}}']}, {args: "
		 "[z]}]",
			"1 1!: p|1\n2 !: p|\n3 z-3: z\n"},
		{"jobs: [{args: ['./${{ p }}'], matrix: {p: [a, b/c]}}]",
			"1 a-1 (a): ./a\n2 c-2 (b/c): ./b/c\n"},
		{"jobs: [{name: s, run: 'echo $n', matrix: {n: [1, 2]}, env: {A: '${{ n }}'}}]",
			"1 s (1): /bin/sh|-e|-c|echo $n A=1 n=1 script\n"
			"2 s (2): /bin/sh|-e|-c|echo $n A=2 n=2 script\n"},
		{"jobs: [{args: [make], matrix: {CC: [gcc]}, env: {CC: '${{ CC }}'}}]",
			"1 make-1 (gcc): make CC=gcc\n"},
		{"jobs: [{run: a, shell: '${{ s }}', name: x, matrix: {s: [sh, bash]}}]",
			"1 x (sh): sh|-e|-c|a s=sh script\n2 x (bash): bash|-e|-c|a s=bash "
			"script\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_templates(void **state) {
	(void)state;
	static const struct example examples[] = {
		{"jobs: [{name: x, args: ['${{ env.HOME }}', '${{ env.NO:-d e }}', "
		 "'${{env.EMPTY:-}}',\n"
		 "        '${{ env.EMPTY }}.', '${{ env.HOME:-no }}', '${{ env.EMPTY:-yes }}']}]",
			"1 x: /home/me|d e||.|/home/me|yes\n"},
		{"jobs: [{name: x, args: ['${{job.name}}:${{ spool.workers }}:${{ spool.seq }}']}]",
			"1 x: x:3:1\n"},
		{"jobs: [{name: 'w${{ spool.workers }}-${{ spool.seq }}', args: [a]}]",
			"1 w3-1: a\n"},
		{"jobs: [{name: x, args: ['a${{ spool.slot }}${{ spool.attempt }}b${{ job.name "
		 "}}',\n"
		 "        '${{ spool.slot }}', '${{ spool.seq }}${{ spool.slot }}']}]",
			"1 x: a<slot><attempt>bx|<slot>|1<slot>\n"},
		{"jobs: [{name: x, args: ['}} ${ {{ $ ${{ spool.seq }}} {}']}]",
			"1 x: }} ${ {{ $ 1} {}\n"},
		// Values are not looked into again.
		{"jobs: [{name: x, args: ['${{ env.ODD }}']}]", "1 x: ${{ n }}\n"},
		{"jobs: [{name: x, matrix: {n: ['${{ m }}']}, args: ['${{ n }}', '<${{ n }}>']}]",
			"1 x (${{ m }}): ${{ m }}|<${{ m }}>\n"},
		{"jobs: [{name: x, args: [\"${{\\n spool.seq\\t}}\"]}]", "1 x: 1\n"},
		{"jobs:\n- name: x\n  args: [a]\n  executable: '${{ job.name }}/y'\n"
		 "  cwd: 'd${{ spool.slot }}'\n  input: |\n    ${{ spool.seq }}\n"
		 "  env: {A: '${{ spool.attempt }}'}\n",
			"1 x: a exe=x/y cwd=d<slot> in=1\n A=<attempt>\n"},
	};
	assert_examples(examples, COUNT(examples));
}

static void test_directories(void **state) {
	(void)state;
	static const char yaml[] =
		"defaults: {cwd: d}\n"
		"jobs: [{args: [a]}, {args: [b], cwd: /r}, {args: [c], cwd: .},\n"
		"  {args: [d], cwd: '${{ spool.slot }}'}]";
	static const char none[] = "jobs: [{args: [a]}]";
	static const struct {
		const char *file, *yaml, *directory, *jobs;
	} cases[] = {
		{"jobs.yaml", none, NULL, "1 a-1: a\n"},
		{"-", none, NULL, "1 a-1: a\n"},
		{"-", none, "in", "1 a-1: a cwd=in\n"},
		{"sub/jobs.yaml", none, NULL, "1 a-1: a cwd=sub\n"},
		{"sub/jobs.yaml", none, "in", "1 a-1: a cwd=in\n"},
		{"/jobs.yaml", none, NULL, "1 a-1: a cwd=/\n"},
		{"./jobs.yaml", none, NULL, "1 a-1: a cwd=.\n"},
		{"jobs.yaml", yaml, NULL,
			"1 a-1: a cwd=d\n2 b-2: b cwd=/r\n3 c-3: c cwd=.\n4 d-4: d cwd=<slot>\n"},
		{"a/b/jobs.yaml", yaml, NULL,
			"1 a-1: a cwd=a/b/d\n2 b-2: b cwd=/r\n3 c-3: c cwd=a/b/.\n"
			"4 d-4: d cwd=a/b/<slot>\n"},
		{"-", yaml, "/in/",
			"1 a-1: a cwd=/in/d\n2 b-2: b cwd=/r\n3 c-3: c cwd=/in/.\n"
			"4 d-4: d cwd=/in/<slot>\n"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_options options = plain;
		options.directory = cases[i].directory;
		assert_plan(cases[i].file, cases[i].yaml, &options, cases[i].jobs);
	}
}

static void test_selection(void **state) {
	(void)state;
	static const char yaml[] =
		"workers: 0\n"
		"jobs: [{args: [a]}, {name: m, matrix: {n: [1, 2, 3]}, args: [b]}, {args: [c]}]";
	const char *const only[] = {"c-5", "m (2)", "c-5"};
	struct plan_options options = plain;
	options.jobs = (struct plan_words){only, COUNT(only)};
	assert_plan("jobs.yaml", yaml, &options, "3 m (2): b\n5 c-5: c\n");
	struct made made = make("jobs.yaml", yaml, &options);
	assert_int_equal(made.plan->n_all, 5);
	assert_int_equal(made.plan->workers, 2);
	spec_free(made.spec);
	made = make("jobs.yaml", yaml, &plain);
	assert_int_equal(made.plan->n_jobs, 5);
	assert_int_equal(made.plan->workers, 5);
	spec_free(made.spec);
}

static void test_workers(void **state) {
	(void)state;
	static const struct {
		const char *file, *option;
		unsigned cpus, workers;
	} cases[] = {
		{"", NULL, 3, 3},
		{"workers: 7\n", NULL, 3, 7},
		{"workers: 7\n", "2", 3, 2},
		{"workers: 7\n", "0", 3, 1},
		{"workers: 0\n", NULL, 3, 1},
		{"workers: 50%\n", NULL, 3, 1},
		{"workers: 50%\n", NULL, 5, 2},
		{"workers: 300%\n", NULL, 4, 12},
		{"workers: 1%\n", NULL, 4, 1},
		{"workers: -1\n", NULL, 4, 3},
		{"workers: -9\n", NULL, 4, 1},
		{"workers: +2\n", NULL, 4, 6},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char yaml[100];
		struct plan_options options = plain;
		options.cpus = cases[i].cpus;
		snprintf(yaml, sizeof yaml, "%sjobs: [{args: [a]}]", cases[i].file);
		if (cases[i].option) {
			options.workers_given = true;
			assert_null(workers_parse(cases[i].option, &options.workers));
		}
		struct made made = make("jobs.yaml", yaml, &options);
		assert_int_equal(made.plan->workers, cases[i].workers);
		spec_free(made.spec);
	}
	struct plan_options ask = {.environment = environment};
	struct made made = make("jobs.yaml", "jobs: [{args: [a]}]", &ask);
	assert_int_equal(made.plan->workers, cpus_usable(""));
	spec_free(made.spec);
}

static void assert_times(
	const char *yaml, const struct plan_options *options, double timeout, double grace) {
	struct made made = make("jobs.yaml", yaml, options);
	assert_true((double)made.plan->jobs[0].timeout_ns == timeout * 1e9);
	assert_true((double)made.plan->jobs[0].grace_ns == grace * 1e9);
	spec_free(made.spec);
}

static void test_precedence(void **state) {
	(void)state;
	static const char all[] = "defaults: {timeout: 1s, grace: 2s}\n"
				  "jobs: [{args: [a], timeout: 3s, grace: 0}]";
	static const char some[] = "defaults: {timeout: 1s, grace: 2s}\njobs: [{args: [a]}]";
	struct plan_options options = plain;
	options.timeout_given = options.grace_given = true;
	options.timeout_ns = 5000000000;
	assert_times(all, &options, 5, 0);
	assert_times(all, &plain, 3, 0);
	assert_times(some, &plain, 1, 2);
	struct made made = make("jobs.yaml", "jobs: [{args: [a], timeout: 0}]", &plain);
	assert_true(made.plan->jobs[0].timeout_ns == SP_FOREVER);
	assert_true(made.plan->jobs[0].grace_ns == 10000000000);
	spec_free(made.spec);
}

static void test_success(void **state) {
	(void)state;
	struct made made = make("jobs.yaml",
		"defaults: {success_codes: [3]}\n"
		"jobs: [{args: [a]}, {args: [b], success_codes: [0, 255]}]",
		&plain);
	const struct job *jobs = made.plan->jobs;
	assert_true(job_succeeds(&jobs[0], 3) && !job_succeeds(&jobs[0], 0));
	assert_true(job_succeeds(&jobs[1], 0) && job_succeeds(&jobs[1], 255));
	assert_false(job_succeeds(&jobs[1], 3) || job_succeeds(&jobs[1], -15));
	assert_int_equal(jobs[1].in, STREAM_NULL);
	assert_int_equal(jobs[1].out, STREAM_CAPTURE);
	assert_int_equal(jobs[1].err, STREAM_CAPTURE);
	assert_int_equal(jobs[1].at.line, 2);
	spec_free(made.spec);
	made = make("jobs.yaml", "jobs: [{args: [a]}]", &plain);
	assert_true(job_succeeds(&made.plan->jobs[0], 0) && !job_succeeds(&made.plan->jobs[0], 1));
	spec_free(made.spec);
}

static void test_names_of_runs(void **state) {
	(void)state;
	static const struct {
		const char *file, *yaml, *name;
	} cases[] = {
		{"a/primes.yaml", "", "primes"},
		{".spool.yaml", "", ".spool"},
		{"a.b/jobs", "", "jobs"},
		{"x/.yaml", "", ".yaml"},
		{"-", "", "stdin"},
		{"x.yaml", "name: given\n", "given"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char yaml[100];
		snprintf(yaml, sizeof yaml, "%sjobs: [{args: [a]}]", cases[i].yaml);
		struct made made = make(cases[i].file, yaml, &plain);
		assert_string_equal(made.plan->name, cases[i].name);
		assert_string_equal(made.plan->file, cases[i].file);
		spec_free(made.spec);
	}
}

static void test_report(void **state) {
	(void)state;
	struct made made = make("jobs.yaml", "jobs: [{args: [a]}]", &plain);
	assert_false(made.plan->report.given);
	assert_string_equal(made.plan->report.title, "Running {jobs} jobs with {workers} workers:");
	assert_string_equal(made.plan->report.footer, "{done} jobs in {elapsed:.2f}s");
	assert_null(made.plan->report.labels[0]);
	spec_free(made.spec);
	made = make("jobs.yaml",
		"report: {title: T, footer: F, labels: {0: P, 255: Q}}\njobs: [{args: [a]}]",
		&plain);
	assert_true(made.plan->report.given);
	assert_string_equal(made.plan->report.title, "T");
	assert_string_equal(made.plan->report.footer, "F");
	assert_string_equal(made.plan->report.labels[0], "P");
	assert_string_equal(made.plan->report.labels[255], "Q");
	spec_free(made.spec);
}

// Only what spool reads itself can be told.
static void test_live_and_tag(void **state) {
	static const char yaml[] =
		"jobs:\n"
		"- {name: 'a ${{ n }}', matrix: {n: [1, 2]}, args: [a]}\n"
		"- {name: out, args: [a], stdout: 'null', stderr: {path: /dev/null}}\n"
		"- {name: err, args: [a], stdout: {path: /dev/null}}\n"
		"- {name: one, args: [a], stderr: stdout}\n";
	const struct plan_options both = {.live = true, .tag = true};
	(void)state;
	struct made made = make("jobs.yaml", yaml, &both);
	const struct job *jobs = made.plan->jobs;
	assert_true(jobs[0].live && jobs[1].live && jobs[3].live && jobs[4].live);
	assert_false(jobs[2].live);
	assert_string_equal(jobs[0].label, "a 1\t");
	assert_string_equal(jobs[1].label, "a 2\t");
	assert_string_equal(jobs[4].label, "one\t");
	spec_free(made.spec);
	made = make("jobs.yaml", yaml, &plain);
	assert_false(made.plan->jobs[0].live);
	assert_null(made.plan->jobs[0].label);
	spec_free(made.spec);
}

static void test_headline(void **state) {
	(void)state;
	static const struct {
		const char *format, *line;
		int64_t ns;
	} cases[] = {
		{"Running {jobs} jobs with {workers} workers:", "Running 20 jobs with 4 workers:",
			0},
		{"{done} jobs in {elapsed:.2f}s", "19 jobs in 1.23s", 1234567890},
		{"{elapsed:.0f} {elapsed:.1f} {elapsed:.9f}", "2 2.0 1.999999999", 1999999999},
		{"{elapsed:.3f}", "0.000", 499999},
		{"{elapsed:.3f}", "0.001", 500000},
		{"{elapsed}", "0.000123", 123456},
		{"{elapsed:.2f}", "0.00", -5},
		{"{elapsed:.9f}", "9223372036.854775807", INT64_MAX},
		{"{{jobs}} }}{{", "{jobs} }{", 0},
		{"{{{jobs}}}", "{20}", 0},
		{"%d ${{ x", "%d ${ x", 0},
		{"", "", 0},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_figures figures = {20, 4, 19, cases[i].ns};
		char *line = plan_headline(cases[i].format, &figures);
		assert_string_equal(line, cases[i].line);
		free(line);
	}
}

static void test_text(void **state) {
	(void)state;
	const struct piece pieces[] = {
		{PIECE_TEXT, "a"}, {PIECE_SLOT, NULL}, {PIECE_TEXT, "-"}, {PIECE_ATTEMPT, NULL}};
	const struct text all = {pieces, 4}, first = {pieces, 1}, slot = {pieces + 1, 1};
	const struct text none = {0};
	char *text = text_render(&all, 12, 3);
	assert_string_equal(text, "a12-3");
	free(text);
	text = text_render(&none, 1, 1);
	assert_string_equal(text, "");
	free(text);
	assert_string_equal(text_fixed(&first), "a");
	assert_null(text_fixed(&all));
	assert_null(text_fixed(&slot));
	assert_null(text_fixed(&none));
}

static void test_exec(void **state) {
	(void)state;
	const char *const argv[] = {"/bin/cat", "${{ x }}"}, *const env[] = {"A=1", "B=x=y", "A=2"};
	struct plan_command command = {.argv = argv, .argc = 2, .timeout_ns = 5, .grace_ns = 6};
	struct plan *plan = plan_exec(&command);
	char *text = dump(plan);
	assert_string_equal(text, "1 cat: /bin/cat|${{ x }}\n");
	free(text);
	assert_int_equal(plan->jobs->in, STREAM_INHERIT);
	assert_int_equal(plan->jobs->out, STREAM_INHERIT);
	assert_int_equal(plan->jobs->err, STREAM_INHERIT);
	assert_int_equal(plan->jobs->timeout_ns, 5);
	assert_int_equal(plan->jobs->grace_ns, 6);
	assert_int_equal(plan->workers, 1);
	assert_null(plan->file);
	assert_true(job_succeeds(plan->jobs, 0) && !job_succeeds(plan->jobs, 1));
	plan_exec_free(plan);
	command.env = env;
	command.n_env = 3;
	command.cwd = "/d";
	command.input = "file";
	command.capture = command.foreground = true;
	plan = plan_exec(&command);
	text = dump(plan);
	assert_string_equal(text, "1 cat: /bin/cat|${{ x }} cwd=/d in=file A=2 B=x=y\n");
	free(text);
	assert_int_equal(plan->jobs->in, STREAM_FILE);
	assert_string_equal(text_fixed(&plan->jobs->input), "file");
	assert_int_equal(plan->jobs->out, STREAM_CAPTURE);
	assert_int_equal(plan->jobs->err, STREAM_CAPTURE);
	assert_true(plan->jobs->foreground);
	plan_exec_free(plan);
	plan_exec_free(NULL);
}

// What no two jobs differ in exists once.
static void test_sharing(void **state) {
	(void)state;
	struct made made = make("d/jobs.yaml",
		"defaults: {args: [a, '${{ env.HOME }}'], env: {A: 1}, cwd: c, input: i}\n"
		"jobs: [{name: x}, {name: y}, {name: z, args: [b], matrix: {n: [1, 2]}}]",
		&plain);
	const struct job *jobs = made.plan->jobs;
	assert_ptr_equal(jobs[0].argv, jobs[1].argv);
	assert_ptr_equal(jobs[2].argv, jobs[3].argv);
	for (size_t i = 1; i < 4; i++) {
		assert_ptr_equal(jobs[0].env, jobs[i].env);
		assert_ptr_equal(jobs[0].cwd.pieces, jobs[i].cwd.pieces);
		assert_ptr_equal(jobs[0].input.pieces, jobs[i].input.pieces);
	}
	spec_free(made.spec);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_success),
		cmocka_unit_test(test_names_of_runs),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_live_and_tag),
		cmocka_unit_test(test_headline),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_sharing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
