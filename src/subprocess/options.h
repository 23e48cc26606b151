/* SPDX-License-Identifier: MIT
 * Options as the caller's header knows them, made into options as we know them. */
#ifndef SUBPROCESS_OPTIONS_H
#define SUBPROCESS_OPTIONS_H

#include "subprocess/subprocess.h"

/* Fill *mine from the caller's struct, whose size may be smaller. theirs = NULL: the defaults, but
   for opts_load, where it is wrong. SP_E_VALUE if it was not set up. */
sp_status opts_load(sp_opts *mine, const sp_opts *theirs, sp_error *error);
sp_status run_opts_load(sp_run_opts *mine, const sp_run_opts *theirs, sp_error *error);
sp_status pump_opts_load(sp_pump_opts *mine, const sp_pump_opts *theirs, sp_error *error);
#endif
