/* SPDX-License-Identifier: MIT
 * The settings of a job, each from where it counts: command line over job over defaults over ours.
 */
#ifndef PLAN_SETTINGS_H
#define PLAN_SETTINGS_H

#include "plan/plan.h"

/* All borrowed from the spec. */
struct settings {
	const struct spec_texts *args; /* one of args and run; neither: that was reported */
	const struct spec_text *run;
	const struct spec_text *shell, *executable, *cwd, *input; /* NULL: not given */
	const struct spec_text *in, *env_file; /* likewise; not both in and input */
	const struct spec_sink *out, *err;     /* likewise */
	uint64_t max_output;
	const struct spec_text *user, *group;  /* likewise */
	const struct spec_texts *extra_groups; /* likewise */
	const struct spec_int *umask, *nice;   /* likewise */
	struct spec_limit limits[SPEC_LIMITS];
	bool inherit_env, check, allow_failure;
	enum when when;
	const uint8_t *success; /* 32 bytes, one bit for each code */
	int64_t timeout_ns, grace_ns;
};

/* Reports what of a job's commands contradicts itself. */
struct settings settings_of(const struct spec_job *job, const struct spec *spec,
	const struct plan_options *options, struct problems *problems);

/* A command, or standard input, said twice in one map: asked once of defaults, and by settings_of
   of each job. */
void settings_check_command(const struct spec_settings *map, struct problems *problems);
void settings_check_input(const struct spec_settings *map, struct problems *problems);
#endif
