// SPDX-License-Identifier: MIT
// Compiling strings with ${{ }} into tokens, and binding the tokens for one job.
#include "plan/template.h"
#include "plan/place.h"
#include "plan/reference.h"
#include "plan/undefined.h"

#include <stdio.h>
#include <string.h>

// Tokens on their way.
struct tokens {
	struct token *items; // room for all that the source can hold
	size_t n;
	bool need_job;
};

static struct tokens tokens_for(const char *source, struct arena *arena) {
	size_t references = 0;
	struct reference r;
	for (size_t at = 0; reference_next(source, at, &r); at = r.end) {
		references++;
	}
	return (struct tokens){.items = ARENA_ARRAY(arena, 2 * references + 1, struct token)};
}

static void push(struct tokens *tokens, struct token token) {
	if (token.kind != TOKEN_TEXT || token.len > 0) {
		tokens->items[tokens->n++] = token;
	}
	tokens->need_job |= token.kind == TOKEN_MATRIX || token.kind == TOKEN_NAME ||
			    token.kind == TOKEN_SEQ;
}

static void push_text(struct tokens *tokens, const char *text, size_t len) {
	push(tokens, (struct token){TOKEN_TEXT, text, len, 0});
}

size_t scope_variable(const struct scope *scope, const struct reference *r) {
	const struct matrix *matrix = scope->matrix;
	if (r->kind != REFERENCE_MATRIX) {
		return matrix->n;
	}
	for (size_t i = 0; i < matrix->n; i++) {
		const char *name = matrix->variables[i].name.text;
		if (strncmp(name, r->name, r->name_len) == 0 && !name[r->name_len]) {
			return i;
		}
	}
	return matrix->n;
}

static bool resolve_matrix(
	const struct reference *r, const struct scope *scope, struct token *token) {
	size_t variable = scope_variable(scope, r);
	if (variable < scope->matrix->n) {
		*token = (struct token){TOKEN_MATRIX, NULL, 0, variable};
		return !matrix_lacking(scope->matrix, variable);
	}
	// A variable that was refused was reported where it stands.
	*token = (struct token){.kind = TOKEN_TEXT, .text = ""};
	return scope->job->matrix_refused;
}

// The token of a reference; false: it means nothing here.
static bool resolve(const struct reference *r, const struct scope *scope, struct token *token) {
	*token = (struct token){0};
	switch (r->kind) {
	case REFERENCE_OPEN:
	case REFERENCE_EMPTY:
	case REFERENCE_JUNK:
	case REFERENCE_NOWORD:
		return false;
	case REFERENCE_MATRIX:
		return resolve_matrix(r, scope, token);
	case REFERENCE_ENV:
		token->text = reference_value(r, scope->environment, &token->len);
		return token->text;
	case REFERENCE_NAME:
		token->kind = TOKEN_NAME;
		return !scope->in_name;
	case REFERENCE_WORKERS:
		token->text = arena_printf(scope->spec->arena, "%u", scope->workers);
		token->len = strlen(token->text);
		return true;
	case REFERENCE_SEQ:
		token->kind = TOKEN_SEQ;
		return true;
	case REFERENCE_SLOT:
		token->kind = TOKEN_SLOT;
		return !scope->in_name;
	case REFERENCE_ATTEMPT:
		token->kind = TOKEN_ATTEMPT;
		return !scope->in_name;
	}
	return false;
}

static struct text single(struct arena *arena, const char *text) {
	struct piece *piece = ARENA_NEW(arena, struct piece);
	*piece = (struct piece){PIECE_TEXT, text};
	return (struct text){piece, 1};
}

struct template template_literal(struct arena *arena, const char *text) {
	return (struct template){.text = single(arena, text), .plain = true};
}

struct template template_variable(struct arena *arena, size_t variable) {
	struct token *token = ARENA_NEW(arena, struct token);
	*token = (struct token){TOKEN_MATRIX, NULL, 0, variable};
	return (struct template){.tokens = token, .n = 1};
}

bool template_lacks(const struct template *template, const struct binding *binding) {
	return template->n == 1 && template->tokens->kind == TOKEN_MATRIX &&
	       !binding->values[template->tokens->variable];
}

// Only env has a default: elsewhere it is a mistake in a known word.
static bool has_stray_default(const struct reference *r) {
	return r->fallback && r->kind != REFERENCE_ENV && r->kind != REFERENCE_JUNK;
}

static void refuse_default(
	const struct spec_text *source, const struct reference *r, const struct scope *scope) {
	place_add(scope->problems, place_for(scope->problems, scope->spec, source, r->start),
		"only env.NAME can: ${{ env.NAME:-default }}",
		arena_printf(scope->spec->arena, "%s cannot have a default",
			reference_shown(scope->problems, r)));
}

