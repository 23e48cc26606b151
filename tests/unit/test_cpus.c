// SPDX-License-Identifier: MIT
// How many CPUs there are to use: quotas of control groups in a directory that stands in for /, and
// the affinity of this process.
#include "plan/plan.h"
#include "plan/quota.h"

#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "stand_in.h"

enum { NONE = -1, MOST_FILES = 8 };

// quota: in CPUs, or NONE.
struct example {
	int quota;
	struct file files[MOST_FILES];
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define GROUP "/proc/self/cgroup"
#define MOUNTS "/proc/self/mountinfo"
#define MOUNT_V2 "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define MOUNT_V1 \
	"40 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw master:3 - cgroup cgroup rw,cpu,cpuacct\n"
#define MOUNT_OTHERS                                                               \
	"20 1 8:1 / / rw,relatime - ext4 /dev/root rw,cpu\n"                       \
	"32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory,cpuset\n" \
	"garbage\n33 - \n"

static void assert_quota(const struct example *example) {
	char root[] = "/tmp/test_cpus.XXXXXX";
	assert_non_null(mkdtemp(root));
	for (const struct file *file = example->files; file->path; file++) {
		write_file(root, file);
	}
	unsigned quota = quota_cpus(root), usable = cpus_usable(root);
	for (const struct file *file = example->files; file->path; file++) {
		remove_file(root, file);
	}
	assert_int_equal(rmdir(root), 0);
	assert_int_equal(quota, example->quota == NONE ? UINT_MAX : (unsigned)example->quota);
	assert_in_range(usable, 1, quota);
}

#define ASSERT_ALL(examples)                           \
	for (size_t i = 0; i < COUNT(examples); i++) { \
		assert_quota(&(examples)[i]);          \
	}

static void test_v2(void **state) {
	(void)state;
	static const struct example examples[] = {
		{2, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_OTHERS MOUNT_V2},
			    {"/sys/fs/cgroup/a/b/cpu.max", "200000 100000\n"}}},
		// Rounded up.
		{2, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/a/b/cpu.max", "150000 100000\n"}}},
		{1, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/a/b/cpu.max", "1000 100000\n"}}},
		{NONE, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			       {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"}}},
		// The smallest of the whole path counts.
		{3, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
			    {"/sys/fs/cgroup/a/cpu.max", "300000 100000\n"}}},
		{4, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/a/b/cpu.max", "800000 100000\n"},
			    {"/sys/fs/cgroup/a/cpu.max", "400000 100000\n"},
			    {"/sys/fs/cgroup/cpu.max", "500000 100000\n"}}},
		// Another group's is not ours, nor is what lies above the mount.
		{NONE, {{GROUP, "0::/a/b\n"}, {MOUNTS, MOUNT_V2},
			       {"/sys/fs/cgroup/a/c/cpu.max", "100000 100000\n"},
			       {"/sys/fs/cpu.max", "100000 100000\n"}}},
		// A root group has no trailing slash to add.
		{2, {{GROUP, "0::/\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}},
		// Without mountinfo: the usual place.
		{2, {{GROUP, "0::/a\n"}, {"/sys/fs/cgroup/a/cpu.max", "200000 100000\n"}}},
	};
	ASSERT_ALL(examples);
}

static void test_containers(void **state) {
	(void)state;
	static const struct example examples[] = {
		// The group's directory is mounted as the root.
		{2, {{GROUP, "0::/docker/x\n"},
			    {MOUNTS, "9 1 0:2 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}},
		{2, {{GROUP, "0::/docker/x/in\n"},
			    {MOUNTS, "9 1 0:2 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
			    {"/sys/fs/cgroup/in/cpu.max", "200000 100000\n"}}},
		// Its path means nothing below the mount.
		{2, {{GROUP, "0::/elsewhere/y\n"},
			    {MOUNTS, "9 1 0:2 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}},
		{2, {{GROUP, "0::/docker/xy\n"},
			    {MOUNTS, "9 1 0:2 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n"},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"},
			    {"/sys/fs/cgroup/y/cpu.max", "100000 100000\n"}}},
		{2, {{GROUP, "0::/not/there\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}},
		{2, {{GROUP, "0::/../../y\n"}, {MOUNTS, MOUNT_V2},
			    {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}},
		// Of two mounts the one that our group lies in counts.
		{3, {{GROUP, "0::/a\n"},
			    {MOUNTS, "8 1 0:2 /other /mnt ro - cgroup2 cgroup rw\n" MOUNT_V2},
			    {"/mnt/cpu.max", "100000 100000\n"},
			    {"/sys/fs/cgroup/a/cpu.max", "300000 100000\n"}}},
		// A mount point with a blank in its name.
		{2, {{GROUP, "0::/a\n"}, {MOUNTS, "8 1 0:2 / /c\\040g ro - cgroup2 cgroup rw\n"},
			    {"/c g/a/cpu.max", "200000 100000\n"}}},
	};
	ASSERT_ALL(examples);
}

static void test_v1(void **state) {
	(void)state;
#define V1_TOP "/sys/fs/cgroup/cpu,cpuacct"
	static const struct example examples[] = {
		{2, {{GROUP, "5:memory:/m\n4:cpuacct,cpu:/a\n1:name=systemd:/s\n"},
			    {MOUNTS, MOUNT_OTHERS MOUNT_V1},
			    {V1_TOP "/a/cpu.cfs_quota_us", "110000\n"},
			    {V1_TOP "/a/cpu.cfs_period_us", "100000\n"}}},
		{1, {{GROUP, "4:cpu,cpuacct:/a/b\n"}, {MOUNTS, MOUNT_V1},
			    {V1_TOP "/a/b/cpu.cfs_quota_us", "-1\n"},
			    {V1_TOP "/a/b/cpu.cfs_period_us", "100000\n"},
			    {V1_TOP "/a/cpu.cfs_quota_us", "50000\n"},
			    {V1_TOP "/a/cpu.cfs_period_us", "50000\n"}}},
		{NONE, {{GROUP, "4:cpu,cpuacct:/a\n"}, {MOUNTS, MOUNT_V1},
			       {V1_TOP "/a/cpu.cfs_quota_us", "-1\n"},
			       {V1_TOP "/a/cpu.cfs_period_us", "100000\n"}}},
		// Half of the pair is none.
		{NONE, {{GROUP, "4:cpu,cpuacct:/a\n"}, {MOUNTS, MOUNT_V1},
			       {V1_TOP "/a/cpu.cfs_quota_us", "100000\n"}}},
		{2, {{GROUP, "4:cpu:/a\n"}, {"/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "200000\n"},
			    {"/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"}}},
		// Hybrid: the smaller of both, wherever it is.
		{2, {{GROUP, "4:cpu,cpuacct:/a\n0::/b\n"},
			    {MOUNTS, MOUNT_V1
				    "9 1 0:2 / /sys/fs/cgroup/unified rw - cgroup2 x rw\n"},
			    {V1_TOP "/a/cpu.cfs_quota_us", "200000\n"},
			    {V1_TOP "/a/cpu.cfs_period_us", "100000\n"},
			    {"/sys/fs/cgroup/unified/b/cpu.max", "300000 100000\n"}}},
		{1, {{GROUP, "4:cpu,cpuacct:/a\n0::/b\n"},
			    {MOUNTS, MOUNT_V1
				    "9 1 0:2 / /sys/fs/cgroup/unified rw - cgroup2 x rw\n"},
			    {V1_TOP "/a/cpu.cfs_quota_us", "200000\n"},
			    {V1_TOP "/a/cpu.cfs_period_us", "100000\n"},
			    {"/sys/fs/cgroup/unified/b/cpu.max", "100000 100000\n"}}},
	};
	ASSERT_ALL(examples);
}

static void test_garbage(void **state) {
	(void)state;
	static const struct example examples[] = {
		{NONE, {{NULL, NULL}}},
		{NONE, {{GROUP, ""}, {MOUNTS, ""}}},
		{NONE, {{GROUP, "\n:\n::\n0::\n0::a\n4:cpu\n"},
			       {MOUNTS, "\n - \n1 2 3 - cgroup2\n- - - - - - cgroup2 x cpu\n"},
			       {"/sys/fs/cgroup/cpu.max", "100000 100000\n"}}},
		{NONE, {{GROUP, "0::/a\n"}, {MOUNTS, MOUNT_V2},
			       {"/sys/fs/cgroup/a/cpu.max", "100000 0\n"},
			       {"/sys/fs/cgroup/cpu.max", "-100000 100000\n"}}},
		{NONE, {{GROUP, "0::/a\n"}, {MOUNTS, MOUNT_V2},
			       {"/sys/fs/cgroup/a/cpu.max", "100000\n"},
			       {"/sys/fs/cgroup/cpu.max", "lots of it\n"}}},
		{NONE, {{GROUP, "0::/a\n"}, {MOUNTS, MOUNT_V2}, {"/sys/fs/cgroup/a/cpu.max", ""},
			       {"/sys/fs/cgroup/cpu.max", "99999999999999999999999999999 1\n"}}},
	};
	ASSERT_ALL(examples);
}

static void test_affinity(void **state) {
	(void)state;
	cpu_set_t all, one;
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	assert_int_equal(cpus_usable("/nonexistent"), CPU_COUNT(&all));
	size_t first = 0;
	while (!CPU_ISSET(first, &all)) {
		first++;
	}
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(cpus_usable("/nonexistent"), 1);
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	assert_in_range(cpus_usable(""), 1, CPU_COUNT(&all));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_affinity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
