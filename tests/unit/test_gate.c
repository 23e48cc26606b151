// SPDX-License-Identifier: MIT
// What holds the next start back, on a clock of the test and in a directory that stands in for /.
#include "base/clock.h"
#include "run/gate.h"
#include "run/machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "stand_in.h"

#define LOAD "/proc/loadavg"
#define MEMORY "/proc/meminfo"
#define GROUP "/proc/self/cgroup"
#define V2 "/sys/fs/cgroup/"
#define V1 "/sys/fs/cgroup/memory/"
#define MIB *UINT64_C(1048576)

static const int64_t MS = CLOCK_MS, S = CLOCK_SECOND;

static int make_root(void **state) {
	static char root[32];
	strcpy(root, "/tmp/test_gate.XXXXXX");
	*state = mkdtemp(root);
	return *state ? 0 : -1;
}

static int remove_root(void **state) {
	return rmdir(*state);
}

static void put(const char *root, const char *path, const char *text) {
	write_file(root, &(struct file){path, text});
}

static void drop(const char *root, const char *path) {
	remove_file(root, &(struct file){path, NULL});
}

static void assert_warns(struct gate *gate, const char *part) {
	const char *warning = gate_warning(gate);
	assert_int_equal(warning != NULL, part != NULL);
	if (warning && !strstr(warning, part)) {
		fail_msg("%s", warning);
	}
	assert_null(gate_warning(gate));
}

static void it_is_open_if_nothing_is_asked(void **state) {
	struct gate gate;
	gate_init(&gate, &(struct gate_options){.root = *state});
	for (int64_t now = 1; now < 100; now++) {
		assert_int_equal(gate_opens(&gate, now), 0);
		gate_passed(&gate, now);
	}
	assert_warns(&gate, NULL);
}

static void a_delay_lies_between_starts(void **state) {
	struct gate gate;
	gate_init(&gate, &(struct gate_options){.delay_ns = 3 * S, .root = *state});
	assert_int_equal(gate_opens(&gate, 7), 0);
	assert_int_equal(gate_opens(&gate, 8), 0);
	gate_passed(&gate, 10);
	assert_int_equal(gate_opens(&gate, 11), 10 + 3 * S);
	assert_int_equal(gate_opens(&gate, 9 + 3 * S), 10 + 3 * S);
	assert_int_equal(gate_opens(&gate, 10 + 3 * S), 0);
	// Not made up for.
	gate_passed(&gate, 100 * S);
	assert_int_equal(gate_opens(&gate, 100 * S), 103 * S);
}

static void nothing_starts_at_or_above_the_load(void **state) {
	struct gate gate;
	put(*state, LOAD, "2.50 0.10 0.05 1/200 4711\n");
	gate_init(&gate, &(struct gate_options){.load = 250, .root = *state});
	assert_int_equal(gate_opens(&gate, 10 * S), 11 * S);
	put(*state, LOAD, "2.49 9.10 9.05 1/200 4711\n");
	assert_int_equal(gate_opens(&gate, 11 * S), 0);
	put(*state, LOAD, "12.00 0.10 0.05 1/200 4711\n");
	assert_int_equal(gate_opens(&gate, 12 * S), 13 * S);
	drop(*state, LOAD);
}

// A burst of starts does not go through before the average has noticed.
static void what_was_started_counts_before_it_is_seen(void **state) {
	struct gate gate;
	put(*state, LOAD, "1.05 0.00 0.00 1/2 3\n");
	gate_init(&gate, &(struct gate_options){.load = 200, .root = *state});
	int started = 0;
	for (; gate_opens(&gate, 10 * S + started) == 0; started++) {
		gate_passed(&gate, 10 * S + started);
	}
	assert_int_equal(started, 4); // 1.05 and four quarters: 2.05
	// In the next second they are a sixteenth each: 1.05 + 0.25, and three quarters of new
	// ones.
	for (; gate_opens(&gate, 11 * S + started) == 0; started++) {
		gate_passed(&gate, 11 * S + started);
	}
	assert_int_equal(started, 7);
	// Then they are in the average or have ended.
	put(*state, LOAD, "1.90 0.00 0.00 1/2 3\n");
	assert_int_equal(gate_opens(&gate, 13 * S), 0);
	drop(*state, LOAD);
}

