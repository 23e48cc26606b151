/* SPDX-License-Identifier: MIT
 * The thread from which children are started that shall die with this process. */
#ifndef SUBPROCESS_PARENT_H
#define SUBPROCESS_PARENT_H

#include "subprocess/spawn.h"

/* spawn(), from a thread that ends no sooner than the process. Also SP_E_OS (SP_AT_CREATE). */
sp_status parent_spawn(struct launch *launch, pid_t *pid, sp_error *error);
#endif
