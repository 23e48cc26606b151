/* SPDX-License-Identifier: MIT
 *
 * Output that is kept for good: of each job a directory with the files stdout and stderr, written
 * as the output comes, whole. Of earlier tries of a job they are stdout.1, stderr.1, …
 */
#ifndef RUN_RESULTS_H
#define RUN_RESULTS_H

#include "run/run.h"
#include "subprocess/subprocess.h"

enum {
	RESULTS_SLUG = 80, /* bytes of a job's name in its directory's */
	RESULTS_NAME = RESULTS_SLUG + 16,
	RESULTS_FDS = 2, /* of each attempt */
};

/* The name of a job's directory, 000012-name: nothing that leads anywhere else. */
void results_name(const struct job *job, char name[RESULTS_NAME]);

/* What one attempt writes; RESULTS_NONE before it is opened. */
struct results {
	int fds[RESULTS_FDS]; /* of standard output and error; -1: not kept, or no more */
	int os_errno;         /* of what failed first; 0 */
};
#define RESULTS_NONE        \
	(struct results) {  \
		{-1, -1}, 0 \
	}

/*
 * Opens the files of those streams that are captured, all in the directory that the run was given;
 * what an earlier run left there goes. SP_E_OS: there are no descriptors just now, and a second
 * call goes on from there. Anything else that fails is for results_close to tell.
 */
sp_status results_open(struct results *results, const struct attempt_common *common,
	const struct result *result, sp_error *error);

/* Takes n bytes of stream 1 or 2. */
void results_write(struct results *results, int stream, const char *data, size_t n);

/* 0, or errno of what failed first: then something is missing. */
int results_close(struct results *results);
#endif
