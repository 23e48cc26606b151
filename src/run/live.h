/* SPDX-License-Identifier: MIT
 *
 * Output that is handed on while its job runs: in whole lines, as pieces that come out of run_next
 * as EVENT_OUTPUT. A worker waits while too much of it has not been read by anybody. */
#ifndef RUN_LIVE_H
#define RUN_LIVE_H

#include "base/buf.h"
#include "run/run.h"

enum {
	LIVE_MEMORY = 4 * 1024 * 1024, /* of all pieces on their way */
	LIVE_PIECE = 1024,             /* what one of them takes beside its bytes */
	LIVE_LINE = 1024 * 1024,       /* a longer line is handed on in parts */
};

struct live {
	const struct attempt_common *common;
	const struct result *result; /* of the attempt */
	struct buf lines[2];         /* of each stream what has no line end yet */
	bool inside[2];              /* what was handed on of it last did not end with a line */
};

/* Both are borrowed. */
void live_init(struct live *live, const struct attempt_common *common, const struct result *result);

/* Takes n bytes of stream 1 or 2. Whether the pieces on their way should be read first. */
bool live_write(struct live *live, int stream, const char *data, size_t n);

/* Waits until there is room for more. SP_OK, SP_E_TIMEOUT or SP_E_INTERRUPTED (cancel; may be
   NULL). */
sp_status live_await(const struct live *live, int64_t deadline, const sp_cancel *cancel);

/* The job has ended: hands on what had no line end. */
void live_finish(struct live *live);
#endif
