// SPDX-License-Identifier: MIT
// spool check: all that can be wrong with a job file, before anything runs.
#include "cli/cli.h"
#include "cli/jobfile.h"
#include "cli/message.h"
#include "cli/options.h"

// Whether there is nothing to say of the file but warnings.
static bool is_good(const char *file, const struct plan_options *options) {
	struct jobfile jobfile;
	bool good = jobfile_open(&jobfile, file, options) == 0;
	if (good) {
		struct problems problems = {.arena = jobfile.spec->arena};
		good = plan_check(jobfile.spec, jobfile.plan, options, &problems);
		message_problems(jobfile.spec, &problems);
	}
	jobfile_clear(&jobfile);
	return good;
}

static int execute(struct invocation *invocation, struct signals *signals) {
	(void)signals;
	int status = CLI_OK;
	if (invocation->n_operands == 0) {
		message_hint("spool check FILE…", "no job file is named");
		return CLI_USAGE;
	}
	for (size_t i = 0; i < invocation->n_operands; i++) {
		if (!is_good(invocation->operands[i], &invocation->plan)) {
			status = CLI_USAGE;
		}
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
