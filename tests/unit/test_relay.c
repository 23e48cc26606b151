// SPDX-License-Identifier: MIT
// The text report of jobs whose output is told while they run, and what a label does to a line.
#include "stage.h"

static void tags(struct stage *stage) {
	static const char *const labels[] = {"a\t", "b\t", "c\t", "d\t"};
	for (size_t i = 0; i < stage->plan.n_jobs && i < 4; i++) {
		stage->jobs[i].label = labels[i];
	}
}

static void live(struct stage *stage) {
	stage->options.live = true;
	stage->options.show = SHOW_ALL;
	stage->plan.report.title = "";
	stage->plan.report.footer = "";
	tags(stage);
}

static int tell_piece(struct stage *stage, size_t job, struct output out, struct output err) {
	struct event event = make_event(stage, EVENT_OUTPUT, job, NULL);
	event.result = ends(stage, job, VERDICT_PASS, 0);
	event.result->out = out;
	event.result->err = err;
	open_report(stage);
	int r = report_event(stage->report, &event);
	event_clear(&event);
	return r;
}

static void writes(struct stage *stage, size_t job, const char *text) {
	assert_int_equal(tell_piece(stage, job, output_of(text), OUTPUT_EMPTY), 0);
}

// What is kept of it is a copy, and not all.
static struct result *live_ends(struct stage *stage, size_t job, enum verdict verdict) {
	struct result *result = ends(stage, job, verdict, verdict != VERDICT_PASS);
	result->live = true;
	result->out = OUTPUT_EMPTY;
	result->out.tail = strdup("copy\n");
	result->out.tail_size = result->out.tail_len = 5;
	result->out.omitted = 7;
	result->out.total = 12;
	return result;
}

#define PASS(name, ms, n) "               " name " PASS       0.00" ms "000s (" n ")\n"

static void lines_come_before_the_jobs_end(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b");
	live(&stage);
	writes(&stage, 0, "a1\na2\n");
	writes(&stage, 1, "b1\n\n");
	assert_int_equal(tell_piece(&stage, 0, OUTPUT_EMPTY, output_of("ea\n")), 0);
	report_flush(stage.report);
	AWAIT(lseek(stage.outlet.fd, 0, SEEK_END) ==
		(off_t)strlen("a\ta1\na\ta2\nb\tb1\nb\t\na\tea\n"));
	live_ends(&stage, 1, VERDICT_FAIL);
	give(&stage);
	writes(&stage, 0, "end"); // has no newline
	live_ends(&stage, 0, VERDICT_PASS);
	give(&stage);
	check(&stage, "a\ta1\na\ta2\nb\tb1\nb\t\na\tea\n"
		      "               b FAIL       0.002000s (1/2)  exit 1\n"
		      "a\tend\n" PASS("a", "1", "2/2") "1 of 2 jobs did not pass:\n"
						       "  b FAIL  exit 1\n"
						       "    … 7 bytes left out …\n"
						       "    copy\n"
						       "    again: spool run jobs.yaml b\n");
}

static void in_order_the_first_that_runs_goes_right_through(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c", "d");
	live(&stage);
	stage.options.keep_order = true;
	writes(&stage, 1, "b1\n");
	writes(&stage, 2, "c1\n");
	writes(&stage, 0, "a1\n");
	report_flush(stage.report);
	AWAIT(lseek(stage.outlet.fd, 0, SEEK_END) == (off_t)strlen("a\ta1\n"));
	live_ends(&stage, 2, VERDICT_FAIL);
	give(&stage);
	writes(&stage, 1, "b2");
	writes(&stage, 3, "d1\n");
	live_ends(&stage, 0, VERDICT_PASS);
	give(&stage);
	writes(&stage, 1, "b3\n");
	skips(&stage, 1, SKIP_NEED, 0);
	writes(&stage, 3, "d2\n");
	live_ends(&stage, 3, VERDICT_PASS);
	give(&stage);
	check(&stage, "a\ta1\n" PASS("a", "1",
			      "1/4") "b\tb1\nb\tb2\nb\tb3\n"
				     "               b SKIPPED              (2/4)  needs a, which "
				     "passed\n"
				     "c\tc1\n"
				     "               c FAIL       0.003000s (3/4)  exit 1\n"
				     "d\td1\nd\td2\n" PASS(
					     "d", "4", "4/4") "1 of 4 jobs did not pass:\n"
							      "  c FAIL  exit 1\n"
							      "    … 7 bytes left out …\n"
							      "    copy\n"
							      "    again: spool run jobs.yaml c\n");
}

