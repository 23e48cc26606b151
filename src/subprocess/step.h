/* SPDX-License-Identifier: MIT
 * This side of the exec step: what it is asked for, its order, and how it went. */
#ifndef SUBPROCESS_STEP_H
#define SUBPROCESS_STEP_H

#include "subprocess/command.h"
#include "subprocess/inherit.h"

struct step {
	bool needed;               /* if not, nothing else is set */
	const char *path;          /* of its program; borrowed */
	int order_fd;              /* the order; the child's alone once it is there; -1 */
	int reports[2];            /* a pipe; [1] is the child's; -1 */
	char name[32], fds[2][12]; /* its argv: the numbers are of the child's two descriptors */
	char *argv[4];
};

/* Writes the order if there is need of one. SP_E_VALUE, SP_E_RANGE, SP_E_NOMEM, SP_E_OS
   (SP_AT_PIPE); then nothing is open. */
sp_status step_init(struct step *step, const sp_opts *opts, const struct command *command,
	const struct inherit *inherit, sp_error *error);

/* What posix_spawn said of the exec step's own program. */
sp_status step_not_executed(const struct step *step, int os_errno, sp_error *error);

/* Waits until the child of the exec step has executed the program, or says why not; then it is
   collected. SP_OK also if a signal killed it meanwhile. file is the program as asked for. */
sp_status step_await(struct step *step, const sp_proc *proc, const char *file, sp_error *error);

void step_clear(struct step *step);
#endif
