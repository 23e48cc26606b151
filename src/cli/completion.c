// SPDX-License-Identifier: MIT
// spool completion: a script for a shell, made from the tables of commands and options.
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "cli/options.h"

#include <string.h>

// What can stand for an argument, by its name in the table.
struct kind {
	const char *name;
	const char *bash, *zsh, *fish;
};

static const struct kind kinds[] = {
	{"FILE", "@file", "_files", "-r -F"},
	{"FILES", "@file", "_files", "-r -F"},
	{"DIR", "@directory", "_files -/", "-x -a '(__fish_complete_directories)'"},
	{"COMMAND", "@command", " _command_names -e", "-x"},
	{NULL, "@text", " ", "-x"},
};

static const struct kind *kind_of(const char *name) {
	const struct kind *kind = kinds;
	while (kind->name && strcmp(kind->name, name) != 0) {
		kind++;
	}
	return kind;
}

static bool is_words(const char *operands) {
	return kind_of(operands)->name == NULL;
}

// Text within single quotes; what `escaped` has gets a backslash before it.
static void put_quoted(struct buf *buf, const char *text, const char *escaped, const char *quote) {
	for (; *text; text++) {
		if (strchr(escaped, *text)) {
			buf_putc(buf, '\\');
		}
		buf_puts(buf, *text == '\'' ? quote : (char[]){*text, '\0'});
	}
}

static void put_names(struct buf *buf) {
	const struct command_entry *command;
	for (size_t i = 0; (command = cli_command(i)); i++) {
		buf_printf(buf, "%s%s", i ? " " : "", command->name);
	}
}

// ---- bash

static const char BASH_HEAD[] =
	"# bash completion of spool; made by: spool completion bash\n"
	"\n"
	"# What may follow option $2 of command $1; nothing if it takes no argument.\n"
	"_spool_argument() {\n"
	"\tcase $1:$2 in\n";

static const char BASH_OPTIONS[] = "\tesac\n"
				   "}\n"
				   "\n"
				   "_spool_options() {\n"
				   "\tcase $1 in\n";

static const char BASH_OPERANDS[] = "\tesac\n"
				    "}\n"
				    "\n"
				    "# What operand number $2 of command $1 may be.\n"
				    "_spool_operand() {\n"
				    "\tcase $1:$2 in\n";

static const char BASH_BODY[] =
	"\tesac\n"
	"}\n"
	"\n"
	"_spool() {\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]-}\n"
	"\tlocal kind='' takes='' optional='' only='' operands=0 i word\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $takes && $word == '=' ]]; then\n"
	"\t\t\toptional=''\n"
	"\t\t\tcontinue\n"
	"\t\tfi\n"
	"\t\t[[ ! $optional ]] || takes='' optional=''\n"
	"\t\tif [[ $takes ]]; then\n"
	"\t\t\ttakes=''\n"
	"\t\telif [[ ! $only && $word == -- ]]; then\n"
	"\t\t\tonly=1\n"
	"\t\telif [[ ! $only && $word == -?* ]]; then\n"
	"\t\t\ttakes=$(_spool_argument \"$command\" \"$word\")\n"
	"\t\t\t[[ $takes != '='* ]] || optional=1 takes=${takes#=}\n"
	"\t\telse\n"
	"\t\t\t((++operands))\n"
	"\t\t\t[[ $command != exec && $command != map ]] || only=1\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t[[ ! $optional || $current == '=' ]] || takes=''\n"
	"\tif ((COMP_CWORD == 1)); then\n"
	"\t\tkind=\"$_spool_commands help --help --version\"\n"
	"\telif [[ $takes ]]; then\n"
	"\t\tkind=$takes\n"
	"\t\t[[ $current != '=' ]] || current=''\n"
	"\telif [[ ! $only && $current == -* ]]; then\n"
	"\t\tkind=$(_spool_options \"$command\")\n"
	"\telse\n"
	"\t\tkind=$(_spool_operand \"$command\" \"$operands\")\n"
	"\tfi\n"
	"\tCOMPREPLY=()\n"
	"\tcase $kind in\n"
	"\t@text) ;;\n"
	"\t@file)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	"\t\t;;\n"
	"\t@directory)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$current\")\n"
	"\t\t;;\n"
	"\t@command) mapfile -t COMPREPLY < <(compgen -c -- \"$current\" | sort -u) ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"$kind\" -- \"$current\") ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _spool spool\n";

static void bash_arguments(struct buf *buf, const struct command_entry *command) {
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		if (!option->argument) {
			continue;
		}
		buf_printf(buf, "\t%s:--%s", command->name, option->name);
		if (option->letter) {
			buf_printf(buf, " | %s:-%c", command->name, option->letter);
		}
		buf_printf(buf, ") echo '%s%s' ;;\n", option->optional ? "=" : "",
			options_words(option) ? options_words(option)
					      : kind_of(option->argument)->bash);
	}
}

