// SPDX-License-Identifier: MIT
// The lines of the human report and the output behind them, byte for byte.
#include "stage.h"

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

// Every way to end, and how its line reads behind the name.
static const struct {
	const char *name;
	struct result result;
	const char *line;
} endings[] = {
	{"pass", {.verdict = VERDICT_PASS}, "PASS       0.001000s"},
	{"odd", {.verdict = VERDICT_PASS, .returncode = 3}, "PASS       0.001000s  exit 3"},
	{"odd2", {.verdict = VERDICT_PASS, .returncode = -SIGSEGV},
		"PASS       0.001000s  SIGSEGV"},
	{"lost", {.verdict = VERDICT_PASS, .status_lost = true},
		"PASS       0.001000s  its exit status was lost"},
	{"fail", {.verdict = VERDICT_FAIL, .returncode = 3}, "FAIL       0.001000s  exit 3"},
	{"segv", {.verdict = VERDICT_SIGNAL, .returncode = -SIGSEGV},
		"SIGNAL     0.001000s  SIGSEGV"},
	{"internal", {.verdict = VERDICT_SIGNAL, .returncode = -32},
		"SIGNAL     0.001000s  signal 32"},
	{"slow", {.verdict = VERDICT_TIMEOUT, .returncode = -SIGTERM, .ladder = SIGTERM},
		"TIMEOUT    0.001000s  after 60s"},
	{"polite", {.verdict = VERDICT_TIMEOUT, .ladder = SIGTERM},
		"TIMEOUT    0.001000s  after 60s, exit 0"},
	{"crash", {.verdict = VERDICT_TIMEOUT, .returncode = -SIGABRT, .ladder = SIGTERM},
		"TIMEOUT    0.001000s  after 60s, SIGABRT"},
	{"stubborn", {.verdict = VERDICT_TIMEOUT, .returncode = -SIGKILL, .ladder = SIGKILL},
		"TIMEOUT    0.001000s  after 60s, killed"},
	{"dead", {.verdict = VERDICT_TIMEOUT, .ladder = SIGKILL, .unkillable = true},
		"TIMEOUT    0.001000s  after 60s, cannot be killed"},
	{"missing", {.verdict = VERDICT_EXEC, .os_errno = ENOENT},
		"EXEC       0.001000s  No such file or directory"},
	{"cancelled", {.verdict = VERDICT_CANCELLED, .returncode = -SIGINT, .ladder = SIGINT},
		"CANCELLED  0.001000s  SIGINT"},
	{"handled", {.verdict = VERDICT_CANCELLED, .returncode = 1, .ladder = SIGTERM},
		"CANCELLED  0.001000s  SIGTERM, exit 1"},
	{"killed", {.verdict = VERDICT_CANCELLED, .returncode = -SIGKILL, .ladder = SIGKILL},
		"CANCELLED  0.001000s  SIGKILL"},
	{"early", {.verdict = VERDICT_CANCELLED}, "CANCELLED  0.001000s  before it ran"},
};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

static void every_ending(void **state) {
	struct stage stage;
	struct buf wanted = {0};
	(void)state;
	const char *names[N_ENDINGS];
	for (size_t i = 0; i < N_ENDINGS; i++) {
		names[i] = endings[i].name;
	}
	stage_names(&stage, names, N_ENDINGS);
	buf_printf(&wanted, "Running %d jobs with 4 workers:\n", N_ENDINGS);
	for (size_t i = 0; i < N_ENDINGS; i++) {
		stage.jobs[i].check = i > 3;
		*ends(&stage, i, VERDICT_PASS, 0) = endings[i].result;
		stage.result->job = &stage.jobs[i];
		stage.result->index = i;
		stage.result->timeout_ns = stage.jobs[i].timeout_ns;
		stage.result->end_ns = 1000000;
		stage.result->out = stage.result->err = OUTPUT_EMPTY;
		give(&stage);
		const char *line = endings[i].line,
			   *detail = strchr(line, '.') + strlen(".001000s");
		buf_printf(&wanted, "%16s %.*s (%2zu/%d)%s\n", names[i], (int)(detail - line), line,
			i + 1, N_ENDINGS, detail);
	}
	buf_printf(&wanted, "%d jobs in 1.23s\n9 of %d jobs did not pass:\n", N_ENDINGS, N_ENDINGS);
	char *text = printed(&stage);
	assert_memory_equal(text, wanted.data, wanted.len);
	buf_clear(&wanted);
	free(text);
}

