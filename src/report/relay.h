/* SPDX-License-Identifier: MIT
 *
 * Output of jobs that still run, on its way into the text report: as it comes, or in the order of
 * the jobs, where the one whose turn it is goes right through and the others wait. */
#ifndef REPORT_RELAY_H
#define REPORT_RELAY_H

#include "report/backlog.h"
#include "report/batch.h"
#include "report/report.h"

struct relay {
	bool colour;
	struct backlog *backlog; /* NULL: as it comes */
	size_t turn;             /* of this job */
	size_t job;              /* whose output is on the page */
	struct buf page;
	char *chunk;
	uint64_t lost; /* bytes that could not be kept */
	int error;     /* errno of the last of them */
};

/* {0} is closed. 0, or -1 without memory. */
int relay_open(struct relay *relay, const struct report_options *options, bool colour);
void relay_close(struct relay *relay);

/* A piece of a job's output. 0; or -1 and errno: some of it is lost. */
int relay_piece(struct relay *relay, const struct event *event, struct batch *batch);

/* Nothing comes any more of the jobs before this one: what of their output waited, and of its own.
   0; or -1 and errno. */
int relay_turn(struct relay *relay, size_t job, struct batch *batch);
#endif
