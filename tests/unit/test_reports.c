// SPDX-License-Identifier: MIT
// Several reports of one run: all of them see the same results, and none spoils another's.
#include "stage.h"

#include <dirent.h>
#include <sys/stat.h>

enum { OUTLETS = 3, LONG = 300000 };

// A stage whose report goes to several files, as text.
struct several {
	struct stage stage;
	struct report_outlet outlets[OUTLETS];
};

static void open_several(struct several *several, size_t n) {
	struct stage *stage = &several->stage;
	several->outlets[0] = stage->outlet;
	for (size_t i = 1; i < n; i++) {
		several->outlets[i] = (struct report_outlet){.fd = fd_unnamed_file(NULL)};
	}
	stage->options.outlets = several->outlets;
	stage->options.n_outlets = n;
	open_report(stage);
}

static char *content(int fd) {
	struct buf text = {0};
	ssize_t n;
	do {
		assert_int_equal(buf_reserve(&text, 65536), 0);
		n = pread(fd, text.data + text.len, 65536, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return buf_take(&text);
}

static char *long_text(char c) {
	char *text = malloc(LONG + 1);
	for (size_t i = 0; i < LONG; i++) {
		text[i] = i % 70 == 69 ? '\n' : c;
	}
	text[LONG - 1] = '\n';
	text[LONG] = '\0';
	return text;
}

// Three jobs that failed, in an order that keeps -k waiting: their outputs in memory and in a file.
static void play(struct several *several) {
	struct stage *stage = &several->stage;
	char *text = long_text('b');
	ends(stage, 2, VERDICT_PASS, 0)->out = output_of("shown to some\n");
	give(stage);
	ends(stage, 1, VERDICT_FAIL, 1)->out = output_of("short\n");
	int fd = fd_unnamed_file(NULL);
	assert_int_equal(write(fd, text, LONG), LONG);
	stage->result->err = (struct output){.fd = fd, .first_len = LONG, .total = LONG};
	give(stage);
	report_flush(stage->report);
	skips(stage, 3, SKIP_NEED, 1);
	ends(stage, 0, VERDICT_EXEC, 0)->error = strdup("no such program");
	stage->result->out = output_of("first\n");
	give(stage);
	free(text);
}

// All say what one alone does.
static void check_all_the_same(bool keep_order, enum report_show show) {
	struct several alone, several;
	STAGE(&alone.stage, "a", "b", "c", "d");
	STAGE(&several.stage, "a", "b", "c", "d");
	alone.stage.options.keep_order = several.stage.options.keep_order = keep_order;
	alone.stage.options.show = several.stage.options.show = show;
	open_several(&alone, 1);
	open_several(&several, OUTLETS);
	play(&alone);
	play(&several);
	char *wanted = printed(&alone.stage);
	char *first = printed(&several.stage);
	assert_true(strlen(wanted) > LONG);
	assert_string_equal(first, wanted);
	free(first);
	for (size_t i = 1; i < OUTLETS; i++) {
		char *got = content(several.outlets[i].fd);
		assert_string_equal(got, wanted);
		free(got);
		fd_close(&several.outlets[i].fd);
	}
	free(wanted);
}

static void all_say_the_same(void **state) {
	(void)state;
	check_all_the_same(false, SHOW_FAILED);
	check_all_the_same(false, SHOW_ALL);
}

static void all_say_the_same_in_order(void **state) {
	(void)state;
	check_all_the_same(true, SHOW_FAILED);
	check_all_the_same(true, SHOW_ALL);
}

static void one_that_cannot_be_written_leaves_the_others_whole(void **state) {
	struct several several;
	size_t outlet = 9;
	uint64_t dropped;
	int ends_of_pipe[2];
	(void)state;
	STAGE(&several.stage, "a");
	struct stage *stage = &several.stage;
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	close(ends_of_pipe[0]);
	several.outlets[0] = stage->outlet;
	several.outlets[1] = (struct report_outlet){.fd = ends_of_pipe[1]};
	several.outlets[2] = (struct report_outlet){.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};
	stage->options.outlets = several.outlets;
	stage->options.n_outlets = 3;
	open_report(stage);
	bool told[3] = {false};
	for (int n = 0; n < 2;) {
		struct pollfd wake = {.fd = report_wake_fd(stage->report), .events = POLLIN};
		assert_int_equal(poll(&wake, 1, 20000), 1);
		for (int error; (error = report_failure(stage->report, &outlet)); n++) {
			assert_int_equal(error, outlet == 1 ? EPIPE : ENOSPC);
			told[outlet] = true;
		}
	}
	assert_true(told[1] && told[2] && !told[0]);
	ends(stage, 0, VERDICT_PASS, 0);
	give(stage);
	tell(stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage->report, 0, &dropped), 0);
	assert_true(dropped == 0);
	assert_int_equal(report_failure(stage->report, &outlet), 0);
	report_free(stage->report);
	char *text = content(stage->outlet.fd);
	assert_string_equal(text, "Running 1 jobs with 4 workers:\n"
				  "               a PASS       0.001000s (1/1)\n"
				  "1 jobs in 1.23s\n");
	free(text);
	fd_close(&stage->outlet.fd);
	close(ends_of_pipe[1]);
	fd_close(&several.outlets[2].fd);
}

static void it_is_behind_when_one_of_them_is(void **state) {
	struct several several;
	uint64_t dropped;
	int ends_of_pipe[2];
	(void)state;
	STAGE(&several.stage, "a");
	struct stage *stage = &several.stage;
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	several.outlets[0] = stage->outlet;
	several.outlets[1] = (struct report_outlet){.fd = ends_of_pipe[1]};
	stage->options.outlets = several.outlets;
	stage->options.n_outlets = 2;
	char *text = repeat("0123456789012345678901234567890123456789\n", 50000);
	ends(stage, 0, VERDICT_FAIL, 1)->out = output_of(text);
	give(stage);
	struct stat st;
	AWAIT(fstat(stage->outlet.fd, &st) == 0 && st.st_size > 50000 * 45);
	assert_true(report_behind(stage->report));
	report_hurry(stage->report);
	report_drop(stage->report);
	AWAIT(!report_behind(stage->report));
	tell(stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage->report, 0, &dropped), 0);
	assert_true(dropped > 1000000);
	report_free(stage->report);
	free(text);
	text = content(stage->outlet.fd);
	assert_true(strlen(text) > 50000 * 45);
	free(text);
	fd_close(&stage->outlet.fd);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
}

