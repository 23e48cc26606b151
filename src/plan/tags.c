// SPDX-License-Identifier: MIT
// Tags of a job: words, so that they can stand on a command line and in a list without quotes.
#include "plan/tags.h"
#include "base/utf8.h"
#include "plan/nameset.h"
#include "plan/place.h"

#include <string.h>

static const struct mark nowhere = {0, 0};
static const char no_break_space[] = "\xc2\xa0";

static size_t n_inherited(const struct tags_recipe *recipe) {
	return recipe->inherited ? recipe->inherited->n : 0;
}

static size_t n_own(const struct tags_recipe *recipe) {
	return recipe->own ? recipe->own->n : 0;
}

static const struct spec_text *source_of(const struct tags_recipe *recipe, size_t i) {
	size_t n = n_inherited(recipe);
	return i < n ? &recipe->inherited->items[i] : &recipe->own->items[i - n];
}

// What is wrong with such a tag, or NULL.
static const char *fault_of(const char *tag) {
	if (!tag) {
		return "a tag cannot hold what is known only when the job starts";
	}
	if (!*tag) {
		return "a tag is empty";
	}
	for (size_t n = strlen(tag); n > 0; n--, tag++) {
		if (*tag == ' ' || strncmp(tag, no_break_space, 2) == 0 || utf8_control(tag, n)) {
			return "a tag is one word: it holds no blank and no control character";
		}
	}
	return NULL;
}

static const char *const *bind(const struct tags_recipe *recipe, const struct binding *binding,
	struct arena *arena, struct problems *problems) {
	struct arena *scratch = arena_new();
	size_t n = n_inherited(recipe) + n_own(recipe), n_tags = 0;
	struct nameset seen = nameset_for(n, scratch);
	const char **tags = ARENA_ARRAY(arena, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		struct text text = template_bind(&recipe->templates[i], binding, arena);
		const char *tag = text_fixed(&text);
		const char *fault = recipe->templates[i].broken ? NULL : fault_of(tag);
		if (fault) {
			place_add(problems, source_of(recipe, i)->at, NULL, fault);
		} else if (tag && *tag && !nameset_add(&seen, tag, nowhere)) {
			tags[n_tags++] = tag;
		}
	}
	arena_free(scratch);
	return n_tags ? tags : NULL;
}

struct tags_recipe tags_compile(
	const struct spec_job *job, const struct scope *scope, const char *const **defaults) {
	struct tags_recipe recipe = {
		.inherited = scope->spec->defaults.tags, .own = job->settings.tags};
	const struct binding nothing = {0};
	struct scope inherited = *scope;
	size_t n = n_inherited(&recipe) + n_own(&recipe);
	bool fixed = true, only_inherited = n_own(&recipe) == 0;
	if (n == 0 || (only_inherited && *defaults)) {
		recipe.same = n ? *defaults : NULL;
		return recipe;
	}
	if (scope->allowance && !allowance_take(scope->allowance, n * sizeof(struct template),
					false, job->at, scope->problems)) {
		return (struct tags_recipe){0};
	}
	inherited.in_defaults = true;
	recipe.templates = ARENA_ARRAY(scope->spec->arena, n, struct template);
	for (size_t i = 0; i < n; i++) {
		recipe.templates[i] = template_compile(
			source_of(&recipe, i), i < n_inherited(&recipe) ? &inherited : scope);
		fixed = fixed && recipe.templates[i].n == 0;
	}
	if (fixed) {
		recipe.same = bind(&recipe, &nothing, scope->spec->arena, scope->problems);
		recipe.templates = NULL;
		*defaults = only_inherited ? recipe.same : *defaults;
	}
	return recipe;
}

const char *const *tags_bind(const struct tags_recipe *recipe, const struct binding *binding,
	struct arena *arena, struct problems *problems) {
	return recipe->templates ? bind(recipe, binding, arena, problems) : recipe->same;
}
