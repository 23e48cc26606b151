/* SPDX-License-Identifier: MIT
 * What is kept of a stream: all of it, or its first and last half of a limit. Starts as {0} with a
 * limit. */
#ifndef SUBPROCESS_KEPT_H
#define SUBPROCESS_KEPT_H

#include "base/buf.h"

struct kept {
	size_t limit;   /* bytes; 0: all */
	size_t omitted; /* bytes left out, behind the first limit / 2 */
	struct buf buf;
	size_t oldest; /* where the last half, a ring once something is left out, begins */
	char empty[1]; /* what kept_view shows of nothing */
};

/* 0, or -1 without memory and n bytes lost. */
int kept_add(struct kept *kept, const char *data, size_t n);

/* The bytes in order with a NUL behind them, valid until the next call. Never NULL. */
char *kept_view(struct kept *kept, size_t *len);

/* The same, the caller's to free; kept is as after kept_clear. NULL without memory. */
char *kept_take(struct kept *kept, size_t *len);

void kept_clear(struct kept *kept);
#endif