static void real_time_signals_and_reasons(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "first", "third", "exec");
	stage.options.quiet = true;
	stage.plan.file = "-";
	ends(&stage, 0, VERDICT_SIGNAL, -SIGRTMIN);
	give(&stage);
	ends(&stage, 1, VERDICT_SIGNAL, -(SIGRTMIN + 3));
	give(&stage);
	ends(&stage, 2, VERDICT_EXEC, 0)->error = strdup("no such\nprogram: \033[31mx");
	give(&stage);
	check(&stage, "           first SIGNAL     0.001000s (1/3)  SIGRTMIN\n"
		      "           third SIGNAL     0.002000s (2/3)  SIGRTMIN+3\n"
		      "            exec EXEC       0.003000s (3/3)  no such program: x\n"
		      "3 of 3 jobs did not pass:\n"
		      "  first SIGNAL  SIGRTMIN\n"
		      "  third SIGNAL  SIGRTMIN+3\n"
		      "  exec EXEC  no such program: x\n");
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
		      "               \xe6\x97\xa5\xe6\x9c\xac PASS       0.001000s (1/2)\n"
		      "eighteen characters PASS       0.002000s (2/2)\n"
		      "2 jobs in 1.23s\n");
	STAGE(&stage, "a\033[31m\tb", "this name is longer than forty display columns are");
	for (size_t i = 0; i < 2; i++) {
		ends(&stage, i, VERDICT_PASS, 0);
		give(&stage);
	}
	check(&stage,
		"Running 2 jobs with 4 workers:\n"
		"                                     a b PASS       0.001000s (1/2)\n"
		"this name is longer than forty display columns are PASS       0.002000s (2/2)\n"
		"2 jobs in 1.23s\n");
}

static void colour_is_added_to_words(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "\033[36mpass", "fail", "cancelled");
	stage.outlet.colour = true;
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_FAIL, 1)->out = output_of("\033[35mpurple\n\033]0;title\007");
	give(&stage);
	ends(&stage, 2, VERDICT_CANCELLED, -15)->ladder = SIGTERM;
	give(&stage);
	check(&stage, "Running 3 jobs with 4 workers:\n"
		      "            \033[36mpass\033[0m \033[32mPASS\033[0m       0.001000s (1/3)\n"
		      "            fail \033[31mFAIL\033[0m       0.002000s (2/3)  exit 1\n"
		      "\033[35m    purple\n\033[0m"
		      "       cancelled \033[33mCANCELLED\033[0m  0.003000s (3/3)  SIGTERM\n"
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
	check(&stage, "            fail FAIL       0.002000s (2/2)  exit 1\n"
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

static void results_come_in_the_order_of_the_jobs(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c", "d");
	stage.options.keep_order = true;
	ends(&stage, 3, VERDICT_FAIL, 4)->out = output_of("of d\n");
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 0)->out = output_of("not shown\n");
	give(&stage);
	report_flush(stage.report);
	ends(&stage, 0, VERDICT_FAIL, 1)->out = output_of("of a\n");
	give(&stage);
	assert_int_equal(tell(&stage, EVENT_SKIPPED, 2, NULL), 0);
	check(&stage, "Running 4 jobs with 4 workers:\n"
		      "               a FAIL       0.001000s (1/4)  exit 1\n"
		      "    of a\n"
		      "               b PASS       0.002000s (2/4)\n"
		      "               d FAIL       0.004000s (3/4)  exit 4\n"
		      "    of d\n"
		      "3 jobs in 1.23s\n"
		      "2 of 4 jobs did not pass:\n"
		      "  a FAIL  exit 1\n"
		      "    of a\n"
		      "    again: spool run jobs.yaml a\n"
		      "  d FAIL  exit 4\n"
		      "    of d\n"
		      "    again: spool run jobs.yaml d\n"
		      "never started: 1\n"
		      "    c\n");
}

static void results_whose_turn_never_came_are_reported_at_the_end(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c");
	stage.options.keep_order = true;
	ends(&stage, 2, VERDICT_PASS, 0);
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 0);
	give(&stage);
	check(&stage, "Running 3 jobs with 4 workers:\n"
		      "               b PASS       0.002000s (1/3)\n"
		      "               c PASS       0.003000s (2/3)\n"
		      "2 jobs in 1.23s\n");
	STAGE(&stage, "a", "b");
	stage.options.keep_order = true;
	ends(&stage, 1, VERDICT_FAIL, 1)->out = output_of("waits\n");
	give(&stage);
	report_free(stage.report);
	fd_close(&stage.outlet.fd);
}

