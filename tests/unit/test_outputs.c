// SPDX-License-Identifier: MIT
// What spool map prints: the jobs' own output, byte for byte, and what did not pass.
#include "report/raw.h"
#include "stage.h"

#include <sys/resource.h>

// Both channels of a map, each in a file of its own.
struct map {
	struct stage stage;
	struct report_outlet outlets[2];
};

static void map_names(struct map *map, const char *const *names, size_t n) {
	stage_names(&map->stage, names, n);
	map->outlets[0] = (struct report_outlet){
		.format = REPORT_OUTPUTS, .fd = map->stage.outlet.fd};
	map->outlets[1] = (struct report_outlet){
		.format = REPORT_FAULTS, .fd = fd_unnamed_file(NULL)};
	map->stage.options.outlets = map->outlets;
	map->stage.options.n_outlets = 2;
	map->stage.options.show = SHOW_ALL;
	map->stage.plan.file = NULL;
	map->stage.plan.endless = true;
	map->stage.plan.n_jobs = 0;
	map->stage.plan.jobs = NULL;
	map->stage.tally.jobs = 0;
}

#define MAP(map, ...)                                      \
	map_names(map, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

// A job ends; out and err may be NULL.
static void job_ends(struct map *map, size_t job, enum verdict verdict, int returncode,
	const char *out, const char *err) {
	struct result *result = ends(&map->stage, job, verdict, returncode);
	result->out = out ? output_of(out) : OUTPUT_EMPTY;
	result->err = err ? output_of(err) : OUTPUT_EMPTY;
	give(&map->stage);
}

static void passes(struct map *map, size_t job, const char *out, const char *err) {
	job_ends(map, job, VERDICT_PASS, 0, out, err);
}

static void check_errors(struct map *map, const char *wanted) {
	struct buf text = {0};
	assert_int_equal(lseek(map->outlets[1].fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(map->outlets[1].fd, &text, 1 << 30), 0);
	char *got = buf_take(&text);
	assert_string_equal(got, wanted);
	free(got);
	fd_close(&map->outlets[1].fd);
}

static void check_both(struct map *map, const char *out, const char *err) {
	check(&map->stage, out);
	check_errors(map, err);
}

static void all_bytes_are_the_jobs_own(void **state) {
	static const char data[] = "a\0b\033[31m\xff\r\n no newline";
	struct map map;
	(void)state;
	MAP(&map, "x");
	struct result *result = ends(&map.stage, 0, VERDICT_PASS, 0);
	result->out = output_of("");
	free(result->out.head);
	result->out.head = malloc(sizeof data);
	memcpy(result->out.head, data, sizeof data);
	result->out.head_len = result->out.total = sizeof data;
	result->err = output_of("\033[1merror\n");
	give(&map.stage);
	uint64_t dropped;
	char got[sizeof data + 1];
	assert_int_equal(report_finish(map.stage.report, 0, &dropped), 0);
	report_free(map.stage.report);
	assert_int_equal(pread(map.outlets[0].fd, got, sizeof got, 0), sizeof data);
	assert_memory_equal(got, data, sizeof data);
	fd_close(&map.stage.outlet.fd);
	check_errors(&map, "\033[1merror\n");
}

static void outputs_come_as_jobs_end(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b", "c");
	passes(&map, 2, "c1\nc2\n", NULL);
	passes(&map, 0, "a", "ea\n");
	passes(&map, 1, NULL, "eb\n");
	check_both(&map, "c1\nc2\na", "ea\neb\n");
}

static void in_order_each_waits_for_those_before(void **state) {
	int fds = probe_count("fd");
	struct map map;
	(void)state;
	MAP(&map, "a", "b", "c", "d", "e");
	map.stage.options.keep_order = true;
	passes(&map, 2, "c1\nc2\n", "ec\n");
	passes(&map, 4, "e", NULL);
	passes(&map, 1, "b\n", NULL);
	passes(&map, 0, "a\n", "ea\n");
	assert_int_equal(tell(&map.stage, EVENT_SKIPPED, 3, NULL), 0);
	check_both(&map, "a\nb\nc1\nc2\ne", "ea\nec\nnever started: 1\n    d\n");
	assert_int_equal(probe_count("fd"), fds);
}

static void what_never_came_keeps_nothing_back_at_the_end(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b", "c", "d");
	map.stage.options.keep_order = true;
	passes(&map, 3, "d\n", "ed\n");
	passes(&map, 1, "b\n", NULL);
	check_both(&map, "b\nd\n", "ed\n");
}

// Long ones wait in files, and are compared by what is in them.
static void long_outputs_wait_whole(void **state) {
	enum { JOBS = 20, SIZE = 300000 };
	static const char *names[JOBS];
	struct map map;
	char *texts[JOBS], *wanted = calloc(JOBS, SIZE + 1), *at = wanted;
	(void)state;
	for (size_t i = 0; i < JOBS; i++) {
		names[i] = "j";
		texts[i] = malloc(SIZE + 1);
		for (size_t k = 0; k < SIZE; k++) {
			texts[i][k] = (char)('a' + (i * 11 + k) % 26);
		}
		texts[i][SIZE] = '\0';
		at = stpcpy(at, texts[i]);
	}
	map_names(&map, names, JOBS);
	map.stage.options.keep_order = true;
	for (size_t i = JOBS; i-- > 0;) {
		passes(&map, i, texts[i], NULL);
		free(texts[i]);
	}
	check_both(&map, wanted, "");
	free(wanted);
}

static void a_tag_is_before_each_line(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct map map;
		MAP(&map, "a", "b", "c", "d");
		map.stage.options.keep_order = order;
		for (size_t i = 0; i < 4; i++) {
			static const char *const labels[] = {"a\t", "b\t", "c\t", NULL};
			map.stage.jobs[i].label = labels[i];
		}
		passes(&map, 2, "1\n\nx", "e1\ne2\n"); // as GNU parallel: no newline is added
		passes(&map, 1, "", NULL);
		passes(&map, 0, "\n", NULL);
		passes(&map, 3, "bare\n", NULL);
		check_both(&map,
			order ? "a\t\nc\t1\nc\t\nc\txbare\n" : "c\t1\nc\t\nc\txa\t\nbare\n",
			"c\te1\nc\te2\n");
	}
}

static void a_tag_does_not_mind_where_a_text_is_cut(void **state) {
	static const char text[] = "one\n\ntwo\nthree";
	(void)state;
	for (size_t cut = 0; cut <= strlen(text); cut++) {
		struct raw_tagger tagger = {.label = "> "};
		struct buf got = {0};
		for (int half = 0; half < 2; half++) {
			const char *data = half ? text + cut : text, *piece;
			size_t n = half ? strlen(text) - cut : cut, len;
			while ((piece = raw_tag(&tagger, &data, &n, &len))) {
				buf_append(&got, piece, len);
			}
		}
		char *all = buf_take(&got);
		assert_string_equal(all, "> one\n> \n> two\n> three");
		free(all);
	}
}

static void many_tagged_lines_come_whole(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct buf text = {0}, wanted = {0};
		struct map map;
		MAP(&map, "a", "b");
		map.stage.options.keep_order = order;
		map.stage.jobs[1].label = "b: ";
		for (int i = 0; i < 50000; i++) {
			buf_printf(&text, "%d\n", i);
			buf_printf(&wanted, "b: %d\n", i);
		}
		char *out = buf_take(&text), *tagged = buf_take(&wanted);
		passes(&map, 1, out, NULL);
		passes(&map, 0, NULL, NULL);
		check_both(&map, tagged, "");
		free(out);
		free(tagged);
	}
}