// A line of JSON stands behind each output: so it is not the last thing when main looks.
static void long_outputs_are_handed_over_without_a_flush(void **state) {
	struct stage stage;
	uint64_t dropped;
	int ends_of_pipe[2];
	(void)state;
	STAGE(&stage, "a", "b", "c", "d", "e");
	fd_close(&stage.outlet.fd);
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	stage.outlet = (struct report_outlet){.format = REPORT_JSON, .fd = ends_of_pipe[1]};
	open_report(&stage);
	char *text = repeat("0123456789012345678901234567890123456789\n", 10000);
	for (size_t i = 0; i < 5; i++) {
		ends(&stage, i, VERDICT_PASS, 0)->out = output_of(text);
		give(&stage);
	}
	assert_true(report_behind(stage.report));
	report_drop(stage.report);
	tell(&stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage.report, 0, &dropped), 0);
	report_free(stage.report);
	free(text);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
}

static size_t count_descriptors(void) {
	size_t n = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir)) {
		n++;
	}
	closedir(dir);
	return n;
}

// To pipes, which are opened anew; beside what the first has, four are kept for one report.
static void all_descriptors_are_announced(void **state) {
	struct several several;
	uint64_t dropped;
	int ends_of_pipe[2];
	(void)state;
	STAGE(&several.stage, "a", "b");
	struct stage *stage = &several.stage;
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	for (size_t i = 0; i < OUTLETS; i++) {
		several.outlets[i] = (struct report_outlet){.fd = ends_of_pipe[1]};
	}
	several.outlets[1].format = REPORT_JSON;
	stage->options.outlets = several.outlets;
	stage->options.n_outlets = OUTLETS;
	stage->options.keep_order = true;
	size_t before = count_descriptors();
	open_report(stage);
	enum { DIGESTS = 2 }; // files that are made when they are needed
	assert_int_equal(
		count_descriptors() - before + DIGESTS, 4 + report_descriptors(&stage->options));
	report_drop(stage->report);
	assert_int_equal(report_finish(stage->report, 0, &dropped), 0);
	report_free(stage->report);
	fd_close(&stage->outlet.fd);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(all_say_the_same),
		TEST(all_say_the_same_in_order),
		TEST(one_that_cannot_be_written_leaves_the_others_whole),
		TEST(it_is_behind_when_one_of_them_is),
		TEST(long_outputs_are_handed_over_without_a_flush),
		TEST(all_descriptors_are_announced),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
