// SPDX-License-Identifier: MIT
// The jobs that the command line asks for by name.
#include "plan/select.h"
#include "base/nearest.h"

#include <string.h>

static const struct mark nowhere = {0, 0};

struct selection selection_of(const struct plan_options *options, struct arena *arena) {
	struct selection selection = {.all = !options->only};
	if (options->only) {
		selection.only = nameset_for(options->n_only, arena);
		for (size_t i = 0; i < options->n_only; i++) {
			nameset_add(&selection.only, options->only[i], nowhere);
		}
	}
	return selection;
}

size_t selection_size(const struct selection *selection, size_t n) {
	return selection->all || selection->only.n > n ? n : selection->only.n;
}

bool selection_takes(struct selection *selection, const char *name) {
	if (selection->all) {
		return true;
	}
	struct nameset_entry *entry = nameset_find(&selection->only, name);
	if (!entry || entry->found) {
		return false;
	}
	entry->found = true;
	return true;
}

// The name of a matrix job, as it stands in the file: build for build (linux, 3.9).
static const char *expanded(const char *word, const char *const *names, size_t n) {
	size_t len = strlen(word);
	for (size_t i = 0; i < n; i++) {
		if (strncmp(names[i], word, len) == 0 && strncmp(names[i] + len, " (", 2) == 0) {
			return names[i];
		}
	}
	return NULL;
}

static const char *hint_for(
	const char *word, const char *const *names, size_t n, struct problems *problems) {
	struct arena *arena = problems->arena;
	enum { FEW = 8 };
	const char *near = expanded(word, names, n);
	near = near ? near : nearest_word(word, names, n);
	if (near) {
		return arena_printf(arena, "did you mean %s?", problems_quote(problems, near));
	}
	const char *all = arena_printf(arena, "the file has %zu job%s", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n && n <= FEW; i++) {
		all = arena_printf(
			arena, "%s%s %s", all, i ? "," : ":", problems_quote(problems, names[i]));
	}
	return all;
}

void selection_check(const struct selection *selection, const struct plan_options *options,
	const char *const *names, size_t n, struct problems *problems) {
	for (size_t i = 0; !selection->all && i < options->n_only; i++) {
		const char *word = options->only[i];
		if (!nameset_find(&selection->only, word)->found) {
			problems_add(problems, nowhere, hint_for(word, names, n, problems),
				"no job is named %s", problems_quote(problems, word));
		}
	}
}
