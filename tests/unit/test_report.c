// SPDX-License-Identifier: MIT
// The human report, byte for byte, over made-up plans and results.
#include "base/buf.h"
#include "base/fd.h"
#include "probe.h"
#include "report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { SECONDS_PER_CALL = 10, MOST_JOBS = 600 };

// A plan of jobs that differ in their names only, and the report of it in the making.
struct stage {
	struct job jobs[MOST_JOBS];
	struct plan plan;
	struct report_options options;
	struct report *report;
	struct tally tally;
	struct result *result; // that is being made up
};

static void stage_names(struct stage *stage, const char *const *names, size_t n) {
	memset(stage, 0, sizeof *stage);
	for (size_t i = 0; i < n; i++) {
		stage->jobs[i] = (struct job){.seq = (unsigned)i + 1,
			.name = names[i],
			.check = true,
			.timeout_ns = INT64_C(60000000000)};
	}
	stage->plan = (struct plan){.file = "jobs.yaml",
		.name = "jobs",
		.workers = 4,
		.jobs = stage->jobs,
		.n_jobs = n,
		.n_all = n,
		.report = {.title = "Running {jobs} jobs with {workers} workers:",
			.footer = "{done} jobs in {elapsed:.2f}s"}};
	stage->options = (struct report_options){.fd = fd_unnamed_file(NULL), .show = SHOW_FAILED};
	stage->tally.jobs = n;
}

#define STAGE(stage, ...)                                      \
	stage_names(stage, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

// Begins the next result; it took 1 ms times its number.
static struct result *ends(struct stage *stage, size_t job, enum verdict verdict, int returncode) {
	struct result *result = calloc(1, sizeof *result);
	*result = (struct result){
		.job = job,
		.attempt = 1,
		.slot = 1,
		.verdict = verdict,
		.returncode = returncode,
		.start_ns = 5000,
		.end_ns = 5000 + ((int64_t)job + 1) * 1000000,
		.out = OUTPUT_EMPTY,
		.err = OUTPUT_EMPTY,
	};
	stage->result = result;
	return result;
}

static struct output output_of(const char *text) {
	return (struct output){
		.head = strdup(text), .head_len = strlen(text), .fd = -1, .total = strlen(text)};
}

static void open_report(struct stage *stage) {
	if (!stage->report) {
		assert_int_equal(report_open(&stage->report, &stage->plan, &stage->options), 0);
	}
}

static int tell(struct stage *stage, enum event_kind kind, size_t job, struct result *result) {
	struct event event = {.kind = kind, .job = job, .result = result};
	open_report(stage);
	if (result) {
		stage->tally.done++;
		stage->tally.verdicts[result->verdict]++;
	}
	stage->tally.not_started += kind == EVENT_NOT_STARTED;
	event.tally = stage->tally;
	event.elapsed_ns = 1234567890;
	int r = report_event(stage->report, &event);
	event_clear(&event);
	return r;
}

// Hands over the result that was made up last.
static void give(struct stage *stage) {
	assert_int_equal(tell(stage, EVENT_RESULT, stage->result->job, stage->result), 0);
	stage->result = NULL;
}

// All that was printed; the caller frees it.
static char *printed(struct stage *stage) {
	uint64_t dropped;
	struct buf text = {0};
	ssize_t n;
	tell(stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage->report, &dropped), 0);
	assert_true(dropped == 0);
	report_free(stage->report);
	do {
		assert_int_equal(buf_reserve(&text, 65536), 0);
		n = pread(stage->options.fd, text.data + text.len, 65536, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	fd_close(&stage->options.fd);
	return buf_take(&text);
}

static void check(struct stage *stage, const char *wanted) {
	char *text = printed(stage);
	assert_string_equal(text, wanted);
	free(text);
}

static void the_prime_checkers_lines(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "2", "3333333333333333", "9999999999999917");
	stage.plan.report.given = true;
	stage.plan.report.title = "Checking {jobs} numbers with {workers} processes:";
	stage.plan.report.footer = "{done} checks in {elapsed:.2f}s";
	stage.plan.report.labels[0] = "P";
	stage.plan.report.labels[1] = " ";
	ends(&stage, 0, VERDICT_PASS, 0)->end_ns = 5000 + 901000;
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 1)->end_ns = 5000 + 1004499;
	give(&stage);
	ends(&stage, 2, VERDICT_PASS, 0)->end_ns = 5000 + INT64_C(1234178325500);
	give(&stage);
	check(&stage, "Checking 3 numbers with 4 processes:\n"
		      "               2 P  0.000901s\n"
		      "3333333333333333    0.001004s\n"
		      "9999999999999917 P 1234.178326s\n"
		      "3 checks in 1.23s\n");
}

