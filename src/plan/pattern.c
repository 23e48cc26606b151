// SPDX-License-Identifier: MIT
// Words with placeholders, filled in.
#include "plan/pattern.h"

#include <string.h>

static size_t count_placeholders(const char *text, const struct placeholder_words *words) {
	struct placeholder placeholder;
	size_t n = 0, len;
	while ((text = placeholder_find(text, words, &placeholder, &len))) {
		text += len;
		n++;
	}
	return n;
}

static struct text literal(const char *text, struct arena *arena) {
	struct piece *piece = ARENA_NEW(arena, struct piece);
	*piece = (struct piece){PIECE_TEXT, text};
	return (struct text){piece, 1};
}

bool pattern_has(const struct pattern *pattern, enum placeholder_kind kind) {
	for (size_t i = 0; i < pattern->n; i++) {
		if (!pattern->fragments[i].text && pattern->fragments[i].placeholder.kind == kind) {
			return true;
		}
	}
	return false;
}

struct pattern pattern_compile(const char *text, const struct placeholder_words *words,
	bool several, struct arena *arena) {
	size_t placeholders = count_placeholders(text, words), n = 0, len;
	if (placeholders == 0) {
		return (struct pattern){.fixed = literal(text, arena)};
	}
	struct fragment *fragments = ARENA_ARRAY(arena, 2 * placeholders + 1, struct fragment);
	struct placeholder placeholder;
	for (const char *at; (at = placeholder_find(text, words, &placeholder, &len));
		text = at + len) {
		if (at > text) {
			fragments[n++] = (struct fragment){
				.text = text, .len = (size_t)(at - text)};
		}
		fragments[n++].placeholder = placeholder;
	}
	if (*text) {
		fragments[n++] = (struct fragment){.text = text, .len = strlen(text)};
	}
	struct pattern pattern = {.fragments = fragments, .n = n};
	pattern.each = (several || n == 1) && pattern_has(&pattern, PLACEHOLDER_VALUES);
	return pattern;
}

struct pattern pattern_single(const struct placeholder *placeholder, struct arena *arena) {
	struct fragment *fragment = ARENA_NEW(arena, struct fragment);
	fragment->placeholder = *placeholder;
	return (struct pattern){
		.fragments = fragment, .n = 1, .each = placeholder->kind == PLACEHOLDER_VALUES};
}

static void put_part(enum placeholder_part part, const struct value *value, struct layout *layout) {
	struct value taken = placeholder_part(part, *value);
	layout_bytes(layout, taken.text, taken.len);
}

static void put_joined(enum placeholder_part part, const struct row *row, struct layout *layout) {
	for (size_t i = 0; i < row->n; i++) {
		layout_bytes(layout, " ", i > 0);
		put_part(part, &row->values[i], layout);
	}
}

// The word of one value; value NULL: that of all of them.
static void put_fragments(const struct pattern *pattern, const struct given *given,
	const struct value *value, struct layout *layout) {
	const struct row *row = &given->row;
	for (size_t i = 0; i < pattern->n; i++) {
		const struct fragment *fragment = &pattern->fragments[i];
		const struct placeholder *placeholder = &fragment->placeholder;
		const struct value *single = value;
		if (fragment->text) {
			layout_bytes(layout, fragment->text, fragment->len);
			continue;
		}
		switch (placeholder->kind) {
		case PLACEHOLDER_VALUE:
			single = placeholder_value(placeholder->position, row->values, row->n);
			if (single) {
				put_part(placeholder->part, single, layout);
			}
			break;
		case PLACEHOLDER_VALUES:
			if (single) {
				put_part(placeholder->part, single, layout);
			} else {
				put_joined(placeholder->part, row, layout);
			}
			break;
		case PLACEHOLDER_SEQ:
			layout_number(layout, given->seq);
			break;
		case PLACEHOLDER_SLOT:
			layout_slot(layout);
			break;
		}
	}
}

void pattern_bytes(
	const struct pattern *pattern, const struct given *given, struct layout *layout) {
	if (pattern->n == 0) {
		const char *text = pattern->fixed.pieces->text;
		layout_bytes(layout, text, strlen(text));
	}
	put_fragments(pattern, given, NULL, layout);
}

void pattern_words(
	const struct pattern *pattern, const struct given *given, struct layout *layout) {
	if (pattern->n == 0) {
		layout_borrow(layout, &pattern->fixed);
		return;
	}
	for (size_t i = 0, n = pattern->each ? given->row.n : 1; i < n; i++) {
		layout_word(layout);
		put_fragments(pattern, given, pattern->each ? &given->row.values[i] : NULL, layout);
		layout_word_end(layout);
	}
}

void pattern_measure(const struct pattern *pattern, struct measure *measure) {
	enum { NUMBER = 10, STRING = 1 + sizeof(char *) };
	size_t literal_bytes = STRING, all = 0, single = 0; // of one word
	if (pattern->n == 0) {
		measure->fixed += STRING + strlen(pattern->fixed.pieces->text);
		return;
	}
	for (size_t i = 0; i < pattern->n; i++) {
		const struct fragment *fragment = &pattern->fragments[i];
		bool value = !fragment->text && placeholder_has_value(&fragment->placeholder);
		literal_bytes += fragment->text ? fragment->len
				 : !value       ? NUMBER
						: fragment->placeholder.part == PART_FOLDER; // "."
		all += value && fragment->placeholder.kind == PLACEHOLDER_VALUES;
		single += value && fragment->placeholder.kind == PLACEHOLDER_VALUE;
	}
	if (pattern->each) {
		measure->each += literal_bytes;
		measure->crossed += single;
	} else {
		measure->fixed += literal_bytes;
		measure->each += 2 * all; // the blank before it and a "."
		measure->singles += single;
	}
	measure->copies += all;
	measure->word_fixed = literal_bytes > measure->word_fixed ? literal_bytes
								  : measure->word_fixed;
	measure->word_copies = all + single > measure->word_copies ? all + single
								   : measure->word_copies;
}
