/* SPDX-License-Identifier: MIT
 * What a test can see of its own process: descriptors, threads, the tool that it runs under. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

/* Entries of a folder of /proc/self: "fd" counts descriptors, "task" threads. */
static inline int probe_count(const char *what) {
	char path[64];
	snprintf(path, sizeof path, "/proc/self/%s", what);
	DIR *dir = opendir(path);
	int n = 0;
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		n += entry->d_name[0] != '.';
	}
	if (dir) {
		closedir(dir);
	}
	return n;
}

static inline int64_t probe_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A millisecond's rest between two looks. */
static inline void probe_rest(void) {
	nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* Looks until the condition holds; the test fails when it does not within 20 seconds. What was true
   once counts: it is not asked again, since it may pass. */
#define AWAIT(condition)                                                          \
	do {                                                                      \
		int64_t await_until = probe_now() + INT64_C(20000000000);         \
		bool await_met;                                                   \
		while (!(await_met = (condition)) && probe_now() < await_until) { \
			probe_rest();                                             \
		}                                                                 \
		assert_true(await_met);                                           \
	} while (0)

/* Whether a thread of ours sleeps in the kernel, as one does that waits for a queue. */
static inline bool probe_asleep(pid_t tid) {
	char path[64], line[512] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
	FILE *file = fopen(path, "re");
	if (!file) {
		return false;
	}
	const char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return end && end[1] == ' ' && end[2] == 'S';
}

/* The tool this runs under: "asan", "tsan", "valgrind", or "". */
static inline const char *probe_tool(void) {
#if defined(__SANITIZE_ADDRESS__)
	return "asan";
#elif defined(__SANITIZE_THREAD__)
	return "tsan";
#else
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
	return "asan";
#elif __has_feature(thread_sanitizer)
	return "tsan";
#endif
#endif
	const char *tool = getenv("SPOOL_TEST_TOOL");
	return tool ? tool : "";
#endif
}

/* Skips the test under a tool that cannot run it, and says so. */
#define SKIP_UNDER(tool, reason)                                                \
	do {                                                                    \
		if (strcmp(probe_tool(), tool) == 0) {                          \
			printf("tagged: %s: %s: %s\n", __func__, tool, reason); \
			skip();                                                 \
		}                                                               \
	} while (0)
#endif
