/* SPDX-License-Identifier: MIT
 * The tags of a job: those of the defaults, then its own. */
#ifndef PLAN_TAGS_H
#define PLAN_TAGS_H

#include "plan/template.h"

struct tags_recipe {
	const struct spec_texts *inherited, *own; /* NULL: none */
	struct template *templates;               /* of the inherited, then of its own; NULL: */
	const char *const *same;                  /* no job of the recipe differs from another */
};

/* defaults: the tags of a job that has no others, if they are known by then; set when they are. */
struct tags_recipe tags_compile(
	const struct spec_job *job, const struct scope *scope, const char *const **defaults);

/* The tags of one job, NULL behind the last, each once; NULL: it has none. */
const char *const *tags_bind(const struct tags_recipe *recipe, const struct binding *binding,
	struct arena *arena, struct problems *problems);
#endif
