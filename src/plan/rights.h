/* SPDX-License-Identifier: MIT
 * What a job may: names of users and groups become numbers, and what this spool could not give it
 * is a problem before anything starts. */
#ifndef PLAN_RIGHTS_H
#define PLAN_RIGHTS_H

#include "plan/settings.h"
#include "plan/template.h"

struct rights_recipe {
	struct template user, group;
	struct template *groups; /* of extra_groups */
	bool fixed;              /* no job of the recipe differs from another */
	bool made;               /* then, once it is: */
	const struct rights *same;
};

struct rights_recipe rights_compile(const struct settings *settings, const struct scope *scope);

/* The rights of one job; NULL: nothing was asked for. */
const struct rights *rights_bind(struct rights_recipe *recipe, const struct settings *settings,
	const struct binding *binding, const struct spec *spec, struct problems *problems);
#endif
