/* SPDX-License-Identifier: MIT
 * The last lines of captured output. */
#ifndef REPORT_TAIL_H
#define REPORT_TAIL_H

#include "base/buf.h"
#include "result/result.h"

#include <stdbool.h>

/* Appends the last `lines` lines and at most `bytes` bytes of both streams together, laid out as
   in the report, each behind the number of bytes left out of it. 0, or -1 without memory. */
int tail_put(
	struct buf *buf, const struct result *result, unsigned lines, size_t bytes, bool colour);
/* The same of standard error alone. */
int tail_put_err(
	struct buf *buf, const struct result *result, unsigned lines, size_t bytes, bool colour);
#endif
