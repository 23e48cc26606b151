/* SPDX-License-Identifier: MIT
 * The files that jobs read and write by themselves: what can be said of them before anything
 * starts. */
#ifndef PLAN_PATHS_H
#define PLAN_PATHS_H

#include "plan/nameset.h"

#include <stdbool.h>

struct paths_missing {
	const char *path;
	struct mark at;
};

struct paths {
	const struct spec *spec;
	struct problems *problems;
	struct arena *scratch;
	size_t jobs;
	bool waits; /* the job that is looked at needs others, which may make what is missing */
	struct nameset written; /* by directory and name; found: only appended to */
	/* The directory that was looked at last. */
	const char *directory;
	const char *identity; /* what tells it from all others */
	int closed;           /* why no file can be made in it, an errno; 0: it can */
	/* What is to be read and is not there: it may be what a job writes. */
	struct paths_missing *missing;
	size_t n_missing, cap_missing;
};

/* jobs: at most so many; scratch lives as long as the paths are asked. */
struct paths paths_for(
	const struct spec *spec, struct problems *problems, struct arena *scratch, size_t jobs);

/* A job writes to it: whether it can, and whether another job, or its other stream, does too.
   key: "'stdout'". path lives as long as the paths. */
void paths_write(
	struct paths *paths, const char *path, struct mark at, const char *key, bool append);

/* A job reads it from its standard input. */
void paths_read(struct paths *paths, const char *path, struct mark at);

/* When all jobs are known: what is missing and will not be written. */
void paths_finish(struct paths *paths);
#endif
