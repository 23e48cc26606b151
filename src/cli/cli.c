// SPDX-License-Identifier: MIT
// Finding the command, and what is said without one.
#include "cli/cli.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/nearest.h"
#include "cli/make.h"
#include "cli/message.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char VERSION[] = "spool " SP_VERSION "\n";

static const struct command_entry *const commands[] = {&command_run, &command_map, &command_exec,
	&command_check, &command_list, &command_completion};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

const struct command_entry *cli_command(size_t i) {
	return i < N_COMMANDS ? commands[i] : NULL;
}

bool cli_open_streams(void) {
	int fd;
	do {
		fd = open("/dev/null", O_RDWR); // inherited by jobs as 0, 1, 2 are: no O_CLOEXEC
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
	// Without /dev/null it is still well if all three are open.
	return fd >= 0 ||
	       (fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0);
}

static int print_overview(void) {
	struct buf buf = {0};
	buf_puts(&buf, "spool runs jobs in parallel and reports each result as it arrives.\n\n");
	for (int i = 0; i < N_COMMANDS; i++) {
		buf_printf(&buf, "  spool %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	buf_puts(&buf, "\nspool COMMAND --help begins with examples; the manual: man spool\n");
	int r = fd_write_all(STDOUT_FILENO, buf.data, buf.len);
	buf_clear(&buf);
	return r;
}

static const struct command_entry *find(const char *name) {
	for (int i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}

static int unknown_command(const char *word) {
	const char *names[N_COMMANDS];
	for (int i = 0; i < N_COMMANDS; i++) {
		names[i] = commands[i]->name;
	}
	bool peer = strcmp(word, "xargs") == 0 || strcmp(word, "parallel") == 0;
	const char *near = peer ? "map" : nearest_word(word, names, N_COMMANDS);
	char hint[96] = "the commands are run, map, exec, check, list and completion; spool --help "
			"says more";
	if (near) {
		snprintf(hint, sizeof hint, "did you mean spool %s?", near);
	} else if (strstr(word, ".yaml") || strstr(word, ".yml") || access(word, F_OK) == 0) {
		snprintf(hint, sizeof hint, "to run a job file: spool run FILE");
	}
	message_hint(hint, word[0] == '-' ? "unknown option '%s'" : "unknown command '%s'", word);
	return CLI_USAGE;
}

static int printed(int r) {
	if (r == 0) {
		return CLI_OK;
	}
	if (errno == EPIPE) {
		return CLI_EPIPE;
	}
	message("cannot write to standard output: %s", strerror(errno));
	return CLI_INFRASTRUCTURE;
}

int cli_print(struct buf *text, int made) {
	int status = printed(made < 0 ? made : fd_write_all(STDOUT_FILENO, text->data, text->len));
	buf_clear(text);
	return status;
}

static int execute(const struct command_entry *command, int argc, char **argv,
	struct signals *signals, const struct jobserver_spec *make) {
	struct invocation invocation;
	int status = command->wrong_use;
	if (options_parse(&invocation, command, argc, argv) < 0) {
		goto out;
	}
	if (invocation.help) {
		status = printed(options_help(command));
		goto out;
	}
	if (command->bit & (COMMAND_RUN | COMMAND_MAP)) {
		make_join(&invocation, make);
	}
	status = command->execute(&invocation, signals);
out:
	options_clear(&invocation);
	return status;
}

int cli_main(int argc, char **argv, struct signals *signals, const struct jobserver_spec *make) {
	if (argc < 2) {
		message_hint(
			"spool run FILE, or spool map COMMAND ::: VALUES…; spool --help says more",
			"no command is given");
		return CLI_USAGE;
	}
	const char *word = argv[1];
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		const struct command_entry *about = argc > 2 ? find(argv[2]) : NULL;
		if (argc > 2 && !about) {
			return unknown_command(argv[2]);
		}
		return printed(about ? options_help(about) : print_overview());
	}
	if (strcmp(word, "--version") == 0) {
		return printed(fd_write_all(STDOUT_FILENO, VERSION, sizeof VERSION - 1));
	}
	const struct command_entry *command = find(word);
	return command ? execute(command, argc - 2, argv + 2, signals, make)
		       : unknown_command(word);
}
