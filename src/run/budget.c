// SPDX-License-Identifier: MIT
// The budget of descriptors: what is open at the start, what the run itself needs, what a job does.
#include "run/budget.h"

#include <dirent.h>
#include <sys/resource.h>

enum {
	RUN_FDS = 12,     // of the run six, of its report four, of the signal thread two
	JOB_FDS = 6,      // three pipes, the child's ends for a moment, a pidfd
	STEP_FDS = 4,     // more of them for a moment, if the job needs the exec step
	JOB_FILES = 2,    // output too long for memory
	FALLBACK_OPEN = 8 // without /proc nobody counts
};

static unsigned long count_open(void) {
	DIR *dir = opendir("/proc/self/fd");
	unsigned long n = 0;
	if (!dir) {
		return FALLBACK_OPEN;
	}
	while (readdir(dir)) {
		n++;
	}
	closedir(dir);
	return n - 3; // ".", ".." and the directory itself
}

unsigned budget_workers(unsigned wanted, bool by_step, unsigned more, unsigned beside,
	unsigned long *limit, unsigned long *needed) {
	struct rlimit nofile;
	if (getrlimit(RLIMIT_NOFILE, &nofile) < 0 || nofile.rlim_cur == RLIM_INFINITY) {
		*limit = *needed = 0;
		return wanted;
	}
	unsigned long base = count_open() + RUN_FDS + beside;
	*limit = nofile.rlim_cur;
	// Of several jobs one finds room when another has started.
	*needed = base + JOB_FDS + (by_step ? STEP_FDS : 0) + more;
	if (*limit < *needed) {
		return 0;
	}
	unsigned long fit = (*limit - base) / (JOB_FDS + JOB_FILES + more);
	fit = fit ? fit : 1;
	return fit < wanted ? (unsigned)fit : wanted;
}