static void bash_options(struct buf *buf, const struct command_entry *command) {
	const char *gap = "";
	buf_printf(buf, "\t%s) echo '", command->name);
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		buf_printf(buf, "%s--%s", gap, option->name);
		if (option->letter) {
			buf_printf(buf, " -%c", option->letter);
		}
		gap = " ";
	}
	buf_puts(buf, "' ;;\n");
}

// Every operand of some commands, the first of others; the words of a command of exec are files.
static void bash_operand(struct buf *buf, const struct command_entry *command) {
	const struct kind *kind = kind_of(command->operands);
	bool all = strcmp(command->operands, "FILES") == 0;
	buf_printf(buf, "\t%s:%s) echo '%s' ;;\n", command->name, all ? "*" : "0",
		kind->name ? kind->bash : command->operands);
	if (command->ends_at_operand) {
		buf_printf(buf, "\t%s:*) echo @file ;;\n", command->name);
	}
}

static void print_bash(struct buf *buf) {
	const struct command_entry *command;
	buf_puts(buf, BASH_HEAD);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		bash_arguments(buf, command);
	}
	buf_puts(buf, BASH_OPTIONS);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		bash_options(buf, command);
	}
	buf_puts(buf, BASH_OPERANDS);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		bash_operand(buf, command);
	}
	buf_puts(buf, "\thelp:0) echo '");
	put_names(buf);
	buf_puts(buf, "' ;;\n\t*) echo @text ;;\n");
	const char *names = strstr(BASH_BODY, "$_spool_commands");
	buf_append(buf, BASH_BODY, (size_t)(names - BASH_BODY));
	put_names(buf);
	buf_puts(buf, names + strlen("$_spool_commands"));
}

// ---- zsh

static const char ZSH_HEAD[] = "#compdef spool\n"
			       "# zsh completion of spool; made by: spool completion zsh\n"
			       "\n"
			       "_spool() {\n"
			       "\tlocal curcontext=$curcontext state line\n"
			       "\tlocal -a names\n"
			       "\ttypeset -A opt_args\n"
			       "\tnames=(\n";

static const char ZSH_COMMANDS[] = "\t)\n"
				   "\t_arguments -C '(- : *)--help[print the help]' "
				   "'(- : *)--version[print the version]' \\\n"
				   "\t\t'1: :->command' '*:: :->words'\n"
				   "\tif [[ $state == command ]]; then\n"
				   "\t\t_describe -t commands command names\n"
				   "\t\treturn\n"
				   "\tfi\n"
				   "\tcase $line[1] in\n";

static const char ZSH_TAIL[] = "\tesac\n"
			       "}\n"
			       "\n"
			       "if [[ $funcstack[1] == _spool ]]; then\n"
			       "\t_spool \"$@\"\n"
			       "else\n"
			       "\tcompdef _spool spool\n"
			       "fi\n";

static void zsh_option(struct buf *buf, const struct option *option) {
	const char *takes = option->optional ? "=-" : option->argument ? "=" : "";
	buf_puts(buf, " \\\n\t\t\t");
	if (option->letter) {
		buf_printf(buf, "'(-%c --%s)'{-%c%s,--%s%s}", option->letter, option->name,
			option->letter, option->argument ? "+" : "", option->name, takes);
	} else {
		buf_printf(buf, "%s--%s%s", strstr(option->help, "repeated") ? "'*'" : "",
			option->name, takes);
	}
	buf_puts(buf, "'[");
	put_quoted(buf, option->help, "[]\\", "'\\''");
	buf_puts(buf, "]");
	if (options_words(option)) {
		buf_puts(buf, option->optional ? "::" : ":");
		put_quoted(buf, option->argument, ":\\", "'\\''");
		buf_printf(buf, ":(%s)", options_words(option));
	} else if (option->argument) {
		buf_printf(buf, ":%s:%s", option->argument, kind_of(option->argument)->zsh);
	}
	buf_putc(buf, '\'');
}

static void zsh_command(struct buf *buf, const struct command_entry *command) {
	const char *operands = command->operands;
	buf_printf(buf, "\t%s)\n\t\t_arguments -s%s", command->name,
		command->ends_at_operand ? " -A '-*'" : "");
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		zsh_option(buf, option);
	}
	if (is_words(operands)) {
		buf_printf(buf, " \\\n\t\t\t'1:word:(%s)'", operands);
	} else {
		bool all = strcmp(operands, "FILES") == 0;
		buf_printf(buf, " \\\n\t\t\t'%s:%s:%s'", all ? "*" : "1", operands,
			kind_of(operands)->zsh);
	}
	buf_puts(buf, command->ends_at_operand ? " \\\n\t\t\t'*::word:_normal'" : "");
	buf_puts(buf, "\n\t\t;;\n");
}

