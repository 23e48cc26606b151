// SPDX-License-Identifier: MIT
// Names and tags of all jobs. How many workers there are may depend on how many jobs are taken, and
// these on their names, which may hold how many workers there are: so the names come first.
#include "plan/catalogue.h"
#include "plan/matrix.h"
#include "plan/naming.h"
#include "plan/recipe.h"
#include "plan/workers.h"

// Needs are compiled nowhere else: what is wrong with them is said with the memory of the spec.
static struct asked_recipe ask(struct kitchen *kitchen, const struct spec *spec,
	const struct spec_job *job, struct problems *problems) {
	struct scope scope = kitchen_scope(kitchen, job);
	scope.spec = spec;
	scope.problems = problems;
	return asked_compile(job, &scope, kitchen->spec->arena);
}

static void add_jobs(struct catalogue *catalogue, struct kitchen *kitchen, const struct spec *spec,
	const struct spec_job *job, struct problems *problems) {
	struct arena *arena = kitchen->spec->arena;
	struct recipe recipe = recipe_outline(kitchen, job);
	struct asked_recipe asked = ask(kitchen, spec, job, problems);
	bool refused = job->name.at.line && !job->name.text;
	catalogue->sound &= !recipe.matrix->broken && !refused && !recipe.name.broken;
	if (recipe.matrix->broken) {
		return;
	}
	bool has_head = recipe.matrix->n > 0 && template_given(&recipe.name) && recipe.name.plain;
	struct combination combination = combination_start(recipe.matrix, arena);
	while (combination_next(&combination)) {
		size_t row = catalogue->n++;
		struct binding binding = {combination.values, NULL, (unsigned)row + 1};
		binding.name = naming_name(&recipe, &binding, arena);
		catalogue->names[row] = binding.name;
		catalogue->cleans_up[row] = recipe.settings.when != WHEN_NEEDED;
		catalogue->heads[row] = has_head ? job->name.text : NULL;
		catalogue->tags[row] = tags_bind(&recipe.tags, &binding, arena, kitchen->problems);
		catalogue->asked[row] = asked_bind(&asked, &binding, arena);
	}
}

struct catalogue catalogue_make(const struct spec *spec, const struct plan_options *options,
	const struct matrices *matrices, struct arena *arena, struct problems *problems) {
	size_t n = matrices->n_jobs;
	struct problems unheard = {.arena = arena};
	struct catalogue catalogue = {
		.names = ARENA_ARRAY(arena, n, const char *),
		.heads = ARENA_ARRAY(arena, n, const char *),
		.tags = ARENA_ARRAY(arena, n, const char *const *),
		.asked = ARENA_ARRAY(arena, n, const struct asked *),
		.cleans_up = ARENA_ARRAY(arena, n, bool),
		.sound = true,
	};
	struct spec copy = *spec; // whose memory goes with the arena
	struct kitchen kitchen;
	copy.arena = arena;
	kitchen_init(&kitchen, &copy, options, matrices->of,
		workers_settle(options, &spec->workers, n), &unheard);
	for (size_t i = 0; i < spec->n_jobs; i++) {
		add_jobs(&catalogue, &kitchen, spec, &spec->jobs[i], problems);
	}
	return catalogue;
}
