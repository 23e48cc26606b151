/* SPDX-License-Identifier: MIT
 * A job's end as an exit status of spool's own. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "result/result.h"

/* As a shell and timeout(1) have it: the job's own, 128 and its signal, 124 when it timed out; 127,
   126 or 125 when it could not be started. */
int status_of(const struct result *result);
#endif