// Adds what the reference stands for; false: it means nothing here, which is reported.
static bool push_reference(struct tokens *tokens, const struct spec_text *source,
	const struct reference *r, const struct scope *scope) {
	struct token token;
	if (has_stray_default(r)) {
		refuse_default(source, r, scope);
		return false;
	}
	if (!resolve(r, scope, &token)) {
		undefined_report(source, r, scope);
		return false;
	}
	push(tokens, token);
	return true;
}

// Whether what the text becomes is not too much, which would be reported.
static bool has_room(
	const struct tokens *tokens, const struct spec_text *source, const struct scope *scope) {
	enum { NUMBER = 20 };
	uint64_t bytes = 0;
	if (!scope->allowance) {
		return true;
	}
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->items[i];
		// A job's name is there already.
		bytes += token->kind == TOKEN_TEXT     ? token->len
			 : token->kind == TOKEN_MATRIX ? scope->allowance->longest[token->variable]
						       : NUMBER;
	}
	return allowance_take(
		scope->allowance, bytes, tokens->need_job, source->at, scope->problems);
}

struct template template_compile(const struct spec_text *source, const struct scope *scope) {
	struct arena *arena = scope->spec->arena;
	struct reference r;
	if (!reference_next(source->text, 0, &r)) {
		return template_literal(arena, source->text);
	}
	struct tokens tokens = tokens_for(source->text, arena);
	bool broken = false;
	size_t at = 0;
	for (; reference_next(source->text, at, &r); at = r.end) {
		push_text(&tokens, source->text + at, r.start - at);
		broken |= !push_reference(&tokens, source, &r, scope);
	}
	push_text(&tokens, source->text + at, strlen(source->text + at));
	broken = broken || !has_room(&tokens, source, scope);
	struct template template = {.tokens = tokens.items, .n = tokens.n, .broken = broken};
	if (broken || tokens.n == 0) {
		template.text = single(arena, "");
	} else if (!tokens.need_job) {
		template.text = template_bind(&template, &(struct binding){0}, arena);
	}
	if (template.text.n > 0) {
		template.tokens = NULL;
		template.n = 0;
	}
	return template;
}

bool template_needs_name(const struct template *template) {
	for (size_t i = 0; i < template->n; i++) {
		if (template->tokens[i].kind == TOKEN_NAME) {
			return true;
		}
	}
	return false;
}

static size_t token_length(const struct token *token, const struct binding *b) {
	switch (token->kind) {
	case TOKEN_TEXT:
		return token->len;
	case TOKEN_MATRIX:
		return strlen(b->values[token->variable]);
	case TOKEN_NAME:
		return strlen(b->name);
	case TOKEN_SEQ:
		return (size_t)snprintf(NULL, 0, "%u", b->seq);
	case TOKEN_SLOT:
	case TOKEN_ATTEMPT:
		break;
	}
	return 0;
}

static char *token_write(char *to, const struct token *token, const struct binding *b) {
	switch (token->kind) {
	case TOKEN_TEXT:
		return mempcpy(to, token->text, token->len);
	case TOKEN_MATRIX:
		return stpcpy(to, b->values[token->variable]);
	case TOKEN_NAME:
		return stpcpy(to, b->name);
	case TOKEN_SEQ:
		return to + snprintf(to, token_length(token, b) + 1, "%u", b->seq);
	case TOKEN_SLOT:
	case TOKEN_ATTEMPT:
		break;
	}
	return to;
}

static bool waits(const struct token *token) {
	return token->kind == TOKEN_SLOT || token->kind == TOKEN_ATTEMPT;
}

// Tokens up to the next one that waits for the start, as one string.
static const char *join(
	const struct token *tokens, size_t n, const struct binding *b, struct arena *arena) {
	if (n == 1 && tokens->kind == TOKEN_MATRIX) {
		return b->values[tokens->variable];
	}
	if (n == 1 && tokens->kind == TOKEN_NAME) {
		return b->name;
	}
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		len += token_length(&tokens[i], b);
	}
	char *text = ARENA_ARRAY(arena, len + 1, char), *to = text;
	for (size_t i = 0; i < n; i++) {
		to = token_write(to, &tokens[i], b);
	}
	return text;
}

struct text template_bind(
	const struct template *template, const struct binding *binding, struct arena *arena) {
	const struct token *tokens = template->tokens;
	if (template->n == 0) {
		return template->text;
	}
	size_t most = 0;
	for (size_t i = 0; i < template->n; i++) {
		most += waits(&tokens[i]) || i == 0 || waits(&tokens[i - 1]);
	}
	struct piece *pieces = ARENA_ARRAY(arena, most, struct piece);
	size_t n = 0;
	for (size_t i = 0, end; i < template->n; i = end) {
		end = i + 1;
		if (waits(&tokens[i])) {
			pieces[n++].kind = tokens[i].kind == TOKEN_SLOT ? PIECE_SLOT
									: PIECE_ATTEMPT;
			continue;
		}
		while (end < template->n && !waits(&tokens[end])) {
			end++;
		}
		pieces[n++] = (struct piece){PIECE_TEXT, join(tokens + i, end - i, binding, arena)};
	}
	return (struct text){pieces, n};
}