static void print_zsh(struct buf *buf) {
	const struct command_entry *command;
	buf_puts(buf, ZSH_HEAD);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		buf_printf(buf, "\t\t'%s:", command->name);
		put_quoted(buf, command->summary, "", "'\\''");
		buf_puts(buf, "'\n");
	}
	buf_puts(buf, "\t\t'help:Prints the help of a command.'\n");
	buf_puts(buf, ZSH_COMMANDS);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		zsh_command(buf, command);
	}
	buf_puts(buf, "\thelp) _arguments '1:command:(");
	put_names(buf);
	buf_puts(buf, ")' ;;\n");
	buf_puts(buf, ZSH_TAIL);
}

// ---- fish

static const char FISH_HEAD[] =
	"# fish completion of spool; made by: spool completion fish\n"
	"\n"
	"function __spool_has_no_command\n"
	"\ttest (count (commandline -opc)) -eq 1\n"
	"end\n"
	"\n"
	"function __spool_has_command\n"
	"\tset -l words (commandline -opc)\n"
	"\ttest (count $words) -ge 2; and test $words[2] = $argv[1]\n"
	"end\n"
	"\n"
	"complete -c spool -f\n"
	"complete -c spool -n __spool_has_no_command -l help -d 'Print the help'\n"
	"complete -c spool -n __spool_has_no_command -l version -d 'Print the version'\n";

static void fish_option(
	struct buf *buf, const struct command_entry *command, const struct option *option) {
	buf_printf(buf, "complete -c spool -n '__spool_has_command %s' -l %s", command->name,
		option->name);
	if (option->letter) {
		buf_printf(buf, " -s %c", option->letter);
	}
	if (options_words(option)) {
		buf_printf(
			buf, " %s-a '%s'", option->optional ? "-f " : "-x ", options_words(option));
	} else if (option->argument) {
		buf_printf(buf, " %s", kind_of(option->argument)->fish);
	}
	buf_puts(buf, " -d '");
	put_quoted(buf, option->help, "\\", "\\'");
	buf_puts(buf, "'\n");
}

static void fish_command(struct buf *buf, const struct command_entry *command) {
	const char *operands = command->operands;
	buf_printf(buf, "\ncomplete -c spool -n __spool_has_no_command -a %s -d '", command->name);
	put_quoted(buf, command->summary, "\\", "\\'");
	buf_printf(buf, "'\ncomplete -c spool -n '__spool_has_command %s' ", command->name);
	if (is_words(operands)) {
		buf_printf(buf, "-a '%s'\n", operands);
	} else {
		buf_puts(buf,
			command->ends_at_operand ? "-F -a '(__fish_complete_command)'\n" : "-F\n");
	}
	for (const struct option *option = NULL; (option = options_next(command, option));) {
		fish_option(buf, command, option);
	}
}

static void print_fish(struct buf *buf) {
	const struct command_entry *command;
	buf_puts(buf, FISH_HEAD);
	for (size_t i = 0; (command = cli_command(i)); i++) {
		fish_command(buf, command);
	}
	buf_puts(buf, "\ncomplete -c spool -n __spool_has_no_command -a help -d "
		      "'Prints the help of a command.'\n"
		      "complete -c spool -n '__spool_has_command help' -a '");
	put_names(buf);
	buf_puts(buf, "'\n");
}

// ----

static const struct {
	const char *shell;
	void (*print)(struct buf *buf);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
enum { N_SHELLS = sizeof shells / sizeof *shells };

static int print(void (*shell)(struct buf *buf)) {
	struct buf buf = {0};
	shell(&buf);
	return cli_print(&buf, 0);
}

static int execute(struct invocation *invocation, struct signals *signals) {
	(void)signals;
	if (invocation->n_operands != 1) {
		message_hint("spool completion bash, zsh or fish", "one shell is to be named");
		return CLI_USAGE;
	}
	for (int i = 0; i < N_SHELLS; i++) {
		if (strcmp(invocation->operands[0], shells[i].shell) == 0) {
			return print(shells[i].print);
		}
	}
	message_hint("there is completion for bash, zsh and fish", "unknown shell '%s'",
		invocation->operands[0]);
	return CLI_USAGE;
}

const struct command_entry command_completion = {
	.bit = COMMAND_COMPLETION,
	.name = "completion",
	.summary = "Prints the completion script of a shell.",
	.synopsis = "bash|zsh|fish",
	.operands = "bash zsh fish",
	.examples = "  source <(spool completion bash)      # in ~/.bashrc\n"
		    "  source <(spool completion zsh)       # in ~/.zshrc, behind compinit\n"
		    "  spool completion fish | source       # in ~/.config/fish/config.fish\n",
	.wrong_use = CLI_USAGE,
	.execute = execute,
};
