// SPDX-License-Identifier: MIT
// The option table, and what each option does with its argument; those of map alone are in
// map_options.c.
#include "base/clock.h"
#include "cli/map_options.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MOST = 1000000, LOAD_MOST = 100000000 };

static const char *take_jobs(struct invocation *inv, const char *argument) {
	inv->plan.workers_given = true;
	return workers_parse(argument, &inv->plan.workers);
}

const char *take_timeout(struct invocation *inv, const char *argument) {
	const char *wrong = duration_parse(argument, strlen(argument), &inv->plan.timeout_ns);
	inv->plan.timeout_given = true;
	if (inv->plan.timeout_ns == 0) {
		inv->plan.timeout_ns = SP_FOREVER;
	}
	return wrong;
}

static const char *take_grace(struct invocation *inv, const char *argument) {
	inv->plan.grace_given = true;
	return duration_parse(argument, strlen(argument), &inv->plan.grace_ns);
}

static const char *take_halt(struct invocation *inv, const char *argument) {
	return halt_parse(argument, &inv->plan.halt);
}

static const char *take_fail_fast(struct invocation *inv, const char *argument) {
	(void)argument;
	return halt_parse("now,fail=1", &inv->plan.halt);
}

static const char SHOW_WORDS[] = "never failed all", COLOUR_WORDS[] = "auto always never",
		  FORMAT_WORDS[] = "text json dot",
		  REPORT_WORDS[] = "text json"; // in the order of the enum

// One word of a list, by its position; -1: none of them.
int options_choose(const char *argument, size_t n, const char *words) {
	for (int i = 0; words[0]; i++) {
		size_t len = strcspn(words, " ");
		if (len == n && memcmp(argument, words, n) == 0) {
			return i;
		}
		words += len + (words[len] == ' ');
	}
	return -1;
}

static const char *take_output(struct invocation *inv, const char *argument) {
	int chosen = options_choose(argument, strlen(argument), SHOW_WORDS);
	inv->show = chosen < 0 ? SHOW_FAILED : (enum report_show)chosen;
	inv->show_given = true;
	return chosen < 0 ? "it is never, failed or all" : NULL;
}

static const char *take_color(struct invocation *inv, const char *argument) {
	int chosen = options_choose(argument, strlen(argument), COLOUR_WORDS);
	inv->colour = chosen < 0 ? COLOUR_AUTO : (enum colour)chosen;
	return chosen < 0 ? "it is auto, always or never" : NULL;
}

static const char *take_format(struct invocation *inv, const char *argument) {
	int chosen = options_choose(argument, strlen(argument), FORMAT_WORDS);
	inv->format = chosen < 0 ? LIST_TEXT : (enum list_format)chosen;
	return chosen < 0 ? "it is text, json or dot" : NULL;
}

static const char *take_directory(struct invocation *inv, const char *argument) {
	inv->plan.directory = argument;
	return argument[0] ? NULL : "a directory is wanted";
}

static const char *add_word(const char **words, struct plan_words *list, const char *argument) {
	words[list->n++] = argument;
	return argument[strcmp(argument, "tag:") == 0 ? 4 : 0] ? NULL : "it is NAME, GLOB or tag:T";
}

static const char *take_only(struct invocation *inv, const char *argument) {
	return add_word(inv->only, &inv->plan.only, argument);
}

static const char *take_skip(struct invocation *inv, const char *argument) {
	return add_word(inv->skip, &inv->plan.skip, argument);
}

static const char *take_cwd(struct invocation *inv, const char *argument) {
	inv->cwd = argument;
	return argument[0] ? NULL : "a directory is wanted";
}

static const char *take_input(struct invocation *inv, const char *argument) {
	inv->input = argument;
	return argument[0] ? NULL : "a file is wanted";
}

static const char *take_env(struct invocation *inv, const char *argument) {
	const char *sign = strchr(argument, '=');
	if (!sign || sign == argument) {
		return "it is written NAME=VALUE";
	}
	if (strncmp(argument, "SPOOL_", 6) == 0) {
		return "names that begin with SPOOL_ are set by spool itself";
	}
	inv->env[inv->n_env++] = argument;
	return NULL;
}

