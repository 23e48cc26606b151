/* SPDX-License-Identifier: MIT
 * From the name of a job file to a plan, for the commands that take one. */
#ifndef CLI_JOBFILE_H
#define CLI_JOBFILE_H

#include "plan/plan.h"

struct jobfile {
	struct spec *spec;
	struct plan *plan; /* its memory is the spec's */
};

/* Reads and plans; 0, or -1 when all that is wrong was said. Cleared by jobfile_clear either way.
 */
int jobfile_open(struct jobfile *jobfile, const char *file, const struct plan_options *options);
void jobfile_clear(struct jobfile *jobfile);

/* spool.yaml, spool.yml or .spool.yaml, whichever is there; NULL when it said that none is. */
const char *jobfile_default(void);

/* Whether a word that should be a job file is none, while one of those above is there: the name of
   a job, likely. It is said then. */
bool jobfile_is_job(const char *word);
#endif
