/* SPDX-License-Identifier: MIT
 *
 * plan: what will be done. Defaults are applied, matrices expanded, names made unique, templates
 * compiled, the number of workers settled. Nothing behind it changes a plan: everyone sees
 * const struct plan *.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/base.h"
#include "plan/needs.h"
#include "spec/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text of a job in which some words are known only when an attempt starts. */
enum piece_kind {
	PIECE_TEXT,
	PIECE_SLOT,    /* ${{ spool.slot }} */
	PIECE_ATTEMPT, /* ${{ spool.attempt }} */
};
struct piece {
	enum piece_kind kind;
	const char *text; /* of PIECE_TEXT */
};
struct text {
	const struct piece *pieces; /* one PIECE_TEXT in the usual case; none = not given */
	size_t n;
};

/* The text as it is for this slot and attempt: a string the caller frees, NULL without memory. */
char *text_render(const struct text *text, unsigned slot, unsigned attempt);
/* The string when nothing in it waits for the start, else NULL. */
const char *text_fixed(const struct text *text);

/* One change to the environment of a job; unset: the variable is taken away. */
struct plan_env {
	const char *name;
	struct text value;
	bool unset;
};

enum stream {
	STREAM_NULL,    /* /dev/null */
	STREAM_TEXT,    /* the job's input, through a pipe; only standard input */
	STREAM_FILE,    /* a file by its path: input, or one of sinks */
	STREAM_INHERIT, /* spool's own */
	STREAM_CAPTURE, /* only standard output and error */
	STREAM_STDOUT,  /* where standard output goes; only standard error */
};

/* A file that output goes to; without a path of another stream than STREAM_FILE. */
struct sink {
	struct text path;
	bool append;
};
struct sinks {
	struct sink out, err;
};

/* Bytes kept of each captured stream, unless the file says otherwise. */
enum { PLAN_MAX_OUTPUT = 10 * 1024 * 1024 };

struct plan_limit {
	int resource;     /* RLIMIT_NOFILE .. */
	const char *name; /* "nofile" .. */
	uint64_t value;   /* soft and hard; UINT64_MAX: none */
};

/* What a job may, as far as it is not what spool may. */
struct rights {
	int64_t uid, gid;       /* -1: spool's */
	const uint32_t *groups; /* supplementary */
	long n_groups;          /* 0: none at all; -1: spool's */
	int umask;              /* -1: spool's */
	int nice;               /* added to spool's */
	const struct plan_limit *limits;
	size_t n_limits;
};

struct job {
	unsigned seq;     /* 1.. in the order of the file, before selection */
	const char *name; /* unique; without control characters */
	const struct text *argv;
	size_t argc;
	struct text executable; /* none: argv[0] */
	bool script;            /* argv was made of a run script */
	struct text cwd;
	struct text input; /* of STREAM_TEXT; the path of STREAM_FILE */
	const struct plan_env *env;
	size_t n_env;
	bool inherit_env;
	bool check;
	bool allow_failure;
	enum when when;
	const struct needs *needs; /* NULL: none; jobs with the same share them */
	bool foreground;           /* stays in spool's process group: exec on a terminal */
	enum stream in, out, err;
	const struct sinks *sinks;   /* NULL: no stream of output is a STREAM_FILE */
	uint64_t max_output;         /* kept of each captured stream; UINT64_MAX: all */
	const struct rights *rights; /* NULL: all are spool's */
	const uint8_t *success;      /* 32 bytes: success codes, one bit each */
	int64_t timeout_ns;          /* SP_FOREVER: none */
	int64_t grace_ns;            /* 0: KILL at once; SP_FOREVER: never */
	const char *const *tags;     /* NULL behind the last; NULL: none */
	struct mark at;              /* where the job stands in the file */
};

static inline bool job_succeeds(const struct job *job, int status) {
	return status >= 0 && status < 256 && (job->success[status / 8] >> (status % 8) & 1);
}

/* How the human lines read. */
struct plan_report {
	bool given; /* there is a report section: labels unpadded but for its own words */
	const char *title, *footer;
	const char *labels[256]; /* NULL: the verdict's own word */
};

struct plan {
	struct arena *arena;
	const char *file;      /* the job file as the user named it; NULL for exec */
	const char *directory; /* -C as given, for the command that runs a job again; NULL */
	const char *name;
	unsigned workers;
	const struct job *jobs; /* those selected, in the order of the file */
	size_t n_jobs;
	size_t n_all;          /* of the file, before selection */
	size_t n_needs;        /* different struct needs, whose ids are below this */
	const uint32_t *order; /* jobs as they would start one by one; NULL: as they stand */
	struct plan_halt halt;
	struct plan_report report;
};

/* The job that would start as the i-th one, from 0. */
static inline const struct job *plan_nth(const struct plan *plan, size_t i) {
	return &plan->jobs[plan->order ? plan->order[i] : i];
}

struct plan_words {
	const char *const *items;
	size_t n;
};

/* What the command line says about a plan; it goes before what the file says. */
struct plan_options {
	bool workers_given;
	struct workers workers;
	bool timeout_given, grace_given;
	int64_t timeout_ns, grace_ns;
	struct halt halt;      /* its text NULL: not given */
	const char *directory; /* -C: in place of the job file's directory; NULL */
	/* What is taken of the file: each is a name, a matrix job's name or a glob, in the last two
	   also tag:T. JOB… and --only narrow it where they are given, --skip goes before both. */
	struct plan_words jobs, only, skip;
	const char *const *environment; /* spool's own, "NAME=value", NULL behind it */
	unsigned cpus;                  /* this process may use; 0: ask the system */
};

/*
 * Makes the plan of a spec. A job without a name gets its program's base name and its number:
 * is_prime-3, sh-4. A word that selects no job is a problem without a place, and so is a plan
 * without one. Problems are added; a plan comes back all the same (the caller looks at problems->n
 * first). Memory is the spec's arena: the plan lives as long as it.
 */
struct plan *plan_make(
	const struct spec *spec, const struct plan_options *options, struct problems *problems);

/* exec: a plan of one job. All strings are borrowed and must outlive it. */
struct plan_command {
	const char *const *argv;
	size_t argc;
	const char *cwd;        /* NULL: where spool is */
	const char *const *env; /* "NAME=value" to add */
	size_t n_env;
	const char *input; /* path of a file for standard input; NULL: inherit */
	bool capture;
	bool foreground;
	int64_t timeout_ns, grace_ns;
};
struct plan *plan_exec(const struct plan_command *command);
void plan_exec_free(struct plan *plan);

/* The text of title or footer with {jobs} {workers} {done} {elapsed[:.Nf]} filled in (a bare
   {elapsed} has six digits); the caller frees it; NULL without memory. The format was checked by
   plan_make. */
struct plan_figures {
	size_t jobs, workers, done;
	int64_t elapsed_ns;
};
char *plan_headline(const char *format, const struct plan_figures *figures);

/* CPUs this process may use: the smaller of affinity and cgroup quota (v1, v2, the whole path
   up), rounded up, at least 1. root: "" or a directory that stands in for / in tests. */
unsigned cpus_usable(const char *root);

#include "plan/check.h"
#endif
