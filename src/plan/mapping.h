/* SPDX-License-Identifier: MIT
 *
 * The command of spool map, compiled once; and a job of it for each row of values. Comes with
 * plan.h.
 *
 * Without a shell the command is an argument vector. A word with a placeholder is filled in; one of
 * all values stands for a word each if it is a word of its own ({}, {.}), or if a job may have more
 * than one row (-n, -X): then pre-{}.x is repeated as well. Else they stand in the word with a
 * blank between two. A command without a placeholder gets all of them as words at its end.
 *
 * With a shell the words, joined by blanks, are a script (see shell_script.h); without words each
 * row is one itself.
 *
 * Where this differs from GNU parallel: {0} is text; {-3} of two values is empty, as {3} is; in {/}
 * a newline is a character like others; {%} cannot stand in the tag.
 */
#ifndef PLAN_MAPPING_H
#define PLAN_MAPPING_H

#include "plan/plan.h"

struct row;
struct values;

/* All of it is the caller's and outlives the jobs. */
struct mapping_options {
	const char *const *words; /* none: with a shell, each row is a command */
	size_t n_words;
	const char *replace; /* -I: in place of {}; NULL */
	const char *shell;   /* its program: "/bin/sh"; NULL: the words are the argument vector */
	size_t max_args;     /* rows for each job; 0: not given, which is one */
	bool fill;           /* as many as the kernel takes, at most max_args if it is given */
	size_t room;         /* bytes that the kernel takes; 0: ask it */
	unsigned workers;    /* share what is left at the end of the input */
	const char *const *names; /* of the columns */
	size_t n_names;
	bool tag;                       /* the label is the values */
	const char *tagstring;          /* the label, with placeholders; NULL */
	const char *const *environment; /* spool's own, "NAME=value", NULL behind it */
	/* What all jobs have alike: out, err, times, tries, env, cwd, ... What a job of a map
	   always has is set here: nothing to read, nothing is cut, only 0 is success. */
	const struct job *common;
};

struct mapping; /* opaque */

/* 0, or -1: something is wrong with the command, and problems (whose arena is the caller's) says
   what; none has a place. */
int mapping_new(
	struct mapping **mapping, const struct mapping_options *options, struct problems *problems);
void mapping_free(struct mapping *mapping); /* NULL is allowed */

/* A job of these values, held by the caller; it borrows from the mapping. NULL without memory.
   Thread-safe. */
const struct job *mapping_job(const struct mapping *mapping, const struct row *row, unsigned seq);

/* The jobs of all values there are. Both are borrowed. NULL without memory. */
struct source *mapping_source(const struct mapping *mapping, struct values *values);
void mapping_source_free(struct source *source); /* NULL is allowed */
#endif