static void it_is_read_ten_times_a_second_at_most(void **state) {
	struct gate gate;
	put(*state, LOAD, "9.00 0.00 0.00 1/2 3\n");
	gate_init(&gate, &(struct gate_options){.load = 100, .root = *state});
	assert_int_equal(gate_opens(&gate, S), 2 * S);
	put(*state, LOAD, "0.00 0.00 0.00 1/2 3\n");
	assert_int_equal(gate_opens(&gate, S + 99 * MS), 2 * S + 99 * MS);
	assert_int_equal(gate_opens(&gate, S + 100 * MS), 0);
	drop(*state, LOAD);
}

static void nothing_starts_without_memory(void **state) {
	struct gate gate;
	put(*state, MEMORY, "MemTotal: 4000 kB\nMemFree: 1 kB\nMemAvailable: 999 kB\n");
	gate_init(&gate, &(struct gate_options){.memory = 1000 * 1024, .root = *state});
	assert_int_equal(gate_opens(&gate, 10 * S), 11 * S);
	put(*state, MEMORY, "MemTotal: 4000 kB\nMemFree: 1 kB\nMemAvailable: 1000 kB\n");
	assert_int_equal(gate_opens(&gate, 11 * S), 0);
	assert_warns(&gate, NULL);
	put(*state, MEMORY, "MemTotal: 999 kB\nMemFree: 1 kB\nMemAvailable: 500 kB\n");
	gate_init(&gate, &(struct gate_options){.memory = 1000 * 1024, .root = *state});
	assert_int_equal(gate_opens(&gate, 12 * S), 13 * S);
	assert_warns(&gate, "less memory in all");
	assert_int_equal(gate_opens(&gate, 14 * S), 15 * S);
	assert_warns(&gate, NULL);
	drop(*state, MEMORY);
}

static void what_cannot_be_read_holds_nothing_back(void **state) {
	struct gate gate;
	gate_init(&gate, &(struct gate_options){.load = 1, .root = *state});
	assert_int_equal(gate_opens(&gate, S), 0);
	assert_warns(&gate, "/proc/loadavg");
	gate_init(&gate, &(struct gate_options){.memory = 1, .root = *state});
	assert_int_equal(gate_opens(&gate, S), 0);
	assert_warns(&gate, "/proc/meminfo");
	assert_int_equal(gate_opens(&gate, 2 * S), 0);
	assert_warns(&gate, NULL);
	put(*state, LOAD, "none\n");
	put(*state, MEMORY, "MemTotal: 4000 kB\nMemAvailable:\n");
	gate_init(&gate, &(struct gate_options){.load = 1, .memory = 1, .root = *state});
	assert_int_equal(gate_opens(&gate, S), 0);
	assert_non_null(gate_warning(&gate));
	drop(*state, LOAD);
	drop(*state, MEMORY);
}

// What was known holds as long as no descriptor is to be had.
static void a_shortage_opens_nothing(void **state) {
	struct gate gate;
	struct rlimit before, none;
	put(*state, LOAD, "9.00 0.00 0.00 1/2 3\n");
	put(*state, MEMORY, "MemTotal: 4000 kB\nMemAvailable: 1 kB\n");
	gate_init(&gate, &(struct gate_options){.load = 100, .memory = 1 MIB, .root = *state});
	assert_int_equal(gate_opens(&gate, S), 2 * S);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int64_t closed = gate_opens(&gate, 5 * S);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(closed, 6 * S);
	assert_warns(&gate, NULL);
	drop(*state, LOAD);
	drop(*state, MEMORY);
}

// In MiB; of 100 that the machine has 50 are available.
struct example {
	uint64_t available, total;
	struct file files[8];
};

