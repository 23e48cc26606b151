// SPDX-License-Identifier: MIT
/*
 * The report for programs: each event a line of JSON (spool-events(5), events.schema.json). The
 * objects are made and printed by jansson; the output of jobs, which may be long, is laid out by
 * the writer behind the line's other members.
 */
#include "base/base.h"
#include "base/clock.h"
#include "report/encode.h"
#include "report/outcome.h"
#include "report/printout.h"
#include "report/reporter.h"
#include "report/streams.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1, DIGITS = 15 }; // more digits would show what a double is not

struct events {
	const struct plan *plan;
	const struct report_options *options;
	struct buf line; // room for one
	struct tally tally;
};

// An event in the making; what could not be set is seen at the end.
struct line {
	json_t *object;
	bool failed;
};

static void set(struct line *line, const char *key, json_t *value) {
	if (json_object_set_new_nocheck(line->object, key, value) < 0) {
		line->failed = true;
	}
}

// Nanoseconds in seconds, to the microsecond.
static void set_seconds(struct line *line, const char *key, int64_t ns) {
	int64_t us = ns / 1000;
	set(line, key, json_real((double)us / 1e6));
}

static void set_number(struct line *line, const char *key, uint64_t n) {
	set(line, key, json_integer((json_int_t)n));
}

// Text that is no UTF-8, as text all the same.
static json_t *repaired(const char *text) {
	struct encode_text encode = {.raw = true};
	struct buf buf = {0};
	size_t n = strlen(text);
	json_t *value = NULL;
	if (buf_reserve(&buf, encode_text_room(n)) == 0) {
		encode_text(&encode, text, n, &buf);
		encode_text_end(&encode, &buf);
		value = json_stringn_nocheck(buf.data, buf.len);
	}
	buf_clear(&buf);
	return value;
}

static json_t *in_base64(const char *text) {
	struct encode_base64 encode = {0};
	struct buf buf = {0};
	size_t n = strlen(text);
	json_t *value = NULL;
	if (buf_reserve(&buf, encode_base64_room(n)) == 0) {
		encode_base64(&encode, text, n, &buf);
		encode_base64_end(&encode, &buf);
		value = json_stringn_nocheck(buf.data, buf.len);
	}
	buf_clear(&buf);
	return value;
}

static json_t *text_value(const char *text, bool *whole) {
	json_t *value = json_string(text);
	*whole = value != NULL;
	return value ? value : repaired(text);
}

// With KEY_base64 beside it where the text is no UTF-8.
static void set_text(struct line *line, const char *key, const char *text) {
	char beside[32];
	bool whole = true;
	set(line, key, text ? text_value(text, &whole) : json_null());
	if (!whole) {
		snprintf(beside, sizeof beside, "%s_base64", key);
		set(line, beside, in_base64(text));
	}
}

static void set_signal(struct line *line, const char *key, int number) {
	struct buf name = {0};
	if (number > 0 && outcome_signal(&name, number) == 0) {
		set(line, key, json_stringn_nocheck(name.data, name.len));
	} else {
		set(line, key, json_null());
	}
	buf_clear(&name);
}

// As much of an argument as is known before the start.
static char *render(const struct text *text) {
	struct buf buf = {0};
	int r = 0;
	for (size_t i = 0; i < text->n; i++) {
		const struct piece *piece = &text->pieces[i];
		r |= buf_puts(&buf, piece->kind == PIECE_TEXT   ? piece->text
				    : piece->kind == PIECE_SLOT ? "${{ spool.slot }}"
								: "${{ spool.attempt }}");
	}
	if (r < 0) {
		buf_clear(&buf);
		return NULL;
	}
	return buf_take(&buf);
}