static void every_verdict(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "pass", "odd", "fail", "segv", "rt", "slow", "polite", "stubborn", "dead",
		"missing", "cancelled", "killed", "early", "lost");
	stage.options.show = SHOW_NEVER;
	stage.plan.file = "-";
	stage.jobs[1].check = false;
	stage.jobs[8].timeout_ns = INT64_C(1500000000);
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 3);
	give(&stage);
	ends(&stage, 2, VERDICT_FAIL, 3);
	give(&stage);
	ends(&stage, 3, VERDICT_SIGNAL, -SIGSEGV);
	give(&stage);
	ends(&stage, 4, VERDICT_SIGNAL, -(SIGRTMIN + 3));
	give(&stage);
	ends(&stage, 5, VERDICT_TIMEOUT, -SIGTERM)->ladder = SIGTERM;
	give(&stage);
	ends(&stage, 6, VERDICT_TIMEOUT, 0)->ladder = SIGTERM;
	give(&stage);
	ends(&stage, 7, VERDICT_TIMEOUT, -SIGKILL)->ladder = SIGKILL;
	give(&stage);
	ends(&stage, 8, VERDICT_TIMEOUT, 0)->ladder = SIGKILL;
	stage.result->unkillable = true;
	give(&stage);
	ends(&stage, 9, VERDICT_EXEC, 0)->error = strdup("no such\nprogram: \033[31mx");
	give(&stage);
	ends(&stage, 10, VERDICT_CANCELLED, -SIGINT)->ladder = SIGINT;
	give(&stage);
	ends(&stage, 11, VERDICT_CANCELLED, 1)->ladder = SIGTERM;
	give(&stage);
	ends(&stage, 12, VERDICT_CANCELLED, 0);
	give(&stage);
	ends(&stage, 13, VERDICT_PASS, 0)->status_lost = true;
	give(&stage);
	check(&stage, "Running 14 jobs with 4 workers:\n"
		      "            pass PASS       0.001000s\n"
		      "             odd PASS       0.002000s  exit 3\n"
		      "            fail FAIL       0.003000s  exit 3\n"
		      "            segv SIGNAL     0.004000s  SIGSEGV\n"
		      "              rt SIGNAL     0.005000s  SIGRTMIN+3\n"
		      "            slow TIMEOUT    0.006000s  after 60s\n"
		      "          polite TIMEOUT    0.007000s  after 60s, exit 0\n"
		      "        stubborn TIMEOUT    0.008000s  after 60s, killed\n"
		      "            dead TIMEOUT    0.009000s  after 1.5s, cannot be killed\n"
		      "         missing EXEC       0.010000s  no such program: x\n"
		      "       cancelled CANCELLED  0.011000s  SIGINT\n"
		      "          killed CANCELLED  0.012000s  SIGTERM, exit 1\n"
		      "           early CANCELLED  0.013000s  before it ran\n"
		      "            lost PASS       0.014000s  its exit status was lost\n"
		      "14 jobs in 1.23s\n"
		      "8 of 14 jobs did not pass:\n"
		      "  fail FAIL  exit 3\n"
		      "  segv SIGNAL  SIGSEGV\n"
		      "  rt SIGNAL  SIGRTMIN+3\n"
		      "  slow TIMEOUT  after 60s\n"
		      "  polite TIMEOUT  after 60s, exit 0\n"
		      "  stubborn TIMEOUT  after 60s, killed\n"
		      "  dead TIMEOUT  after 1.5s, cannot be killed\n"
		      "  missing EXEC  no such program: x\n"
		      "cancelled: 3\n"
		      "    cancelled  killed  early\n");
}

