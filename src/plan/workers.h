/* SPDX-License-Identifier: MIT
 * How many jobs run at the same time. */
#ifndef PLAN_WORKERS_H
#define PLAN_WORKERS_H

#include "plan/plan.h"

/* As the command line says, else the file; n_jobs: those that will run. At least 1. */
unsigned workers_settle(
	const struct plan_options *options, const struct workers *file, size_t n_jobs);
#endif
