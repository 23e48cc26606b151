// SPDX-License-Identifier: MIT
// Which words of a command are program text, from a table of the programs that take some.
#include "plan/shellword.h"

#include <string.h>

#define REASON_CODE \
	"in the text of a program; give it as an argument, as in: sh -c 'echo \"$1\"' sh {}"

enum kind {
	ALL,      // whatever it is given is program text or worse
	SHELL,    // -c: the first operand is; may stand anywhere, behind programs we do not know
	OPTION,   // what follows the option is, wherever that stands
	BEFORE,   // the same before the first operand
	AWK,      // so is the first operand, unless an option has named a file
	REMOTE,   // all behind the first operand is
	NAMES,    // NAME=VALUE, where NAME must not come from a value
	VARIABLE, // so must not what follows the option
	PREFIX,   // the program stands behind it
	SET,
	SHIFT,
	ALIAS,
	EVAL,
};

struct shell_program {
	const char *name;
	enum kind kind;
	const char *code;  // options whose argument is program text
	const char *takes; // options that take another argument
	bool builtin;      // found as the command itself alone
};

static const struct shell_program programs[] = {
	{"sh", SHELL, "c", "oO", false},
	{"bash", SHELL, "c", "oO", false},
	{"dash", SHELL, "c", "oO", false},
	{"ash", SHELL, "c", "oO", false},
	{"ksh", SHELL, "c", "oO", false},
	{"mksh", SHELL, "c", "oO", false},
	{"yash", SHELL, "c", "oO", false},
	{"zsh", SHELL, "c", "oO", false},
	{"rbash", SHELL, "c", "oO", false},
	{"csh", SHELL, "c", "", false},
	{"tcsh", SHELL, "c", "", false},
	{"fish", SHELL, "cC", "", false},
	{"$SHELL", SHELL, "c", "oO", false},
	{"$BASH", SHELL, "c", "oO", false},
	{"su", OPTION, "c", "", false},
	{"runuser", OPTION, "c", "", false},
	{"script", OPTION, "c", "", false},
	{"flock", OPTION, "c", "", false},
	{"env", OPTION, "S", "uC", false},
	{"perl", BEFORE, "eE", "I", false},
	{"python", BEFORE, "c", "WX", false},
	{"pypy", BEFORE, "c", "WX", false},
	{"ruby", BEFORE, "e", "CEIrX", false},
	{"node", BEFORE, "ep", "rC", false},
	{"nodejs", BEFORE, "ep", "rC", false},
	{"php", BEFORE, "rBRE", "dcztfFS", false},
	{"lua", BEFORE, "e", "l", false},
	{"Rscript", BEFORE, "e", "", false},
	{"julia", BEFORE, "eE", "LJCHpt", false},
	{"osascript", BEFORE, "e", "l", false},
	{"expect", BEFORE, "c", "f", false},
	{"awk", AWK, "e", "vF", false},
	{"gawk", AWK, "e", "vF", false},
	{"mawk", AWK, "e", "vF", false},
	{"nawk", AWK, "e", "vF", false},
	{"ssh", REMOTE, "", "BbcDEeFIiJLlmOopQRSWw", false},
	{"rsh", REMOTE, "", "", false},
	{"watch", ALL, "", "", false},
	{"parallel", ALL, "", "", false},
	{"tmux", ALL, "", "", false},
	{"screen", ALL, "", "", false},
	{"sg", ALL, "", "", false},
	{"eval", EVAL, "", "", true},
	{"trap", EVAL, "", "", true},
	{".", ALL, "", "", true},
	{"source", ALL, "", "", true},
	{"let", ALL, "", "", true},
	{"unset", ALL, "", "", true},
	{"read", ALL, "", "", true},
	{"getopts", ALL, "", "", true},
	{"mapfile", ALL, "", "", true},
	{"readarray", ALL, "", "", true},
	{"wait", VARIABLE, "p", "", true},
	{"compgen", ALL, "", "", true},
	{"complete", ALL, "", "", true},
	{"bind", ALL, "", "", true},
	{"fc", ALL, "", "", true},
	{"enable", ALL, "", "", true},
	{"alias", ALIAS, "", "", true},
	{"export", NAMES, "", "", true},
	{"readonly", NAMES, "", "", true},
	{"local", NAMES, "", "", true},
	{"declare", NAMES, "", "", true},
	{"typeset", NAMES, "", "", true},
	{"printf", VARIABLE, "v", "", true},
	{"test", VARIABLE, "vR", "", true},
	{"[", VARIABLE, "vR", "", true},
	{"command", PREFIX, "", "", true},
	{"builtin", PREFIX, "", "", true},
	{"exec", PREFIX, "", "a", true},
	{"set", SET, "", "", true},
	{"shift", SHIFT, "", "", true},
	{"sudo", PREFIX, "", "", false},
	{"doas", PREFIX, "", "", false},
	{"nice", PREFIX, "", "", false},
	{"ionice", PREFIX, "", "", false},
	{"nohup", PREFIX, "", "", false},
	{"time", PREFIX, "", "", false},
	{"timeout", PREFIX, "", "", false},
	{"setsid", PREFIX, "", "", false},
	{"stdbuf", PREFIX, "", "", false},
	{"chroot", PREFIX, "", "", false},
	{"chrt", PREFIX, "", "", false},
	{"taskset", PREFIX, "", "", false},
	{"unshare", PREFIX, "", "", false},
	{"nsenter", PREFIX, "", "", false},
	{"strace", PREFIX, "", "", false},
	{"xargs", PREFIX, "", "", false},
	{"find", PREFIX, "", "", false},
	{"busybox", PREFIX, "", "", false},
	{"docker", PREFIX, "", "", false},
	{"podman", PREFIX, "", "", false},
	{"kubectl", PREFIX, "", "", false},
	{"spool", PREFIX, "", "", false},
};

