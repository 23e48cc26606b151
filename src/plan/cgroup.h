/* SPDX-License-Identifier: MIT
 * The CPU quota of this process's control groups; what only Linux has of counting CPUs. */
#ifndef PLAN_CGROUP_H
#define PLAN_CGROUP_H

/* The smallest quota of v1 and v2 over the whole path up, in CPUs, rounded up; UINT_MAX: there is
   none, or no way to know. root: "" or what stands in for / in tests. */
unsigned cgroup_cpus(const char *root);
#endif
