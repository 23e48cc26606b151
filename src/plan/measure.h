/* SPDX-License-Identifier: MIT
 *
 * How much of the room for a program's arguments a command takes with so many values: never less
 * than it does, so that as many as fit can be collected while they come.
 */
#ifndef PLAN_MEASURE_H
#define PLAN_MEASURE_H

#include "plan/job.h"

#include <stdbool.h>
#include <stddef.h>

/* Of the command. A string counts with its NUL and the pointer to it. */
struct measure {
	size_t fixed;   /* whatever the values */
	size_t each;    /* for each value, besides its own bytes */
	size_t copies;  /* of each value's bytes */
	size_t crossed; /* of the longest value's bytes, for each value */
	size_t singles; /* of the longest value's bytes, once */
	/* The same of its longest word and of the script, which are one string each. */
	size_t word_fixed, word_copies;
	size_t script_fixed, script_each;
};

/* Values that are to be the job's. */
struct load {
	size_t n, bytes, longest;
	bool broken; /* one has a NUL */
};

/* Whether the kernel takes the command with them; room: bytes of all arguments. */
bool measure_fits(const struct measure *measure, const struct load *load, size_t room);

/* The room that is left beside the environment ("NAME=value", NULL behind it) and what is added. */
size_t measure_room(const char *const *environment, const struct plan_env *env, size_t n_env);
#endif
