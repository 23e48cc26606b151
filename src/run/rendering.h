/* SPDX-License-Identifier: MIT
 * The argument vector and environment of one attempt, rendered from the plan. */
#ifndef RUN_RENDERING_H
#define RUN_RENDERING_H

#include "base/buf.h"
#include "run/run.h"

struct rendering {
	const char **argv; /* argc entries and a NULL */
	size_t argc;
	const char **env;                     /* with a NULL behind it */
	const char *executable, *cwd, *input; /* NULL: not given */
	const char *out, *err;                /* paths of files for output; likewise */
	size_t input_len;
	void **owned; /* what was rendered for this attempt alone */
	size_t n_owned, cap_owned;
};

/* 0, or -1 without memory; either way rendering_clear frees it. */
int rendering_make(struct rendering *rendering, const struct attempt_common *common,
	const struct result *result);
void rendering_clear(struct rendering *rendering);
#endif