static void own_labels_have_a_width_of_their_own(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c", "d", "e", "f");
	stage.options.show = SHOW_NEVER;
	stage.plan.file = NULL;
	stage.plan.report.given = true;
	stage.plan.report.title = "";
	stage.plan.report.labels[0] = "ok";
	stage.plan.report.labels[3] = "\xe6\x97\xa5\xe6\x9c\xac";
	stage.jobs[4].check = false;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 3);
	give(&stage);
	ends(&stage, 2, VERDICT_FAIL, 4);
	give(&stage);
	ends(&stage, 3, VERDICT_TIMEOUT, 0)->ladder = SIGTERM;
	give(&stage);
	ends(&stage, 4, VERDICT_PASS, 3);
	give(&stage);
	ends(&stage, 5, VERDICT_PASS, 7);
	give(&stage);
	check(&stage, "               a ok    0.001000s\n"
		      "               b \xe6\x97\xa5\xe6\x9c\xac  0.002000s  exit 3\n"
		      "               c FAIL  0.003000s  exit 4\n"
		      "               d TIMEOUT  0.004000s  after 60s, exit 0\n"
		      "               e \xe6\x97\xa5\xe6\x9c\xac  0.005000s\n"
		      "               f PASS  0.006000s\n"
		      "6 jobs in 1.23s\n"
		      "3 of 6 jobs did not pass:\n"
		      "  b FAIL  exit 3\n"
		      "  c FAIL  exit 4\n"
		      "  d TIMEOUT  after 60s, exit 0\n");
}

static void names_are_as_wide_as_the_widest_within_bounds(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "\xe6\x97\xa5\xe6\x9c\xac", "eighteen characters"); // nineteen
	for (size_t i = 0; i < 2; i++) {
		ends(&stage, i, VERDICT_PASS, 0);
		give(&stage);
	}
	check(&stage, "Running 2 jobs with 4 workers:\n"
		      "               \xe6\x97\xa5\xe6\x9c\xac PASS       0.001000s\n"
		      "eighteen characters PASS       0.002000s\n"
		      "2 jobs in 1.23s\n");
	STAGE(&stage, "a\033[31m\tb", "this name is longer than forty display columns are");
	for (size_t i = 0; i < 2; i++) {
		ends(&stage, i, VERDICT_PASS, 0);
		give(&stage);
	}
	check(&stage, "Running 2 jobs with 4 workers:\n"
		      "                                     a b PASS       0.001000s\n"
		      "this name is longer than forty display columns are PASS       0.002000s\n"
		      "2 jobs in 1.23s\n");
}

static void colour_is_added_to_words(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "\033[36mpass", "fail", "cancelled");
	stage.options.colour = true;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 1)->out = output_of("\033[35mpurple\n\033]0;title\007");
	give(&stage);
	ends(&stage, 2, VERDICT_CANCELLED, -15)->ladder = SIGTERM;
	give(&stage);
	check(&stage, "Running 3 jobs with 4 workers:\n"
		      "            \033[36mpass\033[0m \033[32mPASS\033[0m       0.001000s\n"
		      "            fail \033[31mFAIL\033[0m       0.002000s  exit 1\n"
		      "\033[35m    purple\n\033[0m"
		      "       cancelled \033[33mCANCELLED\033[0m  0.003000s  SIGTERM\n"
		      "3 jobs in 1.23s\n"
		      "1 of 3 jobs did not pass:\n"
		      "  fail \033[31mFAIL\033[0m  exit 1\n"
		      "\033[35m    purple\n\033[0m"
		      "    again: spool run jobs.yaml fail\n"
		      "cancelled: 1\n"
		      "    cancelled\n");
}

static void quiet_is_only_what_did_not_pass(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "pass", "fail");
	stage.options.quiet = true;
	stage.options.show = SHOW_ALL;
	ends(&stage, 0, VERDICT_PASS, 0)->out = output_of("not shown\n");
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 1)->out = output_of("shown\n");
	give(&stage);
	check(&stage, "            fail FAIL       0.002000s  exit 1\n"
		      "    shown\n"
		      "1 of 2 jobs did not pass:\n"
		      "  fail FAIL  exit 1\n"
		      "    shown\n"
		      "    again: spool run jobs.yaml fail\n");
	STAGE(&stage, "pass");
	stage.options.quiet = true;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	check(&stage, "");
}

