/* SPDX-License-Identifier: MIT
 * A made-up plan, results for it, and the report of them. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

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
#include <unistd.h>

#include <cmocka.h>

enum { MOST_JOBS = 600 };

/* A plan of jobs that differ in their names only, and the report of it in the making. */
struct stage {
	struct job jobs[MOST_JOBS];
	struct plan plan;
	struct report_outlet outlet; // usually the only one
	struct report_options options;
	struct report *report;
	struct tally tally;
	struct result *result; // that is being made up
};

static inline void stage_names(struct stage *stage, const char *const *names, size_t n) {
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
	stage->outlet = (struct report_outlet){.fd = fd_unnamed_file(NULL)};
	stage->options = (struct report_options){
		.show = SHOW_FAILED, .run_id = "20261130-120000-0123abcd"};
	stage->tally.jobs = n;
}

#define STAGE(stage, ...)                                      \
	stage_names(stage, (const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Begins the next result; it took 1 ms times its number. */
static inline struct result *ends(
	struct stage *stage, size_t job, enum verdict verdict, int returncode) {
	struct result *result = calloc(1, sizeof *result);
	*result = (struct result){
		.job = &stage->jobs[job],
		.index = job,
		.attempt = 1,
		.slot = 1,
		.verdict = verdict,
		.returncode = returncode,
		.timeout_ns = stage->jobs[job].timeout_ns,
		.start_ns = 5000,
		.end_ns = 5000 + ((int64_t)job + 1) * 1000000,
		.out = OUTPUT_EMPTY,
		.err = OUTPUT_EMPTY,
	};
	stage->result = result;
	return result;
}

static inline struct output output_of(const char *text) {
	return (struct output){
		.head = strdup(text), .head_len = strlen(text), .fd = -1, .total = strlen(text)};
}

static inline void open_report(struct stage *stage) {
	if (!stage->report) {
		if (!stage->options.outlets) {
			stage->options.outlets = &stage->outlet;
			stage->options.n_outlets = 1;
		}
		assert_int_equal(report_open(&stage->report, &stage->plan, &stage->options), 0);
	}
}

static inline struct event make_event(
	struct stage *stage, enum event_kind kind, size_t job, struct result *result) {
	struct event event = {.kind = kind,
		.job = &stage->jobs[job],
		.index = job,
		.attempt = 1,
		.result = result};
	if (result) {
		stage->tally.done++;
		stage->tally.verdicts[result->verdict]++;
		stage->tally.allowed += result->allowed;
	}
	if (kind == EVENT_SKIPPED) {
		event.skip.reason = SKIP_CANCEL;
		stage->tally.not_started++;
	}
	event.tally = stage->tally;
	event.elapsed_ns = 1234567890;
	return event;
}

static inline int tell(
	struct stage *stage, enum event_kind kind, size_t job, struct result *result) {
	struct event event = make_event(stage, kind, job, result);
	open_report(stage);
	int r = report_event(stage->report, &event);
	event_clear(&event);
	return r;
}

/* Hands over the result that was made up last. */
static inline void give(struct stage *stage) {
	assert_int_equal(tell(stage, EVENT_RESULT, stage->result->index, stage->result), 0);
	stage->result = NULL;
}

/* A job is skipped by what it needs, or by its when. */
static inline void skips(struct stage *stage, size_t job, enum skip_reason reason, size_t because) {
	struct skip skip = {.reason = reason, .because = because};
	if (skip_is_not_started(reason)) {
		stage->tally.not_started++;
	} else {
		stage->tally.skipped++;
	}
	struct event event = {.kind = EVENT_SKIPPED,
		.job = &stage->jobs[job],
		.index = job,
		.skip = skip,
		.tally = stage->tally,
		.elapsed_ns = 1234567890};
	open_report(stage);
	assert_int_equal(report_event(stage->report, &event), 0);
}

/* All that was printed; the caller frees it. */
static inline char *printed(struct stage *stage) {
	uint64_t dropped;
	struct buf text = {0};
	ssize_t n;
	tell(stage, EVENT_END, 0, NULL);
	assert_int_equal(report_finish(stage->report, 0, &dropped), 0);
	assert_true(dropped == 0);
	report_free(stage->report);
	do {
		assert_int_equal(buf_reserve(&text, 65536), 0);
		n = pread(stage->outlet.fd, text.data + text.len, 65536, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	fd_close(&stage->outlet.fd);
	return buf_take(&text);
}

static inline void check(struct stage *stage, const char *wanted) {
	char *text = printed(stage);
	assert_string_equal(text, wanted);
	free(text);
}

static inline char *repeat(const char *text, size_t n) {
	struct buf buf = {0};
	while (n--) {
		buf_puts(&buf, text);
	}
	return buf_take(&buf);
}

static inline int stage_count_all(void **state) {
	static int fds, threads;
	(void)state;
	if (fds == 0) {
		fds = probe_count("fd");
		threads = probe_count("task");
	}
	AWAIT(probe_count("task") == threads); // joined ones vanish a moment later
	return probe_count("fd") == fds ? 0 : -1;
}

static inline void *stage_note_thread(void *tid) {
	*(pid_t *)tid = gettid();
	return NULL;
}

/* A sanitizer that has a thread of its own starts it with the first one of ours, which must have
   vanished before threads are counted. */
static inline int stage_start_thread(void **state) {
	pthread_t thread;
	pid_t tid = 0;
	char path[64];
	(void)state;
	if (pthread_create(&thread, NULL, stage_note_thread, &tid) || pthread_join(thread, NULL)) {
		return -1;
	}
	snprintf(path, sizeof path, "/proc/self/task/%d", (int)tid);
	AWAIT(access(path, F_OK) < 0);
	return 0;
}

/* SIGPIPE is blocked, as the report's caller has it. */
static inline int stage_begin(void **state) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return stage_start_thread(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_count_all, stage_count_all)
#endif
