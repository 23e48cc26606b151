/* SPDX-License-Identifier: MIT
 * From the name of a job file to a plan, for the commands that take one. */
#ifndef CLI_JOBFILE_H
#define CLI_JOBFILE_H

#include "cli/options.h"
#include "plan/plan.h"

struct jobfile {
	struct spec *spec;
	struct plan *plan; /* its memory is the spec's */
};

/* Reads and plans; 0, or -1 when all that is wrong was said. Cleared by jobfile_clear either way.
 */
int jobfile_open(struct jobfile *jobfile, const char *file, const struct plan_options *options);
void jobfile_clear(struct jobfile *jobfile);

/* The job file and the jobs that the operands of a command name; the file is spool.yaml, spool.yml
   or .spool.yaml, whichever is there, when there are none. NULL when it said what is wrong: there
   is no such file, or the first word is the name of a job, likely. */
const char *jobfile_choose(struct invocation *invocation, const char *command);
#endif