static void output_is_shown_of_whom_it_was_asked_for(void **state) {
	struct stage stage;
	(void)state;
	for (int show = SHOW_NEVER; show <= SHOW_ALL; show++) {
		STAGE(&stage, "pass", "fail");
		stage.options.show = (enum report_show)show;
		stage.plan.report.footer = NULL;
		ends(&stage, 0, VERDICT_PASS, 0)->err = output_of("a");
		give(&stage);
		ends(&stage, 1, VERDICT_FAIL, 1)->out = output_of("b\r\n\nc");
		stage.result->err = output_of("d\n");
		give(&stage);
		char *text = printed(&stage), wanted[1000];
		snprintf(wanted, sizeof wanted,
			"Running 2 jobs with 4 workers:\n"
			"            pass PASS       0.001000s\n%s"
			"            fail FAIL       0.002000s  exit 1\n%s"
			"1 of 2 jobs did not pass:\n  fail FAIL  exit 1\n%s"
			"    again: spool run jobs.yaml fail\n",
			show == SHOW_ALL ? "    a\n" : "",
			show ? "  stdout:\n    b\n    \n    c\n  stderr:\n    d\n" : "",
			show ? "  stdout:\n    b\n    \n    c\n  stderr:\n    d\n" : "");
		assert_string_equal(text, wanted);
		free(text);
	}
}

static void what_is_missing_of_an_output_is_said(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "gap", "held", "unread", "nothing");
	stage.plan.file = NULL;
	struct result *result = ends(&stage, 0, VERDICT_FAIL, 1);
	result->out = output_of("first\nhalf of a li");
	result->out.tail = strdup("ne\nlast");
	result->out.tail_len = result->out.tail_size = 7;
	result->out.omitted = 123456;
	result->out.total += 7 + 123456;
	result->out.incomplete = true;
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 1)->out.held = true;
	give(&stage);
	result = ends(&stage, 2, VERDICT_FAIL, 1);
	result->out = output_of("head\n");
	result->out.fd = -1;
	result->out.first_len = 10;
	result->out.total += 10;
	give(&stage);
	result = ends(&stage, 3, VERDICT_FAIL, 1);
	result->out.omitted = result->out.total = 1;
	give(&stage);
	check(&stage, "Running 4 jobs with 4 workers:\n"
		      "             gap FAIL       0.001000s  exit 1\n"
		      "    first\n    half of a li\n"
		      "  … 123456 bytes left out …\n"
		      "    ne\n    last\n"
		      "  … not all of it could be kept: the file for it took no more …\n"
		      "            held FAIL       0.002000s  exit 1\n"
		      "  … a process that was left behind still held the pipe …\n"
		      "          unread FAIL       0.003000s  exit 1\n"
		      "    head\n"
		      "  … the rest cannot be read back: Bad file descriptor …\n"
		      "         nothing FAIL       0.004000s  exit 1\n"
		      "  … 1 byte left out …\n"
		      "4 jobs in 1.23s\n"
		      "4 of 4 jobs did not pass:\n"
		      "  gap FAIL  exit 1\n"
		      "    … 123474 bytes left out …\n"
		      "    ne\n    last\n"
		      "  held FAIL  exit 1\n"
		      "  unread FAIL  exit 1\n"
		      "    head\n"
		      "  nothing FAIL  exit 1\n"
		      "    … 1 byte left out …\n");
}

// "1\n2\n…", n lines
static char *count_to(int n) {
	struct buf text = {0};
	for (int i = 1; i <= n; i++) {
		buf_printf(&text, "%d\n", i);
	}
	return buf_take(&text);
}

