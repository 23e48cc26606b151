/* SPDX-License-Identifier: MIT
 * The order that the exec step gets. */
#ifndef SUBPROCESS_ORDER_H
#define SUBPROCESS_ORDER_H

#include "subprocess/command.h"
#include "subprocess/inherit.h"

struct order_of {
	const sp_opts *opts;
	const struct command *command;
	const struct inherit *inherit;
	int report_fd; /* kept open beside those of the caller */
};

/* A file without a name that holds the order, >= 3, O_CLOEXEC. SP_E_NOMEM, SP_E_OS (SP_AT_PIPE);
   then *fd is not open. */
sp_status order_make(int *fd, const struct order_of *of, sp_error *error);
#endif
