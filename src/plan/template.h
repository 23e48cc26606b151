/* SPDX-License-Identifier: MIT
 *
 * Strings with ${{ }} in them. A template is compiled once for a job of the file and bound once for
 * each job of its matrix. What is known for all of them (env.X, spool.workers) is filled in when it
 * is compiled; what no two jobs differ in is shared by them.
 */
#ifndef PLAN_TEMPLATE_H
#define PLAN_TEMPLATE_H

#include "plan/allowance.h"
#include "plan/matrix.h"
#include "plan/plan.h"

/* What the names in ${{ }} mean in one job of the file. */
struct scope {
	const struct spec *spec;
	const struct spec_job *job;
	const struct matrix *matrix;    /* the job's */
	const char *const *environment; /* NULL behind it */
	unsigned workers;
	bool in_name;                /* the job's name is not known yet */
	bool in_defaults;            /* the text is inherited: say for which job it is wrong */
	struct allowance *allowance; /* NULL: nothing is counted */
	struct problems *problems;
};

/* Which variable of the matrix a reference names; the matrix's n: none. */
struct reference;
size_t scope_variable(const struct scope *scope, const struct reference *reference);

enum token_kind {
	TOKEN_TEXT,
	TOKEN_MATRIX,
	TOKEN_NAME,
	TOKEN_SEQ,
	TOKEN_SLOT,
	TOKEN_ATTEMPT,
};
struct token {
	enum token_kind kind;
	const char *text; /* of TOKEN_TEXT */
	size_t len;
	size_t variable; /* of TOKEN_MATRIX: which */
};

struct template {
	struct text text; /* when no token needs the job; n 0: no text was given */
	const struct token *tokens;
	size_t n;    /* 0: text is all there is */
	bool plain;  /* without ${{ }} */
	bool broken; /* a problem was reported; the text is "" */
};

/* What one job of a matrix fills in. */
struct binding {
	const char *const *values; /* of the variables of the matrix; NULL: it lacks this one */
	const char *name;          /* of the job; NULL while it is made */
	unsigned seq;
};

/* Memory is the spec's arena; the source's text is borrowed. Problems go to the scope's list. */
struct template template_compile(const struct spec_text *source, const struct scope *scope);

/* Whether there is a text at all. */
static inline bool template_given(const struct template *template) {
	return template->n > 0 || template->text.n > 0;
}

/* Whether it holds ${{ job.name }}, so that it cannot be part of the name. */
bool template_needs_name(const struct template *template);

/* A text that is not looked into: a script, a word of ours. */
struct template template_literal(struct arena *arena, const char *text);

/* The value of a matrix variable; a job may lack it, and then it cannot be bound. */
struct template template_variable(struct arena *arena, size_t variable);
bool template_lacks(const struct template *template, const struct binding *binding);

/* Values are not looked into again: a ${{ }} that comes from one stays as it is. */
struct text template_bind(
	const struct template *template, const struct binding *binding, struct arena *arena);
#endif