// The digest's entry of one failed job.
static char *entry_of(char *out, char *err) {
	struct stage stage;
	STAGE(&stage, "j");
	stage.plan.file = NULL;
	stage.options.quiet = true;
	ends(&stage, 0, VERDICT_FAIL, 1)->out = output_of(out);
	stage.result->err = output_of(err);
	give(&stage);
	char *text = printed(&stage);
	const char *entry = strstr(text, "  j FAIL  exit 1\n");
	assert_non_null(entry);
	memmove(text, entry, strlen(entry) + 1);
	free(out);
	free(err);
	return text;
}

static void check_entry(char *out, char *err, const char *beginning, const char *end) {
	char *text = entry_of(out, err);
	size_t n = strlen(text);
	if (strncmp(text, beginning, strlen(beginning)) != 0 || n < strlen(end) ||
		strcmp(text + n - strlen(end), end) != 0) {
		fail_msg("%s", text);
	}
	free(text);
}

static void the_digest_has_the_last_lines(void **state) {
	(void)state;
#define HEAD "  j FAIL  exit 1\n"
	check_entry(count_to(0), count_to(0), HEAD, HEAD);
	check_entry(count_to(20), count_to(0), HEAD "    1\n    2\n", "    19\n    20\n");
	check_entry(count_to(21), count_to(0), HEAD "    … 2 bytes left out …\n    2\n",
		"    20\n    21\n");
	check_entry(count_to(0), count_to(1000), HEAD "    … 3812 bytes left out …\n    981\n",
		"    1000\n");
	// both streams: half each, or what the other one leaves
	check_entry(count_to(5), count_to(15), HEAD "  stdout:\n    1\n", "    15\n");
	check_entry(count_to(9), count_to(15), HEAD "  stdout:\n    1\n", "    15\n");
	check_entry(count_to(9), count_to(15), HEAD,
		"    9\n  stderr:\n    … 8 bytes left out …\n    5\n    6\n    7\n    8\n"
		"    9\n    10\n    11\n    12\n    13\n    14\n    15\n");
	check_entry(count_to(30), count_to(3),
		HEAD "  stdout:\n    … 30 bytes left out …\n    14\n",
		"    30\n  stderr:\n    1\n    2\n    3\n");
	check_entry(count_to(12), count_to(12), HEAD "  stdout:\n    … 4 bytes left out …\n    3\n",
		"  stderr:\n    … 4 bytes left out …\n    3\n    4\n    5\n    6\n    7\n"
		"    8\n    9\n    10\n    11\n    12\n");
#undef HEAD
}

static char *repeat(const char *text, size_t n) {
	struct buf buf = {0};
	while (n--) {
		buf_puts(&buf, text);
	}
	return buf_take(&buf);
}

static void the_digest_has_eight_kibibytes_at_most(void **state) {
	(void)state;
	char *text = entry_of(repeat("x", 10000), repeat("", 0));
	char *wanted = repeat("x", 8192);
	const char *begin = strstr(text, "    … 1808 bytes left out …\n    x");
	assert_non_null(begin);
	assert_non_null(strstr(text, wanted));
	assert_int_equal(strlen(strchr(begin, 'x')), 8192 + 1);
	free(text);
	free(wanted);
	// no half character at the cut: 8192 is not divisible by three
	text = entry_of(repeat("\xe6\x97\xa5", 4000), repeat("", 0));
	assert_non_null(strstr(text, "    … 3810 bytes left out …\n    \xe6\x97\xa5"));
	free(text);
	text = entry_of(repeat("x", 10000), repeat("y", 10000));
	assert_non_null(strstr(text, "  stdout:\n    … 5904 bytes left out …\n    x"));
	assert_non_null(strstr(text, "  stderr:\n    … 5904 bytes left out …\n    y"));
	free(text);
}

