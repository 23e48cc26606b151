/* SPDX-License-Identifier: MIT
 * The words between ${{ and }}: finding them in a text, and what kind of thing they name. */
#ifndef PLAN_REFERENCE_H
#define PLAN_REFERENCE_H

#include "spec/spec.h"

#include <stdbool.h>
#include <stddef.h>

enum reference_kind {
	REFERENCE_OPEN,   /* "${{" without its "}}" */
	REFERENCE_EMPTY,  /* nothing in it */
	REFERENCE_JUNK,   /* not a name */
	REFERENCE_NOWORD, /* a name with a dot that nothing has: spool.sloot */
	REFERENCE_MATRIX, /* n, matrix.n */
	REFERENCE_ENV,    /* env.X, env.X:-default */
	REFERENCE_NAME,   /* job.name */
	REFERENCE_WORKERS,
	REFERENCE_SEQ,
	REFERENCE_SLOT,
	REFERENCE_ATTEMPT,
};

struct reference {
	enum reference_kind kind;
	size_t start, end; /* in the text: of the "$", and behind the "}}" */
	const char *word;  /* all of it without blanks around, without a default */
	size_t word_len;
	const char *name; /* of MATRIX and ENV: without "matrix." or "env." */
	size_t name_len;
	const char *fallback; /* of ENV: the default, or NULL */
	size_t fallback_len;
};

/* The next ${{ at or behind from. False: there is none. */
bool reference_next(const char *text, size_t from, struct reference *reference);

/* Of ENV: the value in environment (NULL behind the last), or the default in place of one that is
   unset or empty. NULL: there is neither. */
const char *reference_value(
	const struct reference *reference, const char *const *environment, size_t *len);

/* The words that are known in every job: job.name, spool.seq, … */
extern const char *const reference_words[];
extern const size_t reference_n_words;

/* For a message: '${{ word }}', without its default, on one line and not too long. */
const char *reference_shown(struct problems *problems, const struct reference *reference);
#endif
