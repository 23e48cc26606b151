/* SPDX-License-Identifier: MIT
 * spool run --dry-run: what would run, as lines for a shell. */
#ifndef CLI_DRY_RUN_H
#define CLI_DRY_RUN_H

#include "plan/plan.h"

/* Prints it on standard output; the exit status. */
int dry_run(const struct plan *plan);
#endif
