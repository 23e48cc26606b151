// SPDX-License-Identifier: MIT
// Job files that are right, and getting them: files, pipes, whatever a path may name.
#include "base/base.h"
#include "base/clock.h"
#include "base/fd.h"
#include "spec/spec.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct spec *parse(const char *text) {
	struct problems problems = {0};
	bool unreadable;
	struct spec *spec = spec_parse("x.yaml", text, strlen(text), &problems, &unreadable);
	for (size_t i = 0; i < problems.n; i++) {
		print_error("%u:%u %s\n", problems.items[i].at.line, problems.items[i].at.col,
			problems.items[i].message);
	}
	assert_int_equal(problems.n, 0);
	assert_false(unreadable);
	return spec;
}

static void check_mark(struct mark mark, unsigned line, unsigned col) {
	assert_int_equal(mark.line, line);
	assert_int_equal(mark.col, col);
}

static void check_text(
	const struct spec_text *text, const char *wanted, unsigned line, unsigned col) {
	assert_string_equal(text->text, wanted);
	check_mark(text->at, line, col);
}

static void test_everything(void **state) {
	(void)state;
	struct spec *spec = parse("spool: 1\n"                                     // 1
				  "name: primes\n"                                 // 2
				  "workers: 50%\n"                                 // 3
				  "x-mine: [1, {a: b}]\n"                          // 4
				  "defaults: {timeout: 60s, check: false}\n"       // 5
				  "report:\n"                                      // 6
				  "  title: \"Checking {jobs}\"\n"                 // 7
				  "  footer: done\n"                               // 8
				  "  labels: {0: P, 1: \" \", 255: yes}\n"         // 9
				  "jobs:\n"                                        // 10
				  "  - name: \"${{ n }}\"\n"                       // 11
				  "    matrix: {n: [2, 010, yes, ~], m_1: ['']}\n" // 12
				  "    args: [./is_prime, \"${{ n }}\"]\n"         // 13
				  "    success_codes: [0, 1, 255, 1]\n"            // 14
				  "  - run: |\n"                                   // 15
				  "      echo a\n"                                 // 16
				  "      echo b\n"                                 // 17
				  "    shell: bash\n"                              // 18
				  "    cwd: /tmp\n"                                // 19
				  "    inherit_env: false\n"                       // 20
				  "    input: 'x'\n"                               // 21
				  "    grace: 0\n"                                 // 22
				  "    executable: /bin/x\n");                     // 23
	assert_string_equal(spec->file, "x.yaml");
	check_text(&spec->name, "primes", 2, 7);
	assert_int_equal(spec->workers.kind, WORKERS_PERCENT);
	assert_int_equal(spec->workers.n, 50);
	check_mark(spec->workers_at, 3, 10);
	assert_true(spec->defaults.timeout.given);
	assert_int_equal(spec->defaults.timeout.ns, 60 * INT64_C(1000000000));
	check_mark(spec->defaults.timeout.at, 5, 21);
	assert_true(spec->defaults.check.given);
	assert_false(spec->defaults.check.value);
	assert_true(spec->report.given);
	check_text(&spec->report.title, "Checking {jobs}", 7, 10);
	check_text(&spec->report.footer, "done", 8, 11);
	assert_int_equal(spec->report.n_labels, 3);
	assert_int_equal(spec->report.labels[1].code, 1);
	check_text(&spec->report.labels[1].word, " ", 9, 21);
	check_text(&spec->report.labels[2].word, "yes", 9, 31);
	check_mark(spec->jobs_at, 10, 1);
	assert_int_equal(spec->n_jobs, 2);

	const struct spec_job *job = &spec->jobs[0];
	check_mark(job->at, 11, 5);
	check_text(&job->name, "${{ n }}", 11, 11);
	assert_int_equal(job->n_matrix, 2);
	check_mark(job->matrix_at, 12, 5);
	assert_false(job->matrix_refused);
	check_text(&job->matrix[0].name, "n", 12, 14);
	assert_int_equal(job->matrix[0].values.n, 4);
	check_text(&job->matrix[0].values.items[1], "010", 12, 21);
	check_text(&job->matrix[0].values.items[2], "yes", 12, 26);
	check_text(&job->matrix[0].values.items[3], "~", 12, 31);
	check_text(&job->matrix[1].values.items[0], "", 12, 41);
	assert_int_equal(job->settings.args.n, 2);
	check_text(&job->settings.args.items[1], "${{ n }}", 13, 24);
	assert_true(job->settings.success_codes->given);
	for (int i = 0; i < 256; i++) {
		bool good = job->settings.success_codes->bits[i / 8] >> (i % 8) & 1;
		assert_int_equal(good, i == 0 || i == 1 || i == 255);
	}
	assert_false(job->settings.timeout.given);
	assert_false(job->settings.check.given);
	assert_null(job->settings.run.text);

	job = &spec->jobs[1];
	check_text(&job->settings.run, "echo a\necho b\n", 15, 10);
	assert_false(job->settings.run_refused);
	check_text(&job->settings.shell, "bash", 18, 12);
	check_text(&job->settings.cwd, "/tmp", 19, 10);
	assert_true(job->settings.inherit_env.given);
	assert_false(job->settings.inherit_env.value);
	check_text(&job->settings.input, "x", 21, 12);
	assert_true(job->settings.grace.given);
	assert_int_equal(job->settings.grace.ns, 0);
	check_text(&job->settings.executable, "/bin/x", 23, 17);
	assert_false(job->settings.args.given);
	assert_null(job->name.text);
	assert_int_equal(job->name.at.line, 0);
	spec_free(spec);
}

