/* SPDX-License-Identifier: MIT
 * Structs that callers fill and that begin with their size as the caller's header has it, so that
 * fields can be added at the end. */
#ifndef BASE_SIZED_H
#define BASE_SIZED_H

#include "base/base.h"

/* Sets opts, of which the caller knows size bytes, to the defaults, of which there are known. */
void sized_init(void *opts, size_t size, const void *defaults, size_t known);

/* Overwrites mine, the known bytes of defaults, with as many as theirs has. SP_E_VALUE: it is NULL,
   was not set up by `name`_init, or is of a header with more fields than there are. */
sp_status sized_load(
	void *mine, size_t known, const void *theirs, const char *name, sp_error *error);
#endif
