/* SPDX-License-Identifier: MIT
 *
 * A client of GNU make's jobserver: one pipe, or a FIFO, in which a byte lies for each job that may
 * run beside the first one of every client. What make says of it in MAKEFLAGS need not be so:
 * recipe lines without + are told the numbers of descriptors that are closed.
 */
#ifndef RUN_JOBSERVER_H
#define RUN_JOBSERVER_H

#include <stdbool.h>
#include <stddef.h>

enum jobserver_kind {
	JOBSERVER_NONE,   /* MAKEFLAGS speaks of none */
	JOBSERVER_PIPE,   /* both ends were inherited */
	JOBSERVER_FIFO,   /* a file with a name */
	JOBSERVER_CLOSED, /* kept from this process: closed, or negative */
	JOBSERVER_BROKEN, /* not what it is said to be */
};
struct jobserver_spec {
	enum jobserver_kind kind;
	int read_fd, write_fd; /* of a pipe */
	const char *path;      /* of a FIFO, as in MAKEFLAGS, which it points into */
	size_t path_len;
	unsigned jobs; /* make's own -j; 0: not known */
};

/* What MAKEFLAGS (NULL: not set) says; the last word counts. It looks at descriptors that were
   inherited: to be called before anything is opened, or our own would be taken for them. */
void jobserver_parse(const char *makeflags, struct jobserver_spec *spec);

/* Why there is none though MAKEFLAGS speaks of one: a phrase. NULL: there is one, or no word of it.
 */
const char *jobserver_problem(const struct jobserver_spec *spec);

struct jobserver; /* opaque */

/* Of a spec that is a pipe or a FIFO. root: "" or what stands in for / before /proc in tests. 0, or
   -1 and errno. */
int jobserver_open(
	struct jobserver **jobserver, const struct jobserver_spec *spec, const char *root);
/* Gives all back. */
void jobserver_free(struct jobserver *jobserver);

/* A descriptor that is readable when jobserver_take may go well where it did not; -1: there is no
   more to be had. */
int jobserver_fd(struct jobserver *jobserver);

/* Leave for one more job, without waiting; the first needs no token. False: not now. Nobody holds
   it for a job that does not start: that might be the token which others wait for. */
bool jobserver_take(struct jobserver *jobserver);
/* A job has ended, or did not start. */
void jobserver_give(struct jobserver *jobserver);

/* Before an end that waits for no job: gives the tokens of all back; none is taken any more.
   Thread-safe, as are those two. */
void jobserver_give_all(struct jobserver *jobserver);

/* The environment without what make says of the jobserver, and of its -j: what a job starts could
   not reach it. The strings are borrowed but for those that differ, the array is freed with them in
   one free(). NULL: no memory. */
const char **jobserver_scrub(const char *const *environment);
#endif
