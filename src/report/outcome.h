/* SPDX-License-Identifier: MIT
 * A result in words, as lines and digest use them. */
#ifndef REPORT_OUTCOME_H
#define REPORT_OUTCOME_H

#include "base/buf.h"
#include "plan/plan.h"
#include "result/result.h"

enum { OUTCOME_WORD = 9 }; /* columns of the longest word */

/* "PASS", "FAIL", … */
const char *outcome_word(enum verdict verdict);

/* The word's SGR sequence. */
const char *outcome_colour(const struct result *result);
extern const char outcome_yellow[];

/* What the plan's report calls this exit status; NULL: it has no word for it. */
const char *outcome_label(const struct plan *plan, const struct result *result);

/* Appends what it took, "cpu 0.12s, 14M"; nothing of a job that did not start. 0, or -1. */
int outcome_usage(struct buf *buf, const struct result *result);

/* Appends what went wrong, "exit 3" or "after 60s, killed"; nothing where nothing did. 0, or -1. */
int outcome_detail(struct buf *buf, const struct plan *plan, const struct result *result);

/* Appends "SIGTERM", "SIGRTMIN+3", "signal 32". 0, or -1. */
int outcome_signal(struct buf *buf, int signal);

/* What became of a job, in one byte: 0 as long as it is not known. */
enum outcome { OUTCOME_UNKNOWN, OUTCOME_SKIPPED = N_VERDICTS + 1 };
static inline unsigned char outcome_of(enum verdict verdict) {
	return (unsigned char)(verdict + 1);
}

/* Whether the job would have run if all had gone well, so that it is missed. */
bool outcome_is_missed(const struct plan *plan, size_t job, const struct skip *skip,
	const unsigned char *outcomes);

/* Appends why a job was skipped, "needs build, which failed"; outcomes: of all jobs. 0, or -1. */
int outcome_skip(struct buf *buf, const struct plan *plan, size_t job, const struct skip *skip,
	const unsigned char *outcomes);
#endif
