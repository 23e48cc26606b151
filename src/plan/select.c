// SPDX-License-Identifier: MIT
// Which jobs are taken. An exact name goes before the name of a matrix, and that before a glob;
// only globs are held against each name, everything else is looked up.
#include "plan/select.h"
#include "plan/matching.h"
#include "plan/missed.h"
#include "plan/nameset.h"

static const struct mark nowhere = {0, 0};

// The words of one list while they are looked for.
struct search {
	const struct catalogue *catalogue;
	struct wanted wanted;
	struct nameset names, heads, tags; // of the words; found: some job has it
	bool *marks;                       // the jobs that some word means
};

static void mark_names(struct search *search) {
	for (size_t i = 0; i < search->catalogue->n; i++) {
		struct nameset_entry *entry = nameset_find(
			&search->names, search->catalogue->names[i]);
		if (entry) {
			entry->found = search->marks[i] = true;
		}
	}
}

static void mark_heads(struct search *search) {
	for (size_t i = 0; i < search->catalogue->n; i++) {
		const char *head = search->catalogue->heads[i];
		struct nameset_entry *entry = head ? nameset_find(&search->heads, head) : NULL;
		if (entry) {
			entry->found = search->marks[i] = true;
		}
	}
}

static void mark_tags(struct search *search) {
	for (size_t i = 0; i < search->catalogue->n; i++) {
		const char *const *tag = search->catalogue->tags[i];
		for (; tag && *tag; tag++) {
			struct nameset_entry *entry = nameset_find(&search->tags, *tag);
			if (entry) {
				entry->found = search->marks[i] = true;
			}
		}
	}
}

static bool mark_glob(struct search *search, const char *glob) {
	bool found = false;
	for (size_t i = 0; i < search->catalogue->n; i++) {
		if (matching_row(search->catalogue, i, glob)) {
			found = search->marks[i] = true;
		}
	}
	return found;
}

// Whether some job is meant by the word.
static bool look_for(struct search *search, const char *word) {
	const char *tag = wanted_tag(&search->wanted, word);
	if (tag) {
		return nameset_find(&search->tags, tag)->found;
	}
	if (nameset_find(&search->names, word)->found ||
		nameset_find(&search->heads, word)->found) {
		return true;
	}
	return matching_glob(word) && mark_glob(search, word);
}

// The jobs that any of the words means.
static bool *search_for(const struct catalogue *catalogue, struct wanted wanted,
	struct arena *arena, struct missed *missed) {
	size_t n = wanted.words.n;
	struct search search = {
		.catalogue = catalogue,
		.wanted = wanted,
		.names = nameset_for(n, arena),
		.heads = nameset_for(n, arena),
		.tags = nameset_for(n, arena),
		.marks = ARENA_ARRAY(arena, catalogue->n, bool),
	};
	for (size_t i = 0; i < n; i++) {
		const char *word = wanted.words.items[i], *tag = wanted_tag(&wanted, word);
		nameset_add(tag ? &search.tags : &search.names, tag ? tag : word, nowhere);
	}
	mark_names(&search);
	for (size_t i = 0; i < n; i++) {
		const char *word = wanted.words.items[i];
		if (!wanted_tag(&wanted, word) && !nameset_find(&search.names, word)->found) {
			nameset_add(&search.heads, word, nowhere);
		}
	}
	mark_heads(&search);
	mark_tags(&search);
	for (size_t i = 0; i < n; i++) {
		if (!look_for(&search, wanted.words.items[i])) {
			missed_word(missed, &wanted, wanted.words.items[i]);
		}
	}
	return search.marks;
}

// Nothing is left although each word means some job.
static void report_nothing(
	bool before_skip, const struct plan_options *options, struct problems *problems) {
	if (!before_skip) {
		problems_add(problems, nowhere, "a job must be named and be one of --only",
			"--only takes none of the jobs that are named");
	} else if (options->skip.n == 1) {
		problems_add(problems, nowhere, NULL, "--skip %s leaves no job to run",
			problems_quote(problems, options->skip.items[0]));
	} else {
		problems_add(problems, nowhere, NULL, "--skip leaves no job to run");
	}
}

bool selection_asked(const struct plan_options *options) {
	return options->jobs.n + options->only.n + options->skip.n > 0;
}

struct selection selection_make(const struct catalogue *catalogue,
	const struct plan_options *options, struct arena *arena, struct problems *problems) {
	struct selection selection = {.taken = ARENA_ARRAY(arena, catalogue->n, bool)};
	struct missed missed = {.catalogue = catalogue, .arena = arena, .problems = problems};
	size_t before_skip = 0;
	struct matching matching;
	matching_begin(&matching);
	const bool *jobs = search_for(
		catalogue, (struct wanted){NULL, options->jobs}, arena, &missed);
	const bool *only = search_for(
		catalogue, (struct wanted){"--only", options->only}, arena, &missed);
	const bool *skip = search_for(
		catalogue, (struct wanted){"--skip", options->skip}, arena, &missed);
	matching_end(&matching);
	for (size_t i = 0; i < catalogue->n; i++) {
		bool wanted = (!options->jobs.n || jobs[i]) && (!options->only.n || only[i]);
		selection.taken[i] = wanted && !skip[i];
		before_skip += wanted;
		selection.n += selection.taken[i];
	}
	selection.skipped = skip;
	if (selection.n == 0 && missed.n == 0 && catalogue->n > 0) {
		report_nothing(before_skip > 0, options, problems);
	}
	return selection;
}
