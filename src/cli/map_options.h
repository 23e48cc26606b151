/* SPDX-License-Identifier: MIT
 * What the options of spool map say beside those that it has in common with spool run, and how they
 * are taken (see struct option). */
#ifndef CLI_MAP_OPTIONS_H
#define CLI_MAP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct invocation;

/* What the exit status is of jobs that did not pass. */
enum exit_status_of { STATUS_ANY, STATUS_COUNT, STATUS_FIRST, STATUS_MAX };

/* How outputs share standard output. */
enum grouping { GROUP_JOBS, GROUP_LINES, GROUP_NOT };

struct map_options {
	const char **files; /* -a */
	size_t n_files;
	char delimiter;
	bool has_delimiter;
	const char *colsep;
	bool csv, header;
	const char *replace;
	const char *shell; /* its program; NULL: none */
	size_t max_args;
	bool fill;
	const char *jobs_file;    /* -j FILE */
	unsigned timeout_percent; /* of the median so far; 0: it is a duration */
	enum exit_status_of exit_status;
};

const char *take_map_jobs(struct invocation *invocation, const char *argument);
const char *take_map_timeout(struct invocation *invocation, const char *argument);
const char *take_arg_file(struct invocation *invocation, const char *argument);
const char *take_null(struct invocation *invocation, const char *argument);
const char *take_delimiter(struct invocation *invocation, const char *argument);
const char *take_colsep(struct invocation *invocation, const char *argument);
const char *take_header(struct invocation *invocation, const char *argument);
const char *take_csv(struct invocation *invocation, const char *argument);
const char *take_replace(struct invocation *invocation, const char *argument);
const char *take_shell(struct invocation *invocation, const char *argument);
const char *take_max_args(struct invocation *invocation, const char *argument);
const char *take_fill(struct invocation *invocation, const char *argument);
const char *take_group(struct invocation *invocation, const char *argument);
const char *take_ungroup(struct invocation *invocation, const char *argument);
const char *take_tagstring(struct invocation *invocation, const char *argument);
const char *take_exit_status(struct invocation *invocation, const char *argument);
const char *take_nothing(struct invocation *invocation, const char *argument);

extern const char exit_status_words[];
extern const char shell_words[]; /* those that people have */

/* An option of xargs or GNU parallel that spool map has not, or has by another name: what to write
   instead; NULL: it is none of theirs. word: "-L", "--max-lines" and all behind it. */
const char *map_foreign(const char *word);
#endif
