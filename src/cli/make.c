// SPDX-License-Identifier: MIT
// As a make below make: without the jobserver that it was told of, one job runs at a time; -j goes
// before all.
#include "cli/make.h"
#include "cli/cli.h"
#include "cli/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cli_look_at_make(struct jobserver_spec *spec) {
	jobserver_parse(getenv("MAKEFLAGS"), spec);
}

void make_join(struct invocation *invocation, const struct jobserver_spec *spec) {
	struct plan_options *plan = &invocation->plan;
	const char *problem = jobserver_problem(spec);
	if (spec->kind == JOBSERVER_NONE || invocation->dry_run) {
		return;
	}
	invocation->environment = jobserver_scrub((const char *const *)environ);
	if (plan->workers_given) {
		if (!problem) {
			message("warning: -j is given: these jobs do not count among those of "
				"make -j");
		}
		return;
	}
	if (!problem && jobserver_open(&invocation->jobserver, spec, "") < 0) {
		problem = strerror(errno);
	}
	if (problem) {
		message_hint("begin the line of the recipe with +, or say how many: -j4",
			"warning: one job at a time: the jobserver of make cannot be used: %s",
			problem);
		plan->workers_given = true;
		plan->workers = (struct workers){WORKERS_COUNT, 1};
	} else {
		plan->cpus = spec->jobs; // 0, of an older make: as many as there are
	}
}