static size_t known(const struct shell_word *word) {
	return word->len < sizeof word->text ? word->len : sizeof word->text;
}

// What bash computes when it is assigned, and what every shell expands later.
static bool is_computed(const struct shell_word *word) {
	static const char *const computed[] = {"RANDOM", "SRANDOM", "OPTIND", "HISTCMD", "PS4"};
	size_t len = known(word);
	len -= len > 0 && word->text[len - 1] == '+';
	for (size_t i = 0; i < sizeof computed / sizeof *computed; i++) {
		if (len == strlen(computed[i]) && memcmp(word->text, computed[i], len) == 0) {
			return true;
		}
	}
	return false;
}

void shell_word_put(struct shell_word *word, char c, bool quoted) {
	word->head = word->head ? word->head : c;
	word->begun = true;
	word->quoted = word->quoted || quoted;
	word->bracket = word->bracket || (c == '[' && !quoted);
	if (c == '=' && !word->equals) {
		word->computed = is_computed(word);
		word->equals = true;
	}
	if (c == '/') {
		word->path = true;
		word->len = 0;
		return;
	}
	if (word->len < sizeof word->text) {
		word->text[word->len] = c;
	}
	word->len++;
}

void shell_word_mark(struct shell_word *word, size_t mark) {
	if (!word->marked) {
		word->leads = word->head == '\0';
		word->assigned = word->equals;
	}
	word->begun = word->marked = true;
	word->bracketed = word->bracketed || word->bracket;
	word->mark = mark;
}

bool shell_word_is(const struct shell_word *word, const char *text) {
	size_t len = strlen(text);
	return !word->marked && word->len == len && known(word) == len &&
	       memcmp(word->text, text, len) == 0;
}

bool shell_word_reserved(const struct shell_word *word, const char *text) {
	return !word->quoted && !word->dynamic && word->head == text[0] &&
	       shell_word_is(word, text);
}

static bool is_name_byte(char c) {
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

// A = behind a bracket is one of an array's; a path may stand behind it, so text is not enough.
bool shell_word_assigns(const struct shell_word *word) {
	return word->equals &&
	       (is_name_byte(word->head) && !(word->head >= '0' && word->head <= '9')) &&
	       !(word->marked && !word->assigned);
}

const char *shell_word_assigned(const struct shell_word *word) {
	return word->computed
		       ? "in the value of a variable that the shell evaluates; use another variable"
		       : NULL;
}

// A version behind the name is passed over: python3.11. Looked for without it and with it.
static const struct shell_program *find_program(const struct shell_word *word, bool builtins) {
	size_t len = known(word);
	if (word->marked || word->len > sizeof word->text) {
		return NULL;
	}
	while (len > 1 && strchr("0123456789.", word->text[len - 1])) {
		len--;
	}
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		const struct shell_program *p = &programs[i];
		bool same = strlen(p->name) == len && memcmp(word->text, p->name, len) == 0;
		if (same && (builtins || !p->builtin)) {
			return p;
		}
	}
	return NULL;
}

