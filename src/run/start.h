/* SPDX-License-Identifier: MIT
 * The one narrow place where an attempt is started. */
#ifndef RUN_START_H
#define RUN_START_H

#include "run/results.h"
#include "subprocess/subprocess.h"

#include <stdbool.h>

/*
 * Starts the job of *result, and opens its results, also when it is not started. True: *proc is the
 * caller's, and *input (*input_len bytes, freed by the caller) is what to feed it, NULL if nothing.
 * False: *result says why (VERDICT_EXEC, or VERDICT_CANCELLED when the run was stopped while
 * waiting for the machine to have room).
 */
bool attempt_start(const struct attempt_common *common, struct result *result,
	struct results *results, sp_proc **proc, char **input, size_t *input_len);
#endif