// A list of texts, and all of it in base64 where one of them is no UTF-8.
static void set_args(struct line *line, const struct job *job) {
	json_t *list = json_array(), *bytes = NULL;
	bool all_whole = true;
	for (size_t i = 0; i < job->argc; i++) {
		char *arg = render(&job->argv[i]);
		bool whole = true;
		line->failed |= !arg || json_array_append_new(list, text_value(arg, &whole)) < 0;
		all_whole &= whole;
		free(arg);
	}
	set(line, "args", list);
	if (all_whole) {
		return;
	}
	bytes = json_array();
	for (size_t i = 0; i < job->argc; i++) {
		char *arg = render(&job->argv[i]);
		line->failed |= !arg || json_array_append_new(bytes, in_base64(arg)) < 0;
		free(arg);
	}
	set(line, "args_base64", bytes);
}

static void set_tags(struct line *line, const struct job *job) {
	json_t *list = json_array();
	bool whole;
	for (size_t i = 0; job->tags && job->tags[i]; i++) {
		line->failed |= json_array_append_new(list, text_value(job->tags[i], &whole)) < 0;
	}
	set(line, "tags", list);
}

static void set_time(struct line *line) {
	struct timespec now;
	struct tm tm;
	char text[48];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
	set(line, "time", json_string_nocheck(text));
}

static struct line begin_line(const struct events *events, const char *kind, int64_t elapsed_ns) {
	struct line line = {.object = json_object()};
	set(&line, "event", json_string_nocheck(kind));
	set(&line, "version", json_integer(VERSION));
	set(&line, "run", json_string_nocheck(events->options->run_id));
	set_time(&line);
	set_seconds(&line, "elapsed", elapsed_ns);
	return line;
}

static int64_t elapsed_now(const struct events *events) {
	return clock_now() - events->options->began_ns;
}

static void set_job(struct line *line, const struct events *events, size_t job) {
	set_text(line, "job", events->plan->jobs[job].name);
	set_number(line, "seq", events->plan->jobs[job].seq);
}

// Prints the object into events->line, without its last brace. 0, or -1.
static int print_object(struct events *events, struct line *line) {
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(DIGITS);
	struct buf *buf = &events->line;
	size_t n = line->failed ? 0 : json_dumpb(line->object, buf->data, buf->cap, flags);
	buf->len = 0;
	if (n > buf->cap) {
		n = buf_reserve(buf, n) < 0 ? 0
					    : json_dumpb(line->object, buf->data, buf->cap, flags);
	}
	json_decref(line->object);
	buf->len = n ? n - 1 : 0;
	errno = n ? errno : ENOMEM;
	return n ? 0 : -1;
}

static int end_line(struct events *events, struct line *line, struct batch *batch) {
	struct buf *text = print_object(events, line) < 0 ? NULL : batch_text(batch);
	if (!text || buf_reserve(&events->line, 2) < 0) {
		return -1;
	}
	memcpy(events->line.data + events->line.len, "}\n", 2);
	return encode_json(text, events->line.data, events->line.len + 2);
}

static void events_close(void *state) {
	struct events *events = state;
	if (events) {
		buf_clear(&events->line);
		free(events);
	}
}

static void *events_open(
	const struct plan *plan, const struct report_options *options, bool colour) {
	struct events *events = calloc(1, sizeof *events);
	(void)colour;
	if (events) {
		events->plan = plan;
		events->options = options;
		events->tally.jobs = plan->n_jobs;
	}
	return events;
}

static int events_begin(void *state, struct batch *batch) {
	struct events *events = state;
	const struct plan *plan = events->plan;
	char *directory = getcwd(NULL, 0);
	struct line line = begin_line(events, "run-start", elapsed_now(events));
	set_text(&line, "name", plan->name);
	set_text(&line, "file", plan->file);
	set_text(&line, "directory", directory);
	set_number(&line, "jobs", plan->n_jobs);
	set_number(&line, "workers", plan->workers);
	set(&line, "spool", json_string_nocheck(SP_VERSION));
	set_number(&line, "pid", (uint64_t)getpid());
	free(directory);
	return end_line(events, &line, batch);
}

static int put_start(struct events *events, const struct event *event, struct batch *batch) {
	const struct job *job = &events->plan->jobs[event->job];
	struct line line = begin_line(events, "job-start", event->elapsed_ns);
	set_job(&line, events, event->job);
	set_number(&line, "attempt", 1);
	set_args(&line, job);
	set_tags(&line, job);
	return end_line(events, &line, batch);
}

