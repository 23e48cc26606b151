/* SPDX-License-Identifier: MIT
 *
 * One job as it will be done: all that an attempt needs to know of it. Comes with plan.h.
 */
#ifndef PLAN_JOB_H
#define PLAN_JOB_H

#include "plan/needs.h"
#include "spec/spec.h"

#include <stdatomic.h>
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
	bool live;                   /* captured output is told while it runs */
	const char *label;           /* what is put before each line of its output; NULL */
	/* Of a source's jobs: */
	unsigned tries;       /* in all; 0 and 1: one */
	const char *broken;   /* why it cannot be started at all; NULL */
	atomic_uint *holders; /* beside the first; NULL: the plan's, which outlives all */
};

static inline bool job_succeeds(const struct job *job, int status) {
	return status >= 0 && status < 256 && (job->success[status / 8] >> (status % 8) & 1);
}
#endif
