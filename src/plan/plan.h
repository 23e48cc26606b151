/* SPDX-License-Identifier: MIT
 *
 * plan: what will be done. Defaults are applied, matrices expanded, names made unique, templates
 * compiled, the number of workers settled. Nothing behind it changes a plan: everyone sees
 * const struct plan *.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/base.h"
#include "plan/job.h"
#include "plan/needs.h"
#include "plan/source.h"
#include "spec/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	bool elastic;           /* as many workers as there can be: fewer are no surprise */
	const struct job *jobs; /* those selected, in the order of the file */
	size_t n_jobs;
	bool endless;   /* the jobs come from a source, nobody knows how many; jobs is NULL */
	size_t n_all;   /* of the file, before selection */
	size_t n_needs; /* different struct needs, whose ids are below this */
	const uint32_t *order; /* jobs as they would start one by one; NULL: as they stand */
	struct plan_halt halt;
	unsigned timeout_percent; /* of how long jobs take on the median; 0: the jobs say it */
	struct plan_report report;
};

/* The job that would start as the i-th one, from 0. */
static inline const struct job *plan_nth(const struct plan *plan, size_t i) {
	return &plan->jobs[plan->order ? plan->order[i] : i];
}

/* How many jobs of so many a halt that is a share means. */
size_t halt_share(const struct halt *halt, size_t jobs);

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
	bool live;             /* captured output is told while its job runs */
	bool tag;              /* each line of it behind its job's name */
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
	unsigned tries; /* 0: one */
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

/* How many workers that is, at least 1; cpus: this process may use, 0: ask the system. */
unsigned workers_resolve(const struct workers *workers, unsigned cpus, size_t n_jobs);

#include "plan/check.h"
#include "plan/mapping.h"
#endif