// "&3": a descriptor that whoever started spool left open for it, and that is not for the jobs.
static const char *inherited(const char *number, int *fd) {
	char *end;
	long n = strtol(number, &end, 10);
	if (number[0] < '0' || number[0] > '9' || *end || n > INT_MAX) {
		return "behind '&' the number of an open descriptor is wanted";
	}
	int flags = fcntl((int)n, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
		return flags < 0 ? "this descriptor is not open"
				 : "this descriptor is not open for writing";
	}
	*fd = (int)n;
	return n > STDERR_FILENO && fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0 ? strerror(errno) : NULL;
}

static const char *take_report(struct invocation *inv, const char *argument) {
	size_t len = strcspn(argument, ":");
	const char *where = argument[len] ? argument + len + 1 : "-", *wrong = NULL;
	struct report_wish wish = {.argument = argument, .fd = STDOUT_FILENO};
	int format = options_choose(argument, len, REPORT_WORDS);
	if (format < 0) {
		return "the formats are text and json, as in json or json:FILE";
	}
	wish.format = (enum report_format)format;
	if (where[0] == '&') {
		wrong = inherited(where + 1, &wish.fd);
	} else if (strcmp(where, "-") != 0) {
		wish.file = where;
		wrong = where[0] ? NULL : "behind ':' a file is wanted, '-' or '&' and a number";
	}
	for (size_t i = 0; i < inv->n_reports && !wrong && !wish.file; i++) {
		if (!inv->reports[i].file && inv->reports[i].fd == wish.fd) {
			wrong = wish.fd == STDOUT_FILENO
					? "another report takes standard output already"
					: "another report takes this descriptor already";
		}
	}
	inv->reports[inv->n_reports++] = wish;
	return wrong;
}

static const char *take_joblog(struct invocation *inv, const char *argument) {
	inv->reports[inv->n_reports++] = (struct report_wish){
		.argument = argument, .format = REPORT_JOBLOG, .fd = -1, .file = argument};
	if (strcmp(argument, "-") == 0) {
		return "a file is wanted, as standard output is for what the jobs write";
	}
	return argument[0] ? NULL : "a file is wanted";
}

static const char *take_results(struct invocation *inv, const char *argument) {
	inv->results = argument;
	return argument[0] ? NULL : "a directory is wanted";
}

static const char *take_tag(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->tag = true;
	return NULL;
}

static const char *take_line_buffer(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->grouping = GROUP_LINES;
	return NULL;
}

static const char *take_retry(struct invocation *inv, const char *argument) {
	char *end;
	unsigned long n = strtoul(argument, &end, 10);
	inv->tries = (unsigned)n;
	return argument[0] < '0' || argument[0] > '9' || *end || n == 0 || n > RETRY_MOST
		       ? "it is how many tries there are in all, from 1"
		       : NULL;
}

static const char *take_delay(struct invocation *inv, const char *argument) {
	const char *wrong = duration_parse(argument, strlen(argument), &inv->delay_ns);
	return !wrong && inv->delay_ns == SP_FOREVER ? "that would be for ever" : wrong;
}

static const char *take_memfree(struct invocation *inv, const char *argument) {
	return size_parse(argument, strlen(argument), &inv->memfree);
}

// "4", "1.5", or "80%" of the CPUs.
static const char *take_load(struct invocation *inv, const char *argument) {
	uint64_t hundredths = 0;
	const char *at = argument;
	int places = -1;
	for (; (*at >= '0' && *at <= '9') || (*at == '.' && places < 0); at++) {
		if (*at == '.') {
			places = 0;
		} else if (places < 2 && hundredths < LOAD_MOST) {
			hundredths = hundredths * 10 + (uint64_t)(*at - '0');
			places += places >= 0;
		}
	}
	for (places = places < 0 ? 0 : places; places < 2; places++) {
		hundredths *= 10;
	}
	inv->load_percent = *at == '%';
	inv->load = inv->load_percent ? hundredths / 100 : hundredths;
	return at == argument || at[inv->load_percent] || inv->load == 0
		       ? "it is a number such as 4 or 1.5, or a share of the CPUs such as 80%"
		       : NULL;
}

static const char *take_dry_run(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->dry_run = true;
	return NULL;
}

static const char *take_keep_order(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->keep_order = true;
	return NULL;
}

static const char *take_capture(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->capture = true;
	return NULL;
}

static const char *take_verbose(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->verbose = true;
	return NULL;
}

