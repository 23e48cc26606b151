// SPDX-License-Identifier: MIT
// Taking the options of spool map, and knowing those of its peers.
#include "cli/map_options.h"
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char shell_words[] = "sh bash dash ksh zsh";
const char exit_status_words[] = "any count first max"; // in the order of the enum

enum { PERCENT_MOST = 1000000, ARGS_MOST = 100000000 };

// All of it a number from 1. 0: it is not.
static size_t counted(const char *text, size_t len, size_t most) {
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > most) {
			return 0;
		}
		n = n * 10 + (size_t)(text[i] - '0');
	}
	return n <= most ? n : 0;
}

// What is no number may be a file that holds one.
const char *take_map_jobs(struct invocation *inv, const char *argument) {
	const char *wrong = workers_parse(argument, &inv->plan.workers);
	inv->plan.workers_given = true;
	inv->map.jobs_file = NULL;
	if (wrong && access(argument, F_OK) == 0) {
		inv->map.jobs_file = argument;
		return NULL;
	}
	return wrong && !strchr("0123456789+-", argument[0])
		       ? "it is no file that is there, and no number: N, N%, -N or +N"
		       : wrong;
}

const char *take_map_timeout(struct invocation *inv, const char *argument) {
	size_t len = strlen(argument);
	inv->map.timeout_percent = 0;
	if (len == 0 || argument[len - 1] != '%') {
		return take_timeout(inv, argument);
	}
	inv->map.timeout_percent = (unsigned)counted(argument, len - 1, PERCENT_MOST);
	inv->plan.timeout_ns = SP_FOREVER;
	return inv->map.timeout_percent ? NULL : "it is a duration, or a share such as 200%";
}

const char *take_arg_file(struct invocation *inv, const char *argument) {
	inv->map.files[inv->map.n_files++] = argument;
	return argument[0] ? NULL : "a file is wanted";
}

const char *take_null(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->map.delimiter = '\0';
	inv->map.has_delimiter = true;
	return NULL;
}

// Behind a backslash: the letters of C, \0 and more digits in octal, \x and some in hexadecimal.
static bool unescape(const char *text, char *character) {
	static const char names[] = "abfnrtv\\", meant[] = "\a\b\f\n\r\t\v\\";
	const char *name = text[0] && !text[1] ? strchr(names, text[0]) : NULL;
	char *end;
	if (name) {
		*character = meant[name - names];
		return true;
	}
	bool hexadecimal = text[0] == 'x' && text[1];
	unsigned long code = strtoul(text + hexadecimal, &end, hexadecimal ? 16 : 8);
	*character = (char)code;
	return text[0] && !*end && code < 256 && strchr("x01234567", text[0]);
}

const char *take_delimiter(struct invocation *inv, const char *argument) {
	inv->map.has_delimiter = true;
	inv->map.delimiter = argument[0];
	bool one = argument[0] && !argument[1];
	return one || (argument[0] == '\\' && unescape(argument + 1, &inv->map.delimiter))
		       ? NULL
		       : "it is one character, or an escape such as \\t, \\0 or \\x1f";
}

const char *take_colsep(struct invocation *inv, const char *argument) {
	inv->map.colsep = argument;
	return argument[0] ? NULL : "a regular expression is wanted";
}

const char *take_header(struct invocation *inv, const char *argument) {
	inv->map.header = true;
	return strcmp(argument, ":") == 0 ? NULL
					  : "only ':' is known: the first line is the header";
}

const char *take_csv(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->map.csv = true;
	return NULL;
}

const char *take_replace(struct invocation *inv, const char *argument) {
	inv->map.replace = argument;
	return argument[0] ? NULL : "a text is wanted that is to stand for the value";
}

const char *take_shell(struct invocation *inv, const char *argument) {
	inv->map.shell = argument ? argument : "/bin/sh";
	return inv->map.shell[0] ? NULL : "the name of a shell is wanted, as in --shell=bash";
}

const char *take_max_args(struct invocation *inv, const char *argument) {
	inv->map.max_args = counted(argument, strlen(argument), ARGS_MOST);
	return inv->map.max_args ? NULL : "it is a number from 1";
}

const char *take_fill(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->map.fill = true;
	return NULL;
}

const char *take_group(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->grouping = GROUP_JOBS;
	return NULL;
}

const char *take_ungroup(struct invocation *inv, const char *argument) {
	(void)argument;
	inv->grouping = GROUP_NOT;
	return NULL;
}

const char *take_tagstring(struct invocation *inv, const char *argument) {
	inv->tagstring = argument;
	return NULL;
}

