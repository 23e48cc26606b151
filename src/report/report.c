// SPDX-License-Identifier: MIT
// The reports of a run: of each the reporter, what it has made, and the writer that prints it.
#include "report/report.h"
#include "base/base.h"
#include "base/clock.h"
#include "report/bell.h"
#include "report/reporter.h"
#include "report/writer.h"

#include <errno.h>
#include <stdlib.h>

enum { BATCH = 64 * 1024 }; // bytes that are handed over without waiting for a flush

static const struct reporter *const reporters[N_REPORT_FORMATS] = {
	[REPORT_TEXT] = &report_text,
	[REPORT_JSON] = &report_json,
	[REPORT_OUTPUTS] = &report_outputs,
	[REPORT_FAULTS] = &report_faults,
	[REPORT_JOBLOG] = &report_joblog,
};

struct channel {
	const struct reporter *reporter;
	void *state;
	struct batch batch;
	struct writer *writer;
	int64_t spoke; // when something was last said
	bool told;     // that a write has failed
};

struct report {
	struct report_options options;
	struct bell bell;
	struct channel *channels;
	size_t n;
	bool finished;
};

unsigned report_descriptors(const struct report_options *options) {
	unsigned n = 0, waiting = 0, digests = 0;
	for (size_t i = 0; i < options->n_outlets; i++) {
		n += i > 0 ? 2 : 0;
		switch (options->outlets[i].format) {
		case REPORT_TEXT:
			waiting += options->live ? 3 : 1;
			digests++;
			break;
		case REPORT_OUTPUTS:
			waiting += 2;
			break;
		case REPORT_FAULTS:
			waiting += 2;
			digests++;
			break;
		case REPORT_JSON:
		case REPORT_JOBLOG:
			break;
		}
	}
	return n + (options->keep_order ? waiting : 0) + (digests > 1 ? digests - 1 : 0);
}

static int open_channel(
	struct report *report, const struct plan *plan, const struct report_outlet *outlet) {
	struct channel *channel = &report->channels[report->n++];
	channel->reporter = reporters[outlet->format];
	channel->spoke = clock_now();
	struct writer_options options = {
		.fd = outlet->fd,
		.colour = outlet->colour,
		.layout = channel->reporter->layout,
		.bell = &report->bell,
	};
	channel->state = channel->reporter->open(plan, &report->options, outlet->colour);
	if (!channel->state || writer_new(&channel->writer, &options) < 0) {
		return -1;
	}
	return channel->reporter->begin(channel->state, &channel->batch);
}

int report_open(
	struct report **result, const struct plan *plan, const struct report_options *options) {
	struct report *report = calloc(1, sizeof *report);
	if (!report) {
		return -1;
	}
	report->options = *options;
	report->channels = calloc(options->n_outlets, sizeof *report->channels);
	int r = bell_open(&report->bell) < 0 || !report->channels ? -1 : 0;
	for (size_t i = 0; r == 0 && i < options->n_outlets; i++) {
		r = open_channel(report, plan, &options->outlets[i]);
	}
	if (r < 0) {
		int saved = errno;
		report_free(report);
		errno = saved;
		return -1;
	}
	report_flush(report);
	*result = report;
	return 0;
}

static void flush(struct channel *channel) {
	if (channel->batch.first) {
		channel->spoke = clock_now();
	}
	writer_push(channel->writer, &channel->batch);
}

static int tell(struct channel *channel, struct event *event) {
	int r = channel->reporter->event(channel->state, event, &channel->batch);
	const struct item *last = channel->batch.last;
	if (last &&
		(last->result || last->backlog || channel->batch.size + last->text.len > BATCH)) {
		flush(channel);
	}
	return r;
}

// The last one gets the event itself, and with it the result, if no other holds that.
int report_event(struct report *report, struct event *event) {
	int r = 0;
	for (size_t i = report->n; i-- > 1;) {
		struct event copy = *event;
		copy.result = event->result ? result_hold(event->result) : NULL;
		r |= tell(&report->channels[i], &copy);
		if (copy.result) {
			result_release(copy.result);
		}
	}
	r |= tell(&report->channels[0], event);
	return r;
}

