/* SPDX-License-Identifier: MIT
 * The places where a program may be: itself if its name has a '/', else in each element of PATH. */
#ifndef SUBPROCESS_SEARCH_H
#define SUBPROCESS_SEARCH_H

#include <stdbool.h>

struct search {
	const char *file, *rest; /* borrowed; rest: what is left of PATH, NULL at its end */
	int cwd_fd;              /* what relative places are relative to */
	bool as_given;           /* file is the only candidate */
	char *candidate;         /* owned */
	int miss;                /* why the last place was passed over: ENOENT or ENOTDIR */
};

/* path = NULL: no PATH, which is /bin and /usr/bin. cwd_fd may be -1. 0, or -1 with errno ENOMEM.
 */
int search_init(struct search *search, const char *file, const char *path, int cwd_fd);

/* The next place where there is something, valid until the next call; NULL at the end. Not found is
   asked here, since each execve that fails would cost a process. */
const char *search_next(struct search *search);

/* The next place, whether there is something or not. */
const char *search_next_unseen(struct search *search);

void search_clear(struct search *search);
#endif
