/* SPDX-License-Identifier: MIT
 * What a job is called. */
#ifndef PLAN_NAMING_H
#define PLAN_NAMING_H

#include "plan/recipe.h"

/*
 * The name of one job of the matrix. Left out, it is the base name of the program and the job's
 * number: is_prime-3, sh-4. A matrix job whose name has no ${{ }} gets the values behind it:
 * build (linux, 3.9).
 */
const char *naming_name(
	const struct recipe *recipe, const struct binding *binding, struct arena *arena);

/* What is wrong with such a name, or NULL. */
const char *naming_fault(const char *name);
#endif
