// SPDX-License-Identifier: MIT
/*
 * The report for programs: each event a line of JSON (spool-events(5), events.schema.json). The
 * output of jobs, which may be long, is laid out by the writer behind the line's other members.
 */
#include "base/base.h"
#include "base/clock.h"
#include "report/encode.h"
#include "report/object.h"
#include "report/outcome.h"
#include "report/printout.h"
#include "report/reporter.h"
#include "report/streams.h"
#include "report/unbound.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 1 };

struct events {
	const struct plan *plan;
	const struct report_options *options;
	struct buf line; // room for one
	struct tally tally;
};

static void set_signal(struct object *line, const char *key, int number) {
	struct buf name = {0};
	bool known = number > 0 && outcome_signal(&name, number) == 0 && buf_putc(&name, '\0') == 0;
	object_word(line, key, known ? name.data : NULL);
	buf_clear(&name);
}

static void set_time(struct object *line) {
	struct timespec now;
	struct tm tm;
	char text[48];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%03dZ", (int)(now.tv_nsec / 1000000));
	object_word(line, "time", text);
}

static struct object begin_line(const struct events *events, const char *kind, int64_t elapsed_ns) {
	struct object line = object_new();
	object_word(&line, "event", kind);
	object_number(&line, "version", VERSION);
	object_word(&line, "run", events->options->run_id);
	set_time(&line);
	object_seconds(&line, "elapsed", elapsed_ns);
	return line;
}

static int64_t elapsed_now(const struct events *events) {
	return clock_now() - events->options->began_ns;
}

static void set_job(struct object *line, const struct job *job) {
	object_text(line, "job", job->name);
	object_number(line, "seq", job->seq);
}

static int end_line(struct events *events, struct object *line, struct batch *batch) {
	struct buf *text = object_print(line, &events->line) < 0 ? NULL : batch_text(batch);
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
	struct object line = begin_line(events, "run-start", elapsed_now(events));
	object_text(&line, "name", plan->name);
	object_text(&line, "file", plan->file);
	object_text(&line, "directory", directory);
	if (plan->endless) {
		object_word(&line, "jobs", NULL);
	} else {
		object_number(&line, "jobs", (int64_t)plan->n_jobs);
	}
	object_number(&line, "workers", plan->workers);
	object_word(&line, "spool", SP_VERSION);
	object_number(&line, "pid", (int64_t)getpid());
	free(directory);
	return end_line(events, &line, batch);
}

static int put_start(struct events *events, const struct event *event, struct batch *batch) {
	const struct job *job = event->job;
	struct object line = begin_line(events, "job-start", event->elapsed_ns);
	set_job(&line, event->job);
	object_number(&line, "attempt", event->attempt);
	unbound_args(&line, job);
	unbound_tags(&line, job);
	return end_line(events, &line, batch);
}

// The status of a process that ran and was waited for.
static bool has_status(const struct result *result) {
	bool never_ran = result->verdict == VERDICT_EXEC ||
			 (result->verdict == VERDICT_CANCELLED && result->ladder == 0);
	return !never_ran && !result->status_lost && !result->unkillable;
}

static void set_usage(struct object *line, const struct rusage *usage) {
	const struct timeval *user = &usage->ru_utime, *system = &usage->ru_stime;
	object_seconds(line, "cpu_user",
		user->tv_sec * (int64_t)CLOCK_SECOND + user->tv_usec * INT64_C(1000));
	object_seconds(line, "cpu_system",
		system->tv_sec * (int64_t)CLOCK_SECOND + system->tv_usec * INT64_C(1000));
	object_number(line, "max_rss", (int64_t)usage->ru_maxrss * 1024);
}