// However long it is, a line of ours begins a line.
static void errors_without_a_newline_do_not_run_into_ours(void **state) {
	(void)state;
	for (size_t n = 1; n < 1000000; n *= 10) {
		struct map map;
		struct buf wanted = {0};
		MAP(&map, "a", "b");
		map.stage.options.show = SHOW_FAILED;
		map.stage.jobs[0].tries = map.stage.jobs[1].tries = 2;
		char *err = repeat("x", n);
		struct result *result = ends(&map.stage, 0, VERDICT_FAIL, 1);
		result->err = output_of(err);
		assert_int_equal(tell(&map.stage, EVENT_RETRY, 0, result), 0);
		report_flush(map.stage.report);
		map.stage.tally = (struct tally){0};
		passes(&map, 0, NULL, NULL);
		buf_printf(&wanted, "%s\nspool: a: FAIL exit 1 (try 1/2)\n", err);
		char *text = buf_take(&wanted);
		check_both(&map, "", text);
		free(err);
		free(text);
	}
}

static void show_says_whose_output_is_printed(void **state) {
	static const struct {
		enum report_show show;
		const char *out, *err;
	} rows[] = {
		{SHOW_ALL, "pass\nfail\n", "epass\nefail\n"},
		{SHOW_FAILED, "fail\n", "efail\n"},
		{SHOW_NEVER, "", ""},
	};
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct map map;
		char *err;
		MAP(&map, "a", "b");
		map.stage.options.show = rows[i / 2].show;
		map.stage.options.keep_order = i % 2;
		job_ends(&map, 1, VERDICT_FAIL, 1, "fail\n", NULL);
		passes(&map, 0, "pass\n", NULL);
		check(&map.stage, i == 1   ? "pass\nfail\n"
				  : i == 0 ? "fail\npass\n"
					   : rows[i / 2].out);
		assert_true(asprintf(&err, "spool: b: FAIL exit 1\n1 of 2 jobs did not pass:\n"
					   "  b FAIL  exit 1\n    again: \n") > 0);
		check_errors(&map, err);
		free(err);
	}
}

