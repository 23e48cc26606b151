// SPDX-License-Identifier: MIT
// The parser that reads argv by the table, and the help made from that.
#include "cli/options.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/nearest.h"
#include "cli/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTIONS_MOST = 64, // of a command, that a wrong word is compared with
	HELP_COLUMN = 26,  // where the help says what an option does
};

// Where the parser is.
struct words {
	char **argv;
	int argc, at;
};

static const struct option *find_long(
	const struct command_entry *command, const char *name, size_t n) {
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		if (strlen(option->name) == n && memcmp(option->name, name, n) == 0) {
			return option;
		}
	}
	return NULL;
}

static const struct option *find_letter(const struct command_entry *command, char letter) {
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		if (option->letter == letter) {
			return option;
		}
	}
	return NULL;
}

static const char *nearest_option(const struct command_entry *command, const char *word) {
	const char *names[OPTIONS_MOST];
	size_t n = 0;
	for (const struct option *option = NULL;
		n < OPTIONS_MOST && (option = options_next(command, option));) {
		names[n++] = option->name;
	}
	return nearest_word(word + strspn(word, "-"), names, n);
}

static int unknown(const struct command_entry *command, const char *word, size_t len) {
	struct buf name = {0}, hint = {0};
	const char *foreign = command->bit == COMMAND_MAP ? map_foreign(word) : NULL;
	buf_append(&name, word, len);
	buf_putc(&name, '\0');
	const char *near = foreign ? NULL : nearest_option(command, name.data);
	if (foreign) {
		buf_puts(&hint, foreign);
	} else if (near) {
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
		message("--%s '%s': %s", option->name, argument ? argument : "", wrong);
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
		return option->optional ? apply(inv, option, NULL) : apply_next(inv, option, words);
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
		.show = command->bit == COMMAND_MAP ? SHOW_ALL : SHOW_FAILED,
		.map = {.delimiter = '\n', .files = calloc(room, sizeof *invocation->map.files)},
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
		!invocation->reports || !invocation->map.files) {
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
	free(invocation->map.files);
	jobserver_free(invocation->jobserver);
	free(invocation->environment);
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
		buf_printf(&buf, "  %s--%s%s%s%s", letter, option->name,
			option->optional   ? "[="
			: option->argument ? " "
					   : "",
			option->argument ? option->argument : "", option->optional ? "]" : "");
		int used = (int)(buf.len - before);
		if (used >= HELP_COLUMN) {
			buf_putc(&buf, '\n');
			used = 0;
		}
		buf_printf(&buf, "%*s%s\n", HELP_COLUMN - used, "", option->help);
	}
	buf_printf(&buf, "\nThe manual: spool-%s(1)\n", command->name);
	int r = fd_write_all(STDOUT_FILENO, buf.data, buf.len);
	buf_clear(&buf);
	return r;
}
