// SPDX-License-Identifier: MIT
// spool list: the jobs, in the order in which they would start.
#include "cli/list.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/jobfile.h"
#include "cli/options.h"

#include <errno.h>
#include <unistd.h>

enum { GATHERED = 1024 * 1024 }; // bytes of one write

// What is listed of a large file is not all kept.
static int write_some(struct buf *buf) {
	int r = buf->len < GATHERED ? 0 : fd_write_all(STDOUT_FILENO, buf->data, buf->len);
	buf->len = buf->len < GATHERED ? buf->len : 0;
	return r;
}

static int list(const struct plan *plan, enum list_format format) {
	static const struct listed *const formats[] = {
		[LIST_TEXT] = &listed_text, [LIST_JSON] = &listed_json, [LIST_DOT] = &listed_dot};
	const struct listed *listed = formats[format];
	struct buf buf = {0};
	void *state = NULL;
	int r = listed->begin(plan, &buf, &state);
	for (size_t i = 0; i < plan->n_jobs && r == 0; i++) {
		r = listed->job(plan, i, &buf, state);
		r = r == 0 ? write_some(&buf) : r;
	}
	int saved = errno;
	r |= listed->end(plan, &buf, state);
	errno = r < 0 && saved ? saved : errno;
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
		    "  spool list --format dot ci.yaml | dot -Tsvg >ci.svg\n"
		    "  spool list --format json ci.yaml | jq -r '.jobs[].job'\n",
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
