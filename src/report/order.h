/* SPDX-License-Identifier: MIT
 *
 * Results in the order of the jobs: one that comes early waits until all before it have come. What
 * many of them hold is bounded: their output goes into one file that they share. */
#ifndef REPORT_ORDER_H
#define REPORT_ORDER_H

#include "result/result.h"

#include <stdbool.h>

enum { ORDER_MEMORY = 1024 * 1024 }; /* of outputs that wait; then they go to the file */

struct order; /* opaque */

/* spill_dir is borrowed; NULL: $TMPDIR or /tmp. NULL without memory. */
struct order *order_new(size_t jobs, const char *spill_dir);
/* The file goes with it: results that it gave back must be cleared by then. */
void order_free(struct order *order);

/* Notes how a job ended, or why it was never started. Takes the event's result. Never fails: what
   cannot be kept of an output is counted as omitted. */
void order_put(struct order *order, struct event *event);

/* Nothing comes any more: order_next leaves out what has not come. */
void order_close(struct order *order);

/* Gives back the next of what was put, whose turn it is: its kind, job, result and skip. */
bool order_next(struct order *order, struct event *event);
#endif
