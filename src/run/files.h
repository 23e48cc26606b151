/* SPDX-License-Identifier: MIT
 * The files that an attempt has as its standard streams. */
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include "run/rendering.h"

struct files {
	int in, out, err; /* -1: the stream is no file */
};

/* Opens those of the job, as a shell opens < and >. SP_E_OS: *error says which; SP_E_INTERRUPTED:
   the run was stopped while a FIFO's other end was waited for. files_close either way. */
sp_status files_open(struct files *files, const struct attempt_common *common,
	const struct job *job, const struct rendering *rendering, sp_error *error);
void files_close(struct files *files);
#endif
