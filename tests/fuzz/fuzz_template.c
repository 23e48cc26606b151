// SPDX-License-Identifier: MIT
// Fuzzes what is written in strings: ${{ }} in texts, names and scripts, {jobs} in headlines. The
// bytes are the text and, so that places are looked for, the file as well.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_template.c ... && ./fuzz_template
//   tests/fuzz/template
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "plan/headline.h"
#include "plan/reference.h"
#include "plan/script.h"
#include "plan/template.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

// What is shown to the user: on one line, with a place inside of the text.
static void look_at_problems(const struct spec *spec, const struct problems *problems) {
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->items[i];
		const char *line;
		must(p->at.line > 0 && p->at.col > 0);
		must(p->at.col <= spec_line(spec, p->at.line, &line) + 1);
		must(*p->message && !strpbrk(p->message, "\n\r\033"));
		must(!p->hint || (*p->hint && !strpbrk(p->hint, "\n\r\033")));
	}
}

// What the tokens say when they are read one by one.
static size_t length_of(const struct template *template, const struct binding *binding) {
	size_t len = 0;
	char number[16];
	for (size_t i = 0; i < template->n; i++) {
		const struct token *token = &template->tokens[i];
		switch (token->kind) {
		case TOKEN_TEXT:
			len += token->len;
			break;
		case TOKEN_MATRIX:
			len += strlen(binding->values[token->variable]);
			break;
		case TOKEN_NAME:
			len += strlen(binding->name);
			break;
		case TOKEN_SEQ:
			len += (size_t)snprintf(number, sizeof number, "%u", binding->seq);
			break;
		case TOKEN_SLOT:
		case TOKEN_ATTEMPT:
			len += 1; // rendered as 1 and 2 below
			break;
		}
	}
	return len;
}

static void bind(const struct template *template, const struct scope *scope, const char *source) {
	static const char *const values[][2] = {{"", ""}, {"${{ os }}", "${{ os }}"}};
	for (size_t i = 0; i < 2; i++) {
		struct binding binding = {values[i], "the name", 41};
		struct text text = template_bind(template, &binding, scope->spec->arena);
		must(text.n > 0);
		char *rendered = text_render(&text, 1, 2);
		const char *fixed = text_fixed(&text);
		must(rendered && (!fixed || strcmp(rendered, fixed) == 0));
		must(template->n == 0 || strlen(rendered) == length_of(template, &binding));
		must(!template->plain || strcmp(rendered, source) == 0);
		must(!scope->in_name || fixed);
		free(rendered);
	}
}

static void compile(const struct spec_text *text, struct scope *scope) {
	struct reference reference;
	size_t before = scope->problems->n;
	struct template template = template_compile(text, scope);
	bool full = scope->problems->left_out > 0;
	must(template.plain == !reference_next(text->text, 0, &reference));
	must(template.broken == (scope->problems->n > before) || full);
	bind(&template, scope, text->text);
}

static void write_headline(const struct spec *spec, const struct spec_text *text) {
	struct problems problems = {.arena = spec->arena};
	headline_check(spec, text, &problems);
	look_at_problems(spec, &problems);
	char *line = plan_headline(text->text, &(struct plan_figures){1, 2, 3, 1234567890});
	must(line);
	must(problems.n > 0 || strpbrk(text->text, "{}") || strcmp(line, text->text) == 0);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const char *const environment[] = {"HOME=/home", "E=", "R=${{ n }}", NULL};
	const struct spec_variable variables[] = {
		{.name.text = "n"}, {.name.text = "os"}, {.name.text = "few"}};
	const size_t lacking[] = {0, 0, 1};
	const struct matrix matrix = {
		.variables = variables, .n = 3, .product = 1, .size = 1, .lacking = lacking};
	struct spec_job job = {.at = {1, 1}};
	struct problems ignored = {0};
	bool unreadable;
	// No job file, but lines to point at.
	struct spec *spec = spec_parse("fuzz", (const char *)data, size, &ignored, &unreadable);
	struct spec_text text = {.text = spec->source, .at = {1, 1}};
	enum { IN_NAME = 1, IN_DEFAULTS = 2, REFUSED = 4, SCOPES = 8 };
	for (unsigned i = 0; i < SCOPES; i++) {
		struct problems problems = {.arena = spec->arena};
		struct scope scope = {.spec = spec,
			.job = &job,
			.matrix = &matrix,
			.environment = environment,
			.workers = 4,
			.in_name = i & IN_NAME,
			.in_defaults = i & IN_DEFAULTS,
			.problems = &problems};
		job.matrix_refused = i & REFUSED;
		compile(&text, &scope);
		look_at_problems(spec, &problems);
	}
	struct problems problems = {.arena = spec->arena};
	struct scope scope = {.spec = spec, .job = &job, .problems = &problems};
	script_check(&text, &scope);
	must((strstr(text.text, "${{") == NULL) == (problems.n == 0));
	look_at_problems(spec, &problems);
	write_headline(spec, &text);
	spec_free(spec);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
