// SPDX-License-Identifier: MIT
// spool run: the jobs of a file.
#include "cli/cli.h"
#include "cli/dry_run.h"
#include "cli/jobfile.h"
#include "cli/loop.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/signals.h"

// Lines of several jobs that mix need a name, and none of them can wait for a job to fail.
static int settle_output(struct invocation *invocation) {
	bool lines = invocation->grouping == GROUP_LINES;
	if (lines && invocation->show_given && invocation->show == SHOW_FAILED) {
		message_hint("--output all prints those of every job, --output never none",
			"--output failed: --line-buffer prints lines before a job has failed");
		return CLI_USAGE;
	}
	if (lines && !invocation->show_given) {
		invocation->show = SHOW_ALL;
	}
	invocation->plan.live = lines && invocation->show == SHOW_ALL;
	invocation->plan.tag = lines || invocation->tag;
	return CLI_OK;
}

static int execute(struct invocation *invocation, struct signals *signals) {
	struct jobfile jobfile;
	int status = settle_output(invocation);
	const char *file = status ? NULL : jobfile_choose(invocation, command_run.name);
	if (!file) {
		return CLI_USAGE;
	}
	status = CLI_USAGE;
	if (jobfile_open(&jobfile, file, &invocation->plan) == 0) {
		status = invocation->dry_run
				 ? dry_run(jobfile.plan)
				 : loop_carry_out(jobfile.plan, NULL, invocation, signals);
	}
	jobfile_clear(&jobfile);
	int received = atomic_load(&signals->received);
	if (received) {
		options_clear(invocation);
		signals_die(received);
	}
	return status;
}

const struct command_entry command_run = {
	.bit = COMMAND_RUN,
	.name = "run",
	.summary = "Runs a job file: all of it, or the jobs that are named.",
	.synopsis = "[OPTIONS] [FILE [JOB…]]",
	.operands = "FILE",
	.examples = "  spool run jobs/primes.yaml          20 checks on all CPUs\n"
		    "  spool run -j4 ci.yaml lint test     two jobs of a file\n"
		    "  spool run --skip 'deploy*' ci.yaml  all but some\n"
		    "  spool run --timeout 5m --output all\n"
		    "                                      spool.yaml of this directory\n"
		    "  make-jobs | spool run -             a job file from standard input\n"
		    "  spool run --dry-run ci.yaml         what would run, to paste\n",
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
