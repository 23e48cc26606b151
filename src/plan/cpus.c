// SPDX-License-Identifier: MIT
// How many CPUs this process may use: affinity, and the quota of its control groups.
#include "plan/plan.h"
#include "plan/quota.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

// 0: no way to know.
static unsigned affinity(void) {
#ifdef CPU_ALLOC
	const size_t most = 1 << 20;
	// A kernel that was built for more CPUs than the set holds says EINVAL.
	for (size_t n = CPU_SETSIZE; n <= most; n *= 2) {
		size_t size = CPU_ALLOC_SIZE(n);
		cpu_set_t *set = CPU_ALLOC(n);
		if (!set) {
			return 0;
		}
		int failed = sched_getaffinity(0, size, set), error = errno;
		int cpus = failed ? 0 : CPU_COUNT_S(size, set);
		CPU_FREE(set);
		if (!failed || error != EINVAL) {
			return (unsigned)cpus;
		}
	}
#endif
	return 0;
}

unsigned cpus_usable(const char *root) {
	unsigned cpus = affinity();
	if (cpus == 0) {
		long online = sysconf(_SC_NPROCESSORS_ONLN);
		cpus = online > 0 && online < INT_MAX ? (unsigned)online : 1;
	}
	unsigned quota = quota_cpus(root);
	return quota < cpus ? quota : cpus;
}
