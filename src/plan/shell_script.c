// SPDX-License-Identifier: MIT
// From a script with placeholders to one with positional parameters.
#include "plan/shell_script.h"
#include "plan/shellquote.h"

#include <string.h>

static const size_t NONE = SIZE_MAX;

struct shell_reference {
	const char *text; // of the script before it
	size_t len;
	struct placeholder placeholder;
	enum quoting quoting;
	size_t derived; // which of the script's; NONE: the values themselves
};

// A script on its way.
struct draft {
	const char *text;
	struct shell_reference *references; // room for all, and for one at the end
	struct shell_mark *marks;
	size_t n;
	bool appended; // the last one was not written by the user
	struct shell_use use;
	struct arena *arena;
};

static void add(struct draft *draft, size_t at, size_t len, const struct placeholder *placeholder) {
	size_t before = draft->n > 0
				? draft->marks[draft->n - 1].at + draft->marks[draft->n - 1].len
				: 0;
	draft->marks[draft->n] = (struct shell_mark){.at = at, .len = len};
	draft->references[draft->n++] = (struct shell_reference){
		.text = draft->text + before,
		.len = at - before,
		.placeholder = *placeholder,
		.derived = NONE,
	};
}

static void find_placeholders(struct draft *draft, const struct placeholder_words *words) {
	struct placeholder placeholder;
	size_t most = 1, len;
	const char *at = draft->text;
	for (; (at = placeholder_find(at, words, &placeholder, &len)); at += len) {
		most++;
	}
	draft->references = ARENA_ARRAY(draft->arena, most, struct shell_reference);
	draft->marks = ARENA_ARRAY(draft->arena, most, struct shell_mark);
	at = draft->text;
	for (; (at = placeholder_find(at, words, &placeholder, &len)); at += len) {
		add(draft, (size_t)(at - draft->text), len, &placeholder);
	}
}

static void append_values(struct draft *draft) {
	size_t at = strlen(draft->text) + 1;
	const char *old = draft->text;
	draft->text = arena_printf(draft->arena, "%s {}", old);
	for (size_t i = 0; i < draft->n; i++) {
		draft->references[i].text = draft->text + (draft->references[i].text - old);
	}
	add(draft, at, 2, &(struct placeholder){.kind = PLACEHOLDER_VALUES});
	draft->appended = true;
}

// why: "in a comment; quote the '#' if it is meant to be text".
static void refuse(
	const struct draft *draft, size_t which, const char *why, struct problems *problems) {
	const struct shell_mark *mark = &draft->marks[which];
	size_t where = (size_t)(strchrnul(why, ';') - why);
	const char *hint = why[where] ? arena_strdup(problems->arena, why + where + 2) : NULL;
	if (draft->appended && which == draft->n - 1) {
		problems_add(problems, (struct mark){0},
			"write {} or \"$1\" where the value belongs",
			"the value cannot be put behind the script: it would stand %.*s",
			(int)where, why);
		return;
	}
	char *written = arena_strndup(problems->arena, draft->text + mark->at, mark->len);
	problems_add(problems, (struct mark){0}, hint, "the placeholder %s cannot stand %.*s",
		problems_quote(problems, written), (int)where, why);
}

static bool place(struct draft *draft, struct problems *problems) {
	size_t which = 0;
	const char *why = shellquote_scan(draft->text, draft->marks, draft->n, &which);
	if (why) {
		refuse(draft, which, why, problems);
		return false;
	}
	for (size_t i = 0; i < draft->n; i++) {
		draft->references[i].quoting = draft->marks[i].quoting;
	}
	return true;
}

// The value itself is a parameter already; all else becomes one behind the values.
static void derive(struct draft *draft, struct shell_script *script) {
	struct pattern *derived = ARENA_ARRAY(draft->arena, draft->n + 1, struct pattern);
	size_t n = 0;
	for (size_t i = 0; i < draft->n; i++) {
		struct shell_reference *reference = &draft->references[i];
		const struct placeholder *placeholder = &reference->placeholder;
		size_t same = 0;
		if (placeholder_has_value(placeholder) && placeholder->part == PART_WHOLE) {
			continue;
		}
		while (same < n &&
			!placeholder_same(&derived[same].fragments->placeholder, placeholder)) {
			same++;
		}
		if (same == n) {
			derived[n++] = pattern_single(placeholder, draft->arena);
		}
		reference->derived = same;
	}
	script->derived = derived;
	script->n_derived = n;
}

static struct text fix(const char *text, struct arena *arena) {
	struct piece *piece = ARENA_NEW(arena, struct piece);
	*piece = (struct piece){PIECE_TEXT, text};
	return (struct text){piece, 1};
}

