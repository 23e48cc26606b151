/* SPDX-License-Identifier: MIT
 * How many workers the limit on open files carries. */
#ifndef RUN_BUDGET_H
#define RUN_BUDGET_H

#include <stdbool.h>

/*
 * At most `wanted`; fewer when the soft RLIMIT_NOFILE is too low for as many jobs at once; 0 when
 * not even one fits. by_step: there are jobs that need the exec step; more: descriptors that each
 * job has beside its usual ones; beside: those that others will open. *limit: the limit, *needed:
 * the one that a single worker takes.
 */
unsigned budget_workers(unsigned wanted, bool by_step, unsigned more, unsigned beside,
	unsigned long *limit, unsigned long *needed);
#endif
