// SPDX-License-Identifier: MIT
// The end of the report: what is said of the jobs that did not pass, however many they are, and
// with what is left of memory and disk.
#include "stage.h"

#include <sys/resource.h>

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
		assert_int_equal(tell(&stage, EVENT_SKIPPED, i, NULL), 0);
	}
	check(&stage,
		"           job 1 FAIL       0.002000s ( 2/15)  exit 1\n"
		"           job 2 CANCELLED  0.003000s ( 3/15)  SIGINT\n"
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

static void free_all(void **memory) {
	while (memory) {
		void **next = *memory;
		free(memory);
		memory = next;
	}
}

enum { POOR_JOBS = 100 };

// Tells the results of all jobs, all but the first and the last one without memory. How many lines
// were lost.
static int tell_without_memory(struct stage *stage, bool told[POOR_JOBS]) {
	struct event events[POOR_JOBS];
	struct rlimit old, none = {0, 0};
	int lost = 0;
	for (size_t i = 0; i < POOR_JOBS; i++) {
		struct result *result = ends(stage, i, VERDICT_FAIL, 1);
		events[i] = make_event(stage, EVENT_RESULT, i, result);
	}
	told[0] = report_event(stage->report, &events[0]) == 0;
	getrlimit(RLIMIT_AS, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_AS, &none);
	void **memory = use_up_memory();
	for (size_t i = 1; i < POOR_JOBS - 1; i++) {
		told[i] = report_event(stage->report, &events[i]) == 0;
		lost += !told[i];
	}
	setrlimit(RLIMIT_AS, &old);
	free_all(memory);
	told[POOR_JOBS - 1] = report_event(stage->report, &events[POOR_JOBS - 1]) == 0;
	for (size_t i = 0; i < POOR_JOBS; i++) {
		event_clear(&events[i]);
	}
	return lost;
}

// Lines that were told are whole, the others are not there. Returns what comes behind them.
static const char *check_lines(const char *at, const bool told[POOR_JOBS]) {
	char line[80];
	for (size_t i = 0; i < POOR_JOBS; i++) {
		snprintf(line, sizeof line, "%16.15s FAIL       0.%03zu000s (%3zu/%d)  exit 1\n",
			names_room[i], i + 1, i + 1, POOR_JOBS);
		if (told[i]) {
			assert_memory_equal(at, line, strlen(line));
			at += strlen(line);
		}
	}
	return at;
}

// The digest has or names every job.
static void check_digest(const char *at) {
	static const char heading[] = "100 of 100 jobs did not pass:\n", rest[] = "  … and ";
	char line[80];
	int entries = 0;
	assert_memory_equal(at, heading, strlen(heading));
	at += strlen(heading);
	for (; strncmp(at, "  job ", 6) == 0; entries++) {
		int job = atoi(at + 6);
		snprintf(line, sizeof line,
			"  job %d FAIL  exit 1\n    again: spool run jobs.yaml 'job %d'\n", job,
			job);
		assert_memory_equal(at, line, strlen(line));
		at += strlen(line);
	}
	assert_memory_equal(at, rest, strlen(rest));
	assert_int_equal(entries + atoi(at + strlen(rest)), POOR_JOBS);
	assert_non_null(strstr(at, "Cannot allocate memory"));
}

static void without_memory_it_goes_on(void **state) {
	struct stage stage;
	bool told[POOR_JOBS];
	(void)state;
	SKIP_UNDER("asan", "its memory has no limit");
	SKIP_UNDER("tsan", "its memory has no limit");
	SKIP_UNDER("valgrind", "its memory has no limit");
	stage_names(&stage, numbered(), POOR_JOBS);
	stage.options.quiet = true;
	open_report(&stage);
	assert_true(tell_without_memory(&stage, told) > 0);
	assert_true(told[0] && told[POOR_JOBS - 1]);
	char *text = printed(&stage);
	check_digest(check_lines(text, told));
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_digest_has_the_last_lines),
		TEST(the_digest_has_eight_kibibytes_at_most),
		TEST(again_is_a_command_to_paste),
		TEST(all_names_of_a_cancelled_run_are_there),
		TEST(a_very_long_digest_is_whole),
		TEST(a_digest_that_cannot_be_kept_is_said),
		TEST(without_memory_it_goes_on),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
