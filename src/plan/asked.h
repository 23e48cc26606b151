/* SPDX-License-Identifier: MIT
 * The needs of a job as they are written, their texts filled in. */
#ifndef PLAN_ASKED_H
#define PLAN_ASKED_H

#include "plan/template.h"

struct asked {
	const struct spec_needs *source;
	const char *const *which; /* one for each item of the source */
};

struct asked_recipe {
	const struct spec_needs *source; /* NULL: none */
	struct template *templates;
	const struct asked *same; /* no job of the recipe differs from another; NULL: they do */
};

/* Memory from the arena; what is wrong is said with that of the scope. */
struct asked_recipe asked_compile(
	const struct spec_job *job, const struct scope *scope, struct arena *arena);

/* Jobs that ask for the same share it; NULL: nothing is asked for. */
const struct asked *asked_bind(
	const struct asked_recipe *recipe, const struct binding *binding, struct arena *arena);
#endif