// The status of a process that ran and was waited for.
static bool has_status(const struct result *result) {
	bool never_ran = result->verdict == VERDICT_EXEC ||
			 (result->verdict == VERDICT_CANCELLED && result->ladder == 0);
	return !never_ran && !result->status_lost && !result->unkillable;
}

static void set_usage(struct line *line, const struct rusage *usage) {
	const struct timeval *user = &usage->ru_utime, *system = &usage->ru_stime;
	set_seconds(line, "cpu_user",
		user->tv_sec * (int64_t)CLOCK_SECOND + user->tv_usec * INT64_C(1000));
	set_seconds(line, "cpu_system",
		system->tv_sec * (int64_t)CLOCK_SECOND + system->tv_usec * INT64_C(1000));
	set_number(line, "max_rss", (uint64_t)usage->ru_maxrss * 1024);
}

static void set_result(
	struct line *line, const struct events *events, const struct result *result) {
	bool status = has_status(result);
	set_job(line, events, result->job);
	set_number(line, "attempt", result->attempt);
	set_number(line, "slot", result->slot);
	set(line, "verdict", json_string_nocheck(verdict_word(result->verdict)));
	set(line, "allowed", json_boolean(result->allowed));
	set(line, "returncode", status ? json_integer(result->returncode) : json_null());
	set_signal(line, "signal", status ? -result->returncode : 0);
	set_signal(line, "sent", result->ladder);
	set_seconds(line, "start", result->start_ns - events->options->began_ns);
	set_seconds(line, "end", result->end_ns - events->options->began_ns);
	set_seconds(line, "seconds", result->end_ns - result->start_ns);
	set_usage(line, &result->usage);
	const char *error = result->error ? result->error : strerrordesc_np(result->os_errno);
	set_text(line, "error", result->verdict == VERDICT_EXEC ? error : NULL);
	set(line, "leaked", json_boolean(result->leaked));
	set(line, "unkillable", json_boolean(result->unkillable));
	set(line, "status_lost", json_boolean(result->status_lost));
}

// A stream of which there is nothing is said here, the others by the writer.
static int put_nothing(
	struct buf *text, const char *key, enum stream stream, const struct output *output) {
	if (printout_has(output)) {
		return 0;
	}
	int r = buf_printf(text, ",\"%s\":%s", key, stream == STREAM_CAPTURE ? "" : "null");
	return r == 0 && stream == STREAM_CAPTURE ? streams_put_empty(text, output) : r;
}

// Takes the result if the writer has to say something of it.
static int put_attempt(struct events *events, struct event *event, struct batch *batch) {
	const struct result *result = event->result;
	const struct job *job = &events->plan->jobs[event->job];
	struct line line = begin_line(events, "attempt-end", event->elapsed_ns);
	set_result(&line, events, result);
	struct buf *text = print_object(events, &line) < 0 ? NULL : batch_text(batch);
	size_t before = text ? text->len : 0;
	if (!text || encode_json(text, events->line.data, events->line.len) < 0) {
		return -1;
	}
	bool any = printout_has(&result->out) || printout_has(&result->err);
	if (put_nothing(text, "stdout", job->out, &result->out) < 0 ||
		put_nothing(text, "stderr", job->err, &result->err) < 0 ||
		(!any && buf_puts(text, "}\n") < 0)) {
		text->len = before;
		return -1;
	}
	return any ? batch_result(batch, event_take_result(event)) : 0; // behind it: cannot fail
}

// Its last try is over; there is only one yet.
static int put_result(struct events *events, struct event *event, struct batch *batch) {
	struct line line = begin_line(events, "job-end", event->elapsed_ns);
	set_job(&line, events, event->job);
	set(&line, "verdict", json_string_nocheck(verdict_word(event->result->verdict)));
	set(&line, "allowed", json_boolean(event->result->allowed));
	set_number(&line, "tries", event->result->attempt);
	int r = put_attempt(events, event, batch); // it may take the result
	return end_line(events, &line, batch) | r;
}

