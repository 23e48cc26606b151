/* SPDX-License-Identifier: MIT
 * The formats of spool list: what stands before all jobs, each job in the order of their starts,
 * and what stands behind them all. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "base/buf.h"
#include "plan/plan.h"

/* All append; 0, or -1 with errno ENOMEM. What begin puts into *state is freed by end. */
struct listed {
	int (*begin)(const struct plan *plan, struct buf *buf, void **state);
	int (*job)(const struct plan *plan, size_t i, struct buf *buf, void *state);
	int (*end)(const struct plan *plan, struct buf *buf, void *state);
};
extern const struct listed listed_text, listed_json, listed_dot;
#endif
