// SPDX-License-Identifier: MIT
// The jobs' standard error, a line for each attempt that did not pass when that happens, and in the
// end the digest.
#include "report/digest.h"
#include "report/flow.h"
#include "report/outcome.h"
#include "report/plain.h"
#include "report/raw.h"
#include "report/reporter.h"

#include <errno.h>
#include <stdlib.h>

enum { NOBODY_READS = 141 }; // the exit status of a run whose standard output was closed

struct faults {
	const struct plan *plan;
	bool colour;
	bool late; // what did not pass is named at the end alone
	struct flow flow;
	struct digest *digest;
	struct tally tally;
};

static void faults_close(void *state) {
	struct faults *faults = state;
	if (faults) {
		flow_close(&faults->flow);
		digest_free(faults->digest);
		free(faults);
	}
}

static void *faults_open(
	const struct plan *plan, const struct report_options *options, bool colour) {
	struct faults *faults = calloc(1, sizeof *faults);
	const struct digest_options digest = {
		.colour = colour,
		.output = options->show != SHOW_NEVER,
		.only_err = true,
		.own_command = true,
		.spill_dir = options->spill_dir,
	};
	if (!faults) {
		return NULL;
	}
	faults->plan = plan;
	faults->colour = colour;
	faults->late = options->quiet;
	faults->digest = digest_new(plan, &digest);
	if (!faults->digest || flow_open(&faults->flow, options, true) < 0) {
		faults_close(faults);
		errno = ENOMEM;
		return NULL;
	}
	return faults;
}

static int faults_begin(void *state, struct batch *batch) {
	(void)state, (void)batch;
	return 0;
}

static int put_name(struct buf *buf, const struct faults *faults, const struct job *job) {
	bool failed = buf_puts(buf, "spool: ") || plain_name(buf, job->name, faults->colour) ||
		      buf_puts(buf, ": ");
	return failed ? -1 : 0;
}

static int put_verdict(struct buf *buf, const struct faults *faults, const struct result *result) {
	bool colour = faults->colour;
	if (put_name(buf, faults, result->job) < 0 ||
		buf_printf(buf, "%s%s%s ", colour ? outcome_colour(result) : "",
			outcome_word(result->verdict), colour ? "\033[0m" : "") < 0) {
		return -1;
	}
	size_t bare = buf->len;
	if (outcome_detail(buf, faults->plan, result) < 0) {
		return -1;
	}
	if (buf->len == bare) {
		buf->len--; // the blank
	}
	if (result->job->tries > 1 &&
		buf_printf(buf, " (try %u/%u)", result->attempt, result->job->tries) < 0) {
		return -1;
	}
	return buf_putc(buf, '\n');
}

// Of data no one must think that it is whole.
static int put_missing(struct buf *buf, struct faults *faults, const struct result *result,
	const struct output *output, const char *what) {
	if (output->omitted == 0 || result->live) {
		return 0;
	}
	faults->flow.lost += output->incomplete ? output->omitted : 0;
	bool failed = put_name(buf, faults, result->job) ||
		      buf_printf(buf, "%llu %s of its %s left out: %s\n",
			      (unsigned long long)output->omitted,
			      output->omitted == 1 ? "byte" : "bytes", what,
			      output->incomplete ? "the file for it took no more"
						 : "it was longer than max_output");
	return failed ? -1 : 0;
}

static int put_held(struct buf *buf, const struct faults *faults, const struct result *result) {
	bool failed = put_name(buf, faults, result->job) ||
		      buf_puts(buf, "a process that was left behind still held the pipe\n");
	return failed ? -1 : 0;
}

static int put_lines(struct faults *faults, const struct result *result, struct batch *batch) {
	const struct output *out = &result->out, *err = &result->err;
	bool held = out->held || err->held;
	bool fault = result->verdict != VERDICT_PASS && result->verdict != VERDICT_CANCELLED &&
		     !faults->late;
	if (!fault && !held && !out->omitted && !err->omitted) {
		return 0; // the usual case; what was cancelled is named at the end
	}
	struct buf *buf = batch_line(batch);
	size_t before = buf ? buf->len : 0;
	bool failed = !buf || put_missing(buf, faults, result, out, "standard output") ||
		      put_missing(buf, faults, result, err, "standard error") ||
		      (held && put_held(buf, faults, result)) ||
		      (fault && put_verdict(buf, faults, result));
	if (failed) {
		if (buf) {
			buf->len = before;
		}
		errno = ENOMEM;
	}
	return failed ? -1 : 0;
}

static int take_attempt(struct faults *faults, struct event *event, struct batch *batch) {
	int r = flow_result(&faults->flow, event, batch), saved = errno;
	if (put_lines(faults, event->result, batch) < 0) {
		return -1;
	}
	errno = saved;
	return r;
}

static int take_result(struct faults *faults, struct event *event, struct batch *batch) {
	int r = event->attempt ? take_attempt(faults, event, batch) : 0;
	if (event->result->verdict != VERDICT_PASS) {
		digest_result(faults->digest, event->result);
	}
	return flow_end(&faults->flow, event->index, batch) < 0 ? -1 : r;
}

static int take_skipped(struct faults *faults, const struct event *event, struct batch *batch) {
	if (skip_is_not_started(event->skip.reason)) {
		digest_not_started(faults->digest, event->job, event->index);
	} else {
		digest_skipped(faults->digest, event->job, event->index);
	}
	return flow_end(&faults->flow, event->index, batch);
}

static int faults_event(void *state, struct event *event, struct batch *batch) {
	struct faults *faults = state;
	faults->tally = event->tally;
	switch (event->kind) {
	case EVENT_OUTPUT:
		return flow_piece(&faults->flow, event, batch);
	case EVENT_RETRY:
		return take_attempt(faults, event, batch);
	case EVENT_RESULT:
		return take_result(faults, event, batch);
	case EVENT_SKIPPED:
		return take_skipped(faults, event, batch);
	case EVENT_NONE:
	case EVENT_STARTING:
	case EVENT_HALTED:
	case EVENT_WARNING:
	case EVENT_TROUBLE:
	case EVENT_END:
		break;
	}
	return 0;
}

static int faults_finish(void *state, int status, struct batch *batch) {
	struct faults *faults = state;
	if (status == NOBODY_READS) {
		digest_cut_off(faults->digest);
	}
	int r = flow_finish(&faults->flow, batch) | (batch_line(batch) ? 0 : -1);
	return digest_finish(faults->digest, &faults->tally, batch) < 0 ? -1 : r;
}

static uint64_t faults_lost(const void *state) {
	const struct faults *faults = state;
	return faults->flow.lost;
}

const struct reporter report_faults = {
	.name = "faults",
	.open = faults_open,
	.begin = faults_begin,
	.event = faults_event,
	.finish = faults_finish,
	.lost = faults_lost,
	.close = faults_close,
	.layout = raw_err,
};
