// SPDX-License-Identifier: MIT
// Output that is told while its job runs, with real processes: in whole lines, all of it, in
// bounded memory when nobody takes it, and without holding a timeout up.
#include "base/buf.h"
#include "base/clock.h"
#include "run/live.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "graph.h"
#include "probe.h"

static const int64_t LONG = 20 * (int64_t)CLOCK_SECOND;

// What was told of the output, and how it ended.
struct told {
	struct buf out, err;
	size_t pieces, broken; // pieces that do not end with a line
	size_t continued;      // that do not begin with one
	enum verdict verdict;
	bool live, ended;
	uint64_t total;
	int64_t took;
};

static void take(const struct output *output, struct buf *buf, struct told *told) {
	if (output->head_len) {
		told->pieces++;
		assert_int_equal(output->continues, buf->len && buf->data[buf->len - 1] != '\n');
		told->continued += output->continues;
		told->broken += output->head[output->head_len - 1] != '\n';
		assert_int_equal(buf_append(buf, output->head, output->head_len), 0);
	}
}

static void note(struct told *told, const struct event *event) {
	const struct result *result = event->result;
	if (event->kind == EVENT_OUTPUT) {
		assert_false(told->ended);
		assert_int_equal(event->index, 0);
		take(&result->out, &told->out, told);
		take(&result->err, &told->err, told);
	} else if (event->kind == EVENT_RESULT) {
		told->ended = true;
		told->verdict = result->verdict;
		told->live = result->live;
		told->total = result->out.total;
		told->took = result->end_ns - result->start_ns;
	}
}

static void told_clear(struct told *told) {
	buf_clear(&told->out);
	buf_clear(&told->err);
}

struct stand {
	struct piece pieces[3];
	struct text argv[3];
	struct job job;
	struct plan plan;
	struct run *run;
};

// A run of one job, a script whose output is live.
static void stand_open(struct stand *stand, const char *script, int64_t timeout_ns) {
	const char *const words[] = {"sh", "-c", script};
	memset(stand, 0, sizeof *stand);
	for (size_t i = 0; i < 3; i++) {
		stand->pieces[i] = (struct piece){PIECE_TEXT, words[i]};
		stand->argv[i] = (struct text){&stand->pieces[i], 1};
	}
	stand->job = graph_job(0);
	stand->job.argv = stand->argv;
	stand->job.argc = 3;
	stand->job.live = true;
	stand->job.max_output = 1024;
	stand->job.timeout_ns = timeout_ns;
	stand->plan = (struct plan){
		.jobs = &stand->job, .n_jobs = 1, .n_all = 1, .workers = 1, .name = "live"};
	assert_int_equal(run_new(&stand->run, &stand->plan, &(struct run_options){0}), 0);
}

static void stand_close(struct stand *stand) {
	run_free(stand->run);
}

static enum event_kind step(struct stand *stand, struct told *told) {
	struct event event;
	assert_int_equal(run_next(stand->run, LONG, &event), 0);
	assert_int_not_equal(event.kind, EVENT_NONE);
	note(told, &event);
	enum event_kind kind = event.kind;
	event_clear(&event);
	return kind;
}

static void see_out(struct stand *stand, struct told *told) {
	while (step(stand, told) != EVENT_END) {
	}
}

static void lines_are_told_while_the_job_runs(void **state) {
	struct told told = {0};
	struct stand stand;
	struct folder folder = folder_new();
	char *path = strdup(in_folder(&folder, "go")), *script;
	(void)state;
	assert_true(asprintf(&script,
			    "mkfifo '%s'; echo one; echo two >&2; printf half; "
			    "read x <'%s'; echo ' line'; printf end",
			    path, path) > 0);
	stand_open(&stand, script, SP_FOREVER);
	while (told.out.len < 4 || told.err.len < 4) {
		step(&stand, &told);
	}
	assert_int_equal(told.out.len, 4);
	assert_memory_equal(told.out.data, "one\n", 4);
	assert_memory_equal(told.err.data, "two\n", 4);
	int fd;
	AWAIT((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) >= 0);
	assert_int_equal(write(fd, "\n", 1), 1);
	close(fd);
	see_out(&stand, &told);
	assert_int_equal(told.out.len, strlen("one\nhalf line\nend"));
	assert_memory_equal(told.out.data, "one\nhalf line\nend", told.out.len);
	assert_int_equal(told.broken, 1); // the end of it
	assert_int_equal(told.verdict, VERDICT_PASS);
	assert_true(told.live);
	stand_close(&stand);
	told_clear(&told);
	free(script);
	free(path);
	folder_remove(&folder);
}

enum { LINES = 300000 };

static void of_very_much_nothing_is_lost(void **state) {
	struct told told = {0};
	struct stand stand;
	char line[32];
	size_t at = 0;
	(void)state;
	stand_open(&stand, "seq 300000", SP_FOREVER);
	see_out(&stand, &told);
	for (int i = 1; i <= LINES; i++) {
		size_t n = (size_t)snprintf(line, sizeof line, "%d\n", i);
		assert_true(at + n <= told.out.len);
		assert_memory_equal(told.out.data + at, line, n);
		at += n;
	}
	assert_int_equal(at, told.out.len);
	assert_int_equal(told.total, told.out.len);
	assert_int_equal(told.broken, 0);
	stand_close(&stand);
	told_clear(&told);
}

