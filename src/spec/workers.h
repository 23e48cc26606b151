/* SPDX-License-Identifier: MIT
 * How many workers a run has, when it ends early, and sizes, as people write them. Comes with
 * spec.h. */
#ifndef SPEC_WORKERS_H
#define SPEC_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As written, resolved by plan when CPUs and jobs are known. */
enum workers_kind {
	WORKERS_CPUS,    /* not given: all CPUs this process may use */
	WORKERS_COUNT,   /* "4" */
	WORKERS_EACH,    /* "0": as many as jobs */
	WORKERS_PERCENT, /* "50%": of the CPUs, at least one */
	WORKERS_LESS,    /* "-1": CPUs less one, at least one */
	WORKERS_MORE,    /* "+1": CPUs and one more */
};
struct workers {
	enum workers_kind kind;
	unsigned n;
};

/* Reads N, N%, -N, +N or 0; NULL, or a phrase that says what is wrong. */
const char *workers_parse(const char *text, struct workers *workers);

enum halt_on { HALT_NEVER, HALT_FAIL, HALT_SUCCESS, HALT_DONE };

/* now|soon,fail|success|done=N|N% */
struct halt {
	enum halt_on on;
	bool now;     /* what runs is ended; soon: it may end by itself */
	bool percent; /* n is a share of all jobs */
	unsigned n;
	const char *text; /* as given; NULL: not given */
};

/* Reads bytes, or K M G T (powers of 1024): "64M". NULL, or a phrase that says what is wrong. */
const char *size_parse(const char *text, size_t len, uint64_t *bytes);

/* Reads such a word, or never. NULL, or a phrase that says what is wrong; text is borrowed. */
const char *halt_parse(const char *text, struct halt *halt);
#endif
