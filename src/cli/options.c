// SPDX-License-Identifier: MIT
// The option table, and the parser that reads argv by it.
#include "cli/options.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/nearest.h"
#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *take_jobs(struct invocation *inv, const char *argument) {
	inv->plan.workers_given = true;
	return workers_parse(argument, &inv->plan.workers);
}

static const char *take_timeout(struct invocation *inv, const char *argument) {
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
static int choose(const char *argument, size_t n, const char *words) {
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
	int chosen = choose(argument, strlen(argument), SHOW_WORDS);
	inv->show = chosen < 0 ? SHOW_FAILED : (enum report_show)chosen;
	return chosen < 0 ? "it is never, failed or all" : NULL;
}

static const char *take_color(struct invocation *inv, const char *argument) {
	int chosen = choose(argument, strlen(argument), COLOUR_WORDS);
	inv->colour = chosen < 0 ? COLOUR_AUTO : (enum colour)chosen;
	return chosen < 0 ? "it is auto, always or never" : NULL;
}

static const char *take_format(struct invocation *inv, const char *argument) {
	int chosen = choose(argument, strlen(argument), FORMAT_WORDS);
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
	int format = choose(argument, len, REPORT_WORDS);
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

static const struct option options[] = {
	{"jobs", 'j', "N", COMMAND_RUN, take_jobs,
		"workers: N, N% of the CPUs, -N or +N; 0 = all jobs"},
	{"timeout", 0, "DURATION", COMMAND_RUN | COMMAND_EXEC, take_timeout,
		"end what runs longer: 90s, 2m30s; 0 = no limit"},
	{"grace", 0, "DURATION", COMMAND_RUN | COMMAND_EXEC, take_grace,
		"from SIGTERM to SIGKILL: 10s; 0 = at once"},
	{"only", 0, "WHICH", COMMAND_RUN | COMMAND_LIST, take_only,
		"only these: NAME, GLOB or tag:T; may be repeated"},
	{"skip", 0, "WHICH", COMMAND_RUN | COMMAND_LIST, take_skip,
		"not these, whatever selects them; may be repeated"},
	{"halt", 0, "WHEN,WHAT=N", COMMAND_RUN, take_halt,
		"end the run early: now,fail=1 or soon,done=50%"},
	{"fail-fast", 0, NULL, COMMAND_RUN, take_fail_fast,
		"the first failure ends the run: --halt now,fail=1"},
	{"format", 0, "FORMAT", COMMAND_LIST, take_format, "text (default), json or dot"},
	{"directory", 'C', "DIR", COMMAND_RUN | COMMAND_CHECK | COMMAND_LIST, take_directory,
		"where relative paths start"},
	{"output", 0, "WHOSE", COMMAND_RUN, take_output,
		"output to show: never, failed (default) or all"},
	{"report", 0, "FORMAT[:FILE]", COMMAND_RUN | COMMAND_EXEC, take_report,
		"text or json, to FILE, - or &FD; may be repeated"},
	{"keep-order", 'k', NULL, COMMAND_RUN, take_keep_order,
		"report results in the order of the jobs"},
	{"dry-run", 0, NULL, COMMAND_RUN, take_dry_run, "print the commands, quoted to be pasted"},
	{"verbose", 'v', NULL, COMMAND_RUN, take_verbose,
		"say each command on standard error, and what each job took"},
	{"quiet", 'q', NULL, COMMAND_RUN, take_quiet, "print only what did not pass"},
	{"color", 0, "WHEN", COMMAND_RUN, take_color, "auto (default), always or never"},
	{"cwd", 0, "DIR", COMMAND_EXEC, take_cwd, "the command's working directory"},
	{"env", 0, "NAME=VALUE", COMMAND_EXEC, take_env, "set a variable; may be repeated"},
	{"input", 0, "FILE", COMMAND_EXEC, take_input, "the command's standard input"},
	{"capture", 0, NULL, COMMAND_EXEC, take_capture,
		"print the output when the command has ended"},
	{"help", 'h', NULL,
		COMMAND_RUN | COMMAND_EXEC | COMMAND_CHECK | COMMAND_LIST | COMMAND_COMPLETION,
		take_help, "print this help"},
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
		return REPORT_WORDS;
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

// Where the parser is.
struct words {
	char **argv;
	int argc, at;
};

static const struct option *find_long(
	const struct command_entry *command, const char *name, size_t n) {
	for (int i = 0; i < N_OPTIONS; i++) {
		if ((options[i].commands & command->bit) && strlen(options[i].name) == n &&
			memcmp(options[i].name, name, n) == 0) {
			return &options[i];
		}
	}
	return NULL;
}

static const struct option *find_letter(const struct command_entry *command, char letter) {
	for (int i = 0; i < N_OPTIONS; i++) {
		if ((options[i].commands & command->bit) && options[i].letter == letter) {
			return &options[i];
		}
	}
	return NULL;
}

static int unknown(const struct command_entry *command, const char *word, size_t len) {
	const char *names[N_OPTIONS];
	size_t n = 0;
	struct buf name = {0}, hint = {0};
	for (int i = 0; i < N_OPTIONS; i++) {
		if (options[i].commands & command->bit) {
			names[n++] = options[i].name;
		}
	}
	buf_append(&name, word, len);
	buf_putc(&name, '\0');
	const char *near = nearest_word(name.data + strspn(name.data, "-"), names, n);
	if (near) {
		buf_printf(&hint, "did you mean --%s?", near);
	} else {
		buf_printf(&hint, "spool %s --help lists the options", command->name);
	}
	buf_putc(&hint, '\0');
	message_hint(hint.data, "unknown option '%s' of spool %s", name.data, command->name);
	buf_clear(&name);
	buf_clear(&hint);
	return -1;
}

static int apply(struct invocation *inv, const struct option *option, const char *argument) {
	const char *wrong = option->take(inv, argument);
	if (wrong) {
		message("--%s '%s': %s", option->name, argument, wrong);
		return -1;
	}
	return 0;
}

// The argument behind the option's word, if it takes one.
static int apply_next(struct invocation *inv, const struct option *option, struct words *words) {
	if (!option->argument) {
		return apply(inv, option, "");
	}
	if (words->at == words->argc) {
		message("--%s needs an argument: --%s %s", option->name, option->name,
			option->argument);
		return -1;
	}
	return apply(inv, option, words->argv[words->at++]);
}

static int parse_long(struct invocation *inv, const struct command_entry *command, char *word,
	struct words *words) {
	size_t n = strcspn(word + 2, "=");
	const struct option *option = find_long(command, word + 2, n);
	if (!option) {
		return unknown(command, word, n + 2);
	}
	if (word[2 + n] != '=') {
		return apply_next(inv, option, words);
	}
	if (!option->argument) {
		message("--%s takes no argument", option->name);
		return -1;
	}
	return apply(inv, option, word + 2 + n + 1);
}

// "-vq", "-j4", "-j 4".
static int parse_letters(struct invocation *inv, const struct command_entry *command, char *word,
	struct words *words) {
	for (char *p = word + 1; *p; p++) {
		const struct option *option = find_letter(command, *p);
		if (!option) {
			return unknown(command, word, strlen(word));
		}
		if (option->argument && p[1]) {
			return apply(inv, option, p + 1);
		}
		if (apply_next(inv, option, words) < 0) {
			return -1;
		}
	}
	return 0;
}

static int parse_words(
	struct invocation *inv, const struct command_entry *command, struct words *words) {
	bool only_operands = false;
	while (words->at < words->argc) {
		char *word = words->argv[words->at++];
		int r = 0;
		if (only_operands || word[0] != '-' || !word[1]) {
			inv->operands[inv->n_operands++] = word;
			only_operands |= command->ends_at_operand;
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
		} else if (word[1] == '-') {
			r = parse_long(inv, command, word, words);
		} else {
			r = parse_letters(inv, command, word, words);
		}
		if (r < 0) {
			return -1;
		}
	}
	return 0;
}

int options_parse(
	struct invocation *invocation, const struct command_entry *command, int argc, char **argv) {
	struct words words = {.argv = argv, .argc = argc};
	size_t room = (size_t)argc + 1;
	*invocation = (struct invocation){
		.show = SHOW_FAILED,
		.plan = {.timeout_ns = SP_FOREVER,
			.grace_ns = 10 * (int64_t)CLOCK_SECOND,
			.environment = (const char *const *)environ},
		.operands = calloc(room, sizeof *invocation->operands),
		.only = calloc(room, sizeof *invocation->only),
		.skip = calloc(room, sizeof *invocation->skip),
		.env = calloc(room, sizeof *invocation->env),
		.reports = calloc(room, sizeof *invocation->reports),
	};
	if (!invocation->operands || !invocation->only || !invocation->skip || !invocation->env ||
		!invocation->reports) {
		message("out of memory");
		return -1;
	}
	invocation->plan.only.items = invocation->only;
	invocation->plan.skip.items = invocation->skip;
	return parse_words(invocation, command, &words);
}

void options_clear(struct invocation *invocation) {
	free(invocation->operands);
	free(invocation->only);
	free(invocation->skip);
	free(invocation->env);
	free(invocation->reports);
}

int options_help(const struct command_entry *command) {
	struct buf buf = {0};
	buf_printf(&buf, "%s\n\nExamples:\n%s\nUsage: spool %s %s\n\nOptions:\n", command->summary,
		command->examples, command->name, command->synopsis);
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		char letter[8] = "    ";
		if (option->letter) {
			snprintf(letter, sizeof letter, "-%c, ", option->letter);
		}
		size_t before = buf.len;
		buf_printf(&buf, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
		int used = (int)(buf.len - before);
		buf_printf(&buf, "%*s%s\n", used < 26 ? 26 - used : 1, "", option->help);
	}
	buf_printf(&buf, "\nThe manual: spool-%s(1)\n", command->name);
	int r = fd_write_all(STDOUT_FILENO, buf.data, buf.len);
	buf_clear(&buf);
	return r;
}
