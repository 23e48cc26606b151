/* SPDX-License-Identifier: MIT
 *
 * Captured output as an event has it: read piece by piece while it is written, never as a whole. */
#ifndef REPORT_STREAMS_H
#define REPORT_STREAMS_H

#include "base/buf.h"
#include "report/outlet.h"
#include "result/result.h"

/* The members of a stream of which nothing is kept: a whole object. 0, or -1 without memory. */
int streams_put_empty(struct buf *buf, const struct output *output);

/* ,"stdout":{…} of the streams that have content, and the end of the event and its line; chunk has
   room for PRINTOUT_CHUNK bytes. A reporter's layout. */
void streams_layout(struct outlet *outlet, const struct result *result, bool colour, char *chunk);
#endif
