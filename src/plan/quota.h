/* SPDX-License-Identifier: MIT
 * The CPU quota of this process's control groups. */
#ifndef PLAN_QUOTA_H
#define PLAN_QUOTA_H

/* The smallest quota of v1 and v2 over the whole path up, in CPUs, rounded up; UINT_MAX: there is
   none, or no way to know. root: "" or what stands in for / in tests. */
unsigned quota_cpus(const char *root);
#endif
