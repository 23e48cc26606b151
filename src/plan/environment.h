/* SPDX-License-Identifier: MIT
 * The environment of a job, bound. */
#ifndef PLAN_ENVIRONMENT_H
#define PLAN_ENVIRONMENT_H

#include "plan/recipe.h"

/* The variables of one job of the recipe; jobs that do not differ in them share them. */
struct environment environment_bind(
	struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding);
#endif
