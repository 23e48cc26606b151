/* SPDX-License-Identifier: MIT
 * From everything that was prepared to a process. The only file that knows posix_spawn. */
#ifndef SUBPROCESS_SPAWN_H
#define SUBPROCESS_SPAWN_H

#include "subprocess/command.h"
#include "subprocess/inherit.h"
#include "subprocess/step.h"
#include "subprocess/streams.h"

struct launch {
	const sp_opts *opts;
	struct command command;
	struct streams streams;
	struct inherit inherit;
	int cwd_fd; /* -1: none */
	struct step step;
};

/* Starts the program, or its exec step. 0 and *pid, or SP_E_NOMEM, SP_E_HELPER, SP_E_OS (SP_AT_FDS,
   SP_AT_SETUP, SP_AT_CREATE, SP_AT_EXEC). */
sp_status spawn(struct launch *launch, pid_t *pid, sp_error *error);
#endif
