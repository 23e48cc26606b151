/* SPDX-License-Identifier: MIT
 *
 * One job of the file, compiled: settings laid over each other, variables merged, templates ready
 * to be bound. Of it come as many jobs as its matrix has combinations.
 */
#ifndef PLAN_RECIPE_H
#define PLAN_RECIPE_H

#include "plan/rights.h"
#include "plan/settings.h"
#include "plan/tags.h"
#include "plan/template.h"

struct recipe_env {
	const char *name;
	struct template value;
	bool unset;
};

struct recipe {
	const struct spec_job *job;
	struct settings settings;
	struct template name, executable, cwd, input;
	struct template *argv; /* the kitchen's, until the next recipe is made */
	size_t argc;
	struct recipe_env *env; /* likewise */
	size_t n_env;
	/* What all jobs of the recipe have in common; NULL: they differ, or it is not made yet. */
	const struct text *same_argv;
	const struct plan_env *same_env;
	struct rights_recipe rights;
	struct tags_recipe tags;
};

/* What recipes are made with, one after the other, and what they share. */
struct kitchen {
	const struct spec *spec;
	const struct plan_options *options;
	struct problems *problems;
	unsigned workers;
	const char *directory; /* where relative paths start; NULL: where spool is */
	struct template shell, minus_e, minus_c, here;
	/* Of the defaults, compiled by the first job that inherits it, unless its jobs differ in
	 * it. */
	struct template *default_args, *default_env;
	struct template default_shell, default_executable, default_cwd, default_input;
	const struct text *default_argv_bound;
	const struct plan_env *default_env_bound;
	const char *const *default_tags;
	/* Reused by every recipe. */
	struct template *argv;
	size_t argv_cap;
	struct recipe_env *env;
	size_t env_cap;
};

/* workers: settled. */
void kitchen_init(struct kitchen *kitchen, const struct spec *spec,
	const struct plan_options *options, unsigned workers, struct problems *problems);

/* Problems of the job are reported, once for all its matrix. */
struct recipe recipe_make(struct kitchen *kitchen, const struct spec_job *job);

/* The job of one combination; binding->name is its name. */
struct job recipe_bind(
	struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding);
#endif