static void writes(struct map *map, size_t job, const char *out, const char *err) {
	struct result *result = ends(&map->stage, job, VERDICT_PASS, 0);
	struct event event = make_event(&map->stage, EVENT_OUTPUT, job, NULL);
	result->out = out ? output_of(out) : OUTPUT_EMPTY;
	result->err = err ? output_of(err) : OUTPUT_EMPTY;
	event.result = result;
	open_report(&map->stage);
	assert_int_equal(report_event(map->stage.report, &event), 0);
	event_clear(&event);
}

static void live_job_ends(struct map *map, size_t job, enum verdict verdict, const char *copy) {
	struct result *result = ends(&map->stage, job, verdict, verdict != VERDICT_PASS);
	result->live = true;
	result->out = output_of(copy);
	result->err = output_of(copy);
	result->out.omitted = 5; // of the copy
	give(&map->stage);
}

// As long as nobody reads, what it takes is not given back: so the job that writes is held up.
static void a_piece_is_held_until_it_is_written(void **state) {
	static atomic_size_t left;
	struct map map;
	char filler[4096] = "", byte;
	int fds[2];
	(void)state;
	MAP(&map, "a");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], filler, sizeof filler) > 0) {
	}
	fd_close(&map.outlets[0].fd);
	map.outlets[0].fd = fds[1];
	struct result *result = ends(&map.stage, 0, VERDICT_PASS, 0);
	struct event event = make_event(&map.stage, EVENT_OUTPUT, 0, NULL);
	result->out = output_of("line\n");
	result->out.budget = &left;
	result->out.charged = 1000;
	event.result = result;
	open_report(&map.stage);
	atomic_store(&left, 0);
	assert_int_equal(report_event(map.stage.report, &event), 0);
	event_clear(&event);
	report_flush(map.stage.report);
	assert_int_equal(atomic_load(&left), 0);
	while (atomic_load(&left) == 0) {
		assert_int_equal(read(fds[0], &byte, 1), 1);
	}
	assert_int_equal(atomic_load(&left), 1000);
	report_free(map.stage.report);
	close(fds[0]);
	close(fds[1]);
	fd_close(&map.outlets[1].fd);
}