// Some results never come.
static void what_waits_is_printed_at_the_end(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b", "c", "d");
	live(&stage);
	stage.options.keep_order = true;
	writes(&stage, 1, "b1\n");
	writes(&stage, 3, "d1\n");
	writes(&stage, 2, "c1\n");
	live_ends(&stage, 2, VERDICT_PASS);
	give(&stage);
	check(&stage, "b\tb1\nc\tc1\n" PASS("c", "3", "1/4") "d\td1\n");
}

static void long_output_waits_whole(void **state) {
	enum { SIZE = 300 * 1024, PIECES = 10 };
	struct stage stage;
	struct buf wanted = {0};
	(void)state;
	STAGE(&stage, "a", "b");
	live(&stage);
	stage.options.keep_order = true;
	char *text = repeat("0123456789abcde\n", SIZE / 16);
	char *tagged = repeat("b\t0123456789abcde\n", SIZE / 16);
	for (int i = 0; i < PIECES; i++) {
		writes(&stage, 1, text);
		buf_puts(&wanted, tagged);
	}
	assert_true(report_lost(stage.report) == 0);
	char *all = buf_take(&wanted);
	check(&stage, all);
	free(all);
	free(text);
	free(tagged);
}

static void what_cannot_wait_is_lost_and_said(void **state) {
	enum { SIZE = 2 * 1024 * 1024 };
	struct stage stage;
	(void)state;
	STAGE(&stage, "a", "b");
	live(&stage);
	stage.options.keep_order = true;
	stage.options.spill_dir = "/nonesuch";
	char *text = repeat("0123456789abcde\n", SIZE / 16);
	errno = 0;
	assert_int_equal(tell_piece(&stage, 1, output_of(text), OUTPUT_EMPTY), -1);
	assert_int_equal(errno, ENOENT);
	assert_true(report_lost(stage.report) > SIZE / 4);
	free(text);
	free(printed(&stage));
}

// Nobody reads: what the pieces take of the run's memory comes back when they are written.
static void a_piece_counts_until_it_is_written(void **state) {
	enum { SIZE = 1000, PIECES = 1000 };
	struct stage stage;
	int ends_of_pipe[2];
	atomic_size_t budget = 0;
	uint64_t dropped;
	(void)state;
	STAGE(&stage, "a");
	live(&stage);
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	stage.outlet.fd = ends_of_pipe[1];
	char *line = repeat("0123456789abcde\n", SIZE / 16);
	for (int i = 0; i < PIECES; i++) {
		struct output piece = output_of(line);
		piece.budget = &budget;
		piece.charged = SIZE;
		assert_int_equal(tell_piece(&stage, 0, piece, OUTPUT_EMPTY), 0);
	}
	AWAIT(budget > 0); // a page and a pipe of them are out
	assert_true(budget < PIECES * SIZE / 2);
	report_drop(stage.report);
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
	assert_true(dropped > 0);
	report_free(stage.report);
	assert_int_equal(budget, PIECES * SIZE);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
	free(line);
}

static void all_descriptors_are_announced(void **state) {
	enum { DIGEST = 1 };
	struct stage stage;
	int ends_of_pipe[2];
	uint64_t dropped;
	static const char *names[MOST_JOBS];
	(void)state;
	for (size_t i = 0; i < MOST_JOBS; i++) {
		names[i] = "j";
	}
	stage_names(&stage, names, MOST_JOBS);
	live(&stage);
	stage.options.keep_order = true;
	stage.options.outlets = &stage.outlet;
	stage.options.n_outlets = 1;
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	stage.outlet.fd = ends_of_pipe[1];
	int before = probe_count("fd");
	char *big = repeat("0123456789abcdef", 100000);
	writes(&stage, 500, big);
	writes(&stage, 20, big);
	live_ends(&stage, 501, VERDICT_PASS);
	give(&stage);
	assert_in_range(
		probe_count("fd") - before + DIGEST, 4, 4 + report_descriptors(&stage.options));
	report_drop(stage.report);
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
	report_free(stage.report);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
	free(big);
}

