/* SPDX-License-Identifier: MIT
 *
 * One stream of all jobs, printed as it is: of each job together, as they end or in their order. */
#ifndef REPORT_FLOW_H
#define REPORT_FLOW_H

#include "report/backlog.h"
#include "report/batch.h"
#include "report/report.h"

enum {
	FLOW_CHUNK = 64 * 1024,
	FLOW_SHORT = 4 * 1024, /* what is no longer than this is rather copied than held */
};

struct flow {
	bool err; /* standard error */
	enum report_show show;
	struct backlog *backlog; /* NULL: as they end */
	uint64_t lost;           /* bytes that could not be kept */
	char *chunk;             /* to copy with, and what is tagged */
	struct buf tagged;
};

/* 0, or -1 without memory. */
int flow_open(struct flow *flow, const struct report_options *options, bool err);
void flow_close(struct flow *flow);

/* What an attempt has written, if it is to be shown and was not before, and what a job that runs
   has. 0; or -1 and errno: some of it is lost. */
int flow_result(struct flow *flow, struct event *event, struct batch *batch);
int flow_piece(struct flow *flow, struct event *event, struct batch *batch);

/* A job's last attempt was that, or it is never started: what may follow it now. 0; or -1 and
   errno: it follows at the end. */
int flow_end(struct flow *flow, size_t job, struct batch *batch);

/* Nothing comes any more. 0; or -1 and errno. */
int flow_finish(struct flow *flow, struct batch *batch);
#endif