// In order the first that has not ended is told live, the others wait.
static void live_output_is_printed_once(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct map map;
		MAP(&map, "a", "b", "c");
		map.stage.options.keep_order = order;
		map.stage.jobs[1].label = "b:";
		writes(&map, 0, "a1\n", NULL);
		writes(&map, 1, "b1\n", "eb1\n");
		writes(&map, 0, "a2\n", "ea1\n");
		writes(&map, 2, "c1", NULL);
		live_job_ends(&map, 2, VERDICT_PASS, "copy\n");
		writes(&map, 1, "b2\nb3\n", NULL);
		live_job_ends(&map, 0, VERDICT_PASS, "copy\n");
		writes(&map, 1, "b4\n", NULL);
		live_job_ends(&map, 1, VERDICT_FAIL, "copy\n");
		check_both(&map,
			order ? "a1\na2\nb:b1\nb:b2\nb:b3\nb:b4\nc1"
			      : "a1\nb:b1\na2\nc1b:b2\nb:b3\nb:b4\n",
			order ? "ea1\nb:eb1\nspool: b: FAIL exit 1\n"
				"1 of 3 jobs did not pass:\n"
				"  b FAIL  exit 1\n    copy\n"
				"    again: \n"
			      : "b:eb1\nea1\nspool: b: FAIL exit 1\n"
				"1 of 3 jobs did not pass:\n"
				"  b FAIL  exit 1\n    copy\n"
				"    again: \n");
	}
}

// Nobody knows while it runs whether a job will pass.
static void live_output_of_those_that_fail_waits_for_that(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b");
	map.stage.options.show = SHOW_FAILED;
	writes(&map, 0, "a1\n", "ea1\n");
	writes(&map, 1, "b1\n", "eb1\n");
	live_job_ends(&map, 1, VERDICT_PASS, "b1\n");
	live_job_ends(&map, 0, VERDICT_FAIL, "a1\n");
	check_both(&map, "a1\n",
		"a1\nspool: a: FAIL exit 1\n1 of 2 jobs did not pass:\n"
		"  a FAIL  exit 1\n    a1\n    again: \n");
}

static const struct piece echo[] = {{PIECE_TEXT, "echo"}}, blank[] = {{PIECE_TEXT, "a b"}},
			  lines[] = {{PIECE_TEXT, "it's\ntwo"}}, slot[] = {{PIECE_SLOT, NULL}};
static const struct text words[] = {{echo, 1}, {blank, 1}, {lines, 1}, {slot, 1}};

static void a_failure_is_named_when_it_happens_and_at_the_end(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b\n\033[1mc", "d", "e");
	map.stage.jobs[1].argv = words;
	map.stage.jobs[1].argc = 4;
	job_ends(&map, 1, VERDICT_FAIL, 3, "out\n", "why\nit failed");
	passes(&map, 0, NULL, "ea\n");
	job_ends(&map, 2, VERDICT_SIGNAL, -11, NULL, NULL);
	ends(&map.stage, 3, VERDICT_CANCELLED, -15)->ladder = SIGTERM;
	give(&map.stage);
	check_both(&map, "out\n",
		"why\nit failed\nspool: b c: FAIL exit 3\n"
		"ea\n"
		"spool: d: SIGNAL SIGSEGV\n"
		""
		"2 of 4 jobs did not pass:\n"
		"  b c FAIL  exit 3\n"
		"    why\n"
		"    it failed\n"
		"    again: echo 'a b' $'it\\'s\\ntwo' 1\n"
		"  d SIGNAL  SIGSEGV\n"
		"    again: \n"
		"cancelled: 1\n"
		"    e\n");
}

static void in_order_a_failure_is_named_at_once(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b");
	map.stage.options.keep_order = true;
	job_ends(&map, 1, VERDICT_FAIL, 1, NULL, "eb\n");
	passes(&map, 0, NULL, "ea\n");
	check_both(&map, "",
		"spool: b: FAIL exit 1\nea\neb\n1 of 2 jobs did not pass:\n  b FAIL  exit 1\n"
		"    eb\n    again: \n");
}

static void of_several_tries_the_last_ones_output_is_printed(void **state) {
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct map map;
		MAP(&map, "z", "a");
		map.stage.options.keep_order = order;
		map.stage.jobs[1].tries = 3;
		for (unsigned try = 1; try <= 3; try++) {
			char out[16], err[16];
			snprintf(out, sizeof out, "out %u\n", try);
			snprintf(err, sizeof err, "err %u\n", try);
			struct result *result = ends(&map.stage, 1, VERDICT_FAIL, 1);
			result->attempt = try;
			result->out = output_of(out);
			result->err = output_of(err);
			map.stage.tally = (struct tally){0};
			assert_int_equal(tell(&map.stage, try < 3 ? EVENT_RETRY : EVENT_RESULT, 1,
						 map.stage.result),
				0);
		}
		passes(&map, 0, "z\n", NULL);
		check_both(&map, order ? "z\nout 3\n" : "out 3\nz\n",
			order ? "spool: a: FAIL exit 1 (try 1/3)\nspool: a: FAIL exit 1 (try 2/3)\n"
				"spool: a: FAIL exit 1 (try 3/3)\nerr 1\nerr 2\nerr 3\n"
				"1 of 2 jobs did not pass:\n"
				"  a FAIL  exit 1\n    err 3\n    again: \n"
			      : "err 1\nspool: a: FAIL exit 1 (try 1/3)\n"
				"err 2\nspool: a: FAIL exit 1 (try 2/3)\n"
				"err 3\nspool: a: FAIL exit 1 (try 3/3)\n"
				"1 of 2 jobs did not pass:\n"
				"  a FAIL  exit 1\n    err 3\n    again: \n");
	}
}

