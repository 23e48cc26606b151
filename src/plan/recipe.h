/* SPDX-License-Identifier: MIT
 *
 * One job of the file, compiled: settings laid over each other, variables merged, templates ready
 * to be bound. Of it come as many jobs as its matrix has combinations.
 */
#ifndef PLAN_RECIPE_H
#define PLAN_RECIPE_H

#include "plan/env_file.h"
#include "plan/paths.h"
#include "plan/rights.h"
#include "plan/settings.h"
#include "plan/sinks.h"
#include "plan/tags.h"
#include "plan/template.h"

struct recipe_env {
	const char *name;
	struct template value;
	bool unset;
};

/* Variables of a job. */
struct environment {
	const struct plan_env *items;
	size_t n;
};

struct recipe {
	const struct spec_job *job;
	const struct matrix *matrix;
	struct settings settings;
	struct template name, executable, cwd, input;
	struct template *argv; /* the kitchen's, until the next recipe is made */
	size_t argc;
	struct recipe_env *env; /* likewise */
	size_t n_env;
	struct template env_files[2]; /* of defaults, and the job's own */
	/* What all jobs of the recipe have in common; NULL: they differ, or it is not made yet. */
	const struct text *same_argv;
	struct environment same_env;
	bool shares_env; /* all jobs of the recipe have same_env; inherits_env: of the defaults */
	bool inherits_env;
	struct rights_recipe rights;
	struct sinks_recipe sinks;
	struct tags_recipe tags;
};

enum { ENV_FILES = 64 }; /* more of them are read again */

/* What recipes are made with, one after the other, and what they share. */
struct kitchen {
	const struct spec *spec;
	const struct plan_options *options;
	struct problems *problems;
	unsigned workers;
	const struct matrix *const *matrices; /* of each job of the file */
	const char *directory;                /* where relative paths start; NULL: where spool is */
	struct allowance *allowance;
	struct template shell, minus_e, minus_c, here;
	/* Of the defaults, compiled by the first job that inherits it, unless its jobs differ in
	 * it. */
	struct template *default_args, *default_env;
	struct template default_shell, default_executable, default_cwd, default_input,
		default_env_file;
	const struct text *default_argv_bound;
	struct environment default_env_bound;
	struct env_file *env_files[ENV_FILES]; /* read already */
	size_t n_env_files;
	struct paths paths;
	const char *const *default_tags;
	/* Reused by every recipe. */
	struct template *argv;
	size_t argv_cap;
	struct recipe_env *env;
	size_t env_cap;
};

/* Where relative paths start; NULL: where spool is. */
const char *kitchen_directory(const struct spec *spec, const struct plan_options *options);

/* workers: settled; matrices: of each job of the file. */
void kitchen_init(struct kitchen *kitchen, const struct spec *spec,
	const struct plan_options *options, const struct matrix *const *matrices, unsigned workers,
	struct problems *problems);

/* What ${{ }} means in a job. */
struct scope kitchen_scope(const struct kitchen *kitchen, const struct spec_job *job);

/* A relative path put behind the place where such paths start. */
struct text kitchen_anchor(const struct kitchen *kitchen, struct text path);

/* What the job can be named and selected by. */
struct recipe recipe_outline(struct kitchen *kitchen, const struct spec_job *job);
/* All of it. Problems of the job are reported, once for all its matrix. */
struct recipe recipe_make(struct kitchen *kitchen, const struct spec_job *job);

/* The job of one combination; binding->name is its name. */
struct job recipe_bind(
	struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding);
#endif
