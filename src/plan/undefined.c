// SPDX-License-Identifier: MIT
// What is said of a ${{ }} that means nothing here: with the nearest name and what is known.
#include "plan/undefined.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "plan/place.h"

#include <string.h>

#define KNOWN_EVERYWHERE                                                                \
	"env.NAME, env.NAME:-default, job.name, spool.seq, spool.slot, spool.attempt, " \
	"spool.workers"

// Some combination of the matrix does not have the variable.
static const char *lacking(const struct reference *r, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	const char *words = matrix_words_lacking(scope->matrix, scope_variable(scope, r), arena);
	return arena_printf(arena, "%s has no value in the combination %s",
		reference_shown(scope->problems, r), problems_quote(scope->problems, words));
}

static const char *message_of(const struct reference *r, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	const char *shown = reference_shown(scope->problems, r);
	switch (r->kind) {
	case REFERENCE_OPEN:
		return "'${{' is not closed by '}}'";
	case REFERENCE_EMPTY:
		return "'${{ }}' holds no name";
	case REFERENCE_JUNK:
		return arena_printf(arena, "%s does not hold a name", shown);
	case REFERENCE_ENV:
		return arena_printf(arena, "%s is not set in the environment", shown);
	case REFERENCE_NAME:
		return arena_printf(arena, "a job's name cannot hold %s", shown);
	case REFERENCE_SLOT:
	case REFERENCE_ATTEMPT:
		return arena_printf(
			arena, "a job's name cannot hold %s: it is known only at the start", shown);
	case REFERENCE_MATRIX:
		if (scope_variable(scope, r) < scope->matrix->n) {
			return lacking(r, scope);
		}
		break;
	case REFERENCE_NOWORD:
	case REFERENCE_WORKERS:
	case REFERENCE_SEQ:
		break;
	}
	return arena_printf(arena, "%s is not defined", shown);
}

// The matrix's variables in a row.
static const char *variables_of(const struct scope *scope) {
	enum { MOST = 12 };
	const struct matrix *matrix = scope->matrix;
	const char *row = "";
	for (size_t i = 0; i < matrix->n && i < MOST; i++) {
		row = arena_printf(scope->spec->arena, "%s%s%s", row, i ? ", " : "",
			matrix->variables[i].name.text);
	}
	return matrix->n > MOST ? arena_printf(scope->spec->arena, "%s, …", row) : row;
}

static bool is_set(const struct scope *scope, const char *name) {
	size_t len = strlen(name);
	const char *const *e = scope->environment;
	while (*e && (strncmp(*e, name, len) != 0 || (*e)[len] != '=')) {
		e++;
	}
	return *e;
}

// HOME for env.HOME, secrets.KEY for env.KEY, seq for spool.seq.
static const char *lacks_or_has_another_prefix(const struct scope *scope, const char *word) {
	struct arena *arena = scope->spec->arena;
	static const char *const same[] = {"secrets.", "vars.", "variables."};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		size_t len = strlen(same[i]);
		if (strncmp(word, same[i], len) == 0) {
			return arena_printf(arena, "it comes from the environment of spool: env.%s",
				word + len);
		}
	}
	for (size_t i = 0; i < reference_n_words; i++) {
		const char *dot = strrchr(reference_words[i], '.');
		if (dot && strcmp(dot + 1, word) == 0) {
			return arena_printf(arena, "did you mean '%s'?", reference_words[i]);
		}
	}
	return is_set(scope, word) ? arena_printf(arena, "did you mean 'env.%s'?", word) : NULL;
}

static const char *matrix_hint(const struct reference *r, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	const struct matrix *matrix = scope->matrix;
	size_t n = 0;
	if (scope_variable(scope, r) < matrix->n) {
		return "each of its combinations needs a value; in a run script the variable is "
		       "only unset";
	}
	const char **words = ARENA_ARRAY(arena, 2 * matrix->n + reference_n_words, const char *);
	for (size_t i = 0; i < matrix->n; i++) {
		const char *name = matrix->variables[i].name.text;
		words[n++] = name;
		words[n++] = arena_printf(arena, "matrix.%s", name);
	}
	for (size_t i = 0; i < reference_n_words; i++) {
		words[n++] = reference_words[i];
	}
	const char *word = arena_strndup(arena, r->word, r->word_len);
	const char *near = nearest_word(word, words, n);
	const char *prefixed = near ? NULL : lacks_or_has_another_prefix(scope, word);
	if (prefixed) {
		return prefixed;
	}
	const char *meant = near ? arena_printf(arena, "did you mean '%s'? ", near) : "";
	if (matrix->n == 0) {
		return near ? arena_printf(arena, "did you mean '%s'?", near)
			    : "the job has no matrix; known are " KNOWN_EVERYWHERE;
	}
	return arena_printf(arena, "%sthe matrix has %s", meant, variables_of(scope));
}

static const char *env_hint(const struct reference *r, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	size_t n = 0;
	while (scope->environment[n]) {
		n++;
	}
	const char **words = ARENA_ARRAY(arena, n, const char *);
	for (size_t i = 0; i < n; i++) {
		words[i] = arena_strndup(
			arena, scope->environment[i], strcspn(scope->environment[i], "="));
	}
	const char *name = arena_strndup(arena, r->name, r->name_len);
	const char *near = nearest_word(name, words, n);
	return near ? arena_printf(arena, "did you mean %s?",
			      problems_quote(scope->problems, arena_printf(arena, "env.%s", near)))
		    : arena_printf(arena, "give it a default: ${{ env.%s:-default }}", name);
}

static const char *hint_of(const struct reference *r, const struct scope *scope) {
	switch (r->kind) {
	case REFERENCE_NOWORD:
	case REFERENCE_MATRIX:
		return matrix_hint(r, scope);
	case REFERENCE_ENV:
		return env_hint(r, scope);
	case REFERENCE_EMPTY:
	case REFERENCE_JUNK:
		return "one of these stands in it: matrix.NAME, " KNOWN_EVERYWHERE;
	case REFERENCE_OPEN:
	case REFERENCE_NAME:
	case REFERENCE_WORKERS:
	case REFERENCE_SEQ:
	case REFERENCE_SLOT:
	case REFERENCE_ATTEMPT:
		break;
	}
	return NULL;
}

void undefined_report(const struct spec_text *source, const struct reference *reference,
	const struct scope *scope) {
	struct mark at = place_for(scope->problems, scope->spec, source, reference->start);
	if (place_full(scope->problems, at)) {
		return;
	}
	const char *message = message_of(reference, scope);
	if (place_has(scope->problems, at, message)) {
		return;
	}
	const char *hint = hint_of(reference, scope);
	if (hint && scope->in_defaults) {
		hint = arena_printf(scope->spec->arena, "for the job at line %u: %s",
			scope->job->at.line, hint);
	}
	problems_add(scope->problems, at, hint, "%s", message);
}
