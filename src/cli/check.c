// SPDX-License-Identifier: MIT
// spool check: all that can be wrong with a job file, before anything runs.
#include "cli/cli.h"
#include "cli/jobfile.h"
#include "cli/message.h"
#include "cli/options.h"

static int execute(struct invocation *invocation, struct signals *signals) {
	(void)signals;
	int status = CLI_OK;
	if (invocation->n_operands == 0) {
		message_hint("spool check FILE…", "no job file is named");
		return CLI_USAGE;
	}
	for (size_t i = 0; i < invocation->n_operands; i++) {
		struct jobfile jobfile;
		if (jobfile_open(&jobfile, invocation->operands[i], &invocation->plan) < 0) {
			status = CLI_USAGE;
		}
		jobfile_clear(&jobfile);
	}
	return status;
}

const struct command_entry command_check = {
	.bit = COMMAND_CHECK,
	.name = "check",
	.summary = "Says all that is wrong with job files; silent when nothing is.",
	.synopsis = "[OPTIONS] FILE…",
	.operands = "FILES",
	.examples = "  spool check jobs/primes.yaml\n"
		    "  spool check *.yaml && git commit\n",
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