static void assert_memory(const char *root, const struct example *example) {
	struct machine_memory memory;
	put(root, MEMORY, "MemTotal: 102400 kB\nMemFree: 1 kB\nMemAvailable: 51200 kB\n");
	for (const struct file *file = example->files; file->path; file++) {
		write_file(root, file);
	}
	int r = machine_memory(root, &memory);
	for (const struct file *file = example->files; file->path; file++) {
		remove_file(root, file);
	}
	drop(root, MEMORY);
	assert_int_equal(r, 0);
	assert_int_equal(memory.available, example->available MIB);
	assert_int_equal(memory.total, example->total MIB);
}

static void limits_of_control_groups_count(void **state) {
	static const struct example examples[] = {
		{50, 100, {{NULL, NULL}}},
		{50, 100,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "max\n"},
				{V2 "a/memory.current", "1048576\n"}}},
		{10, 20,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "20971520\n"},
				{V2 "a/memory.current", "10485760\n"}}},
		// What is left of the limit is more than the machine has.
		{50, 90,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "94371840\n"},
				{V2 "a/memory.current", "10485760\n"}}},
		// Files that can be dropped.
		{14, 20,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "20971520\n"},
				{V2 "a/memory.current", "10485760\n"},
				{V2 "a/memory.stat", "anon 1\ninactive_file 4194304\n"}}},
		{20, 20,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "20971520\n"},
				{V2 "a/memory.current", "10485760\n"},
				{V2 "a/memory.stat", "inactive_file 41943040\n"}}},
		// Over its limit.
		{0, 20,
			{{GROUP, "0::/a\n"}, {V2 "a/memory.max", "20971520\n"},
				{V2 "a/memory.current", "31457280\n"}}},
		// The one above has a higher limit, and less is left of it.
		{1, 20,
			{{GROUP, "0::/a/b\n"}, {V2 "a/b/memory.max", "20971520\n"},
				{V2 "a/b/memory.current", "10485760\n"},
				{V2 "a/memory.max", "31457280\n"},
				{V2 "a/memory.current", "30408704\n"}}},
		{10, 20,
			{{GROUP, "3:memory:/a\n"}, {V1 "a/memory.limit_in_bytes", "20971520\n"},
				{V1 "a/memory.usage_in_bytes", "11534336\n"},
				{V1 "a/memory.stat",
					"inactive_file 9\ntotal_inactive_file 1048576\n"}}},
		{50, 100,
			{{GROUP, "3:memory:/a\n"},
				{V1 "a/memory.limit_in_bytes", "9223372036854771712\n"},
				{V1 "a/memory.usage_in_bytes", "10485760\n"}}},
		{50, 100, {{GROUP, "0::/a\n"}, {V2 "a/memory.max", "20971520\n"}}},
		{50, 100,
			{{GROUP, "3:cpu:/a\n"}, {V1 "a/memory.limit_in_bytes", "20971520\n"},
				{V1 "a/memory.usage_in_bytes", "10485760\n"}}},
	};
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		assert_memory(*state, &examples[i]);
	}
}

static void the_machine_itself_can_be_asked(void **state) {
	(void)state;
	struct machine_memory memory;
	uint64_t load;
	assert_int_equal(machine_memory("", &memory), 0);
	assert_in_range(memory.available, 1, memory.total);
	assert_int_equal(machine_load("", &load), 0);
	errno = 0;
	assert_int_equal(machine_load("/nonexistent", &load), -1);
	assert_int_equal(errno, ENOENT);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(it_is_open_if_nothing_is_asked),
		TEST(a_delay_lies_between_starts),
		TEST(nothing_starts_at_or_above_the_load),
		TEST(what_was_started_counts_before_it_is_seen),
		TEST(it_is_read_ten_times_a_second_at_most),
		TEST(nothing_starts_without_memory),
		TEST(what_cannot_be_read_holds_nothing_back),
		TEST(a_shortage_opens_nothing),
		TEST(limits_of_control_groups_count),
		TEST(the_machine_itself_can_be_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
