/* SPDX-License-Identifier: MIT
 * Which descriptors above 2 the child gets: Python's close_fds and pass_fds. */
#ifndef SUBPROCESS_INHERIT_H
#define SUBPROCESS_INHERIT_H

#include "subprocess/subprocess.h"

struct inherit {
	bool close_others; /* close everything >= 3 that is not in fds */
	int *fds;          /* ascending, each once; owned */
	size_t n;
	int gaps; /* how many numbers lie between them */
};

/* So many numbers are closed one by one, in 0.6 ms; more are left to the exec step. */
enum { INHERIT_GAPS = 512 };

/* SP_E_VALUE, SP_E_NOMEM, SP_E_OS (EBADF, SP_AT_FDS); nothing to clear then. */
sp_status inherit_init(struct inherit *inherit, const sp_opts *opts, sp_error *error);
void inherit_clear(struct inherit *inherit);
#endif