// Whether a job will pass is not known before its end.
static void what_is_shown_of_some_waits_for_the_end(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		for (enum report_show show = SHOW_NEVER; show <= SHOW_FAILED; show++) {
			struct stage stage;
			STAGE(&stage, "a", "b");
			live(&stage);
			stage.options.show = show;
			stage.options.keep_order = order;
			stage.plan.file = NULL;
			writes(&stage, 0, "piece\n");
			live_ends(&stage, 0, VERDICT_FAIL);
			give(&stage);
			live_ends(&stage, 1, VERDICT_PASS);
			give(&stage);
			check(&stage,
				show == SHOW_NEVER
					? "               a FAIL       0.001000s (1/2)  exit "
					  "1\n" PASS("b", "2", "2/2") "1 of 2 jobs did not pass:\n"
								      "  a FAIL  exit 1\n"
					: "               a FAIL       0.001000s (1/2)  exit 1\n"
					  "  … 7 bytes left out …\na\tcopy\n" PASS(
						  "b", "2", "2/2") "1 of 2 jobs did not pass:\n"
								   "  a FAIL  exit 1\n"
								   "    … 7 bytes left out …\n"
								   "    copy\n");
		}
	}
}

static void quiet_leaves_the_lines_of_passed_jobs_out(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a");
	live(&stage);
	stage.options.quiet = true;
	writes(&stage, 0, "a1\n");
	live_ends(&stage, 0, VERDICT_PASS);
	give(&stage);
	check(&stage, "a\ta1\n");
}

static void who_still_held_the_pipe_is_said(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct stage stage;
		STAGE(&stage, "a", "b");
		live(&stage);
		stage.options.keep_order = order;
		live_ends(&stage, 1, VERDICT_PASS)->out.held = true;
		give(&stage);
		live_ends(&stage, 0, VERDICT_PASS);
		give(&stage);
		check(&stage,
			order ? PASS("a", "1", "1/2") PASS("b", "2",
					"2/2") "  … a process that was left behind still held the "
					       "pipe …\n"
			      : PASS("b", "2", "1/2") "  … a process that was left behind "
						      "still held the pipe "
						      "…\n" PASS("a", "1", "2/2"));
	}
}

static void a_try_that_failed_is_no_line(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a");
	live(&stage);
	writes(&stage, 0, "a1\n");
	assert_int_equal(tell(&stage, EVENT_RETRY, 0, live_ends(&stage, 0, VERDICT_FAIL)), 0);
	stage.tally = (struct tally){.jobs = 1};
	writes(&stage, 0, "a2\n");
	live_ends(&stage, 0, VERDICT_PASS);
	give(&stage);
	check(&stage, "a\ta1\na\ta2\n" PASS("a", "1", "1/1"));
}