// One of the letters in an option that begins with one dash (or +); a long one counts by its sense.
static bool has_option(const struct shell_word *word, const char *letters) {
	if (word->path) {
		return false;
	}
	static const char *const senses[] = {
		"comm", "eval", "exec", "print", "source", "split", "run", "code"};
	size_t n = known(word);
	if (n > 1 && word->text[1] == '-') {
		for (size_t i = 0; letters[0] && i < sizeof senses / sizeof *senses; i++) {
			if (memmem(word->text, n, senses[i], strlen(senses[i]))) {
				return true;
			}
		}
		return false;
	}
	for (size_t i = 1; i < n; i++) {
		if (strchr(letters, word->text[i])) {
			return true;
		}
	}
	return false;
}

static bool is_option(const struct shell_word *word) {
	return !word->leads && (word->head == '-' || word->head == '+');
}

// The argument of the option that was last, if that can be told.
static bool takes_last(const struct shell_program *p, const struct shell_word *word) {
	size_t n = known(word);
	if (n > 1 && word->text[1] == '-') {
		return n > 2 && !word->equals;
	}
	return n > 1 && !word->path && strchr(p->takes, word->text[n - 1]);
}

// A shell: -c once, then options and their arguments, then the text, then what is free.
static const char *shell_next(struct shell_command *command, const struct shell_word *word) {
	const struct shell_program *p = command->program;
	bool option = is_option(word), text = command->code && !option && !command->argument;
	if (word->marked && (command->code || command->closed || command->argument ||
				    (option && !command->operand))) {
		return REASON_CODE;
	}
	if (!command->operand && !shell_word_is(word, "--")) {
		// It may be an option itself, or any number of words.
		command->closed = command->closed || word->leads || word->dynamic;
	}
	if (option) {
		command->code = command->code || has_option(word, p->code);
		command->argument = has_option(word, p->takes) && word->text[1] != '-';
		command->operand = command->operand ||
				   (shell_word_is(word, "--") && !command->code);
		return NULL;
	}
	command->operand = command->operand || !command->argument;
	command->zeroth = text;
	command->code = command->code && !text;
	command->argument = false;
	return NULL;
}

// The others: what stands directly behind the option, and awk's first operand.
static const char *option_next(struct shell_command *command, const struct shell_word *word) {
	const struct shell_program *p = command->program;
	if (p->kind == BEFORE && command->operand && !command->closed) {
		return NULL;
	}
	bool after_code = command->code, after_argument = command->argument;
	bool awk = p->kind == AWK, option = is_option(word);
	bool operand = !option && !after_code && !after_argument;
	if (word->marked) {
		bool glued = awk && word->len > 1 && has_option(word, p->takes);
		if (after_code || command->closed || (operand && awk && !command->operand) ||
			(option && (!command->operand || has_option(word, p->code)) && !glued)) {
			return REASON_CODE;
		}
	}
	command->closed = command->closed ||
			  (operand && !command->operand &&
				  (word->leads || (word->dynamic && !word->quoted)));
	command->code = option && !word->marked && has_option(word, p->code);
	command->argument = option && !word->marked && !command->code && takes_last(p, word);
	if (awk && option && has_option(word, "feE")) {
		command->operand = true;
		command->argument = !command->code && word->len == 2;
	}
	bool over = shell_word_is(word, "--") && !awk;
	command->operand = command->operand || operand || over || (after_code && p->code[0] == 'c');
	return NULL;
}

// The host is the one word that may be a value.
static const char *remote_next(struct shell_command *command, const struct shell_word *word) {
	bool option = is_option(word);
	if (word->marked && (option || command->closed || command->argument)) {
		return "in a command for another machine, whose shell reads it; quote it there, as "
		       "in "
		       "bash: ssh HOST \"cat $(printf %q \"$1\")\"";
	}
	command->closed = command->closed || !(option || command->argument);
	command->argument = option && takes_last(command->program, word);
	return NULL;
}

