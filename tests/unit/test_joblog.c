// SPDX-License-Identifier: MIT
// GNU parallel's job log, as it writes it, and what it has no word for.
#include "stage.h"

#include <time.h>

static const char header[] =
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

static void joblog(struct stage *stage, const char *const *names, size_t n) {
	stage_names(stage, names, n);
	stage->outlet.format = REPORT_JOBLOG;
}

#define JOBLOG(stage, ...)                                \
	joblog(stage, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

// All lines behind the header, with START in place of the time.
static void check_lines(struct stage *stage, const char *wanted) {
	char *text = printed(stage);
	struct buf got = {0};
	assert_memory_equal(text, header, strlen(header));
	for (char *line = text + strlen(header); *line;) {
		char *start = strchr(strchr(line, '\t') + 1, '\t') + 1, *end = strchr(start, '\t');
		char *next = strchr(line, '\n') + 1;
		assert_true(end - start >= 5 && end[-4] == '.');
		buf_append(&got, line, (size_t)(start - line));
		buf_puts(&got, "START");
		buf_append(&got, end, (size_t)(next - end));
		line = next;
	}
	char *lines = buf_take(&got);
	assert_string_equal(lines, wanted);
	free(lines);
	free(text);
}

static void each_column_is_as_gnu_parallel_has_it(void **state) {
	static const struct piece sh[] = {{PIECE_TEXT, "sh"}}, script[] = {{PIECE_TEXT, "echo $1"}},
				  value[] = {{PIECE_TEXT, "two\nlines\t"}},
				  slot[] = {{PIECE_TEXT, "s"}, {PIECE_SLOT, NULL}};
	static const struct text argv[] = {{sh, 1}, {script, 1}, {value, 1}, {slot, 2}};
	struct stage stage;
	(void)state;
	JOBLOG(&stage, "a", "b");
	stage.jobs[1].argv = argv;
	stage.jobs[1].argc = 4;
	struct result *result = ends(&stage, 1, VERDICT_FAIL, 3);
	result->slot = 2;
	result->out = output_of("four");
	result->out.omitted = 6;
	result->out.total = 10;
	result->start_ns = INT64_C(1000000000);
	result->end_ns = INT64_C(2234500000);
	give(&stage);
	check_lines(&stage,
		"2\t:\tSTART\t     1.235\t0\t10\t3\t0\tsh 'echo $1' $'two\\nlines\\t' s2\n");
}

static void it_begins_when_the_clock_says_so(void **state) {
	struct stage stage;
	struct timespec real, monotonic;
	(void)state;
	JOBLOG(&stage, "a");
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	struct result *result = ends(&stage, 0, VERDICT_PASS, 0);
	result->start_ns = (int64_t)monotonic.tv_sec * 1000000000 + monotonic.tv_nsec;
	result->end_ns = result->start_ns;
	give(&stage);
	char *text = printed(&stage);
	double start = strtod(text + strlen(header) + strlen("1\t:\t"), NULL);
	double wanted = (double)real.tv_sec + (double)real.tv_nsec / 1e9;
	assert_true(start > wanted - 1 && start < wanted + 1);
	free(text);
}

static void no_job_that_did_not_pass_looks_as_if(void **state) {
	static const struct {
		struct result result;
		const char *wanted; // "" : no line
	} rows[] = {
		{{.verdict = VERDICT_PASS}, "0\t0"},
		{{.verdict = VERDICT_FAIL, .returncode = 255}, "255\t0"},
		{{.verdict = VERDICT_SIGNAL, .returncode = -9}, "0\t9"},
		{{.verdict = VERDICT_TIMEOUT, .returncode = -15, .ladder = 15}, "0\t15"},
		{{.verdict = VERDICT_TIMEOUT, .returncode = -9, .ladder = 9}, "0\t9"},
		{{.verdict = VERDICT_TIMEOUT, .returncode = 7, .ladder = 15}, "7\t0"},
		{{.verdict = VERDICT_TIMEOUT, .returncode = 0, .ladder = 15}, "0\t15"},
		{{.verdict = VERDICT_TIMEOUT, .ladder = 9, .unkillable = true}, "0\t9"},
		{{.verdict = VERDICT_CANCELLED, .returncode = 0, .ladder = 2}, "0\t2"},
		{{.verdict = VERDICT_CANCELLED}, ""},
		{{.verdict = VERDICT_EXEC, .not_found = true}, "127\t0"},
		{{.verdict = VERDICT_EXEC, .not_executable = true}, "126\t0"},
		{{.verdict = VERDICT_EXEC}, "126\t0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stage stage;
		char wanted[80] = "";
		JOBLOG(&stage, "a");
		struct result *result = ends(
			&stage, 0, rows[i].result.verdict, rows[i].result.returncode);
		result->ladder = rows[i].result.ladder;
		result->unkillable = rows[i].result.unkillable;
		result->not_found = rows[i].result.not_found;
		result->not_executable = rows[i].result.not_executable;
		give(&stage);
		if (rows[i].wanted[0]) {
			snprintf(wanted, sizeof wanted, "1\t:\tSTART\t     0.001\t0\t0\t%s\t\n",
				rows[i].wanted);
		}
		check_lines(&stage, wanted);
	}
}

static void each_try_has_a_line(void **state) {
	struct stage stage;
	(void)state;
	JOBLOG(&stage, "a");
	stage.jobs[0].tries = 3;
	assert_int_equal(tell(&stage, EVENT_RETRY, 0, ends(&stage, 0, VERDICT_FAIL, 1)), 0);
	assert_int_equal(tell(&stage, EVENT_RETRY, 0, ends(&stage, 0, VERDICT_FAIL, 2)), 0);
	struct event event = make_event(&stage, EVENT_RESULT, 0, ends(&stage, 0, VERDICT_FAIL, 2));
	event.attempt = 0; // was told of
	assert_int_equal(report_event(stage.report, &event), 0);
	event_clear(&event);
	check_lines(&stage,
		"1\t:\tSTART\t     0.001\t0\t0\t1\t0\t\n1\t:\tSTART\t     0.001\t0\t0\t2\t0\t\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(each_column_is_as_gnu_parallel_has_it),
		TEST(it_begins_when_the_clock_says_so),
		TEST(no_job_that_did_not_pass_looks_as_if),
		TEST(each_try_has_a_line),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
