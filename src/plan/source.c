// SPDX-License-Identifier: MIT
// How long a job of a source lives.
#include "plan/source.h"

#include <stdlib.h>

const struct job *job_hold(const struct job *job) {
	if (job->holders) {
		atomic_fetch_add(job->holders, 1);
	}
	return job;
}

void job_release(const struct job *job) {
	if (job->holders && atomic_fetch_sub(job->holders, 1) == 0) {
		free((void *)(uintptr_t)job);
	}
}

const struct job_holding job_holding = {.hold = job_hold, .release = job_release};
