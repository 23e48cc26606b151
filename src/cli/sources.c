// SPDX-License-Identifier: MIT
// The operands of spool map: the command's words up to the first separator, then the sources.
#include "cli/sources.h"
#include "cli/cli.h"
#include "cli/message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// ":::" words or "::::" files; '+' behind it: in step with the source before.
static bool is_separator(const char *word, bool *files, bool *linked) {
	size_t colons = strspn(word, ":");
	*files = colons == 4;
	*linked = strcmp(word + colons, "+") == 0;
	return (colons == 3 || colons == 4) && (!word[colons] || *linked);
}

// "::", ":::::" or "::: a b" in one word.
static bool is_misspelt(const char *word) {
	size_t colons = strspn(word, ":");
	return colons > 1 && (!word[colons] || word[colons] == ' ' || word[colons] == '+');
}

static struct values_source *add(struct sources *sources) {
	return &sources->items[sources->n++];
}

static void add_files(struct sources *sources, const char *const *files, size_t n, bool linked) {
	for (size_t i = 0; i < n; i++) {
		*add(sources) = (struct values_source){
			.kind = VALUES_FILE, .file = files[i], .linked = linked};
	}
}

// Takes the source that begins at word i; returns where the next one does.
static size_t read_source(
	struct sources *sources, const char *const *operands, size_t n, size_t i) {
	bool files, linked, next_files, next_linked;
	size_t end = i + 1;
	is_separator(operands[i], &files, &linked);
	while (end < n && !is_separator(operands[end], &next_files, &next_linked)) {
		end++;
	}
	if (files) {
		add_files(sources, operands + i + 1, end - i - 1, linked);
	} else {
		*add(sources) = (struct values_source){.kind = VALUES_WORDS,
			.words = operands + i + 1,
			.n_words = end - i - 1,
			.linked = linked};
	}
	return end;
}

// Linked sources end with the shortest of them.
static void count(struct sources *sources, bool header) {
	sources->total = sources->n ? 1 : SIZE_MAX;
	for (size_t i = 0; i < sources->n;) {
		size_t least = SIZE_MAX;
		do {
			const struct values_source *it = &sources->items[i];
			size_t n = it->n_words - (header && it->n_words > 0);
			if (it->kind == VALUES_FILE) {
				sources->total = SIZE_MAX;
				return;
			}
			least = n < least ? n : least;
		} while (++i < sources->n && sources->items[i].linked);
		if (__builtin_mul_overflow(sources->total, least, &sources->total)) {
			sources->total = SIZE_MAX;
		}
	}
}

int sources_read(struct sources *sources, const struct invocation *invocation) {
	const char *const *operands = (const char *const *)invocation->operands;
	size_t n = invocation->n_operands, i = 0;
	bool files, linked;
	*sources = (struct sources){.words = operands};
	sources->items = calloc(n + invocation->map.n_files + 1, sizeof *sources->items);
	if (!sources->items) {
		message("out of memory");
		return CLI_INFRASTRUCTURE;
	}
	while (i < n && !is_separator(operands[i], &files, &linked)) {
		i++;
	}
	for (size_t k = 0; k < i; k++) {
		if (is_misspelt(operands[k])) {
			message_hint(
				"values follow behind ::: as words of their own, files behind ::::",
				"'%s' begins no values", operands[k]);
			return CLI_USAGE;
		}
	}
	sources->n_words = i;
	add_files(sources, invocation->map.files, invocation->map.n_files, false);
	while (i < n) {
		is_separator(operands[i], &files, &linked);
		if (linked && sources->n == 0) {
			message_hint("the first one is ::: or ::::",
				"'%s' goes in step with the source before it, and there is none",
				operands[i]);
			return CLI_USAGE;
		}
		if (files && (i + 1 == n || is_separator(operands[i + 1], &files, &linked))) {
			message_hint("as in :::: list.txt, or - for standard input",
				"behind '%s' a file is wanted", operands[i]);
			return CLI_USAGE;
		}
		i = read_source(sources, operands, n, i);
	}
	count(sources, invocation->map.header);
	return 0;
}

void sources_clear(struct sources *sources) {
	free(sources->items);
	*sources = (struct sources){0};
}
