// SPDX-License-Identifier: MIT
// How many jobs run at the same time.
#include "plan/workers.h"

#include <limits.h>

static uint64_t count(const struct workers *workers, unsigned cpus, size_t n_jobs) {
	switch (workers->kind) {
	case WORKERS_CPUS:
		return cpus;
	case WORKERS_COUNT:
		return workers->n;
	case WORKERS_EACH:
		return n_jobs;
	case WORKERS_PERCENT:
		return (uint64_t)cpus * workers->n / 100;
	case WORKERS_LESS:
		return cpus > workers->n ? cpus - workers->n : 1;
	case WORKERS_MORE:
		return (uint64_t)cpus + workers->n;
	}
	return cpus;
}

unsigned workers_resolve(const struct workers *workers, unsigned cpus, size_t n_jobs) {
	bool asks_cpus = workers->kind != WORKERS_COUNT && workers->kind != WORKERS_EACH;
	uint64_t n = count(workers, cpus || !asks_cpus ? cpus : cpus_usable(""), n_jobs);
	return n < 1 ? 1 : n > UINT_MAX ? UINT_MAX : (unsigned)n;
}

unsigned workers_settle(
	const struct plan_options *options, const struct workers *file, size_t n_jobs) {
	const struct workers *workers = options->workers_given ? &options->workers : file;
	return workers_resolve(workers, options->cpus, n_jobs);
}
