// SPDX-License-Identifier: MIT
// What a job has written goes to the writer as it is, or waits for its turn.
#include "report/flow.h"
#include "plan/plan.h"
#include "report/raw.h"

#include <errno.h>
#include <stdlib.h>

int flow_open(struct flow *flow, const struct report_options *options, bool err) {
	*flow = (struct flow){.err = err, .show = options->show};
	if (!options->keep_order) {
		return 0;
	}
	flow->chunk = malloc(FLOW_CHUNK);
	flow->backlog = backlog_new(options->spill_dir);
	return flow->chunk && flow->backlog ? 0 : -1;
}

void flow_close(struct flow *flow) {
	backlog_free(flow->backlog);
	free(flow->chunk);
	buf_clear(&flow->tagged);
}

static bool is_shown(const struct flow *flow, const struct result *result) {
	switch (flow->show) {
	case SHOW_NEVER:
		return false;
	case SHOW_FAILED:
		return result->verdict != VERDICT_PASS;
	case SHOW_ALL:
		break;
	}
	return true;
}

// A result that waits for its reader takes much more than its few bytes.
static int print_short(const struct output *output, const char *label, struct buf *buf) {
	struct raw_tagger tagger = {.label = label, .inside = output->continues};
	char chunk[FLOW_SHORT];
	const char *data = chunk, *text;
	size_t n = 0, kept = (size_t)output_kept(output), piece, before = buf->len;
	while (n < kept) {
		ssize_t r = output_read(output, n, chunk + n, sizeof chunk - n);
		if (r == 0 || (r < 0 && errno != EINTR)) {
			errno = r == 0 ? EIO : errno;
			return -1;
		}
		n += r > 0 ? (size_t)r : 0;
	}
	while ((text = raw_tag(&tagger, &data, &n, &piece))) {
		if (buf_append(buf, text, piece) < 0) {
			buf->len = before;
			return -1;
		}
	}
	return 0;
}

static int print_long(struct result *result, struct batch *batch) {
	if (batch_result(batch, result_hold(result)) < 0) {
		result_release(result);
		return -1;
	}
	return 0;
}

// A piece of a job that runs is held until it is written: so long its job is held up.
static int print(struct flow *flow, const struct event *event, const struct output *output,
	struct batch *batch) {
	struct buf *buf = batch_text(batch);
	struct result *result = event->result;
	bool is_short = output_kept(output) <= FLOW_SHORT && event->kind != EVENT_OUTPUT;
	int r = !buf       ? -1
		: is_short ? print_short(output, result->job->label, buf)
			   : print_long(result, batch);
	flow->lost += r < 0 ? output_kept(output) : 0;
	return r;
}

// One chunk for many lines.
static int keep_tagged(struct flow *flow, size_t job, struct raw_tagger *tagger, size_t n) {
	const char *data = flow->chunk, *text;
	size_t piece;
	flow->tagged.len = 0;
	while ((text = raw_tag(tagger, &data, &n, &piece))) {
		if (buf_append(&flow->tagged, text, piece) < 0) {
			flow->lost += text == tagger->label ? n : n + piece;
			return -1;
		}
		if (flow->tagged.len >= FLOW_CHUNK || n == 0) {
			int r = backlog_append(flow->backlog, job, flow->tagged.data,
				flow->tagged.len, &flow->lost);
			flow->tagged.len = 0;
			if (r < 0) {
				flow->lost += n;
				return -1;
			}
		}
	}
	return 0;
}

static int keep(struct flow *flow, size_t job, const char *label, const struct output *output) {
	struct raw_tagger tagger = {.label = label, .inside = output->continues};
	uint64_t pos = 0, kept = output_kept(output);
	while (pos < kept) {
		ssize_t n = output_read(output, pos, flow->chunk, FLOW_CHUNK);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			flow->lost += kept - pos;
			return -1;
		}
		pos += (uint64_t)n;
		int r = label ? keep_tagged(flow, job, &tagger, (size_t)n)
			      : backlog_append(
					flow->backlog, job, flow->chunk, (size_t)n, &flow->lost);
		if (r < 0) {
			flow->lost += kept - pos;
			return -1;
		}
	}
	return 0;
}

static int show(struct flow *flow, struct event *event, struct batch *batch) {
	struct result *result = event->result;
	const struct output *output = flow->err ? &result->err : &result->out;
	if (output_kept(output) == 0) {
		return 0;
	}
	if (flow->backlog && !backlog_is_turn(flow->backlog, event->index)) {
		return keep(flow, event->index, result->job->label, output);
	}
	return print(flow, event, output, batch);
}

int flow_result(struct flow *flow, struct event *event, struct batch *batch) {
	bool told = event->result->live && flow->show == SHOW_ALL;
	return told || !is_shown(flow, event->result) ? 0 : show(flow, event, batch);
}

// Whether the job will pass is not known yet.
int flow_piece(struct flow *flow, struct event *event, struct batch *batch) {
	return flow->show == SHOW_ALL ? show(flow, event, batch) : 0;
}

static int print_span(struct flow *flow, const struct span *span, struct batch *batch) {
	if (span->bytes && batch_span(batch, flow->backlog, span) < 0) {
		flow->lost += span->bytes;
		return -1;
	}
	return 0;
}

int flow_end(struct flow *flow, size_t job, struct batch *batch) {
	struct span span;
	if (!flow->backlog) {
		return 0;
	}
	int r = backlog_end(flow->backlog, job, &span);
	return print_span(flow, &span, batch) < 0 ? -1 : r;
}

int flow_finish(struct flow *flow, struct batch *batch) {
	struct span span;
	if (!flow->backlog) {
		return 0;
	}
	backlog_close(flow->backlog, &span);
	return print_span(flow, &span, batch);
}
