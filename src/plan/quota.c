// SPDX-License-Identifier: MIT
// How many CPUs the control groups allow: v2 has quota and period in one file, v1 in two.
#include "plan/quota.h"
#include "base/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

static unsigned whole_cpus(const char *quota, const char *period) {
	char *end_quota, *end_period;
	long long q = strtoll(quota, &end_quota, 10), p = strtoll(period, &end_period, 10);
	if (*end_quota || *end_period || q <= 0 || p <= 0) {
		return UINT_MAX; // "max", -1 or nonsense
	}
	long long cpus = q / p + (q % p != 0);
	return cpus > UINT_MAX ? UINT_MAX : (unsigned)cpus;
}

struct quota {
	const char *root;
	unsigned least;
};

static void look(void *arg, const char *directory, enum cgroup_version version) {
	struct quota *quota = arg;
	const char *root = quota->root;
	char words[2][24];
	bool known = version == CGROUP_V2 ? cgroup_words(root, directory, "cpu.max", words, 2) == 2
					  : cgroup_words(root, directory, "cpu.cfs_quota_us",
						    &words[0], 1) == 1 &&
						    cgroup_words(root, directory,
							    "cpu.cfs_period_us", &words[1], 1) == 1;
	unsigned cpus = known ? whole_cpus(words[0], words[1]) : UINT_MAX;
	quota->least = cpus < quota->least ? cpus : quota->least;
}

unsigned quota_cpus(const char *root) {
	struct quota quota = {root, UINT_MAX};
	cgroup_climb(root, "cpu", look, &quota);
	return quota.least;
}