static const char *take_quiet(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->quiet = true;
	return NULL;
}

static const char *take_help(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->help = true;
	return NULL;
}

enum {
	RUN_MAP = COMMAND_RUN | COMMAND_MAP,
	ALL = RUN_MAP | COMMAND_EXEC | COMMAND_CHECK | COMMAND_LIST | COMMAND_COMPLETION,
};

static const struct option options[] = {
	{"jobs", 'j', "N", COMMAND_RUN, false, take_jobs,
		"workers: N, N% of the CPUs, -N or +N; 0 = all jobs"},
	{"jobs", 'j', "N", COMMAND_MAP, false, take_map_jobs,
		"workers: N, N% of the CPUs, -N, +N, a file; 0 = all"},
	{"arg-file", 'a', "FILE", COMMAND_MAP, false, take_arg_file,
		"values are the lines of FILE; may be repeated"},
	{"null", '0', NULL, COMMAND_MAP, false, take_null, "values end with a NUL, not a newline"},
	{"delimiter", 'd', "C", COMMAND_MAP, false, take_delimiter,
		"values end with C: ',' or \\t"},
	{"colsep", 'C', "REGEX", COMMAND_MAP, false, take_colsep,
		"REGEX stands between columns of a line: {1}, {2}"},
	{"csv", 0, NULL, COMMAND_MAP, false, take_csv, "each line has columns, as in CSV files"},
	{"header", 0, ":", COMMAND_MAP, false, take_header,
		"the first line names the columns: {name}"},
	{"replace", 'I', "TEXT", COMMAND_MAP, false, take_replace,
		"TEXT stands for the value, in place of {}"},
	{"max-args", 'n', "N", COMMAND_MAP, false, take_max_args, "N values to a command"},
	{"fill", 'X', NULL, COMMAND_MAP, false, take_fill, "as many values to a command as fit"},
	{"shell", 0, "SHELL", COMMAND_MAP, true, take_shell,
		"the command is a script for /bin/sh, or for SHELL"},
	{"timeout", 0, "DURATION", COMMAND_RUN | COMMAND_EXEC, false, take_timeout,
		"end what runs longer: 90s, 2m30s; 0 = no limit"},
	{"timeout", 0, "DURATION", COMMAND_MAP, false, take_map_timeout,
		"end what runs longer: 90s; 200% of the median so far"},
	{"grace", 0, "DURATION", RUN_MAP | COMMAND_EXEC, false, take_grace,
		"from SIGTERM to SIGKILL: 10s; 0 = at once"},
	{"retry", 0, "N", COMMAND_MAP | COMMAND_EXEC, false, take_retry,
		"try what does not pass N times in all"},
	{"retries", 0, "N", COMMAND_MAP, false, take_retry, "as --retry"},
	{"only", 0, "WHICH", COMMAND_RUN | COMMAND_LIST, false, take_only,
		"only these: NAME, GLOB or tag:T; may be repeated"},
	{"skip", 0, "WHICH", COMMAND_RUN | COMMAND_LIST, false, take_skip,
		"not these, whatever selects them; may be repeated"},
	{"halt", 0, "WHEN,WHAT=N", RUN_MAP, false, take_halt,
		"end the run early: now,fail=1 or soon,done=50%"},
	{"fail-fast", 0, NULL, RUN_MAP, false, take_fail_fast,
		"the first failure ends the run: --halt now,fail=1"},
	{"delay", 0, "DURATION", RUN_MAP, false, take_delay, "start at most one job each DURATION"},
	{"load", 0, "N", RUN_MAP, false, take_load,
		"start none while the load is N or more; N% of the CPUs"},
	{"memfree", 0, "SIZE", RUN_MAP, false, take_memfree,
		"start none while less memory is free: 2G"},
	{"format", 0, "FORMAT", COMMAND_LIST, false, take_format, "text (default), json or dot"},
	{"directory", 'C', "DIR", COMMAND_RUN | COMMAND_CHECK | COMMAND_LIST, false, take_directory,
		"where relative paths start"},
	{"output", 0, "WHOSE", COMMAND_RUN, false, take_output,
		"output to show: never, failed (default) or all"},
	{"output", 0, "WHOSE", COMMAND_MAP, false, take_output,
		"output to show: never, failed or all (default)"},
	{"keep-order", 'k', NULL, COMMAND_RUN, false, take_keep_order,
		"report results in the order of the jobs"},
	{"keep-order", 'k', NULL, COMMAND_MAP, false, take_keep_order,
		"print outputs in the order of the values"},
	{"tag", 0, NULL, COMMAND_RUN, false, take_tag,
		"put the job's name before each line of its output"},
	{"tag", 0, NULL, COMMAND_MAP, false, take_tag, "put what the job is for before each line"},
	{"tagstring", 0, "TEXT", COMMAND_MAP, false, take_tagstring,
		"put TEXT before each line: {} is the value"},
	{"group", 0, NULL, COMMAND_MAP, false, take_group,
		"print the output of each job in one piece (default)"},
	{"line-buffer", 0, NULL, COMMAND_RUN, false, take_line_buffer,
		"print each line when it is written; implies --tag"},
	{"line-buffer", 0, NULL, COMMAND_MAP, false, take_line_buffer,
		"print each line when it is written"},
	{"lb", 0, NULL, COMMAND_MAP, false, take_line_buffer, "as --line-buffer"},
	{"ungroup", 'u', NULL, COMMAND_MAP, false, take_ungroup,
		"jobs write to standard output themselves"},
	{"results", 0, "DIR", RUN_MAP, false, take_results, "keep the output of each job in DIR"},
	{"joblog", 0, "FILE", RUN_MAP, false, take_joblog, "log each try, as GNU parallel does"},
	{"report", 0, "json[:FILE]", COMMAND_MAP, false, take_report,
		"a line for each event, to FILE, - or &FD; may be repeated"},
	{"report", 0, "FORMAT[:FILE]", COMMAND_RUN | COMMAND_EXEC, false, take_report,
		"text or json, to FILE, - or &FD; may be repeated"},
	{"exit-status", 0, "OF", COMMAND_MAP, false, take_exit_status,
		"of what did not pass: any (1), count, first, max"},
	{"dry-run", 0, NULL, RUN_MAP, false, take_dry_run,
		"print the commands, quoted to be pasted"},
	{"verbose", 'v', NULL, COMMAND_RUN, false, take_verbose,
		"say each command on standard error, and what each job took"},
	{"verbose", 'v', NULL, COMMAND_MAP, false, take_verbose,
		"say each command on standard error"},
	{"quiet", 'q', NULL, COMMAND_RUN, false, take_quiet, "print only what did not pass"},
	{"quiet", 'q', NULL, COMMAND_MAP, false, take_quiet,
		"do not name what did not pass before the end"},
	{"color", 0, "WHEN", RUN_MAP, false, take_color, "auto (default), always or never"},
	{"cwd", 0, "DIR", COMMAND_EXEC, false, take_cwd, "the command's working directory"},
	{"env", 0, "NAME=VALUE", COMMAND_EXEC, false, take_env, "set a variable; may be repeated"},
	{"input", 0, "FILE", COMMAND_EXEC, false, take_input, "the command's standard input"},
	{"capture", 0, NULL, COMMAND_EXEC, false, take_capture,
		"print the output when the command has ended"},
	{"max-procs", 'P', "N", COMMAND_MAP, false, take_map_jobs, "as --jobs"},
	{"no-run-if-empty", 'r', NULL, COMMAND_MAP, false, take_nothing,
		"nothing: without values nothing runs anyway"},
	{"help", 'h', NULL, ALL, false, take_help, "print this help"},
};
enum { N_OPTIONS = sizeof options / sizeof *options };

const char *options_words(const struct option *option) {
	if (option->take == take_output) {
		return SHOW_WORDS;
	}
	if (option->take == take_format) {
		return FORMAT_WORDS;
	}
	if (option->take == take_report) {
		return option->commands == COMMAND_MAP ? "json" : REPORT_WORDS;
	}
	if (option->take == take_exit_status) {
		return exit_status_words;
	}
	if (option->take == take_shell) {
		return shell_words;
	}
	return option->take == take_color ? COLOUR_WORDS : NULL;
}

const struct option *options_next(
	const struct command_entry *command, const struct option *previous) {
	for (const struct option *next = previous ? previous + 1 : options;
		next < options + N_OPTIONS; next++) {
		if (next->commands & command->bit) {
			return next;
		}
	}
	return NULL;
}
