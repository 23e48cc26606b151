/* SPDX-License-Identifier: MIT
 * The values of a matrix variable: those of the file, or those that stand elsewhere. */
#ifndef PLAN_VALUES_H
#define PLAN_VALUES_H

#include "spec/spec.h"

/* A file of lines that was read. */
struct values_file {
	const char *path;
	struct spec_texts values; /* n 0: something is wrong with it, which is reported */
	struct values_file *next;
};

/* What values are made with. */
struct values_maker {
	const struct spec *spec;
	const char *directory; /* where relative paths start; NULL: where spool is */
	const char *const *environment;
	struct problems *problems;
	const struct spec_job *job;
	struct values_file *files; /* read already: a pipe can be read only once */
};

/* Puts the values in place of what they come from. False: they are refused, which is reported. */
bool values_make(struct values_maker *maker, struct spec_variable *variable);

/* Whether other values may come tomorrow, although nothing was written anew. */
bool values_vary(const struct spec_variable *written);

/* The parts of values_make. Path and pattern are whole, shown is what is said of the pattern,
   source is where it stands. */
struct spec_texts values_of_lines(
	struct values_maker *maker, const char *path, const struct spec_text *source);
struct spec_texts values_of_glob(struct values_maker *maker, const char *pattern, const char *shown,
	const struct spec_text *source);
#endif