static const char *reason_word(enum skip_reason reason) {
	static const char *const words[] = {
		[SKIP_NEED] = "need",
		[SKIP_LEFT_OUT] = "left-out",
		[SKIP_WHEN] = "when",
		[SKIP_HALT] = "halt",
		[SKIP_CANCEL] = "cancel",
	};
	return words[reason];
}

static int put_skipped(struct events *events, const struct event *event, struct batch *batch) {
	const struct plan *plan = events->plan;
	const struct needs *needs = plan->jobs[event->job].needs;
	const char *because = event->skip.reason == SKIP_NEED ? plan->jobs[event->skip.because].name
			      : event->skip.reason == SKIP_LEFT_OUT && needs ? needs->left_out
									     : NULL;
	struct line line = begin_line(events, "skipped", event->elapsed_ns);
	set_job(&line, events, event->job);
	set(&line, "verdict", json_string_nocheck("skipped"));
	set(&line, "reason", json_string_nocheck(reason_word(event->skip.reason)));
	set_text(&line, "because", because);
	return end_line(events, &line, batch);
}

static int put_said(
	struct events *events, const char *kind, const struct event *event, struct batch *batch) {
	struct line line = begin_line(events, kind, event->elapsed_ns);
	set_text(&line, "text", event->text ? event->text : "");
	return end_line(events, &line, batch);
}

static int events_event(void *state, struct event *event, struct batch *batch) {
	struct events *events = state;
	events->tally = event->tally;
	switch (event->kind) {
	case EVENT_STARTING:
		return put_start(events, event, batch);
	case EVENT_RESULT:
		return put_result(events, event, batch);
	case EVENT_SKIPPED:
		return put_skipped(events, event, batch);
	case EVENT_HALTED:
		return put_said(events, "halted", event, batch);
	case EVENT_WARNING:
		return put_said(events, "warning", event, batch);
	case EVENT_NONE:
	case EVENT_END:
		break;
	}
	return 0;
}

static int events_heartbeat(void *state, const struct running *running, struct batch *batch) {
	struct events *events = state;
	struct line line = begin_line(events, "heartbeat", elapsed_now(events));
	set_number(&line, "running", running ? running->n : 0);
	if (running) {
		set_job(&line, events, running->job);
		set_seconds(&line, "seconds", running->ns);
	} else {
		set(&line, "job", json_null());
		set(&line, "seq", json_null());
		set(&line, "seconds", json_null());
	}
	return end_line(events, &line, batch);
}

static json_t *halted_word(enum halted halted) {
	static const char *const words[] = {
		[HALTED_FAIL] = "fail", [HALTED_SUCCESS] = "success", [HALTED_DONE] = "done"};
	return halted == NOT_HALTED ? json_null() : json_string_nocheck(words[halted]);
}

static int events_finish(void *state, int status, struct batch *batch) {
	struct events *events = state;
	const struct tally *tally = &events->tally;
	struct line line = begin_line(events, "run-end", elapsed_now(events));
	struct line verdicts = {.object = json_object()};
	for (unsigned i = 0; i < N_VERDICTS; i++) {
		set_number(&verdicts, verdict_word((enum verdict)i), tally->verdicts[i]);
	}
	line.failed |= verdicts.failed;
	set_number(&line, "jobs", tally->jobs);
	set_number(&line, "done", tally->done);
	set(&line, "verdicts", verdicts.object);
	set_number(&line, "failed", tally_failed(tally));
	set_number(&line, "allowed", tally->allowed);
	set_number(&line, "skipped", tally->skipped);
	set_number(&line, "not_started", tally->not_started);
	set(&line, "halted", halted_word(tally->halted));
	set_number(&line, "status", (uint64_t)status);
	return end_line(events, &line, batch);
}

const struct reporter report_json = {
	.name = "json",
	.open = events_open,
	.begin = events_begin,
	.event = events_event,
	.finish = events_finish,
	.heartbeat = events_heartbeat,
	.close = events_close,
	.layout = streams_layout,
};