static void set_result(
	struct object *line, const struct events *events, const struct result *result) {
	bool status = has_status(result);
	set_job(line, result->job);
	object_number(line, "attempt", result->attempt);
	object_number(line, "slot", result->slot);
	object_word(line, "verdict", verdict_word(result->verdict));
	object_flag(line, "allowed", result->allowed);
	if (status) {
		object_number(line, "returncode", result->returncode);
	} else {
		object_word(line, "returncode", NULL);
	}
	set_signal(line, "signal", status ? -result->returncode : 0);
	set_signal(line, "sent", result->ladder);
	object_seconds(line, "start", result->start_ns - events->options->began_ns);
	object_seconds(line, "end", result->end_ns - events->options->began_ns);
	object_seconds(line, "seconds", result->end_ns - result->start_ns);
	set_usage(line, &result->usage);
	const char *error = result->error ? result->error : strerrordesc_np(result->os_errno);
	object_text(line, "error", result->verdict == VERDICT_EXEC ? error : NULL);
	object_flag(line, "leaked", result->leaked);
	object_flag(line, "unkillable", result->unkillable);
	object_flag(line, "status_lost", result->status_lost);
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
	const struct job *job = event->job;
	struct object line = begin_line(events, "attempt-end", event->elapsed_ns);
	set_result(&line, events, result);
	struct buf *text = object_print(&line, &events->line) < 0 ? NULL : batch_text(batch);
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

// Its last try is over. One that was to be tried again and will not be was told of before.
static int put_result(struct events *events, struct event *event, struct batch *batch) {
	struct object line = begin_line(events, "job-end", event->elapsed_ns);
	set_job(&line, event->job);
	object_word(&line, "verdict", verdict_word(event->result->verdict));
	object_flag(&line, "allowed", event->result->allowed);
	object_number(&line, "tries", event->result->attempt);
	int r = event->attempt ? put_attempt(events, event, batch) : 0; // it may take the result
	return end_line(events, &line, batch) | r;
}

static const char *reason_word(enum skip_reason reason) {
	static const char *const words[] = {
		[SKIP_NEED] = "need",
		[SKIP_LEFT_OUT] = "left-out",
		[SKIP_WHEN] = "when",
		[SKIP_HALT] = "halt",
		[SKIP_DRAIN] = "drain",
		[SKIP_CANCEL] = "cancel",
	};
	return words[reason];
}

static int put_skipped(struct events *events, const struct event *event, struct batch *batch) {
	const struct plan *plan = events->plan;
	const struct needs *needs = event->job->needs;
	const char *because = event->skip.reason == SKIP_NEED ? plan->jobs[event->skip.because].name
			      : event->skip.reason == SKIP_LEFT_OUT && needs ? needs->left_out
									     : NULL;
	struct object line = begin_line(events, "skipped", event->elapsed_ns);
	set_job(&line, event->job);
	object_word(&line, "verdict", "skipped");
	object_word(&line, "reason", reason_word(event->skip.reason));
	object_text(&line, "because", because);
	return end_line(events, &line, batch);
}

static int put_said(
	struct events *events, const char *kind, const struct event *event, struct batch *batch) {
	struct object line = begin_line(events, kind, event->elapsed_ns);
	object_text(&line, "text", event->text ? event->text : "");
	return end_line(events, &line, batch);
}

static int events_event(void *state, struct event *event, struct batch *batch) {
	struct events *events = state;
	events->tally = event->tally;
	switch (event->kind) {
	case EVENT_STARTING:
		return put_start(events, event, batch);
	case EVENT_RETRY:
		return put_attempt(events, event, batch);
	case EVENT_RESULT:
		return put_result(events, event, batch);
	case EVENT_SKIPPED:
		return put_skipped(events, event, batch);
	case EVENT_HALTED:
		return put_said(events, "halted", event, batch);
	case EVENT_WARNING:
		return put_said(events, "warning", event, batch);
	case EVENT_TROUBLE:
		return put_said(events, "trouble", event, batch);
	case EVENT_NONE:
	case EVENT_OUTPUT:
	case EVENT_END:
		break;
	}
	return 0;
}

static int events_heartbeat(void *state, const struct running *running, struct batch *batch) {
	struct events *events = state;
	struct object line = begin_line(events, "heartbeat", elapsed_now(events));
	object_number(&line, "running", running ? (int64_t)running->n : 0);
	if (running) {
		set_job(&line, running->job);
		object_seconds(&line, "seconds", running->ns);
	} else {
		object_word(&line, "job", NULL);
		object_word(&line, "seq", NULL);
		object_word(&line, "seconds", NULL);
	}
	return end_line(events, &line, batch);
}

static const char *halted_word(enum halted halted) {
	static const char *const words[] = {[NOT_HALTED] = NULL,
		[HALTED_FAIL] = "fail",
		[HALTED_SUCCESS] = "success",
		[HALTED_DONE] = "done"};
	return words[halted];
}

static int events_finish(void *state, int status, struct batch *batch) {
	struct events *events = state;
	const struct tally *tally = &events->tally;
	struct object line = begin_line(events, "run-end", elapsed_now(events));
	struct object verdicts = object_new();
	for (unsigned i = 0; i < N_VERDICTS; i++) {
		object_number(
			&verdicts, verdict_word((enum verdict)i), (int64_t)tally->verdicts[i]);
	}
	object_number(&line, "jobs", (int64_t)tally->jobs);
	object_number(&line, "done", (int64_t)tally->done);
	object_inner(&line, "verdicts", &verdicts);
	object_number(&line, "failed", (int64_t)tally_failed(tally));
	object_number(&line, "allowed", (int64_t)tally->allowed);
	object_number(&line, "skipped", (int64_t)tally->skipped);
	object_number(&line, "not_started", (int64_t)tally->not_started);
	object_word(&line, "halted", halted_word(tally->halted));
	object_number(&line, "status", (int64_t)status);
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