static void what_a_job_took_stands_behind_its_line(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "none", "small", "middle", "big");
	stage.options.usage = true;
	ends(&stage, 0, VERDICT_EXEC, 0)->os_errno = ENOENT;
	give(&stage);
	struct rusage *usage = &ends(&stage, 1, VERDICT_PASS, 0)->usage;
	usage->ru_maxrss = 640;
	give(&stage);
	usage = &ends(&stage, 2, VERDICT_FAIL, 1)->usage;
	usage->ru_utime = (struct timeval){.tv_usec = 990000};
	usage->ru_stime = (struct timeval){.tv_sec = 61, .tv_usec = 80000};
	usage->ru_maxrss = 14 * 1024 + 1;
	give(&stage);
	ends(&stage, 3, VERDICT_PASS, 0)->usage.ru_maxrss = 1536 * 1024;
	give(&stage);
	char *text = printed(&stage);
	assert_non_null(strstr(text, "(1/4)  No such file or directory\n"));
	assert_non_null(strstr(text, "(2/4)  cpu 0.00s, 640K\n"));
	assert_non_null(strstr(text, "(3/4)  exit 1  cpu 62.07s, 14M\n"));
	assert_non_null(strstr(text, "(4/4)  cpu 0.00s, 1.5G\n"));
	free(text);
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
			"            pass PASS       0.001000s (1/2)\n%s"
			"            fail FAIL       0.002000s (2/2)  exit 1\n%s"
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
		      "             gap FAIL       0.001000s (1/4)  exit 1\n"
		      "    first\n    half of a li\n"
		      "  … 123456 bytes left out …\n"
		      "    ne\n    last\n"
		      "  … not all of it could be kept: the file for it took no more …\n"
		      "            held FAIL       0.002000s (2/4)  exit 1\n"
		      "  … a process that was left behind still held the pipe …\n"
		      "          unread FAIL       0.003000s (3/4)  exit 1\n"
		      "    head\n"
		      "  … the rest cannot be read back: Bad file descriptor …\n"
		      "         nothing FAIL       0.004000s (4/4)  exit 1\n"
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
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	stage.outlet.fd = pipe_ends[1];
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
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
	report_free(stage.report);
	close(pipe_ends[1]);
	pthread_join(reader.thread, NULL);
	close(pipe_ends[0]);
	free(chunk);
	assert_true(dropped == 0);
	assert_false(reader.differs);
	assert_int_equal(reader.outputs, 2);
}

static void silence_is_measured_from_what_was_last_said(void **state) {
	const int64_t interval = INT64_C(50000000);
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b");
	open_report(&stage);
	assert_true(report_tick(stage.report) == SP_FOREVER);
	report_free(stage.report);
	stage.report = NULL;
	stage.options.silence_ns = interval;
	stage.options.keep_order = true;
	open_report(&stage);
	int64_t tick = report_tick(stage.report);
	assert_true(tick > 0 && tick <= interval);
	ends(&stage, 1, VERDICT_PASS, 0);
	give(&stage);
	AWAIT(report_tick(stage.report) <= 0);
	report_flush(stage.report); // of a result that waits nothing is said
	assert_true(report_tick(stage.report) <= 0);
	report_spoke(stage.report);
	assert_true(report_tick(stage.report) > 0);
	AWAIT(report_tick(stage.report) <= 0);
	ends(&stage, 0, VERDICT_PASS, 0);
	give(&stage);
	report_flush(stage.report);
	assert_true(report_tick(stage.report) > 0);
	free(printed(&stage));
}

static void a_reader_that_is_gone_is_told(void **state) {
	struct stage stage;
	uint64_t dropped;
	int pipe_ends[2];
	(void)state;
	STAGE(&stage, "a");
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	close(pipe_ends[0]);
	stage.outlet.fd = pipe_ends[1];
	open_report(&stage); // the title is the first to fail
	struct pollfd wake = {.fd = report_wake_fd(stage.report), .events = POLLIN};
	assert_int_equal(poll(&wake, 1, 20000), 1);
	size_t outlet = 9;
	AWAIT(report_failure(stage.report, &outlet) == EPIPE);
	assert_int_equal(outlet, 0);
	assert_int_equal(report_failure(stage.report, &outlet), 0);
	assert_false(report_behind(stage.report));
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
	assert_true(dropped == 0); // that is for readers who do not read
	report_free(stage.report);
	close(pipe_ends[1]);
}

static void one_who_does_not_read_does_not_stop_the_end(void **state) {
	struct stage stage;
	uint64_t dropped;
	int pipe_ends[2];
	(void)state;
	STAGE(&stage, "a");
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	stage.outlet.fd = pipe_ends[1];
	char *text = repeat("0123456789012345678901234567890123456789\n", 50000);
	ends(&stage, 0, VERDICT_FAIL, 1)->out = output_of(text);
	give(&stage);
	report_drop(stage.report);
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
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
	fd_close(&stage.outlet.fd);
	report_free(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_prime_checkers_lines),
		TEST(every_ending),
		TEST(real_time_signals_and_reasons),
		TEST(own_labels_have_a_width_of_their_own),
		TEST(names_are_as_wide_as_the_widest_within_bounds),
		TEST(colour_is_added_to_words),
		TEST(quiet_is_only_what_did_not_pass),
		TEST(results_come_in_the_order_of_the_jobs),
		TEST(results_whose_turn_never_came_are_reported_at_the_end),
		TEST(what_a_job_took_stands_behind_its_line),
		TEST(output_is_shown_of_whom_it_was_asked_for),
		TEST(what_is_missing_of_an_output_is_said),
		TEST(nine_megabytes_of_two_jobs_are_whole),
		TEST(silence_is_measured_from_what_was_last_said),
		TEST(a_reader_that_is_gone_is_told),
		TEST(one_who_does_not_read_does_not_stop_the_end),
		TEST(what_is_not_finished_may_be_freed),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
