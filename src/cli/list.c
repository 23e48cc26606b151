// SPDX-License-Identifier: MIT
// spool list: the jobs, in the order in which they would start.
#include "cli/list.h"
#include "cli/cli.h"
#include "cli/jobfile.h"
#include "cli/options.h"

static int list(const struct plan *plan, enum list_format format) {
	static int (*const formats[])(const struct plan *, struct buf *) = {
		[LIST_TEXT] = list_text, [LIST_DOT] = list_dot};
	struct buf buf = {0};
	int r = formats[format](plan, &buf);
	return cli_print(&buf, r);
}

static int execute(struct invocation *invocation, struct signals *signals) {
	(void)signals;
	struct jobfile jobfile;
	const char *file = jobfile_choose(invocation, command_list.name);
	int status = CLI_USAGE;
	if (!file) {
		return CLI_USAGE;
	}
	if (jobfile_open(&jobfile, file, &invocation->plan) == 0) {
		status = list(jobfile.plan, invocation->format);
	}
	jobfile_clear(&jobfile);
	return status;
}

const struct command_entry command_list = {
	.bit = COMMAND_LIST,
	.name = "list",
	.summary = "Lists the jobs of a job file, and what each runs.",
	.synopsis = "[OPTIONS] [FILE [JOB…]]",
	.operands = "FILE",
	.examples = "  spool list jobs/primes.yaml\n"
		    "  spool list --only tag:slow ci.yaml  what run with these words would start\n"
		    "  spool list --format dot ci.yaml | dot -Tsvg >ci.svg\n",
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
