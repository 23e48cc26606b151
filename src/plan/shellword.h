/* SPDX-License-Identifier: MIT
 *
 * What a command of a shell script does with its words: whether one that has a value in it would be
 * read as program text, as the name of a variable or as arithmetic. Nothing but names is looked at:
 * what the script keeps in a variable and runs later is its own affair.
 */
#ifndef PLAN_SHELLWORD_H
#define PLAN_SHELLWORD_H

#include <stdbool.h>
#include <stddef.h>

/* A word while it is read. */
struct shell_word {
	char text[24];        /* without quotes, what stands behind its last slash; cut */
	size_t len;           /* of that, uncut */
	char head;            /* its first byte */
	bool begun;           /* there is a word */
	bool quoted, dynamic; /* some of it is quoted; comes from an expansion */
	bool bracket, equals; /* an unquoted [, a = has been seen */
	bool path;            /* so has a slash */
	bool bracketed;       /* a placeholder stands behind the bracket */
	bool computed;        /* it assigns to a variable whose value is evaluated */
	bool marked;          /* it has a placeholder */
	bool leads, assigned; /* of the first placeholder: it begins the word, stands behind a = */
	size_t mark;          /* which is the last one */
};

void shell_word_put(struct shell_word *word, char c, bool quoted);
void shell_word_mark(struct shell_word *word, size_t mark);

/* Whether it is this text, cut or not. Reserved words count only without quotes. */
bool shell_word_is(const struct shell_word *word, const char *text);
bool shell_word_reserved(const struct shell_word *word, const char *text);

/* Whether it is an assignment; NULL, or why a value must not be assigned to this variable. */
bool shell_word_assigns(const struct shell_word *word);
const char *shell_word_assigned(const struct shell_word *word);

/* A simple command while its words come. Zero: none has come. */
struct shell_program;
struct shell_command {
	const struct shell_program *program; /* the last one that a word has named */
	size_t n;                            /* words of it so far; 0: the command's name comes */
	bool prefixed;                       /* any later word may name the program */
	bool option, code, argument; /* the last word; an option takes its code, its argument */
	bool operand;                /* its options are over */
	bool zeroth;                 /* $0 of a shell comes, which names nothing */
	bool closed;                 /* no value may come any more */
	bool evaluates;              /* its words are shell text: eval, trap */
};

/* What the script as a whole has to fear of a word. */
enum shell_danger {
	SHELL_HARMLESS,
	SHELL_EVALUATES, /* eval: it may do any of the others */
	SHELL_RENUMBERS, /* set, shift: the parameters have other numbers from here on */
	SHELL_REWRITES,  /* alias, declare -i: what follows means something else */
};

/* The next word. NULL, or why its placeholder cannot stand there. */
const char *shell_command_word(
	struct shell_command *command, const struct shell_word *word, enum shell_danger *danger);
#endif
