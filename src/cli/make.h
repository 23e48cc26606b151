/* SPDX-License-Identifier: MIT
 * Started from a recipe of make: its jobs and ours count together. */
#ifndef CLI_MAKE_H
#define CLI_MAKE_H

#include "cli/options.h"

/* Joins the jobserver, and has as many workers as make at most; a word on standard error where that
   cannot be. Comes before a plan is made; options_clear leaves it. */
void make_join(struct invocation *invocation, const struct jobserver_spec *spec);
#endif
