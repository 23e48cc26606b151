// SPDX-License-Identifier: MIT
// How many workers a run has, while it runs. The pool has as many as there can be, and makes their
// threads as they are needed; it is the queue that hands out no more claims than are wanted.
#include "run/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn(struct run *run, char *text) {
	free(run->warning); // of a moment ago
	run->warning = text;
}

void staff_set(struct run *run) {
	unsigned workers = run->wanted < run->workers ? run->wanted : run->workers;
	queue_set_workers(run->queue, workers);
	// One that waits beside them would start whatever there is to hold it back.
	queue_set_ahead(run->queue,
		run->starts.limited ? 0 : workers * (run->brisk ? AHEAD_OF_SHORT : AHEAD));
}

void staff_lower(struct run *run, unsigned size) {
	char *text = NULL;
	unsigned before = run->wanted < run->workers ? run->wanted : run->workers;
	if (size < before && asprintf(&text, "%u of %u workers: no more threads can be made", size,
				     before) < 0) {
		text = NULL;
	}
	if (text) {
		warn(run, text);
	}
	run->workers = size;
	staff_set(run);
}

void staff_return_leave(struct claim *claim) {
	if (claim && claim->leave) {
		claim->leave = false;
		starts_return(&claim->run->starts);
	}
}

static void change(struct run *run) {
	const struct plan *plan = run->common.plan;
	char *text;
	size_t jobs = plan->endless ? SIZE_MAX : plan->n_jobs;
	unsigned wanted = workers_resolve(&run->starts.workers_file->workers, 0, jobs);
	run->wanted = wanted < jobs ? wanted : (unsigned)jobs;
	staff_set(run);
	if (run->wanted > run->workers && asprintf(&text, "%u of %u workers: there cannot be more",
						  run->workers, run->wanted) >= 0) {
		warn(run, text);
	}
}

static void look_at_file(struct run *run) {
	const char *wrong;
	char *text;
	switch (workers_file_look(run->starts.workers_file, clock_now(), &wrong)) {
	case WORKERS_SAME:
		break;
	case WORKERS_CHANGED:
		change(run);
		break;
	case WORKERS_WRONG:
		if (asprintf(&text, "the number of workers stays %u: %s: %s", run->wanted,
			    run->starts.workers_file->path, wrong) >= 0) {
			warn(run, text);
		}
		break;
	}
}

void staff_look(struct run *run) {
	const char *warning = run->warning ? NULL : gate_warning(&run->starts.gate);
	run->warning = warning ? strdup(warning) : run->warning;
	if (run->starts.workers_file && !run->warning) {
		look_at_file(run);
	}
}
