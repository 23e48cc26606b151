/* SPDX-License-Identifier: MIT
 * spool run --dry-run: what would run, as lines for a shell. */
#ifndef CLI_DRY_RUN_H
#define CLI_DRY_RUN_H

#include "base/buf.h"
#include "plan/plan.h"

/* Appends what a job executes: its words, and its executable if that is another. 0, or -1 with
   errno ENOMEM. */
int dry_run_words(struct buf *buf, const struct job *job);

/* Prints it on standard output; the exit status. */
int dry_run(const struct plan *plan);
#endif
