/* SPDX-License-Identifier: MIT
 * Where the reports of a run go: --report, and the text on standard output. */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "cli/options.h"

struct reports {
	struct report_outlet *outlets; /* that of standard output is the first, if there is one */
	const char **names;            /* as they were asked for; NULL: of the text that was not */
	bool *own;                     /* the file was made here */
	size_t n;
	bool mixed; /* of spool map: one pipe takes what it prints and the jobs' error output */
};

/* What goes to standard output if no report does; outputs are the jobs', and what they write to
   standard error goes there in any case. */
enum reports_usual { REPORTS_NONE, REPORTS_TEXT, REPORTS_OUTPUTS };

/* Makes the files. 0, or the exit status when it said what is wrong; reports_close comes after
   either. */
int reports_open(
	struct reports *reports, const struct invocation *invocation, enum reports_usual usual);

/* 0, or -1 when it said which file could not be written to its end. */
int reports_close(struct reports *reports);
#endif