static void test_durations(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t timeout, grace;
	} cases[] = {
		{"0", SP_FOREVER, 0},
		{"0ms", SP_FOREVER, 0},
		{"inf", SP_FOREVER, SP_FOREVER},
		{"none", SP_FOREVER, SP_FOREVER},
		{"1.5", 1500 * (int64_t)CLOCK_MS, 1500 * (int64_t)CLOCK_MS},
		{"2m30s", 150 * (int64_t)CLOCK_SECOND, 150 * (int64_t)CLOCK_SECOND},
		{"99999999999999999999", SP_FOREVER, SP_FOREVER},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[128];
		snprintf(text, sizeof text, "jobs:\n- {run: x, timeout: %s, grace: \"%s\"}\n",
			cases[i].text, cases[i].text);
		struct spec *spec = parse(text);
		assert_true(spec->jobs[0].settings.timeout.given);
		assert_true(spec->jobs[0].settings.timeout.ns == cases[i].timeout);
		assert_true(spec->jobs[0].settings.grace.ns == cases[i].grace);
		spec_free(spec);
	}
}

// What YAML would make numbers, booleans and nulls of is text; null means something in env only.
static void test_verbatim(void **state) {
	(void)state;
	struct spec *spec = parse(
		"jobs:\n- args: [yes, 1:30, 010, null, ~, 1e3, \"\\u00e9\", '']\n"
		"  env: {A: ~, B: null, C: Null, D: NULL, E: , F: '', G: 'null',\n"
		"    H: yes, I: nULL, J: 0x10}\n");
	static const char *const args[] = {"yes", "1:30", "010", "null", "~", "1e3", "é", ""};
	const struct spec_settings *settings = &spec->jobs[0].settings;
	assert_int_equal(settings->args.n, sizeof args / sizeof *args);
	for (size_t i = 0; i < settings->args.n; i++) {
		assert_string_equal(settings->args.items[i].text, args[i]);
	}
	static const char *const values[] = {
		NULL, NULL, NULL, NULL, NULL, "", "null", "yes", "nULL", "0x10"};
	assert_int_equal(settings->env.n, sizeof values / sizeof *values);
	for (size_t i = 0; i < settings->env.n; i++) {
		const struct spec_pair *pair = &settings->env.items[i];
		assert_int_equal(pair->unset, values[i] == NULL);
		if (values[i]) {
			assert_string_equal(pair->value.text, values[i]);
		} else {
			assert_null(pair->value.text);
		}
	}
	spec_free(spec);
}

static void test_aliases(void **state) {
	(void)state;
	struct spec *spec = parse("x-env: &env {A: &a one, B: *a}\n"
				  "x-job: &job {run: x, env: *env}\n"
				  "jobs: [*job, {args: [*a, *a], env: *env}, *job]\n");
	assert_int_equal(spec->n_jobs, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(spec->jobs[i].settings.env.n, 2);
		assert_string_equal(spec->jobs[i].settings.env.items[1].value.text, "one");
	}
	assert_string_equal(spec->jobs[1].settings.args.items[1].text, "one");
	spec_free(spec);
}

static void check_line(const struct spec *spec, unsigned line, const char *wanted) {
	const char *text;
	size_t len = spec_line(spec, line, &text);
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(text, wanted, len);
}

static void test_lines(void **state) {
	(void)state;
	struct spec *spec = parse(
		"\xef\xbb\xbfjobs:\r\n- run: é\r  #\xc2\x85  #x\xe2\x80\xa8\n\n#");
	static const char *const lines[] = {"", "jobs:", "- run: é", "  #", "  #x", "", "", "#"};
	for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
		check_line(spec, i, lines[i]);
	}
	check_line(spec, 9, "");
	check_line(spec, UINT32_MAX, "");
	spec_free(spec);
}