int report_say(struct report *report, const char *text, size_t n) {
	for (size_t i = 0; i < report->n && !report->finished; i++) {
		struct channel *channel = &report->channels[i];
		if (channel->reporter == &report_faults) {
			struct buf *buf = batch_line(&channel->batch);
			return buf ? buf_append(buf, text, n) : -1;
		}
	}
	return -1;
}

static int64_t until(const struct channel *channel, int64_t interval) {
	return interval > 0 ? channel->spoke + interval - clock_now() : SP_FOREVER;
}

static int64_t until_heartbeat(const struct report *report, const struct channel *channel) {
	return channel->reporter->heartbeat ? until(channel, report->options.heartbeat_ns)
					    : SP_FOREVER;
}

int64_t report_tick(const struct report *report) {
	int64_t tick = until(&report->channels[0], report->options.silence_ns);
	for (size_t i = 0; i < report->n; i++) {
		int64_t beat = until_heartbeat(report, &report->channels[i]);
		tick = beat < tick ? beat : tick;
	}
	return tick;
}

bool report_silent(const struct report *report) {
	return until(&report->channels[0], report->options.silence_ns) <= 0;
}

void report_spoke(struct report *report) {
	report->channels[0].spoke = clock_now();
}

int report_heartbeat(struct report *report, const struct running *running) {
	int r = 0;
	for (size_t i = 0; i < report->n; i++) {
		struct channel *channel = &report->channels[i];
		if (until_heartbeat(report, channel) <= 0) {
			r |= channel->reporter->heartbeat(channel->state, running, &channel->batch);
			channel->spoke = clock_now();
			flush(channel);
		}
	}
	return r;
}

void report_flush(struct report *report) {
	for (size_t i = 0; i < report->n; i++) {
		flush(&report->channels[i]);
	}
}

bool report_behind(const struct report *report) {
	for (size_t i = 0; i < report->n; i++) {
		if (writer_behind(report->channels[i].writer)) {
			return true;
		}
	}
	return false;
}

int report_wake_fd(const struct report *report) {
	return report->bell.fd;
}

int report_failure(struct report *report, size_t *outlet) {
	bell_hush(&report->bell);
	for (size_t i = 0; i < report->n; i++) {
		struct channel *channel = &report->channels[i];
		int error = channel->told ? 0 : writer_state(channel->writer);
		if (error) {
			channel->told = true;
			*outlet = i;
			return error;
		}
	}
	return 0;
}

void report_hurry(struct report *report) {
	for (size_t i = 0; i < report->n; i++) {
		writer_hurry(report->channels[i].writer);
	}
}

void report_drop(struct report *report) {
	for (size_t i = 0; i < report->n; i++) {
		writer_drop(report->channels[i].writer);
	}
}

static void await_writer(struct channel *channel, uint64_t *dropped) {
	uint64_t n;
	if (writer_finish(channel->writer, &n) == 0) {
		*dropped += n;
	}
}

// All of them are given their end before the first is waited for, but for the jobs' own output:
// on a terminal what failed stands below that.
int report_finish(struct report *report, int status, uint64_t *dropped) {
	int r = 0;
	*dropped = 0;
	for (size_t i = 0; i < report->n; i++) {
		struct channel *channel = &report->channels[i];
		r |= channel->reporter->finish(channel->state, status, &channel->batch);
		flush(channel);
		if (channel->reporter == &report_outputs) {
			await_writer(channel, dropped);
		}
	}
	report->finished = true;
	for (size_t i = 0; i < report->n; i++) {
		if (report->channels[i].reporter != &report_outputs) {
			await_writer(&report->channels[i], dropped);
		}
	}
	errno = r < 0 ? ENOMEM : errno;
	return r;
}

uint64_t report_lost(const struct report *report) {
	uint64_t n = 0;
	for (size_t i = 0; i < report->n; i++) {
		const struct channel *channel = &report->channels[i];
		n += channel->reporter->lost ? channel->reporter->lost(channel->state) : 0;
	}
	return n;
}

void report_free(struct report *report) {
	if (!report) {
		return;
	}
	for (size_t i = 0; i < report->n; i++) {
		struct channel *channel = &report->channels[i];
		writer_free(channel->writer);
		items_free(channel->batch.first);
		channel->reporter->close(channel->state);
	}
	bell_close(&report->bell);
	free(report->channels);
	free(report);
}
