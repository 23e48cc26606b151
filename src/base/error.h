/* SPDX-License-Identifier: MIT
 * Filling in an sp_error: each returns the status, so that a failure is one line. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

/* All of these clear *error first; NULL is allowed. */
sp_status error_set(sp_error *error, sp_status code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* filename is copied; NULL leaves it unset. errnum ENOMEM becomes SP_E_NOMEM only with SP_AT_ARGS.
 */
sp_status error_os(sp_error *error, int errnum, sp_stage stage, const char *filename);
/* The same without a filename; the message says more than the stage. SP_E_OS in any case. */
sp_status error_os_says(sp_error *error, int errnum, sp_stage stage, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A copy, filename included; to may be NULL. Without memory the name is lost, not the error. */
void error_copy(sp_error *to, const sp_error *from);
#endif
