// SPDX-License-Identifier: MIT
/*
 * GNU parallel's job log, a line for each attempt that ran: its columns, and its way to say how a
 * job ended. -1 for a job whose time was over is not: there is the signal that it died of, or that
 * was sent to it, so that no job that did not pass looks as if it had.
 */
#include "base/clock.h"
#include "report/command.h"
#include "report/reporter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct joblog {
	int64_t offset; // what the clock of the world is ahead of that of results
};

static void *joblog_open(
	const struct plan *plan, const struct report_options *options, bool colour) {
	struct joblog *joblog = calloc(1, sizeof *joblog);
	struct timespec now;
	(void)plan, (void)options, (void)colour;
	if (joblog) {
		clock_gettime(CLOCK_REALTIME, &now);
		joblog->offset = (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec - clock_now();
	}
	return joblog;
}

static int joblog_begin(void *state, struct batch *batch) {
	struct buf *buf = batch_text(batch);
	(void)state;
	return buf ? buf_puts(buf, "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\t"
				   "Signal\tCommand\n")
		   : -1;
}

struct ending {
	int status, signal;
};

static struct ending ending_of(const struct result *result) {
	if (result->verdict == VERDICT_EXEC) {
		return (struct ending){.status = result->not_found ? 127 : 126};
	}
	if (result->unkillable) {
		return (struct ending){.signal = SIGKILL};
	}
	if (result->returncode < 0) {
		return (struct ending){.signal = -result->returncode};
	}
	bool ended = result->verdict == VERDICT_TIMEOUT || result->verdict == VERDICT_CANCELLED;
	return (struct ending){.status = result->returncode,
		.signal = ended && result->returncode == 0 ? result->ladder : 0};
}

static int put_line(const struct joblog *joblog, const struct result *result, struct buf *buf) {
	const int64_t ms = CLOCK_SECOND / 1000;
	size_t before = buf->len;
	int64_t ns = result->end_ns > result->start_ns ? result->end_ns - result->start_ns : 0;
	long long took = (ns + ms / 2) / ms, start = (joblog->offset + result->start_ns) / ms;
	struct ending ending = ending_of(result);
	bool failed = buf_printf(buf, "%u\t:\t%lld.%03lld\t%6lld.%03lld\t0\t%llu\t%d\t%d\t",
			      result->job->seq, start / 1000, start % 1000, took / 1000,
			      took % 1000, (unsigned long long)result->out.total, ending.status,
			      ending.signal) ||
		      command_put(buf, result->job, result->slot, result->attempt) ||
		      buf_putc(buf, '\n');
	if (failed) {
		buf->len = before;
		errno = ENOMEM;
	}
	return failed ? -1 : 0;
}

static bool has_run(const struct result *result) {
	return result->verdict != VERDICT_CANCELLED || result->ladder != 0;
}

static int joblog_event(void *state, struct event *event, struct batch *batch) {
	bool retry = event->kind == EVENT_RETRY;
	bool last = event->kind == EVENT_RESULT && event->attempt != 0;
	if ((!retry && !last) || !has_run(event->result)) {
		return 0;
	}
	struct buf *buf = batch_text(batch);
	return buf ? put_line(state, event->result, buf) : -1;
}

static int joblog_finish(void *state, int status, struct batch *batch) {
	(void)state, (void)status, (void)batch;
	return 0;
}

const struct reporter report_joblog = {
	.name = "joblog",
	.open = joblog_open,
	.begin = joblog_begin,
	.event = joblog_event,
	.finish = joblog_finish,
	.close = free,
};
