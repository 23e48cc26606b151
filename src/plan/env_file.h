/* SPDX-License-Identifier: MIT
 * Files of NAME=value lines, and the environment of a job that is made of them and of env. */
#ifndef PLAN_ENV_FILE_H
#define PLAN_ENV_FILE_H

#include "plan/plan.h"

struct env_line {
	const char *name;
	struct piece value;
};
struct env_file {
	const char *path;
	struct env_line *lines; /* a name may come twice: the last one counts */
	size_t n;
};

/* Where the path stands, and where what is wrong with the file is said. */
struct env_source {
	struct arena *arena;
	struct mark at;
	struct problems *problems;
};

/*
 * Reads the text of a file: NAME=value, also with `export` in front, blanks around either left out;
 * lines that are empty or begin with # are skipped; a value in quotes loses them. Nothing is
 * expanded. What is wrong is a problem that begins with path and line, and that line is left out.
 */
struct env_file env_file_parse(
	const char *path, const char *text, size_t len, const struct env_source *source);

/* The same of a file; one that was refused has no lines. */
struct env_file env_file_read(const char *path, const struct env_source *source);

/* Lays env over the files, and the files over those before them: *n variables in all. */
const struct plan_env *env_file_lay(const struct env_file *const *files, size_t n_files,
	const struct plan_env *env, size_t *n, struct arena *arena);
#endif
