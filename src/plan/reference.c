// SPDX-License-Identifier: MIT
// The grammar of ${{ }}: blanks, one name, for env.X a default behind ":-", blanks.
#include "plan/reference.h"

#include <string.h>

const char *const reference_words[] = {
	"job.name", "spool.seq", "spool.slot", "spool.attempt", "spool.workers"};
const size_t reference_n_words = sizeof reference_words / sizeof *reference_words;

static const enum reference_kind kinds[] = {
	REFERENCE_NAME, REFERENCE_SEQ, REFERENCE_SLOT, REFERENCE_ATTEMPT, REFERENCE_WORKERS};
_Static_assert(sizeof kinds / sizeof *kinds == sizeof reference_words / sizeof *reference_words,
	"a kind for each word");

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_letter(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The length of the identifier that text starts with.
static size_t identifier(const char *text, size_t len) {
	size_t n = 0;
	while (n < len && (is_letter(text[n]) || (n > 0 && text[n] >= '0' && text[n] <= '9'))) {
		n++;
	}
	return n;
}

static bool is_word(const struct reference *r, const char *word) {
	return strlen(word) == r->word_len && memcmp(r->word, word, r->word_len) == 0;
}

static enum reference_kind dotted(struct reference *r, size_t prefix) {
	r->name = r->word + prefix + 1;
	r->name_len = r->word_len - prefix - 1;
	if (r->name_len == 0 || identifier(r->name, r->name_len) != r->name_len) {
		return REFERENCE_JUNK;
	}
	if (prefix == 6 && memcmp(r->word, "matrix", 6) == 0) {
		return REFERENCE_MATRIX;
	}
	if (prefix == 3 && memcmp(r->word, "env", 3) == 0) {
		return REFERENCE_ENV;
	}
	for (size_t i = 0; i < reference_n_words; i++) {
		if (is_word(r, reference_words[i])) {
			return kinds[i];
		}
	}
	return REFERENCE_NOWORD;
}

// What is named by word, which has no blanks around.
static enum reference_kind classify(struct reference *r) {
	const char *mark = r->word_len ? memmem(r->word, r->word_len, ":-", 2) : NULL;
	if (mark) {
		r->fallback = mark + 2;
		r->fallback_len = (size_t)(r->word + r->word_len - r->fallback);
		r->word_len = (size_t)(mark - r->word);
	}
	if (r->word_len == 0) {
		return mark ? REFERENCE_JUNK : REFERENCE_EMPTY;
	}
	r->name = r->word;
	r->name_len = r->word_len;
	size_t n = identifier(r->word, r->word_len);
	if (n == 0) {
		return REFERENCE_JUNK;
	}
	if (n == r->word_len) {
		return REFERENCE_MATRIX;
	}
	return r->word[n] == '.' ? dotted(r, n) : REFERENCE_JUNK;
}

// The "}}" behind body, NULL when another "${{" stands before it. No further than that is looked,
// so that many which are open are found in one go.
static const char *closing(const char *body) {
	for (const char *p = body; (p = strpbrk(p, "}$")); p++) {
		if (p[0] == '}' && p[1] == '}') {
			return p;
		}
		if (strncmp(p, "${{", 3) == 0) {
			return NULL;
		}
	}
	return NULL;
}

bool reference_next(const char *text, size_t from, struct reference *reference) {
	const char *start = strstr(text + from, "${{");
	if (!start) {
		return false;
	}
	const char *body = start + 3, *end = closing(body);
	*reference = (struct reference){.start = (size_t)(start - text)};
	if (!end) {
		reference->kind = REFERENCE_OPEN;
		reference->end = reference->start + 3;
		return true;
	}
	reference->end = (size_t)(end + 2 - text);
	while (body < end && is_blank(*body)) {
		body++;
	}
	while (end > body && is_blank(end[-1])) {
		end--;
	}
	reference->word = body;
	reference->word_len = (size_t)(end - body);
	reference->kind = classify(reference);
	return true;
}

const char *reference_value(
	const struct reference *reference, const char *const *environment, size_t *len) {
	const char *value = NULL;
	for (const char *const *e = environment; *e && !value; e++) {
		if (strncmp(*e, reference->name, reference->name_len) == 0 &&
			(*e)[reference->name_len] == '=') {
			value = *e + reference->name_len + 1;
		}
	}
	if (reference->fallback && (!value || !*value)) {
		*len = reference->fallback_len;
		return reference->fallback;
	}
	*len = value ? strlen(value) : 0;
	return value;
}

const char *reference_shown(struct problems *problems, const struct reference *reference) {
	if (!reference->word) {
		return "'${{'";
	}
	return problems_quote(problems, arena_printf(problems->arena, "${{ %.*s }}",
						(int)reference->word_len, reference->word));
}