static const char *names_next(const struct shell_word *word, enum shell_danger *danger) {
	if (is_option(word) && (has_option(word, "in") || word->dynamic)) {
		*danger = SHELL_REWRITES;
	}
	if (!word->marked) {
		return NULL;
	}
	if (!word->assigned || is_option(word)) {
		return "in the name of a variable; write NAME=\"$1\"";
	}
	return shell_word_assigned(word);
}

static const char *variable_next(struct shell_command *command, const struct shell_word *word) {
	const struct shell_program *p = command->program;
	if (word->marked && (command->code || (is_option(word) && has_option(word, p->code)))) {
		return "in the name of a variable; write one instead";
	}
	command->code = is_option(word) && has_option(word, p->code);
	return NULL;
}

// Only options of one letter and -o NAME leave the parameters alone.
static const char *set_next(
	struct shell_command *command, const struct shell_word *word, enum shell_danger *danger) {
	bool harmless = !word->marked && !word->dynamic &&
			(command->argument ||
				(is_option(word) && word->len > 1 && !has_option(word, "-") &&
					word->text[1] != '-'));
	if (!harmless) {
		*danger = SHELL_RENUMBERS;
	}
	command->argument = is_option(word) && has_option(word, "o");
	return word->marked ? "among the words of set; write \"$1\" there, and \"$1\" everywhere"
			    : NULL;
}

static const char *feed(
	struct shell_command *command, const struct shell_word *word, enum shell_danger *danger) {
	switch (command->program->kind) {
	case ALL:
		return word->marked
			       ? "among the words of a command that reads them as more than text; "
				 "write \"$1\" if you are sure of the values"
			       : NULL;
	case EVAL:
	case ALIAS:
		return word->marked
			       ? "in text that the shell will read again; write \"$1\" in single "
				 "quotes, as in: trap 'rm \"$1\"' EXIT"
			       : NULL;
	case SHELL:
		return shell_next(command, word);
	case OPTION:
	case BEFORE:
	case AWK:
		return option_next(command, word);
	case REMOTE:
		return remote_next(command, word);
	case NAMES:
		return names_next(word, danger);
	case VARIABLE:
		return variable_next(command, word);
	case SET:
		return set_next(command, word, danger);
	case SHIFT:
	case PREFIX:
		break;
	}
	return NULL;
}

static enum shell_danger danger_of(const struct shell_program *program) {
	if (program->kind == SHIFT) {
		return SHELL_RENUMBERS;
	}
	if (program->kind == ALIAS) {
		return SHELL_REWRITES;
	}
	return program->kind == EVAL && strcmp(program->name, "eval") == 0 ? SHELL_EVALUATES
									   : SHELL_HARMLESS;
}

// Whether the word names a program, as the command or behind one that starts another.
static const struct shell_program *named_by(
	const struct shell_command *command, const struct shell_word *word) {
	bool takes_over = !command->program || command->program->kind == PREFIX ||
			  command->program->kind == SHELL || command->program->kind == OPTION ||
			  command->program->kind == BEFORE || command->program->kind == AWK;
	if (!takes_over || command->closed) {
		return NULL;
	}
	const struct shell_program *found = find_program(word, command->n == 0);
	if (found && found->kind != SHELL && command->n > 0 && !command->prefixed) {
		return NULL;
	}
	return found;
}

const char *shell_command_word(
	struct shell_command *command, const struct shell_word *word, enum shell_danger *danger) {
	*danger = SHELL_HARMLESS;
	bool nothing = command->zeroth;
	command->zeroth = false;
	const char *why = command->program ? feed(command, word, danger) : NULL;
	if (why) {
		return why;
	}
	bool still_named = command->n == 0 && command->program && is_option(word);
	const struct shell_program *found = nothing ? NULL : named_by(command, word);
	if (found) {
		bool prefixed = command->prefixed || found->kind == PREFIX || found->kind == OPTION;
		bool again = found->kind == PREFIX && found->builtin;
		*command = (struct shell_command){
			.program = found,
			.n = again ? 0 : 1,
			.prefixed = prefixed,
			.evaluates = found->kind == EVAL,
		};
		*danger = danger_of(found);
		return NULL;
	}
	command->n += !still_named;
	return NULL;
}