static void again_is_a_command_to_paste(void **state) {
	static const struct {
		const char *file, *directory, *job, *wanted;
	} rows[] = {
		{"a.yaml", NULL, "b", "    again: spool run a.yaml b\n"},
		{"my jobs.yaml", "/x y", "it's (1)",
			"    again: spool run -C '/x y' 'my jobs.yaml' 'it'\"'\"'s (1)'\n"},
		{"a.yaml", NULL, "-rf", "    again: spool run -- a.yaml -rf\n"},
		{"-a.yaml", "d", "b", "    again: spool run -C d -- -a.yaml b\n"},
		{"a.yaml", NULL, "two\nlines", "    again: spool run a.yaml 'two\nlines'\n"},
		{"-", NULL, "b", ""},
		{NULL, NULL, "b", ""},
		{"a.yaml", NULL, "\033[31mred", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stage stage;
		STAGE(&stage, rows[i].job);
		stage.plan.file = rows[i].file;
		stage.plan.directory = rows[i].directory;
		stage.options.quiet = true;
		ends(&stage, 0, VERDICT_FAIL, 1);
		give(&stage);
		char *text = printed(&stage);
		const char *again = strstr(text, "    again:");
		assert_string_equal(again ? again : "", rows[i].wanted);
		free(text);
	}
}

static char names_room[MOST_JOBS][16];
static const char *const *numbered(void) {
	static const char *names[MOST_JOBS];
	for (int i = 0; i < MOST_JOBS; i++) {
		snprintf(names_room[i], sizeof names_room[i], "job %d", i);
		names[i] = names_room[i];
	}
	return names;
}

static void all_names_of_a_cancelled_run_are_there(void **state) {
	struct stage stage;
	(void)state;
	stage_names(&stage, numbered(), 15);
	stage.options.quiet = true;
	stage.plan.file = NULL;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 1);
	give(&stage);
	ends(&stage, 2, VERDICT_CANCELLED, -2)->ladder = SIGINT;
	give(&stage);
	for (size_t i = 3; i < 15; i++) {
		assert_int_equal(tell(&stage, EVENT_NOT_STARTED, i, NULL), 0);
	}
	check(&stage,
		"           job 1 FAIL       0.002000s  exit 1\n"
		"           job 2 CANCELLED  0.003000s  SIGINT\n"
		"1 of 15 jobs did not pass:\n"
		"  job 1 FAIL  exit 1\n"
		"cancelled: 1\n"
		"    job 2\n"
		"never started: 12\n"
		"    job 3  job 4  job 5  job 6  job 7  job 8  job 9  job 10  job 11  job 12\n"
		"    job 13  job 14\n");
}

// 600 entries of 8 KiB.
static char *long_digest(const char *spill_dir) {
	struct stage stage;
	stage_names(&stage, numbered(), MOST_JOBS);
	stage.options.show = SHOW_FAILED;
	stage.options.spill_dir = spill_dir;
	stage.options.quiet = true;
	for (size_t i = 0; i < MOST_JOBS; i++) {
		struct buf text = {0};
		buf_printf(&text, "output of %zu ", i);
		while (text.len < 6000) {
			buf_puts(&text, "xxxxxxxxxxxxxxxxxxxx");
		}
		buf_puts(&text, "\n");
		struct output out = {.head_len = text.len, .fd = -1, .total = text.len};
		out.head = buf_take(&text);
		ends(&stage, i, VERDICT_FAIL, 1)->out = out;
		give(&stage);
	}
	char *text = printed(&stage);
	char *digest = strdup(strstr(text, "600 of 600 jobs did not pass:\n"));
	free(text);
	return digest;
}

static void a_very_long_digest_is_whole(void **state) {
	(void)state;
	char *digest = long_digest(NULL), entry[64];
	const char *at = digest;
	assert_true(strlen(digest) > 600 * 6000);
	for (int i = 0; i < MOST_JOBS; i++) {
		snprintf(entry, sizeof entry, "  job %d FAIL  exit 1\n    output of %d x", i, i);
		at = strstr(at, entry);
		assert_non_null(at);
		at += strlen(entry);
	}
	assert_non_null(strstr(at, "    again: spool run jobs.yaml 'job 599'\n"));
	free(digest);
}