static void a_second_report_prints_it_too(void **state) {
	struct stage stage;
	struct report_outlet outlets[2];
	struct buf second = {0};
	(void)state;
	STAGE(&stage, "a");
	live(&stage);
	outlets[0] = outlets[1] = stage.outlet;
	outlets[1].fd = fd_unnamed_file(NULL);
	stage.options.outlets = outlets;
	stage.options.n_outlets = 2;
	writes(&stage, 0, "a1\n");
	live_ends(&stage, 0, VERDICT_PASS);
	give(&stage);
	check(&stage, "a\ta1\n" PASS("a", "1", "1/1"));
	assert_int_equal(lseek(outlets[1].fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(outlets[1].fd, &second, 1 << 20), 0);
	char *text = buf_take(&second);
	assert_string_equal(text, "a\ta1\n" PASS("a", "1", "1/1"));
	free(text);
	fd_close(&outlets[1].fd);
}

// Output behind the line of a job that has ended.
static char *tagged(const char *label, const char *out, const char *err, bool colour) {
	struct stage stage;
	STAGE(&stage, "a");
	stage.plan.report.title = stage.plan.report.footer = "";
	stage.options.show = SHOW_ALL;
	stage.outlet.colour = colour;
	stage.jobs[0].label = label;
	struct result *result = ends(&stage, 0, VERDICT_PASS, 0);
	result->out = out ? output_of(out) : OUTPUT_EMPTY;
	result->err = err ? output_of(err) : OUTPUT_EMPTY;
	give(&stage);
	char *text = printed(&stage), *end = strchr(text, '\n');
	memmove(text, end + 1, strlen(end));
	return text;
}

static void a_label_is_before_each_line(void **state) {
	static const struct {
		const char *out, *err, *wanted;
		bool colour;
	} rows[] = {
		{"one\n\ntwo\n", NULL, "a\tone\na\t\na\ttwo\n", false},
		{"half", "e1\ne2", "a\thalf\na\te1\na\te2\n", false},
		{NULL, "\n", "a\t\n", false},
		// Nothing of the line is left but the line itself.
		{"\033]0;title\nnext\n", NULL, "a\t\na\tnext\n", false},
		{"\r\n\a\n", NULL, "a\t\na\t\n", false},
		{"\033[31mred\nplain\n", NULL, "a\tred\na\tplain\n", false},
		{"\033[31mred\nplain\n", NULL, "a\t\033[31mred\033[0m\na\tplain\n", true},
		{"\033[31mred", NULL, "a\t\033[31mred\033[0m\n", true},
		{"\xc3\nx\xc3\xa4\n", NULL, "a\t\xef\xbf\xbd\na\tx\xc3\xa4\n", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = tagged("a\t", rows[i].out, rows[i].err, rows[i].colour);
		assert_string_equal(text, rows[i].wanted);
		free(text);
	}
}

static void a_label_is_made_plain(void **state) {
	(void)state;
	char *text = tagged("\033[1mx\xe2\x80\xae\t", "one\n", NULL, true);
	assert_string_equal(text, "x\tone\n");
	free(text);
}

// However the pieces fall in which they are read and written.
static void long_lines_and_labels_come_whole(void **state) {
	(void)state;
	for (size_t size = 1; size < 300000; size = size * 3 + 5) {
		struct buf wanted = {0};
		char *name = repeat("n", size), *line = repeat("l", size), *label, *out;
		assert_true(asprintf(&label, "%s\t", name) > 0);
		assert_true(asprintf(&out, "%s\nx\n%s", line, line) > 0);
		buf_printf(&wanted, "%s%s\n%sx\n%s%s\n", label, line, label, label, line);
		char *text = tagged(label, out, NULL, false), *all = buf_take(&wanted);
		assert_string_equal(text, all);
		free(text);
		free(all);
		free(out);
		free(label);
		free(line);
		free(name);
	}
}

static void a_line_of_ours_has_no_label(void **state) {
	struct stage stage;
	(void)state;
	STAGE(&stage, "a");
	stage.plan.report.title = stage.plan.report.footer = "";
	stage.options.show = SHOW_ALL;
	tags(&stage);
	struct result *result = ends(&stage, 0, VERDICT_PASS, 0);
	result->out = output_of("begin");
	result->out.tail = strdup("end\n");
	result->out.tail_size = result->out.tail_len = 4;
	result->out.omitted = 5;
	result->err.held = true;
	give(&stage);
	check(&stage,
		PASS("a", "1", "1/1") "a\tbegin\n  … 5 bytes left out …\na\tend\n"
				      "  … a process that was left behind still held the pipe …\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(lines_come_before_the_jobs_end),
		TEST(in_order_the_first_that_runs_goes_right_through),
		TEST(what_waits_is_printed_at_the_end),
		TEST(long_output_waits_whole),
		TEST(what_cannot_wait_is_lost_and_said),
		TEST(a_piece_counts_until_it_is_written),
		TEST(all_descriptors_are_announced),
		TEST(what_is_shown_of_some_waits_for_the_end),
		TEST(quiet_leaves_the_lines_of_passed_jobs_out),
		TEST(who_still_held_the_pipe_is_said),
		TEST(a_try_that_failed_is_no_line),
		TEST(a_second_report_prints_it_too),
		TEST(a_label_is_before_each_line),
		TEST(a_label_is_made_plain),
		TEST(long_lines_and_labels_come_whole),
		TEST(a_line_of_ours_has_no_label),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
