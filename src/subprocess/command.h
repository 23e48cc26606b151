/* SPDX-License-Identifier: MIT
 * What is executed: the program, its arguments, its environment. */
#ifndef SUBPROCESS_COMMAND_H
#define SUBPROCESS_COMMAND_H

#include "subprocess/subprocess.h"

struct command {
	const char *file; /* as the caller wrote it; borrowed */
	const char *path; /* the PATH to look for it in; borrowed; NULL: there is none */
	char **argv;      /* the array is owned, the words are borrowed */
	char **envp;
	char **own_envp; /* the array, if it is ours */
};

/* SP_E_VALUE, SP_E_NOMEM; then there is nothing to clear. */
sp_status command_init(struct command *command, const sp_opts *opts, sp_error *error);
void command_clear(struct command *command);
#endif
