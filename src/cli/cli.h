/* SPDX-License-Identifier: MIT
 * cli: the command line. Only this room prints messages; only main exits, but for deaths by
 * signal (cli/signals.c). */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"
#include "cli/signals.h"
#include "run/run.h"

#include <stdbool.h>

enum {
	CLI_OK = 0,
	CLI_FAILED = 1,         /* some job failed */
	CLI_USAGE = 2,          /* wrong use or a wrong job file: nothing was started */
	CLI_INFRASTRUCTURE = 3, /* spool could not do its own work */
	CLI_NOT_ALL_RUN = 4,    /* no job failed, but the run was halted before all had run */
	CLI_EXEC_OWN = 125,     /* exec: spool's own fault or a wrong use */
	CLI_EXEC_REFUSED = 126, /* exec: not executable */
	CLI_EXEC_MISSING = 127, /* exec: not found */
	CLI_SIGNAL = 128,       /* + its number */
	CLI_EPIPE = 141,        /* standard output was closed */
};

/* What make said of its jobserver: to be asked before anything is opened. */
void cli_look_at_make(struct jobserver_spec *make);

/* Opens /dev/null on those of 0, 1 and 2 that are closed, or files of ours would get the numbers.
   False: not even that works. */
bool cli_open_streams(void);

/* Prints a text that was made (made 0) on standard output, and clears it; the exit status. made <
   0: there was no memory for it, errno says so. */
int cli_print(struct buf *text, int made);

/* Runs the command that argv names; the exit status. */
int cli_main(int argc, char **argv, struct signals *signals, const struct jobserver_spec *make);

#endif
