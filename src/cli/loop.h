/* SPDX-License-Identifier: MIT
 * Carrying a plan out and reporting it: what spool run and spool map have in common. */
#ifndef CLI_LOOP_H
#define CLI_LOOP_H

#include "cli/options.h"

/* source: of a plan without an end; NULL. The exit status. */
int loop_carry_out(const struct plan *plan, struct source *source,
	const struct invocation *invocation, struct signals *signals);
#endif
