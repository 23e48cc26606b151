// SPDX-License-Identifier: MIT
// The jobs' standard output and nothing else: it is data for whoever reads it.
#include "report/flow.h"
#include "report/raw.h"
#include "report/reporter.h"

#include <errno.h>
#include <stdlib.h>

static void outputs_close(void *state) {
	struct flow *flow = state;
	if (flow) {
		flow_close(flow);
		free(flow);
	}
}

static void *outputs_open(
	const struct plan *plan, const struct report_options *options, bool colour) {
	struct flow *flow = calloc(1, sizeof *flow);
	(void)plan, (void)colour;
	if (!flow || flow_open(flow, options, false) < 0) {
		outputs_close(flow);
		errno = ENOMEM;
		return NULL;
	}
	return flow;
}

static int outputs_begin(void *state, struct batch *batch) {
	(void)state, (void)batch;
	return 0;
}

// Of several attempts only the last one's is printed, since none of them is more than the others.
static int outputs_event(void *state, struct event *event, struct batch *batch) {
	struct flow *flow = state;
	int r;
	switch (event->kind) {
	case EVENT_OUTPUT:
		return flow_piece(flow, event, batch);
	case EVENT_RESULT:
		r = flow_result(flow, event, batch);
		return flow_end(flow, event->index, batch) < 0 ? -1 : r;
	case EVENT_SKIPPED:
		return flow_end(flow, event->index, batch);
	case EVENT_NONE:
	case EVENT_STARTING:
	case EVENT_RETRY:
	case EVENT_HALTED:
	case EVENT_WARNING:
	case EVENT_TROUBLE:
	case EVENT_END:
		break;
	}
	return 0;
}

static int outputs_finish(void *state, int status, struct batch *batch) {
	(void)status;
	return flow_finish(state, batch);
}

static uint64_t outputs_lost(const void *state) {
	const struct flow *flow = state;
	return flow->lost;
}

const struct reporter report_outputs = {
	.name = "outputs",
	.open = outputs_open,
	.begin = outputs_begin,
	.event = outputs_event,
	.finish = outputs_finish,
	.lost = outputs_lost,
	.close = outputs_close,
	.layout = raw_out,
};
