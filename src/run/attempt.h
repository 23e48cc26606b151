/* SPDX-License-Identifier: MIT
 * One try of one job, in straight-line code: start, pump, exit, drain, sweep, reap, verdict. */
#ifndef RUN_ATTEMPT_H
#define RUN_ATTEMPT_H

#include "run/run.h"

/* An attempt_func with real processes. Runs in a worker thread; never fails: what goes wrong is
   in *result. */
void attempt_run(const struct attempt_common *common, struct result *result);
#endif