const char *take_exit_status(struct invocation *inv, const char *argument) {
	int chosen = options_choose(argument, strlen(argument), exit_status_words);
	inv->map.exit_status = chosen < 0 ? STATUS_ANY : (enum exit_status_of)chosen;
	return chosen < 0 ? "it is any, count, first or max" : NULL;
}

const char *take_nothing(struct invocation *inv, const char *argument) {
	(void)inv, (void)argument;
	return NULL;
}

static bool is_word(const char *word, const char *option) {
	size_t len = strlen(option);
	bool is_long = option[1] == '-';
	return strncmp(word, option, len) == 0 &&
	       (!is_long || word[len] == '\0' || word[len] == '=');
}

// Options of xargs and GNU parallel that are not ours, and what to write instead.
static const struct {
	const char *option, *instead;
} foreign[] = {
	{"-L", "a line is one value here; so many to a command: -n"},
	{"--max-lines", "a line is one value here; so many to a command: -n"},
	{"-N", "so many values to a command: -n"},
	{"--max-replace-args", "so many values to a command: -n"},
	{"-l", "so many lines to a command: -n"},
	{"-E", "values end where the input ends; cut it off before with sed"},
	{"-e", "values end where the input ends; cut it off before with sed"},
	{"--eof", "values end where the input ends; cut it off before with sed"},
	{"-s", "as many values as the kernel takes: -X"},
	{"--max-chars", "as many values as the kernel takes: -X"},
	{"-x", "a command that is too long fails by itself, and the others run"},
	{"--exit", "a command that is too long fails by itself, and the others run"},
	{"-m", "as many values as fit: -X"},
	{"-t", "to see each command on standard error: -v"},
	{"-p", "to see what would run: --dry-run"},
	{"--interactive", "to see what would run: --dry-run"},
	{"-o", "standard input of the jobs is /dev/null"},
	{"--open-tty", "standard input of the jobs is /dev/null"},
	{"-i", "a text of your own for the value: -I"},
	{"--quote", "words reach the command as they are: there is nothing to quote"},
	{"--xapply", "sources that go in step: :::+ and ::::+"},
	{"--link", "sources that go in step: :::+ and ::::+"},
	{"--xargs", "as many values as fit: -X"},
	{"--pipe", "standard input of the jobs is /dev/null; spool splits no stream"},
	{"--pipepart", "standard input of the jobs is /dev/null; spool splits no stream"},
	{"--jl", "it is --joblog here"},
	{"--resume", "there is no recorded run yet; what did not pass is named at the end"},
	{"--resume-failed", "what did not pass is named at the end with its command"},
	{"--retry-failed", "what did not pass is named at the end with its command"},
	{"--bar", "-v says each command that starts"},
	{"--eta", "-v says each command that starts"},
	{"--progress", "-v says each command that starts"},
	{"--wd", "change the directory before: (cd DIR && spool map …)"},
	{"--workdir", "change the directory before: (cd DIR && spool map …)"},
	{"--env", "jobs have the whole environment of spool"},
	{"--sshlogin", "jobs run on this machine"},
	{"-S", "jobs run on this machine"},
	{"--will-cite", "there is nothing to silence"},
	{"--citation", "there is nothing to silence"},
	{"--termseq", "TERM, then KILL after --grace"},
	{"--term-seq", "TERM, then KILL after --grace"},
	{"--plus", "parts of a value by a shell: --shell 'echo \"${1%.tar.gz}\"'"},
	{"--rpl", "parts of a value by a shell: --shell 'echo \"${1%.tar.gz}\"'"},
	{"--trim", "a line is one value here; --colsep ' +' cuts it at blanks"},
	{"--files", "the output of each job in a file: --results DIR"},
	{"--tmpdir", "it is where TMPDIR says: TMPDIR=DIR spool map …"},
	{"--silent", "nothing is printed but what the jobs write"},
	{"--shellquote", "the commands, quoted: --dry-run"},
	{"--tty", "standard input of the jobs is /dev/null"},
	{"--fg", "spool map waits for its jobs; it is no semaphore"},
	{"--semaphore", "spool map waits for its jobs; it is no semaphore"},
	{"--memsuspend", "jobs that run are left alone; start none without memory: --memfree"},
	{"--noswap", "start none without memory: --memfree"},
	{"--nice", "spool map … nice -n N COMMAND"},
	{"--shuf", "shuf FILE | spool map …"},
	{"--colour", "it is --color here"},
	{"--plain", "there are no profiles"},
	{"--process-slot-var", "it is in SPOOL_SLOT, and {%} stands for it"},
	{"--show-limits", "getconf ARG_MAX prints the limit"},
};

const char *map_foreign(const char *word) {
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		if (is_word(word, foreign[i].option)) {
			return foreign[i].instead;
		}
	}
	return NULL;
}
