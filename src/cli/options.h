/* SPDX-License-Identifier: MIT
 *
 * The command line: one table of options, from which the parser and the help are made, and against
 * which the manual is checked.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/map_options.h"
#include "plan/plan.h"
#include "report/report.h"
#include "run/run.h"

enum command_bit {
	COMMAND_RUN = 1,
	COMMAND_EXEC = 2,
	COMMAND_CHECK = 4,
	COMMAND_LIST = 8,
	COMMAND_COMPLETION = 16,
	COMMAND_MAP = 32,
};

enum list_format { LIST_TEXT, LIST_JSON, LIST_DOT };

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* One --report. */
struct report_wish {
	const char *argument; /* as it was written */
	enum report_format format;
	const char *file; /* to be made; NULL: fd */
	int fd;           /* standard output, or one that was inherited */
};

/* What the command line said. Strings are argv's. */
struct invocation {
	const char **operands;
	size_t n_operands;
	bool help;
	bool dry_run, quiet, verbose, capture;
	bool keep_order;
	enum colour colour;
	enum list_format format;
	enum report_show show;
	bool show_given;
	struct plan_options plan;
	const char *cwd, *input;
	const char **only, **skip; /* the words of plan.only and plan.skip */
	const char **env;          /* "NAME=value" */
	size_t n_env;
	struct report_wish *reports;
	size_t n_reports;
	bool tag;
	const char *tagstring;
	enum grouping grouping;
	const char *results; /* directory; NULL */
	unsigned tries;      /* 0: one */
	int64_t delay_ns;
	uint64_t load; /* in hundredths, or in percent of the CPUs */
	bool load_percent;
	uint64_t memfree;
	struct map_options map;
	struct workers_file *workers_file; /* of -j FILE, once it is open; NULL */
	/* Of make, by make_join; owned; NULL. The environment is that of the jobs. */
	struct jobserver *jobserver;
	const char **environment;
};

struct signals;
struct command_entry;

/* One option: its row in the table. */
struct option {
	const char *name;
	char letter;
	const char *argument; /* NULL: takes none */
	unsigned commands;
	bool optional; /* the argument stands behind '=', or there is none */
	/* Takes the argument, and returns NULL or what is wrong with it. */
	const char *(*take)(struct invocation *invocation, const char *argument);
	const char *help;
};

/* The position of one word in a list with blanks between; -1: it is none of them. */
int options_choose(const char *argument, size_t len, const char *words);
/* --timeout; map's has more. */
const char *take_timeout(struct invocation *invocation, const char *argument);

/* What the argument is one of, with blanks between; NULL: anything. */
const char *options_words(const struct option *option);

/* The options of a command, one after the other: the first behind NULL; NULL behind the last. */
const struct option *options_next(
	const struct command_entry *command, const struct option *previous);

/* One command: a file of its own with one of these. */
struct command_entry {
	enum command_bit bit;
	const char *name;
	const char *summary;
	const char *synopsis; /* behind "spool NAME " */
	const char *examples;
	const char *operands; /* as completion has them: FILE, FILES, COMMAND, or words */
	bool ends_at_operand; /* the command's own words begin at the first operand */
	int wrong_use;        /* exit status */
	int (*execute)(struct invocation *invocation, struct signals *signals);
};

extern const struct command_entry command_run, command_map, command_exec, command_check,
	command_list, command_completion;

/* All commands; NULL behind the last. */
const struct command_entry *cli_command(size_t i);

/* argv behind the command's name. 0, or -1 when it said what is wrong. */
int options_parse(
	struct invocation *invocation, const struct command_entry *command, int argc, char **argv);
void options_clear(struct invocation *invocation);

/* The whole help of a command on standard output: examples first. 0, or -1 and errno. */
int options_help(const struct command_entry *command);

#endif
