/* SPDX-License-Identifier: MIT
 * Where the values of spool map come from, as the command line has it: -a, :::, ::::, :::+, ::::+.
 */
#ifndef CLI_SOURCES_H
#define CLI_SOURCES_H

#include "cli/options.h"
#include "values/values.h"

struct sources {
	const char *const *words; /* the command in front of them; invocation's */
	size_t n_words;
	struct values_source *items; /* owned */
	size_t n;
	size_t total; /* how many combinations there are; SIZE_MAX: files tell */
};

/* 0, or the exit status when it said what is wrong. Either way sources_clear frees it. */
int sources_read(struct sources *sources, const struct invocation *invocation);
void sources_clear(struct sources *sources);
#endif
