/* SPDX-License-Identifier: MIT
 *
 * spec: what the user wrote in a job file, unchanged and typed, each piece with the place where it
 * stands. Nothing is resolved here: no templates, no defaults, no numbers of workers (that is
 * plan's). Errors are values in a list; only cli prints them.
 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include "base/arena.h"
#include "spec/workers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in the file, from 1; columns count characters, not bytes. line 0: no place. */
struct mark {
	unsigned line, col;
};

/* One thing that is wrong, or to be warned of, with its way out. */
struct problem {
	struct mark at;
	const char *message; /* without the place: "unknown key 'timout'" */
	const char *hint;    /* what to do about it, or NULL */
};

/* Problems in the order found; memory from the arena it was made with (for spec_read the spec's,
   so that they go with it). What goes past PROBLEMS_MAX is only counted. */
enum { PROBLEMS_MAX = 1000 };
struct problems {
	struct arena *arena;
	struct problem *items;
	size_t n, cap;
	size_t left_out;
};

/* hint may be NULL and is taken as it is; the message is formatted. */
void problems_add(struct problems *problems, struct mark at, const char *hint, const char *format,
	...) __attribute__((format(printf, 4, 5)));
/* Whether one more would only be counted: there is no need to word it then. */
static inline bool problems_full(const struct problems *problems) {
	return problems->n >= PROBLEMS_MAX;
}
/* By place, stable; call once before showing. */
void problems_sort(struct problems *problems);
/* A word of the user's for a message: quoted, on one line, control characters escaped, cut. */
const char *problems_quote(struct problems *problems, const char *text);

/* A scalar as it was written. text NULL: not given (then at.line is 0) or refused. Without NULs:
   they are refused. */
struct spec_text {
	const char *text;
	struct mark at;
};

struct spec_texts {
	struct spec_text *items;
	struct mark at;
	uint32_t n;
	bool given; /* also true when the value was refused: no second error about its absence */
};

/* Name and value: a variable of env, or of include and exclude in a matrix. */
struct spec_pair {
	struct spec_text name, value;
	bool unset; /* the value is YAML's null; only in env */
};

struct spec_env {
	struct spec_pair *items;
	struct mark at;
	uint32_t n;
	bool given;
};

struct spec_duration {
	int64_t ns; /* SP_FOREVER: no limit, for a timeout also when 0 was written */
	struct mark at;
	bool given;
};

struct spec_flag {
	struct mark at;
	bool value;
	bool given;
};

/* Exit statuses 0..255, one bit each. */
struct spec_codes {
	uint8_t bits[32];
	struct mark at;
	bool given;
};

/* The keys that defaults may hold too. */
struct spec_settings {
	struct spec_texts args, *tags; /* tags NULL: not given, as in most jobs */
	struct spec_text run, shell, executable, cwd, input;
	struct spec_env env;
	struct spec_flag inherit_env, check;
	struct spec_duration timeout, grace;
	struct spec_codes *success_codes; /* NULL: not given */
	struct spec_rights *rights;       /* NULL: none of its keys was given */
	struct spec_files *files;         /* likewise */
	struct spec_schedule *schedule;   /* likewise */
	bool run_refused;                 /* there was a run key whose value was refused */
};

struct spec_job {
	struct mark at; /* of the job's first key; of the job when it has none */
	struct spec_text name;
	struct spec_settings settings;
	struct spec_needs *needs; /* NULL: not given */
	struct spec_variable *matrix;
	size_t n_matrix;
	struct spec_changes *changes; /* include and exclude; NULL: neither was given */
	struct mark matrix_at;        /* of the key; line 0: not given */
	bool matrix_refused; /* something of the matrix was refused: its names are not all known */
};

struct spec_label {
	int code; /* 0..255 */
	struct spec_text word;
};

struct spec_report {
	struct spec_text title, footer;
	struct spec_label *labels;
	size_t n_labels;
	struct mark at;
	bool given;
};

/* Where a line begins; kept for one every few kilobytes, so that spec_line is always quick. */
struct spec_line_start {
	uint32_t line, offset;
};

struct spec {
	struct arena *arena; /* owns all of it */
	const char *file;    /* as the user named it: "-" for standard input */
	const char *source;  /* the whole text without a byte order mark, for showing lines */
	size_t source_len;
	struct spec_line_start *line_starts; /* of spec_line alone */
	size_t n_line_starts;
	struct spec_text name; /* of the run */
	struct workers workers;
	struct mark workers_at;
	struct halt halt; /* its text NULL: not given */
	struct spec_settings defaults;
	struct spec_report report;
	struct spec_job *jobs;
	size_t n_jobs;
	struct mark jobs_at; /* of the key; line 0: there is none */
};

/*
 * Reads a job file ("-": standard input). Always returns a spec that spec_free frees; whatever is
 * wrong is in problems (its arena is set to the spec's), and what was refused is left out of the
 * spec. *unreadable: the file could not be read or is no YAML at all, so that nothing behind it
 * should be asked. A file that cannot be opened is a problem with no place.
 */
struct spec *spec_read(const char *file, struct problems *problems, bool *unreadable);
/* The same from memory; file names it in messages. */
struct spec *spec_parse(const char *file, const char *text, size_t len, struct problems *problems,
	bool *unreadable);
void spec_free(struct spec *spec);

/* Line number `line` of the source without its newline, as it is in the file: start in *text, its
   length returned. Lines are YAML's. Past the end: an empty line. */
size_t spec_line(const struct spec *spec, unsigned line, const char **text);

/* The names of all keys but `x-` ones, for the check that each is in the manual. */
const char *const *spec_top_keys(size_t *n);
const char *const *spec_report_keys(size_t *n);
const char *const *spec_job_keys(size_t *n);

#include "spec/files.h"
#include "spec/matrix.h"
#include "spec/needs.h"
#include "spec/rights.h"
#endif
