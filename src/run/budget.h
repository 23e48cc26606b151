/* SPDX-License-Identifier: MIT
 * How many workers the limit on open files carries. */
#ifndef RUN_BUDGET_H
#define RUN_BUDGET_H

/*
 * At most `wanted`; fewer when the soft RLIMIT_NOFILE is too low for as many jobs at once; 0 when
 * not even one fits. *limit: the limit, *needed: the one that a single worker takes.
 */
unsigned budget_workers(unsigned wanted, unsigned long *limit, unsigned long *needed);
#endif
