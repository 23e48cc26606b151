// SPDX-License-Identifier: MIT
// Filling in the texts of needs.
#include "plan/asked.h"
#include "plan/place.h"

#include <string.h>

// Whether something in it is known only when an attempt starts.
static bool waits(const struct template *template) {
	bool slot = template->n == 0 && template->text.n > 0 && !text_fixed(&template->text);
	for (size_t i = 0; i < template->n; i++) {
		enum token_kind kind = template->tokens[i].kind;
		slot = slot || kind == TOKEN_SLOT || kind == TOKEN_ATTEMPT;
	}
	return slot;
}

static const struct asked *bind(
	const struct asked_recipe *recipe, const struct binding *binding, struct arena *arena) {
	size_t n = recipe->source->n;
	struct asked *asked = ARENA_NEW(arena, struct asked);
	const char **which = ARENA_ARRAY(arena, n, const char *);
	for (size_t i = 0; i < n; i++) {
		which[i] = recipe->source->items[i].which.text;
		if (recipe->templates) {
			struct text text = template_bind(&recipe->templates[i], binding, arena);
			which[i] = text_fixed(&text) ? text_fixed(&text) : "";
		}
	}
	*asked = (struct asked){recipe->source, which};
	return asked;
}

// Nothing is to be filled in, as in most files.
static bool is_plain(const struct spec_needs *needs) {
	size_t i = 0;
	while (i < needs->n && !strstr(needs->items[i].which.text, "${{")) {
		i++;
	}
	return i == needs->n;
}

struct asked_recipe asked_compile(
	const struct spec_job *job, const struct scope *scope, struct arena *arena) {
	struct asked_recipe recipe = {.source = job->needs};
	const struct binding nothing = {0};
	bool fixed = true;
	if (!job->needs) {
		return recipe;
	}
	if (is_plain(job->needs)) {
		recipe.same = bind(&recipe, &nothing, arena);
		return recipe;
	}
	recipe.templates = ARENA_ARRAY(arena, job->needs->n, struct template);
	for (size_t i = 0; i < job->needs->n; i++) {
		const struct spec_text *which = &job->needs->items[i].which;
		recipe.templates[i] = template_compile(which, scope);
		if (waits(&recipe.templates[i])) {
			place_add(scope->problems, which->at, NULL,
				"an entry of 'needs' cannot hold what is known only when the job "
				"starts");
		}
		fixed = fixed && recipe.templates[i].n == 0;
	}
	recipe.same = fixed ? bind(&recipe, &nothing, arena) : NULL;
	return recipe;
}

const struct asked *asked_bind(
	const struct asked_recipe *recipe, const struct binding *binding, struct arena *arena) {
	return recipe->same ? recipe->same : recipe->source ? bind(recipe, binding, arena) : NULL;
}