static bool parameters_are_known(
	const struct draft *draft, const struct shell_script *script, struct problems *problems) {
	if (!draft->use.all || script->n_derived == 0) {
		return true;
	}
	size_t which = 0;
	while (draft->references[which].derived == NONE) {
		which++;
	}
	char *written = arena_strndup(
		problems->arena, draft->text + draft->marks[which].at, draft->marks[which].len);
	problems_add(problems, (struct mark){0},
		"write {} in place of \"$@\", or \"${1%.*}\" and \"${1##*/}\" in place of {.} and "
		"{/}",
		"the script cannot have both %s and all of its parameters ($@, $*, $#)",
		problems_quote(problems, written));
	return false;
}

bool shell_script_compile(struct shell_script *script, const char *text,
	const struct placeholder_words *words, struct arena *arena, struct problems *problems) {
	struct draft draft = {.text = text, .arena = arena};
	*script = (struct shell_script){0};
	find_placeholders(&draft, words);
	draft.use = shellquote_use(draft.text, draft.marks, draft.n);
	if (draft.n == 0 && !draft.use.positional) {
		append_values(&draft);
	}
	if (!place(&draft, problems)) {
		return false;
	}
	derive(&draft, script);
	if (!parameters_are_known(&draft, script, problems)) {
		return false;
	}
	if (draft.n == 0) {
		script->fixed = fix(text, arena);
	} else if (draft.n == 1 && draft.appended) {
		script->fixed = fix(arena_printf(arena, "%s \"$@\"", text), arena);
	} else {
		const struct shell_mark *last = &draft.marks[draft.n - 1];
		script->references = draft.references;
		script->n = draft.n;
		script->rest = draft.text + last->at + last->len;
	}
	return true;
}

static void put(struct layout *layout, const char *text) {
	layout_bytes(layout, text, strlen(text));
}

// n parameters from first on; none: an empty text.
static void put_parameters(enum quoting quoting, size_t first, size_t n, struct layout *layout) {
	const char *around = quoting == QUOTING_SINGLE ? "'" : "";
	const char *quote = quoting == QUOTING_DOUBLE ? "" : "\"";
	put(layout, around);
	put(layout, quote);
	for (size_t i = 0; i < n; i++) {
		if (i > 0) {
			put(layout, quoting == QUOTING_BARE ? "\" \"" : " ");
		}
		put(layout, "${");
		layout_number(layout, first + i);
		put(layout, "}");
	}
	put(layout, quote);
	put(layout, around);
}

// Behind n values.
static size_t first_of_derived(const struct shell_script *script, size_t which, size_t n) {
	size_t first = n + 1;
	for (size_t i = 0; i < which; i++) {
		first += script->derived[i].each ? n : 1;
	}
	return first;
}

static void put_reference(const struct shell_script *script,
	const struct shell_reference *reference, const struct given *given, struct layout *layout) {
	const struct placeholder *placeholder = &reference->placeholder;
	const struct row *row = &given->row;
	size_t first = 1, n = placeholder->kind == PLACEHOLDER_VALUES ? row->n : 1;
	if (reference->derived != NONE) {
		first = first_of_derived(script, reference->derived, row->n);
	} else if (placeholder->kind == PLACEHOLDER_VALUE) {
		const struct value *value = placeholder_value(
			placeholder->position, row->values, row->n);
		first = value ? (size_t)(value - row->values) + 1 : 0;
		n = value != NULL; // past the values others may stand
	}
	put_parameters(reference->quoting, first, n, layout);
}

void shell_script_word(
	const struct shell_script *script, const struct given *given, struct layout *layout) {
	if (script->n == 0) {
		layout_borrow(layout, &script->fixed);
		return;
	}
	layout_word(layout);
	for (size_t i = 0; i < script->n; i++) {
		const struct shell_reference *reference = &script->references[i];
		layout_bytes(layout, reference->text, reference->len);
		put_reference(script, reference, given, layout);
	}
	put(layout, script->rest);
	layout_word_end(layout);
}

void shell_script_measure(const struct shell_script *script, struct measure *measure) {
	enum { REFERENCE = sizeof "'\"${12345678}\"'" };
	size_t fixed = 0, each = 0;
	if (script->n == 0) {
		fixed = strlen(script->fixed.pieces->text);
	}
	for (size_t i = 0; i < script->n; i++) {
		const struct shell_reference *reference = &script->references[i];
		bool all = reference->placeholder.kind == PLACEHOLDER_VALUES;
		fixed += reference->len + REFERENCE;
		each += all ? REFERENCE : 0;
	}
	fixed += (script->n > 0 ? strlen(script->rest) : 0) + 1;
	measure->fixed += fixed + sizeof(char *);
	measure->each += each;
	measure->script_fixed = fixed;
	measure->script_each = each;
}