static void a_digest_that_cannot_be_kept_is_said(void **state) {
	(void)state;
	char *digest = long_digest("/nowhere/at/all");
	int kept = 0, named;
	for (const char *p = digest; (p = strstr(p, "    again: ")); p++) {
		kept++;
	}
	assert_true(kept > 150 && kept < 200); // one MiB of them
	const char *said = strstr(digest, "  … and ");
	assert_non_null(said);
	assert_int_equal(atoi(said + strlen("  … and ")), MOST_JOBS - kept);
	assert_non_null(strstr(said, "No such file or directory"));
	assert_non_null(strstr(said, "job 599\n"));
	for (named = 0; (said = strstr(said, "job ")); said++) {
		named++;
	}
	assert_int_equal(named, MOST_JOBS - kept);
	free(digest);
}

enum { BIG = 9 * 1000 * 1000 };

static char big_at(size_t i) {
	return i % 101 == 100 || i == BIG - 1 ? '\n' : (char)('a' + (i + i / 1000) % 26);
}

// Takes the indent away and compares.
struct big_reader {
	int fd;
	size_t outputs, at, column;
	bool differs, in_output;
	pthread_t thread;
};

static void look_at(struct big_reader *reader, char c) {
	if (reader->column++ < 4) {
		reader->differs |= c != ' ';
		return;
	}
	reader->differs |= c != big_at(reader->at++);
	if (c == '\n') {
		reader->column = 0;
	}
	if (reader->at == BIG) {
		reader->in_output = false;
		reader->at = reader->column = 0;
		reader->outputs++;
	}
}

static void *read_big(void *ud) {
	struct big_reader *reader = ud;
	static char data[65536];
	bool title_seen = false;
	ssize_t n;
	while ((n = read(reader->fd, data, sizeof data)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (reader->in_output) {
				look_at(reader, data[i]);
			} else if (data[i] == '\n' && reader->outputs < 2) {
				// the title, then a job's line
				reader->column = 0;
				reader->in_output = title_seen;
				title_seen = true;
			}
		}
	}
	return NULL;
}

static void nine_megabytes_of_two_jobs_are_whole(void **state) {
	struct stage stage;
	struct big_reader reader = {0};
	uint64_t dropped;
	int pipe_ends[2], behind = 0;
	(void)state;
	STAGE(&stage, "one", "two");
	fd_close(&stage.options.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	stage.options.fd = pipe_ends[1];
	reader.fd = pipe_ends[0];
	assert_int_equal(pthread_create(&reader.thread, NULL, read_big, &reader), 0);
	char *chunk = malloc(BIG);
	for (size_t i = 0; i < BIG; i++) {
		chunk[i] = big_at(i);
	}
	for (size_t job = 0; job < 2; job++) {
		int fd = fd_unnamed_file(NULL);
		assert_int_equal(write(fd, chunk, BIG), BIG);
		ends(&stage, job, VERDICT_FAIL, 1)->out = (struct output){
			.fd = fd, .first_len = BIG, .total = BIG};
		give(&stage);
		behind += report_behind(stage.report);
	}
	assert_true(behind > 0);
	tell(&stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage.report, &dropped), 0);
	report_free(stage.report);
	close(pipe_ends[1]);
	pthread_join(reader.thread, NULL);
	close(pipe_ends[0]);
	free(chunk);
	assert_true(dropped == 0);
	assert_false(reader.differs);
	assert_int_equal(reader.outputs, 2);
}

