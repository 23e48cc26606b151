/* SPDX-License-Identifier: MIT
 * The command of a job, so that it can be pasted into a shell. */
#ifndef REPORT_COMMAND_H
#define REPORT_COMMAND_H

#include "base/buf.h"
#include "plan/plan.h"

/* Appends it as it was for this slot and attempt, on one line: words with characters that would
   not be seen are written $'like this\n'. 0, or -1 without memory. */
int command_put(struct buf *buf, const struct job *job, unsigned slot, unsigned attempt);

/* How long its words are, without quotes. */
size_t command_length(const struct job *job);
#endif
