// SPDX-License-Identifier: MIT
// What is said of a word that means no job: the nearest that would.
#include "plan/missed.h"
#include "base/nearest.h"
#include "plan/matching.h"
#include "plan/nameset.h"

#include <string.h>

enum {
	FEW = 8,           // so many are listed
	COMPARED = 500000, // looking for the nearest is slow: so many names in all
};

static const struct mark nowhere = {0, 0};
static const char prefix[] = "tag:";

const char *wanted_tag(const struct wanted *wanted, const char *word) {
	size_t len = sizeof prefix - 1;
	return wanted->option && strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

static void find_tags(struct missed *missed) {
	const struct catalogue *catalogue = missed->catalogue;
	size_t n = 0;
	for (size_t i = 0; i < catalogue->n; i++) {
		for (const char *const *tag = catalogue->tags[i]; tag && *tag; tag++) {
			n++;
		}
	}
	struct nameset seen = nameset_for(n, missed->arena);
	missed->tags = ARENA_ARRAY(missed->arena, n, const char *);
	for (size_t i = 0; i < catalogue->n; i++) {
		for (const char *const *tag = catalogue->tags[i]; tag && *tag; tag++) {
			if (!nameset_add(&seen, *tag, nowhere)) {
				missed->tags[missed->n_tags++] = *tag;
			}
		}
	}
}

static void find_names(struct missed *missed) {
	const struct catalogue *catalogue = missed->catalogue;
	missed->names = ARENA_ARRAY(missed->arena, 2 * catalogue->n, const char *);
	for (size_t i = 0; i < catalogue->n; i++) {
		const char *head = catalogue->heads[i];
		// Jobs of one matrix stand behind each other.
		if (head && (i == 0 || head != catalogue->heads[i - 1])) {
			missed->names[missed->n_names++] = head;
		}
		missed->names[missed->n_names++] = catalogue->names[i];
	}
}

// A list of them, when they are few.
static const char *listed(
	const char *start, const char *const *words, size_t n, struct problems *problems) {
	for (size_t i = 0; i < n && n <= FEW; i++) {
		start = arena_printf(problems->arena, "%s%s %s", start, i ? "," : ":",
			problems_quote(problems, words[i]));
	}
	return start;
}

static const char *suggest(struct problems *problems, const char *word) {
	return arena_printf(problems->arena, "did you mean %s?", problems_quote(problems, word));
}

static const char *tagged(struct problems *problems, const char *tag) {
	return arena_printf(problems->arena, "%s%s", prefix, tag);
}

static const char *tag_hint(const struct missed *missed, const char *tag) {
	struct problems *problems = missed->problems;
	const char *near = nearest_word(tag, missed->tags, missed->n_tags);
	if (near) {
		return suggest(problems, tagged(problems, near));
	}
	if (missed->n_tags == 0) {
		return "no job of the file has tags";
	}
	const char *start = arena_printf(problems->arena, "the file has %zu tag%s", missed->n_tags,
		missed->n_tags == 1 ? "" : "s");
	return listed(start, missed->tags, missed->n_tags, problems);
}

static bool is_tag(const struct missed *missed, const char *word) {
	size_t i = 0;
	while (i < missed->n_tags && strcmp(missed->tags[i], word) != 0) {
		i++;
	}
	return i < missed->n_tags;
}

// Several jobs whose names go on behind the word, as those of a matrix whose name holds ${{ }}.
static const char *begun_hint(const struct missed *missed, const char *word) {
	struct problems *problems = missed->problems;
	size_t len = strlen(word), n = 0;
	for (size_t i = 0; i < missed->catalogue->n; i++) {
		n += strncmp(missed->catalogue->names[i], word, len) == 0;
	}
	if (n < 2 || matching_glob(word)) {
		return NULL;
	}
	const char *glob = problems_quote(problems, arena_printf(problems->arena, "%s*", word));
	return arena_printf(problems->arena, "%s means all jobs whose names begin so", glob);
}

static bool is_asker(const struct missed *missed, const char *name) {
	const char *const *asker = missed->asker;
	return (asker[0] && strcmp(asker[0], name) == 0) ||
	       (asker[1] && strcmp(asker[1], name) == 0);
}

static const char *name_hint(
	const struct missed *missed, const struct wanted *wanted, const char *word) {
	struct problems *problems = missed->problems;
	bool begins = strncmp(word, prefix, sizeof prefix - 1) == 0;
	const char *tag = begins ? word + sizeof prefix - 1 : word;
	if (is_tag(missed, tag) && wanted->option) {
		return suggest(problems, tagged(problems, tag));
	}
	if (is_tag(missed, tag)) {
		return arena_printf(problems->arena, "--only %s selects by a tag",
			problems_quote(problems, tagged(problems, tag)));
	}
	const char *near = nearest_word(word, missed->names, missed->n_names);
	if (near && is_asker(missed, near)) {
		near = NULL;
	}
	const char *begun = begun_hint(missed, word);
	if (begun || near) {
		return begun ? begun : suggest(problems, near);
	}
	size_t n = missed->catalogue->n;
	const char *start = arena_printf(
		problems->arena, "the file has %zu job%s", n, n == 1 ? "" : "s");
	return listed(start, missed->catalogue->names, n, problems);
}

const char *missed_hint(struct missed *missed, const struct wanted *wanted, const char *word) {
	const char *tag = wanted_tag(wanted, word);
	if (missed->n++ == 0) {
		find_names(missed);
		find_tags(missed);
	}
	if (missed->n > 1 && missed->n * missed->n_names > COMPARED) {
		return NULL;
	}
	return tag ? tag_hint(missed, tag) : name_hint(missed, wanted, word);
}

void missed_word(struct missed *missed, const struct wanted *wanted, const char *word) {
	struct problems *problems = missed->problems;
	const char *tag = wanted_tag(wanted, word);
	const char *fault = tag                   ? "no job has the tag"
			    : matching_glob(word) ? "no job's name matches"
						  : "no job is named";
	const char *hint = missed_hint(missed, wanted, word);
	problems_add(problems, nowhere, hint, "%s%s%s %s", wanted->option ? wanted->option : "",
		wanted->option ? ": " : "", fault, problems_quote(problems, tag ? tag : word));
}
