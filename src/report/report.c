// SPDX-License-Identifier: MIT
// The report: one reporter, what it has made, and the writer that prints it.
#include "report/report.h"
#include "base/base.h"
#include "base/clock.h"
#include "report/reporter.h"
#include "report/writer.h"

#include <errno.h>
#include <stdlib.h>

enum { BATCH = 64 * 1024 }; // text of one that is handed over without waiting for a flush

struct report {
	const struct reporter *reporter;
	void *state;
	struct report_options options;
	struct batch batch;
	struct writer *writer;
	int64_t spoke; // when something was last said
};

int report_open(
	struct report **result, const struct plan *plan, const struct report_options *options) {
	struct report *report = calloc(1, sizeof *report);
	if (!report) {
		return -1;
	}
	report->reporter = &report_text;
	report->options = *options;
	report_spoke(report);
	report->state = report->reporter->open(plan, &report->options);
	if (!report->state || writer_new(&report->writer, options->fd, options->colour) < 0 ||
		report->reporter->begin(report->state, &report->batch) < 0) {
		int saved = errno;
		report_free(report);
		errno = saved;
		return -1;
	}
	report_flush(report);
	*result = report;
	return 0;
}

int report_event(struct report *report, struct event *event) {
	int r = report->reporter->event(report->state, event, &report->batch);
	const struct item *last = report->batch.last;
	if (last && (last->result || last->text.len > BATCH)) {
		report_flush(report);
	}
	return r;
}

int64_t report_tick(const struct report *report) {
	int64_t interval = report->options.heartbeat_ns;
	return interval > 0 ? report->spoke + interval - clock_now() : SP_FOREVER;
}

void report_spoke(struct report *report) {
	report->spoke = clock_now();
}

void report_flush(struct report *report) {
	if (report->batch.first) {
		report_spoke(report);
	}
	writer_push(report->writer, &report->batch);
}

bool report_behind(const struct report *report) {
	return writer_behind(report->writer);
}

int report_wake_fd(const struct report *report) {
	return writer_wake_fd(report->writer);
}

int report_state(struct report *report) {
	return writer_state(report->writer);
}

void report_hurry(struct report *report) {
	writer_hurry(report->writer);
}

void report_drop(struct report *report) {
	writer_drop(report->writer);
}

int report_finish(struct report *report, uint64_t *dropped) {
	int r = report->reporter->finish(report->state, &report->batch);
	report_flush(report);
	int error = writer_finish(report->writer, dropped);
	return error == 0 && r < 0 ? ENOMEM : error;
}

void report_free(struct report *report) {
	if (report) {
		writer_free(report->writer);
		items_free(report->batch.first);
		report->reporter->close(report->state);
		free(report);
	}
}
