/* SPDX-License-Identifier: MIT
 * Standard input, output and error of a child that is about to be made. */
#ifndef SUBPROCESS_STREAMS_H
#define SUBPROCESS_STREAMS_H

#include "subprocess/subprocess.h"

struct streams {
	/* What becomes 0, 1, 2 of the child, by dup2 in this order; -1: left as it is. */
	int source[3];
	int ours[3];      /* our ends of the pipes; -1 */
	int temporary[8]; /* closed once the child is there: its ends, /dev/null, copies */
	int n_temporary;
};

/* Opens what opts ask for. SP_E_VALUE, SP_E_OS (SP_AT_PIPE, SP_AT_FDS); then nothing is open. */
sp_status streams_open(struct streams *streams, const sp_opts *opts, sp_error *error);

/* Replaces a source by a copy with the lowest number >= 3 that is free. 0, or -1 and errno. */
int streams_lower(struct streams *streams, int which);

/* Closes what only the child needs. */
void streams_close_temporary(struct streams *streams);

/* Closes everything that is still its own. */
void streams_close(struct streams *streams);
#endif