static void a_reader_that_is_gone_is_told(void **state) {
	struct stage stage;
	uint64_t dropped;
	int pipe_ends[2];
	(void)state;
	STAGE(&stage, "a");
	fd_close(&stage.options.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	close(pipe_ends[0]);
	stage.options.fd = pipe_ends[1];
	open_report(&stage); // the title is the first to fail
	struct pollfd wake = {.fd = report_wake_fd(stage.report), .events = POLLIN};
	assert_int_equal(poll(&wake, 1, SECONDS_PER_CALL * 1000), 1);
	AWAIT(report_state(stage.report) == EPIPE);
	assert_false(report_behind(stage.report));
	assert_int_equal(report_finish(stage.report, &dropped), EPIPE);
	assert_true(dropped > 0);
	report_free(stage.report);
	close(pipe_ends[1]);
}

static void one_who_does_not_read_does_not_stop_the_end(void **state) {
	struct stage stage;
	uint64_t dropped;
	int pipe_ends[2];
	(void)state;
	STAGE(&stage, "a");
	fd_close(&stage.options.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	stage.options.fd = pipe_ends[1];
	char *text = repeat("0123456789012345678901234567890123456789\n", 50000);
	ends(&stage, 0, VERDICT_FAIL, 1)->out = output_of(text);
	give(&stage);
	report_drop(stage.report);
	assert_int_equal(report_finish(stage.report, &dropped), 0);
	assert_true(dropped > 1000000);
	report_free(stage.report);
	free(text);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void what_is_not_finished_may_be_freed(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b");
	ends(&stage, 0, VERDICT_FAIL, 1)->out = output_of("x\n");
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 0);
	give(&stage);
	report_free(stage.report);
	fd_close(&stage.options.fd);
	report_free(NULL);
}

// Takes all memory there is; the list of it is the result.
static void **use_up_memory(void) {
	void **last = NULL, **next;
	for (size_t size = 1 << 20; size >= sizeof(void *); size /= 2) {
		while ((next = malloc(size))) {
			*next = last;
			last = next;
		}
	}
	return last;
}

static void without_memory_it_goes_on(void **state) {
	struct stage stage;
	struct rlimit old, none = {0, 0};
	(void)state;
	SKIP_UNDER("asan", "its memory has no limit");
	SKIP_UNDER("tsan", "its memory has no limit");
	SKIP_UNDER("valgrind", "its memory has no limit");
	STAGE(&stage, "a", "b", "c");
	stage.options.quiet = true;
	open_report(&stage);
	struct result *a = ends(&stage, 0, VERDICT_FAIL, 1);
	struct result *b = ends(&stage, 1, VERDICT_FAIL, 1);
	a->out = output_of("x\n");
	getrlimit(RLIMIT_AS, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_AS, &none);
	void **memory = use_up_memory();
	int ra = tell(&stage, EVENT_RESULT, 0, a);
	while (memory) {
		void **next = *memory;
		free(memory);
		memory = next;
	}
	setrlimit(RLIMIT_AS, &old);
	assert_int_equal(ra, -1);
	assert_int_equal(tell(&stage, EVENT_RESULT, 1, b), 0);
	check(&stage, "               b FAIL       0.002000s  exit 1\n"
		      "2 of 3 jobs did not pass:\n"
		      "  … and 2 more, of which nothing could be kept here: Cannot allocate "
		      "memory …\n"
		      "    a  b\n");
}

static int count_all(void **state) {
	static int fds, threads;
	(void)state;
	if (fds == 0) {
		fds = probe_count("fd");
		threads = probe_count("task");
	}
	AWAIT(probe_count("task") == threads); // joined ones vanish a moment later
	return probe_count("fd") == fds ? 0 : -1;
}

static void *nothing(void *ud) {
	return ud;
}

// A sanitizer that has a thread of its own starts it with the first one of ours.
static int start_first_thread(void **state) {
	pthread_t thread;
	(void)state;
	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, count_all, count_all)

int main(void) {
	sigset_t set;
	const struct CMUnitTest tests[] = {
		TEST(the_prime_checkers_lines),
		TEST(every_verdict),
		TEST(own_labels_have_a_width_of_their_own),
		TEST(names_are_as_wide_as_the_widest_within_bounds),
		TEST(colour_is_added_to_words),
		TEST(quiet_is_only_what_did_not_pass),
		TEST(output_is_shown_of_whom_it_was_asked_for),
		TEST(what_is_missing_of_an_output_is_said),
		TEST(the_digest_has_the_last_lines),
		TEST(the_digest_has_eight_kibibytes_at_most),
		TEST(again_is_a_command_to_paste),
		TEST(all_names_of_a_cancelled_run_are_there),
		TEST(a_very_long_digest_is_whole),
		TEST(a_digest_that_cannot_be_kept_is_said),
		TEST(nine_megabytes_of_two_jobs_are_whole),
		TEST(a_reader_that_is_gone_is_told),
		TEST(one_who_does_not_read_does_not_stop_the_end),
		TEST(what_is_not_finished_may_be_freed),
		TEST(without_memory_it_goes_on),
	};
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return cmocka_run_group_tests(tests, start_first_thread, NULL);
}
