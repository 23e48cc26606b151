/* SPDX-License-Identifier: MIT
 * A file that says how many workers there are, and that is read again as it changes. Main thread
 * only. */
#ifndef RUN_WORKERS_FILE_H
#define RUN_WORKERS_FILE_H

#include "plan/plan.h"

/* More than this it may only say at first. */
enum { WORKERS_FILE_MOST = 4096 };

struct workers_file {
	const char *path;       /* borrowed */
	struct workers workers; /* as it said last */
	int64_t looked;         /* when; 0: never again, it is no file that could change */
	bool doubtful;          /* what it said then may have been half of it */
	bool wrong;             /* that was said */
};

enum workers_file_news {
	WORKERS_SAME,
	WORKERS_CHANGED,
	WORKERS_WRONG, /* told once until it is right again: the number stays */
};

/* Reads it for the first time: a number as workers_parse has it, blanks around it. It may be a pipe
   then. NULL; or a phrase that says what is wrong. */
const char *workers_file_open(struct workers_file *file, const char *path);

/* Reads it again if it has not been for long; *wrong: the phrase of WORKERS_WRONG. */
enum workers_file_news workers_file_look(
	struct workers_file *file, int64_t now, const char **wrong);
/* When to look even if nothing happens; INT64_MAX: there is no use in it. */
int64_t workers_file_again(const struct workers_file *file);
#endif
