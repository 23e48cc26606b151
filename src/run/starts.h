/* SPDX-License-Identifier: MIT
 * Whether one more job may start now, beside a worker being free: gate, jobserver, and the number
 * of workers that a file says. Main thread only, but where it says so. */
#ifndef RUN_STARTS_H
#define RUN_STARTS_H

#include "run/run.h"

struct starts {
	bool limited; /* there is anything of that kind: no claim may wait beside the workers */
	struct gate gate;
	struct jobserver *jobserver;       /* borrowed; NULL */
	struct workers_file *workers_file; /* borrowed; NULL */
	int64_t again;    /* when there may be leave that was refused; INT64_MAX: none was */
	bool lacks_token; /* the jobserver had none */
};
void starts_init(struct starts *starts, const struct run_options *options);

/* Nobody has asked yet. */
void starts_unasked(struct starts *starts);
/* Leave for one job to start, and it keeps it while it runs. False: not now. */
bool starts_ask(struct starts *starts);
/* It starts. */
void starts_note(struct starts *starts);
/* The job has ended, or does not start now. */
void starts_return(struct starts *starts);

/* Where leave that was refused may come from: readable then; -1. */
int starts_fd(const struct starts *starts);
/* When to look again though nothing happens: the earlier one of that and deadline. */
int64_t starts_deadline(const struct starts *starts, int64_t deadline);
#endif
