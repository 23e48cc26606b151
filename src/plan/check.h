/* SPDX-License-Identifier: MIT
 * What only `spool check` asks, since what is missing now may be there when a job starts. Comes
 * with plan.h. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "plan/plan.h"

/*
 * Looks for the programs and the working directories of a plan's jobs, and for matrix variables
 * that nothing uses. False: a job would fail; else all that was added to problems is warnings. The
 * plan is one of plan_make without a problem, of this spec and with these options.
 */
bool plan_check(const struct spec *spec, const struct plan *plan,
	const struct plan_options *options, struct problems *problems);
#endif
