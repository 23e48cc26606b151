// SPDX-License-Identifier: MIT
// Names and tags of all jobs. How many workers there are may depend on how many jobs are taken, and
// these on their names, which may hold how many workers there are: so the names come first.
#include "plan/catalogue.h"
#include "plan/matrix.h"
#include "plan/naming.h"
#include "plan/recipe.h"
#include "plan/workers.h"

static void add_jobs(struct catalogue *catalogue, struct kitchen *kitchen,
	const struct spec_job *job, struct problems *problems) {
	struct arena *arena = kitchen->spec->arena;
	struct recipe recipe = recipe_outline(kitchen, job);
	struct scope scope = kitchen_scope(kitchen, job);
	scope.problems = problems; // what is needed is compiled nowhere else
	struct asked_recipe asked = asked_compile(job, &scope);
	bool refused = job->name.at.line && !job->name.text;
	catalogue->sound &= !job->matrix_refused && !refused && !recipe.name.broken;
	if (job->matrix_refused) {
		return;
	}
	bool has_head = job->n_matrix > 0 && template_given(&recipe.name) && recipe.name.plain;
	size_t *choice = ARENA_ARRAY(arena, job->n_matrix, size_t);
	do {
		size_t row = catalogue->n++;
		struct binding binding = {job->matrix, choice, NULL, (unsigned)row + 1};
		binding.name = naming_name(&recipe, &binding, arena);
		catalogue->names[row] = binding.name;
		catalogue->heads[row] = has_head ? job->name.text : NULL;
		catalogue->tags[row] = tags_bind(&recipe.tags, &binding, arena, kitchen->problems);
		catalogue->asked[row] = asked_bind(&asked, &binding, arena);
	} while (matrix_next(job, choice));
}

struct catalogue catalogue_make(const struct spec *spec, const struct plan_options *options,
	size_t n, struct arena *arena, struct problems *problems) {
	struct problems unheard = {.arena = arena};
	struct catalogue catalogue = {
		.names = ARENA_ARRAY(arena, n, const char *),
		.heads = ARENA_ARRAY(arena, n, const char *),
		.tags = ARENA_ARRAY(arena, n, const char *const *),
		.asked = ARENA_ARRAY(arena, n, const struct asked *),
		.sound = true,
	};
	struct spec copy = *spec; // whose memory goes with the arena
	struct kitchen kitchen;
	copy.arena = arena;
	kitchen_init(
		&kitchen, &copy, options, workers_settle(options, &spec->workers, n), &unheard);
	for (size_t i = 0; i < spec->n_jobs; i++) {
		add_jobs(&catalogue, &kitchen, &spec->jobs[i], problems);
	}
	return catalogue;
}
