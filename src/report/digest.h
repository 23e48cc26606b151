/* SPDX-License-Identifier: MIT
 *
 * What is said at the end of the jobs that did not pass: gathered as results arrive, in memory or,
 * when there are very many, in a file. */
#ifndef REPORT_DIGEST_H
#define REPORT_DIGEST_H

#include "plan/plan.h"
#include "report/batch.h"
#include "result/result.h"

#include <stdbool.h>

enum {
	DIGEST_LINES = 20,           /* of a job's output */
	DIGEST_BYTES = 8 * 1024,     /* of it, at most */
	DIGEST_COMMAND = 128 * 1024, /* the longest command that is shown */
	DIGEST_MEMORY = 1024 * 1024, /* then it goes to a file */
	DIGEST_NAMES = 20,           /* lines of them, of a plan that has no end */
};

struct digest; /* opaque */

struct digest_options {
	bool colour;
	bool output;           /* with the last lines of it */
	bool only_err;         /* of standard error alone */
	bool own_command;      /* again: the job's own command, not one of spool */
	const char *spill_dir; /* NULL: $TMPDIR or /tmp */
};

/* The plan is borrowed. NULL without memory. */
struct digest *digest_new(const struct plan *plan, const struct digest_options *options);
void digest_free(struct digest *digest);

/* Notes a result that is not a pass. Never fails: what cannot be kept is named at the end. */
void digest_result(struct digest *digest, const struct result *result);
/* Jobs that are named at the end, and no more. */
void digest_skipped(struct digest *digest, const struct job *job, size_t index);
void digest_not_started(struct digest *digest, const struct job *job, size_t index);

/* Whoever ended the run wanted no more of it: what did not run to its end is not named. */
void digest_cut_off(struct digest *digest);

/* Hands over all of it. 0, or -1 with errno ENOMEM. */
int digest_finish(struct digest *digest, const struct tally *tally, struct batch *batch);
#endif