// Its last try was told of when it was to be tried again.
static void a_try_is_told_of_once(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a");
	map.stage.jobs[0].tries = 2;
	struct result *result = ends(&map.stage, 0, VERDICT_FAIL, 1);
	result->err = output_of("err\n");
	assert_int_equal(tell(&map.stage, EVENT_RETRY, 0, result), 0);
	map.stage.tally = (struct tally){0};
	struct event event = make_event(
		&map.stage, EVENT_RESULT, 0, ends(&map.stage, 0, VERDICT_FAIL, 1));
	event.attempt = 0;
	assert_int_equal(report_event(map.stage.report, &event), 0);
	event_clear(&event);
	check_both(&map, "",
		"err\nspool: a: FAIL exit 1 (try 1/2)\n1 of 1 jobs did not pass:\n"
		"  a FAIL  exit 1\n    again: \n");
}

static void what_is_missing_of_an_output_is_said(void **state) {
	struct map map;
	(void)state;
	MAP(&map, "a", "b");
	struct result *result = ends(&map.stage, 0, VERDICT_PASS, 0);
	result->out = output_of("begin\n");
	result->out.omitted = 12;
	result->out.incomplete = true;
	result->err.held = true;
	give(&map.stage);
	result = ends(&map.stage, 1, VERDICT_PASS, 0);
	result->err.omitted = 1;
	give(&map.stage);
	assert_true(report_lost(map.stage.report) == 12);
	check_both(&map, "begin\n",
		"spool: a: 12 bytes of its standard output left out: the file for it took no "
		"more\n"
		"spool: a: a process that was left behind still held the pipe\n"
		"spool: b: 1 byte of its standard error left out: it was longer than "
		"max_output\n");
}

static void what_cannot_wait_is_lost_and_said(void **state) {
	enum { SIZE = 2 * 1024 * 1024 };
	struct map map;
	struct event event;
	(void)state;
	MAP(&map, "a", "b");
	map.stage.options.keep_order = true;
	map.stage.options.spill_dir = "/nonesuch";
	open_report(&map.stage);
	char *big = repeat("0123456789abcdef", SIZE / 16);
	struct result *result = ends(&map.stage, 1, VERDICT_PASS, 0);
	result->out = output_of(big);
	event = make_event(&map.stage, EVENT_RESULT, 1, result);
	errno = 0;
	assert_int_equal(report_event(map.stage.report, &event), -1);
	assert_int_equal(errno, ENOENT);
	event_clear(&event);
	uint64_t lost = report_lost(map.stage.report);
	assert_true(lost > SIZE / 4 && lost < SIZE);
	passes(&map, 0, "a\n", NULL);
	char *text = printed(&map.stage);
	assert_int_equal(strlen(text), 2 + SIZE - lost);
	assert_memory_equal(text + 2, big, SIZE - lost);
	free(text);
	free(big);
	check_errors(&map, "");
}

