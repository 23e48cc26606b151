/* SPDX-License-Identifier: MIT
 * The words of MAKEFLAGS. */
#ifndef RUN_MAKEFLAGS_H
#define RUN_MAKEFLAGS_H

#include <stdbool.h>
#include <stddef.h>

struct makeflag {
	const char *text; /* points into MAKEFLAGS, backslashes as they are */
	size_t len;
};

/* Moves *at behind the next word. False: only variables follow, or nothing; *at is there. */
bool makeflags_next(const char **at, struct makeflag *flag);

/* Whether it is this long option, and what stands behind its "="; an empty value without one. */
bool makeflag_is(const struct makeflag *flag, const char *option, struct makeflag *value);
/* Whether it is the number of jobs, and the digits; none: as many as there are. */
bool makeflag_is_jobs(const struct makeflag *flag, struct makeflag *digits);
/* Whether it says where the jobserver is, and what it says. */
bool makeflag_is_jobserver(const struct makeflag *flag, struct makeflag *value);

/* The word as it was meant: a string that the caller frees; NULL without memory. */
char *makeflag_plain(const struct makeflag *flag);
#endif
