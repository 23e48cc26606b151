// SPDX-License-Identifier: MIT
// The environment of a job, of env and of the files that stand below it. Files are read only for
// jobs that will run.
#include "plan/environment.h"
#include "plan/place.h"

#include <string.h>

// The file at a path, from those read already if it is among them: a pipe can be read only once.
static const struct env_file *env_file_at(
	struct kitchen *kitchen, const char *path, const struct spec_text *source) {
	for (size_t i = 0; i < kitchen->n_env_files; i++) {
		if (strcmp(kitchen->env_files[i]->path, path) == 0) {
			return kitchen->env_files[i];
		}
	}
	struct arena *arena = kitchen->spec->arena;
	const struct env_source from = {arena, source->at, kitchen->problems};
	struct env_file *file = ARENA_NEW(arena, struct env_file);
	*file = env_file_read(path, &from);
	if (kitchen->n_env_files < ENV_FILES) {
		kitchen->env_files[kitchen->n_env_files++] = file;
	}
	return file;
}

// NULL: there is none, or it is wrong, which is reported.
static const struct env_file *bind_env_file(struct kitchen *kitchen,
	const struct template *template, const struct spec_text *source,
	const struct binding *binding) {
	if (!template_given(template) || template->broken) {
		return NULL;
	}
	struct text text = template_bind(template, binding, kitchen->spec->arena);
	const char *given = text_fixed(&text);
	if (given && !*given) {
		place_add(kitchen->problems, source->at, NULL, "'env_file' is empty");
	} else if (!given) {
		place_add(kitchen->problems, source->at,
			"it is read before anything starts: spool.slot and spool.attempt cannot "
			"stand in it",
			"the path of 'env_file' is known only when the job starts");
	}
	text = kitchen_anchor(kitchen, text);
	return given && *given ? env_file_at(kitchen, text_fixed(&text), source) : NULL;
}

static struct environment bind_env(
	const struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding) {
	struct arena *arena = kitchen->spec->arena;
	struct plan_env *env = ARENA_ARRAY(arena, recipe->n_env, struct plan_env);
	for (size_t i = 0; i < recipe->n_env; i++) {
		const struct recipe_env *from = &recipe->env[i];
		env[i].name = from->name;
		env[i].unset = from->unset || template_lacks(&from->value, binding);
		if (!env[i].unset) {
			env[i].value = template_bind(&from->value, binding, arena);
		}
	}
	struct environment environment = {env, recipe->n_env};
	const struct spec_files *defaults = kitchen->spec->defaults.files;
	const struct spec_text *sources[] = {
		defaults ? &defaults->env_file : NULL, recipe->settings.env_file};
	const struct env_file *files[2];
	size_t n = 0;
	for (size_t i = 0; i < 2; i++) {
		files[n] = bind_env_file(kitchen, &recipe->env_files[i], sources[i], binding);
		n += files[n] != NULL;
	}
	if (n > 0) {
		environment.items = env_file_lay(files, n, env, &environment.n, arena);
	}
	return environment;
}

struct environment environment_bind(
	struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding) {
	if (!recipe->shares_env) {
		return bind_env(recipe, kitchen, binding);
	}
	if (!recipe->same_env.items && recipe->inherits_env) {
		recipe->same_env = kitchen->default_env_bound;
	}
	if (!recipe->same_env.items) {
		recipe->same_env = bind_env(recipe, kitchen, binding);
	}
	if (recipe->inherits_env) {
		kitchen->default_env_bound = recipe->same_env;
	}
	return recipe->same_env;
}
