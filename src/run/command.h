/* SPDX-License-Identifier: MIT
 * The argument vector and environment of one attempt, rendered from the plan. */
#ifndef RUN_COMMAND_H
#define RUN_COMMAND_H

#include "base/buf.h"
#include "run/run.h"

struct command {
	const char **argv; /* argc entries and a NULL */
	size_t argc;
	const char **env;                     /* with a NULL behind it */
	const char *executable, *cwd, *input; /* NULL: not given */
	size_t input_len;
	void **owned; /* what was rendered for this attempt alone */
	size_t n_owned, cap_owned;
};

/* 0, or -1 without memory; either way command_clear frees it. */
int command_render(
	struct command *command, const struct attempt_common *common, const struct result *result);
void command_clear(struct command *command);
#endif
