// SPDX-License-Identifier: MIT
// Reads /proc/loadavg, /proc/meminfo and the memory files of control groups.
#include "run/machine.h"
#include "base/cgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Closes it; 0, or -1 and errno of before, ENODATA if there is none.
static int finish(FILE *file, bool found) {
	int saved = errno;
	if (file) {
		fclose(file);
		saved = ENODATA;
	}
	errno = saved;
	return found ? 0 : -1;
}

int machine_load(const char *root, uint64_t *hundredths) {
	FILE *file = cgroup_file(root, "/proc", "loadavg");
	unsigned whole, part;
	bool found = file && fscanf(file, "%9u.%2u", &whole, &part) == 2;
	*hundredths = found ? (uint64_t)whole * 100 + part : 0;
	return finish(file, found);
}

// The number behind this word in lines of "word number"; false: it is not there.
static bool find(FILE *file, const char *word, uint64_t *number) {
	char read[64];
	rewind(file);
	while (fscanf(file, "%63s", read) == 1) {
		if (strcmp(read, word) == 0 && fscanf(file, "%" SCNu64, number) == 1) {
			return true;
		}
	}
	return false;
}

struct limits {
	const char *root;
	uint64_t most; // what is this or more limits nothing
	struct machine_memory *memory;
};

static bool read_number(
	const struct limits *limits, const char *directory, const char *name, uint64_t *number) {
	char word[1][24], *end;
	if (cgroup_words(limits->root, directory, name, word, 1) != 1) {
		return false;
	}
	*number = strtoull(word[0], &end, 10);
	return end != word[0] && !*end; // "max" is none
}

// File pages that have not been used for long; they count as used, and are dropped when need be.
static uint64_t idle_pages(const struct limits *limits, const char *directory, const char *word) {
	FILE *file = cgroup_file(limits->root, directory, "memory.stat");
	uint64_t bytes;
	bool found = file && find(file, word, &bytes);
	return finish(file, found) == 0 ? bytes : 0;
}

static void look(void *arg, const char *directory, enum cgroup_version version) {
	static const struct {
		const char *limit, *usage, *idle;
	} names[] = {
		[CGROUP_V1] = {"memory.limit_in_bytes", "memory.usage_in_bytes",
			"total_inactive_file"},
		[CGROUP_V2] = {"memory.max", "memory.current", "inactive_file"},
	};
	struct limits *limits = arg;
	struct machine_memory *memory = limits->memory;
	uint64_t limit, used;
	// A v1 without a limit has one that is larger than all memory.
	if (!read_number(limits, directory, names[version].limit, &limit) ||
		limit >= limits->most ||
		!read_number(limits, directory, names[version].usage, &used)) {
		return;
	}
	uint64_t idle = idle_pages(limits, directory, names[version].idle);
	used -= idle < used ? idle : used;
	uint64_t left = used < limit ? limit - used : 0;
	memory->available = left < memory->available ? left : memory->available;
	memory->total = limit < memory->total ? limit : memory->total;
}

int machine_memory(const char *root, struct machine_memory *memory) {
	FILE *file = cgroup_file(root, "/proc", "meminfo");
	*memory = (struct machine_memory){0};
	bool found = file && find(file, "MemTotal:", &memory->total) &&
		     find(file, "MemAvailable:", &memory->available);
	if (finish(file, found) < 0) {
		return -1;
	}
	memory->total *= 1024;
	memory->available *= 1024;
	struct limits limits = {root, memory->total, memory};
	cgroup_climb(root, "memory", look, &limits);
	return 0;
}