// Short and very long lines, so that the index has all kinds of gaps.
static void test_many_lines(void **state) {
	(void)state;
	enum { LINES = 3000, LONG = 9000 };
	char *text = malloc(LINES * 8 + (LINES / 100) * LONG + 64);
	assert_non_null(text);
	size_t n = (size_t)sprintf(text, "jobs: [{run: x}]\n");
	for (int i = 2; i <= LINES; i++) {
		n += (size_t)sprintf(text + n, "#%d", i);
		if (i % 100 == 0) {
			memset(text + n, '-', LONG);
			n += LONG;
		}
		text[n++] = '\n';
	}
	text[n] = '\0';
	struct spec *spec = parse(text);
	for (unsigned i = 2; i <= LINES; i++) {
		char wanted[16];
		int digits = sprintf(wanted, "#%u", i);
		const char *line;
		size_t len = spec_line(spec, i, &line);
		assert_int_equal(len, digits + (i % 100 == 0 ? LONG : 0));
		assert_memory_equal(line, wanted, (size_t)digits);
	}
	check_line(spec, LINES + 1, "");
	spec_free(spec);
	free(text);
}

static void test_key_lists(void **state) {
	(void)state;
	size_t n;
	const char *const *keys = spec_top_keys(&n);
	assert_int_equal(n, 7);
	assert_string_equal(keys[0], "spool");
	keys = spec_report_keys(&n);
	assert_int_equal(n, 3);
	assert_string_equal(keys[2], "labels");
	keys = spec_job_keys(&n);
	assert_int_equal(n, 29);
	assert_string_equal(keys[0], "name");
}

// That a file cannot be had is the one problem, without a place.
static void check_unreadable(const char *path, const char *message) {
	struct problems problems = {0};
	bool unreadable = false;
	struct spec *spec = spec_read(path, &problems, &unreadable);
	assert_true(unreadable);
	assert_int_equal(problems.n, 1);
	assert_int_equal(problems.items[0].at.line, 0);
	if (!strstr(problems.items[0].message, message)) {
		fail_msg("%s: %s", path, problems.items[0].message);
	}
	assert_int_equal(spec->n_jobs, 0);
	spec_free(spec);
}

static void test_unreadable(void **state) {
	(void)state;
	check_unreadable("/nonexistent/x.yaml",
		"cannot read '/nonexistent/x.yaml': No such file or directory");
	check_unreadable("/", "cannot read '/': it is a directory");
	check_unreadable("/proc/self/mem", "cannot read '/proc/self/mem': Input/output error");
	check_unreadable("", "cannot read '': No such file or directory");
	check_unreadable("a\nb", "cannot read 'a\\nb': No such file");

	int fd = fd_unnamed_file(NULL); // two sparse gigabytes are no read
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, INT64_C(2) << 30), 0);
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	check_unreadable(path, "is larger than a job file may be (64 MiB)");
	fd_close(&fd);
}

static void test_endless(void **state) {
	(void)state;
	struct problems problems = {0};
	bool unreadable = false;
	struct spec *spec = spec_read("/dev/zero", &problems, &unreadable);
	assert_true(unreadable);
	assert_int_equal(problems.n, 1);
	assert_string_equal(problems.items[0].message, "there is a NUL byte in the file");
	assert_true(spec->source_len < 4 * 1024 * 1024);
	spec_free(spec);
}

struct crumbs {
	int fd;
	pthread_t reader;
};

static void *write_crumbs(void *arg) {
	static const char text[] = "jobs:\n- run: x # and a comment that takes a while to come\n";
	struct crumbs *crumbs = arg;
	for (size_t i = 0; i < sizeof text - 1; i++) {
		pthread_kill(crumbs->reader, SIGALRM);
		if (write(crumbs->fd, &text[i], 1) != 1) {
			abort(); // the reader is gone; cmocka cannot fail from here
		}
		sched_yield();
	}
	fd_close(&crumbs->fd);
	return NULL;
}

static void ignore_alarm(int signo) {
	(void)signo;
}

// A pipe that gives a byte at a time, while signals interrupt what waits for it.
static void check_pipe(const char *path, int write_end) {
	struct sigaction action = {.sa_handler = ignore_alarm}, before;
	sigaction(SIGALRM, &action, &before);
	struct crumbs crumbs = {.fd = write_end, .reader = pthread_self()};
	pthread_t writer;
	assert_int_equal(pthread_create(&writer, NULL, write_crumbs, &crumbs), 0);
	struct problems problems = {0};
	bool unreadable;
	struct spec *spec = spec_read(path, &problems, &unreadable);
	pthread_join(writer, NULL);
	sigaction(SIGALRM, &before, NULL);
	assert_int_equal(problems.n, 0);
	assert_int_equal(spec->n_jobs, 1);
	assert_string_equal(spec->file, path);
	spec_free(spec);
}

static void test_pipes(void **state) {
	(void)state;
	int ends[2];
	char path[64];
	assert_int_equal(fd_pipe(ends), 0);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]); // as from <(...)
	check_pipe(path, ends[1]);
	fd_close(&ends[0]);

	int before = dup(STDIN_FILENO);
	assert_int_equal(fd_pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	check_pipe("-", ends[1]);
	fd_close(&ends[0]);
	close(STDIN_FILENO);
	check_unreadable("-", "cannot read standard input: Bad file descriptor");
	if (before >= 0) {
		dup2(before, STDIN_FILENO);
		close(before);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_verbatim),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_key_lists),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_pipes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