// A job that is further on in the order than there are jobs on the stage.
static void far_job_ends(struct map *map, size_t index, const char *text) {
	struct event event = make_event(
		&map->stage, EVENT_RESULT, 0, ends(&map->stage, 0, VERDICT_PASS, 0));
	event.index = event.result->index = index;
	event.result->out = output_of(text);
	event.result->err = output_of(text);
	assert_int_equal(report_event(map->stage.report, &event), 0);
	event_clear(&event);
}

// To pipes, which are opened anew; those that wait make all their files.
static void all_descriptors_are_announced(void **state) {
	enum { DIGEST = 1 };
	struct map map;
	int ends_of_pipe[2];
	uint64_t dropped;
	(void)state;
	MAP(&map, "a");
	assert_int_equal(fd_pipe(ends_of_pipe), 0);
	fd_close(&map.outlets[1].fd);
	map.outlets[0].fd = map.outlets[1].fd = ends_of_pipe[1];
	map.stage.options.keep_order = true;
	int before = probe_count("fd");
	open_report(&map.stage);
	char *big = repeat("0123456789abcdef", 100000);
	far_job_ends(&map, 20000, big);
	far_job_ends(&map, 20000 - 64 * 128, big); // takes its place in memory
	assert_int_equal(
		probe_count("fd") - before + DIGEST, 4 + report_descriptors(&map.stage.options));
	report_drop(map.stage.report);
	assert_int_equal(report_finish(map.stage.report, 0, &dropped), 0);
	assert_true(dropped > 0);
	report_free(map.stage.report);
	fd_close(&map.stage.outlet.fd);
	close(ends_of_pipe[0]);
	close(ends_of_pipe[1]);
	free(big);
}

static void of_many_names_the_first_are_named(void **state) {
	struct map map;
	struct buf wanted = {0};
	static char names[MOST_JOBS][16];
	const char *pointers[MOST_JOBS];
	(void)state;
	for (size_t i = 0; i < MOST_JOBS; i++) {
		snprintf(names[i], sizeof names[i], "value %zu", 100 + i);
		pointers[i] = names[i];
	}
	map_names(&map, pointers, MOST_JOBS);
	passes(&map, 0, NULL, NULL);
	for (size_t i = 1; i < MOST_JOBS; i++) {
		assert_int_equal(tell(&map.stage, EVENT_SKIPPED, i, NULL), 0);
	}
	buf_printf(&wanted, "never started: %d", MOST_JOBS - 1);
	for (int i = 0; i < 20 * 6; i++) {
		buf_printf(&wanted, "%svalue %d", i % 6 ? "  " : "\n    ", 101 + i);
	}
	buf_printf(&wanted, "\n    and %d more\n", MOST_JOBS - 1 - 20 * 6);
	char *text = buf_take(&wanted);
	check_both(&map, "", text);
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(all_bytes_are_the_jobs_own),
		TEST(outputs_come_as_jobs_end),
		TEST(in_order_each_waits_for_those_before),
		TEST(what_never_came_keeps_nothing_back_at_the_end),
		TEST(long_outputs_wait_whole),
		TEST(a_tag_is_before_each_line),
		TEST(a_tag_does_not_mind_where_a_text_is_cut),
		TEST(many_tagged_lines_come_whole),
		TEST(errors_without_a_newline_do_not_run_into_ours),
		TEST(all_descriptors_are_announced),
		TEST(show_says_whose_output_is_printed),
		TEST(live_output_is_printed_once),
		TEST(live_output_of_those_that_fail_waits_for_that),
		TEST(a_piece_is_held_until_it_is_written),
		TEST(a_failure_is_named_when_it_happens_and_at_the_end),
		TEST(in_order_a_failure_is_named_at_once),
		TEST(of_several_tries_the_last_ones_output_is_printed),
		TEST(a_try_is_told_of_once),
		TEST(what_is_missing_of_an_output_is_said),
		TEST(what_cannot_wait_is_lost_and_said),
		TEST(of_many_names_the_first_are_named),
	};
	return cmocka_run_group_tests(tests, stage_begin, NULL);
}
