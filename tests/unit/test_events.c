// SPDX-License-Identifier: MIT
// The report for programs: every event holds against the schema, and the output of jobs is exact.
#include "probe.h"
#include "scarce.h"

#include "stage.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Python, in the folder of the source, reads the text and does not complain.
static void believed(const char *text, const char *program) {
	const char *tools = getenv("SPOOL_TEST_TOOLS"); // three folders below the source
	char command[1000];
	snprintf(command, sizeof command, "cd '%s/../../..' && exec /usr/bin/python3 %s >&2",
		tools ? tools : "build/release/tests", program);
	FILE *python = popen(command, "we");
	assert_non_null(python);
	fwrite(text, 1, strlen(text), python);
	assert_int_equal(pclose(python), 0);
}

// The whole story of a run; the caller frees it.
static char *told(struct stage *stage) {
	char *text = printed(stage);
	believed(text, "tests/events.py src/report/events.schema.json");
	return text;
}

static void json_stage(struct stage *stage, const char *const *names, size_t n) {
	stage_names(stage, names, n);
	stage->outlet.format = REPORT_JSON;
	for (size_t i = 0; i < n; i++) {
		stage->jobs[i].out = stage->jobs[i].err = STREAM_CAPTURE;
	}
}

#define JSON_STAGE(stage, ...)                                \
	json_stage(stage, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void has(const char *text, const char *part) {
	if (!strstr(text, part)) {
		print_error("%s\nis not in\n%.4000s\n", part, text);
		fail();
	}
}

static void lacks(const char *text, const char *part) {
	if (strstr(text, part)) {
		print_error("%s\nis in\n%.4000s\n", part, text);
		fail();
	}
}

static int say(struct stage *stage, enum event_kind kind, const char *words) {
	struct event event = make_event(stage, kind, 0, NULL);
	event.text = strdup(words);
	open_report(stage);
	int r = report_event(stage->report, &event);
	event_clear(&event);
	return r;
}

static const struct {
	struct result result;
	const char *part;
} endings[] = {
	{{.verdict = VERDICT_PASS},
		"\"verdict\":\"pass\",\"allowed\":false,\"returncode\":0,\"signal\":null,"
		"\"sent\":null"},
	{{.verdict = VERDICT_PASS, .status_lost = true},
		"\"returncode\":null,\"signal\":null,\"sent\":null"},
	{{.verdict = VERDICT_FAIL, .returncode = 3, .allowed = true},
		"\"verdict\":\"fail\",\"allowed\":true,\"returncode\":3,"},
	{{.verdict = VERDICT_SIGNAL, .returncode = -SIGSEGV},
		"\"verdict\":\"signal\",\"allowed\":false,\"returncode\":-11,"
		"\"signal\":\"SIGSEGV\",\"sent\":null"},
	{{.verdict = VERDICT_SIGNAL, .returncode = -32}, "\"signal\":\"signal 32\""},
	{{.verdict = VERDICT_SIGNAL, .returncode = -37}, "\"signal\":\"SIGRTMIN+3\""},
	{{.verdict = VERDICT_TIMEOUT, .returncode = -SIGKILL, .ladder = SIGKILL},
		"\"verdict\":\"timeout\",\"allowed\":false,\"returncode\":-9,"
		"\"signal\":\"SIGKILL\",\"sent\":\"SIGKILL\""},
	{{.verdict = VERDICT_TIMEOUT, .ladder = SIGKILL, .unkillable = true, .leaked = true},
		"\"leaked\":true,\"unkillable\":true,\"status_lost\":false"},
	{{.verdict = VERDICT_EXEC, .os_errno = ENOENT}, "\"error\":\"No such file or directory\""},
	{{.verdict = VERDICT_CANCELLED}, "\"verdict\":\"cancelled\",\"allowed\":false,"
					 "\"returncode\":null"},
	{{.verdict = VERDICT_CANCELLED, .returncode = -SIGINT, .ladder = SIGINT},
		"\"signal\":\"SIGINT\",\"sent\":\"SIGINT\""},
};
enum { N_ENDINGS = sizeof endings / sizeof *endings };

static void every_event_holds_against_the_schema(void **state) {
	static const struct need first[] = {{.job = 0, .condition = NEED_PASSED}};
	static const struct needs needs = {.items = first, .n = 1, .left_out = "elsewhere"};
	static const char *const tags[] = {"slow", "net", NULL};
	struct stage stage;
	const char *names[N_ENDINGS + 6];
	(void)state;
	for (size_t i = 0; i < N_ENDINGS + 6; i++) {
		names[i] = "job";
	}
	json_stage(&stage, names, N_ENDINGS + 6);
	stage.jobs[0].tags = tags;
	for (size_t i = 0; i < N_ENDINGS; i++) {
		assert_int_equal(tell(&stage, EVENT_STARTING, i, NULL), 0);
		*ends(&stage, i, VERDICT_PASS, 0) = endings[i].result;
		stage.result->job = &stage.jobs[i];
		stage.result->index = i;
		stage.result->attempt = 1;
		stage.result->out = stage.result->err = OUTPUT_EMPTY;
		stage.result->end_ns = 1234567;
		give(&stage);
	}
	for (int reason = SKIP_NEED; reason <= SKIP_CANCEL; reason++) {
		size_t job = N_ENDINGS + (size_t)reason;
		stage.jobs[job].needs = &needs;
		skips(&stage, job, (enum skip_reason)reason, 0);
	}
	assert_int_equal(say(&stage, EVENT_HALTED, "now,fail=1"), 0);
	assert_int_equal(say(&stage, EVENT_WARNING, "few workers"), 0);
	stage.tally.halted = HALTED_FAIL;
	char *text = told(&stage);
	for (size_t i = 0; i < N_ENDINGS; i++) {
		has(text, endings[i].part);
	}
	has(text, "\"tags\":[\"slow\",\"net\"]");
	has(text, "\"reason\":\"need\",\"because\":\"job\"}");
	has(text, "\"reason\":\"left-out\",\"because\":\"elsewhere\"}");
	has(text, "\"reason\":\"when\",\"because\":null}");
	has(text, "\"seconds\":0.001234,");
	has(text, "\"event\":\"halted\"");
	has(text, "\"text\":\"now,fail=1\"}");
	has(text, "\"failed\":6,\"allowed\":1,\"skipped\":3,\"not_started\":3,\"halted\":\"fail\","
		  "\"status\":0}");
	free(text);
}

static struct output bytes(const char *data, size_t n) {
	struct output output = {.head = malloc(n), .head_len = n, .fd = -1, .total = n};
	memcpy(output.head, data, n);
	return output;
}

static void output_is_text_and_where_it_is_none_base64_too(void **state) {
	struct stage stage;
	(void)state;
	JSON_STAGE(&stage, "text", "bytes", "elsewhere", "gap");
	ends(&stage, 0, VERDICT_PASS, 0)->out = bytes("a\0\"\\\t\033\177é\xe2\x80\xa8\n", 13);
	give(&stage);
	ends(&stage, 1, VERDICT_PASS, 0)->err = bytes("\xff\xe2\x82x\xed\xa0\x80\xf0\x9f", 9);
	give(&stage);
	stage.jobs[2].out = STREAM_FILE;
	stage.jobs[2].err = STREAM_STDOUT;
	ends(&stage, 2, VERDICT_PASS, 0);
	give(&stage);
	struct result *result = ends(&stage, 3, VERDICT_PASS, 0);
	result->out = bytes("caf\xc3", 4);
	result->out.tail = strdup("\xa9!");
	result->out.tail_len = result->out.tail_size = 2;
	result->out.omitted = 10;
	result->out.total = 16;
	result->out.held = true;
	give(&stage);
	char *text = told(&stage);
	has(text, "\"stdout\":{\"text\":\"a\\u0000\\\"\\\\\\t\\u001b\\u007fé\\u2028\\n\",\"bytes\":"
		  "13,"
		  "\"omitted\":0,\"incomplete\":false,\"held\":false}");
	has(text, "\"stderr\":{\"text\":\"\uFFFD\uFFFDx\uFFFD\uFFFD\uFFFD\uFFFD\","
		  "\"base64\":\"/+KCeO2ggPCf\",\"bytes\":9,");
	has(text, "\"stdout\":null,\"stderr\":null}");
	has(text, "\"stdout\":{\"text\":\"caf\uFFFD\uFFFD!\",\"base64\":\"Y2Fmw6kh\",\"bytes\":16,"
		  "\"omitted\":10,\"gap\":4,\"incomplete\":false,\"held\":true}");
	free(text);
}

enum { BIG = 9 * 1000 * 1000 };

// Characters of all lengths and bytes that belong to none, so that pieces are cut in all ways.
static char *mixture(bool valid) {
	static const char *const parts[] = {"plain text ", "é", "€", "😀", "\n", "\"", "\x80",
		"\xe2\x82", "\xf0\x9f\x98", "\xed\xa0\x80"};
	char *data = calloc(BIG + 16, 1);
	size_t n = 0;
	for (uint32_t seed = 1; n < BIG;) {
		seed = seed * 1664525 + 1013904223;
		const char *part = parts[(seed >> 16) % (valid ? 6 : 10)];
		size_t len = strlen(part);
		memcpy(data + n, part, len);
		n += len;
	}
	return data;
}

static void nine_megabytes_are_whole(void **state) {
	(void)state;
	for (int valid = 0; valid < 2; valid++) {
		struct stage stage;
		char *data = mixture(valid);
		int fd = fd_unnamed_file(NULL);
		JSON_STAGE(&stage, "long");
		size_t n = BIG;
		while (valid && ((unsigned char)data[n] & 0xc0) == 0x80) {
			n++; // no half character
		}
		assert_int_equal(write(fd, data, n), n);
		ends(&stage, 0, VERDICT_PASS, 0)->out = (struct output){
			.fd = fd, .first_len = n, .total = n};
		give(&stage);
		char *text = told(&stage);
		if (valid) {
			lacks(text, "base64");
		} else {
			has(text, "base64");
		}
		free(text);
		free(data);
	}
}

static void what_cannot_be_read_back_is_incomplete(void **state) {
	struct stage stage;
	(void)state;
	JSON_STAGE(&stage, "lost");
	ends(&stage, 0, VERDICT_PASS, 0)->out = bytes("head", 4);
	stage.result->out.first_len = 10;
	stage.result->out.total = 14;
	give(&stage);
	char *text = told(&stage);
	has(text, "{\"text\":\"head\",\"bytes\":14,\"omitted\":0,\"incomplete\":true,");
	free(text);
}

static void names_and_arguments_may_hold_any_bytes(void **state) {
	static const struct piece pieces[] = {
		{PIECE_TEXT, "out-"}, {PIECE_SLOT, NULL}, {PIECE_TEXT, "."}, {PIECE_ATTEMPT, NULL}};
	static const struct piece broken = {PIECE_TEXT, "-\xff"},
				  line = {PIECE_TEXT, "\x7f\xc2\x85"};
	static const struct text args[] = {{pieces, 4}, {&broken, 1}, {&line, 1}};
	struct stage stage;
	(void)state;
	JSON_STAGE(&stage, "caf\xe9");
	stage.jobs[0].argv = args;
	stage.jobs[0].argc = 3;
	stage.plan.file = NULL;
	assert_int_equal(tell(&stage, EVENT_STARTING, 0, NULL), 0);
	ends(&stage, 0, VERDICT_EXEC, 0)->error = strdup("no \xfe");
	give(&stage);
	char *text = told(&stage);
	has(text, "\"file\":null,");
	has(text, "\"job\":\"caf\uFFFD\",\"job_base64\":\"Y2Fm6Q==\",");
	has(text, "\"args\":[\"out-${{ spool.slot }}.${{ spool.attempt }}\",\"-\uFFFD\","
		  "\"\\u007f\\u0085\"],\"args_base64\":[");
	has(text, "\"error\":\"no \uFFFD\",\"error_base64\":\"bm8g/g==\"");
	free(text);
}

static void it_beats_when_it_is_silent(void **state) {
	struct stage stage;
	struct running running = {
		.job = &stage.jobs[1], .index = 1, .ns = INT64_C(61500000000), .n = 3};
	(void)state;
	JSON_STAGE(&stage, "a", "b");
	stage.options.heartbeat_ns = 1;
	open_report(&stage);
	assert_false(report_silent(stage.report));
	AWAIT(report_tick(stage.report) <= 0);
	assert_int_equal(report_heartbeat(stage.report, &running), 0);
	AWAIT(report_tick(stage.report) <= 0);
	assert_int_equal(report_heartbeat(stage.report, NULL), 0);
	stage.plan.n_jobs = 2;
	char *text = told(&stage);
	has(text, "\"running\":3,\"job\":\"b\",\"seq\":2,\"seconds\":61.5}");
	has(text, "\"running\":0,\"job\":null,\"seq\":null,\"seconds\":null}");
	free(text);
}

static void a_beat_waits_for_silence(void **state) {
	struct stage stage;
	struct running running = {.n = 1};
	(void)state;
	JSON_STAGE(&stage, "a");
	stage.options.heartbeat_ns = 1000 * (int64_t)CLOCK_SECOND;
	open_report(&stage);
	assert_true(report_tick(stage.report) > 900 * (int64_t)CLOCK_SECOND);
	assert_int_equal(report_heartbeat(stage.report, &running), 0);
	char *text = told(&stage);
	lacks(text, "heartbeat");
	free(text);
}

// Both want the output, and -k moves what waits.
static void the_text_in_order_beside_it_spoils_nothing(void **state) {
	struct stage stage;
	struct report_outlet outlets[2];
	(void)state;
	JSON_STAGE(&stage, "a", "b", "c");
	outlets[0] = (struct report_outlet){.fd = fd_unnamed_file(NULL)};
	outlets[1] = stage.outlet;
	stage.options.outlets = outlets;
	stage.options.n_outlets = 2;
	stage.options.keep_order = true;
	char *data = mixture(true);
	for (size_t job = 3; job-- > 0;) {
		int fd = fd_unnamed_file(NULL);
		assert_int_equal(write(fd, data, 100000), 100000);
		ends(&stage, job, job ? VERDICT_FAIL : VERDICT_PASS, (int)job)->out = output_of(
			"short\n");
		stage.result->err = (struct output){.fd = fd, .first_len = 100000, .total = 100000};
		give(&stage);
	}
	char *text = told(&stage);
	has(text, "short\\n");
	free(text);
	fd_close(&outlets[0].fd);
	free(data);
}

// One attempt of a job whose name and output are no UTF-8, with memory for n requests.
static int tell_with(struct stage *stage, long n, bool once, long *refused) {
	struct result *result = ends(stage, 0, VERDICT_EXEC, 0);
	result->error = strdup("no \xfe");
	result->out = bytes("\xff\xfe", 2);
	struct event start = make_event(stage, EVENT_STARTING, 0, NULL);
	struct event end = make_event(stage, EVENT_RESULT, 0, result);
	scarce_begin(n, once);
	int r = report_event(stage->report, &start);
	r |= report_event(stage->report, &end);
	*refused = scarce_end();
	event_clear(&end);
	return r;
}

static void without_memory_lines_are_lost_and_never_torn(void **state) {
	SKIP_UNDER("valgrind", "has a malloc of its own");
	(void)state;
	if (!SCARCE) {
		skip();
	}
	for (int once = 0; once < 2; once++) {
		struct stage stage;
		long n = 0, refused;
		int lost = 0;
		JSON_STAGE(&stage, "caf\xe9");
		open_report(&stage);
		do {
			int r = tell_with(&stage, n++, once, &refused);
			assert_true(refused > 0 || r == 0);
			lost += r < 0;
			assert_true(n < 10000);
		} while (refused > 0);
		assert_true(lost > 50);
		char *text = printed(&stage);
		believed(text, "-c 'import json, sys; [json.loads(line) for line in sys.stdin]'");
		has(text, "\"error_base64\"");
		free(text);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(without_memory_lines_are_lost_and_never_torn),
		TEST(every_event_holds_against_the_schema),
		TEST(output_is_text_and_where_it_is_none_base64_too),
		TEST(nine_megabytes_are_whole),
		TEST(what_cannot_be_read_back_is_incomplete),
		TEST(names_and_arguments_may_hold_any_bytes),
		TEST(it_beats_when_it_is_silent),
		TEST(a_beat_waits_for_silence),
		TEST(the_text_in_order_beside_it_spoils_nothing),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
