/* SPDX-License-Identifier: MIT
 *
 * What a reporter is: it turns events into bytes and knows nothing of where they go. One file a
 * reporter, one exported const each. */
#ifndef REPORT_REPORTER_H
#define REPORT_REPORTER_H

#include "report/batch.h"
#include "report/report.h"

struct outlet;

struct reporter {
	const char *name;
	/* The reporter's state; plan and options are borrowed and outlive it. NULL and errno. */
	void *(*open)(const struct plan *plan, const struct report_options *options, bool colour);
	/* What stands before all events, what one event gives (it may take the event's result, but
	   change it only when nobody shares it), and what stands behind them all; status: the exit
	   status that follows. 0, or -1 and errno with the batch in order. */
	int (*begin)(void *state, struct batch *batch);
	int (*event)(void *state, struct event *event, struct batch *batch);
	int (*finish)(void *state, int status, struct batch *batch);
	/* It has been silent for a while; running: NULL when nothing runs. NULL: it stays so. */
	int (*heartbeat)(void *state, const struct running *running, struct batch *batch);
	/* Bytes of output that could not be kept until they were to be printed. NULL: none ever. */
	uint64_t (*lost)(const void *state);
	void (*close)(void *state); /* NULL is allowed */
	/* Called by the writer: what follows the text of an item that has a result; NULL: no item
	   has one. */
	void (*layout)(
		struct outlet *outlet, const struct result *result, bool colour, char *chunk);
};

extern const struct reporter report_text, report_json, report_outputs, report_faults, report_joblog;
#endif