static void a_very_long_line_comes_in_parts(void **state) {
	struct told told = {0};
	struct stand stand;
	(void)state;
	stand_open(&stand, "head -c 5000000 /dev/zero; echo", SP_FOREVER);
	see_out(&stand, &told);
	assert_int_equal(told.out.len, 5000001);
	assert_true(told.pieces > 2);
	assert_int_equal(told.continued, told.pieces - 1);
	stand_close(&stand);
	told_clear(&told);
}

static size_t resident(void) {
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

// Main does not ask: the job is held up, its time goes on, and so does its end.
static void who_takes_nothing_holds_no_timeout_up(void **state) {
	struct told told = {0};
	struct stand stand;
	struct running running;
	(void)state;
	stand_open(&stand, "yes", 300 * (int64_t)CLOCK_MS);
	assert_int_equal(step(&stand, &told), EVENT_STARTING);
	size_t before = resident();
	struct event event;
	assert_int_equal(run_next(stand.run, 0, &event), 0);
	note(&told, &event);
	event_clear(&event);
	AWAIT(!run_running(stand.run, &running) || running.ns > 600 * (int64_t)CLOCK_MS);
	assert_true(resident() < before + (size_t)64 * 1024 * 1024);
	see_out(&stand, &told);
	assert_int_equal(told.verdict, VERDICT_TIMEOUT);
	assert_true(told.took < 3 * (int64_t)CLOCK_SECOND);
	assert_int_equal(told.total, told.out.len);
	stand_close(&stand);
	told_clear(&told);
}

// It dies a while after TERM: that nobody takes its output is no part of its time.
static void the_time_of_a_job_ends_when_it_does(void **state) {
	struct told told = {0};
	struct stand stand;
	struct running running;
	(void)state;
	stand_open(&stand, "trap 'sleep 0.2; exit 1' TERM; yes", 300 * (int64_t)CLOCK_MS);
	stand.job.grace_ns = 10 * (int64_t)CLOCK_SECOND;
	assert_int_equal(step(&stand, &told), EVENT_STARTING);
	struct event event;
	assert_int_equal(run_next(stand.run, 0, &event), 0);
	note(&told, &event);
	event_clear(&event);
	AWAIT(!run_running(stand.run, &running) || running.ns > 4000 * (int64_t)CLOCK_MS);
	see_out(&stand, &told);
	assert_int_equal(told.verdict, VERDICT_TIMEOUT);
	assert_true(told.took < 3 * (int64_t)CLOCK_SECOND);
	assert_int_equal(told.total, told.out.len);
	stand_close(&stand);
	told_clear(&told);
}

enum { MOST_PIECES = LIVE_MEMORY / LIVE_PIECE };

// Takes pieces and gives none of them back.
struct hoard {
	struct attempt_common common;
	struct output *held;
	size_t *n;
};

static bool hold(const struct attempt_common *common, const struct result *result, int stream,
	struct output *output) {
	const struct hoard *hoard = (const struct hoard *)common;
	(void)result;
	assert_int_equal(stream, 1);
	assert_true(*hoard->n < MOST_PIECES);
	hoard->held[(*hoard->n)++] = *output;
	return true;
}

// Of a line of two bytes the bytes are the least.
static void short_pieces_count_for_what_they_take(void **state) {
	size_t n = 0;
	atomic_size_t memory = LIVE_MEMORY;
	struct hoard hoard = {.common = {.live_memory = &memory, .deliver = hold},
		.held = calloc(MOST_PIECES, sizeof(struct output)),
		.n = &n};
	struct live live;
	(void)state;
	live_init(&live, &hoard.common, NULL);
	while (!live_write(&live, 1, "x\n", 2)) {
	}
	assert_true(n > MOST_PIECES / 2);
	while (n > 0) {
		output_clear(&hoard.held[--n]);
	}
	assert_int_equal(memory, LIVE_MEMORY);
	live_finish(&live);
	free(hoard.held);
}

static void a_run_that_is_dropped_does_not_wait_for_it(void **state) {
	struct told told = {0};
	struct stand stand;
	struct running running;
	(void)state;
	stand_open(&stand, "yes", SP_FOREVER);
	step(&stand, &told);
	step(&stand, &told);
	AWAIT(run_running(stand.run, &running) && running.ns > 200 * (int64_t)CLOCK_MS);
	stand_close(&stand);
	told_clear(&told);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_while_the_job_runs),
		cmocka_unit_test(of_very_much_nothing_is_lost),
		cmocka_unit_test(a_very_long_line_comes_in_parts),
		cmocka_unit_test(who_takes_nothing_holds_no_timeout_up),
		cmocka_unit_test(the_time_of_a_job_ends_when_it_does),
		cmocka_unit_test(short_pieces_count_for_what_they_take),
		cmocka_unit_test(a_run_that_is_dropped_does_not_wait_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
