/* SPDX-License-Identifier: MIT
 *
 * The grammar of a shell script as far as it decides how characters are read: what is open, where a
 * reserved word counts, where a function begins. The characters come from shellquote.c.
 */
#ifndef PLAN_SHELLGRAMMAR_H
#define PLAN_SHELLGRAMMAR_H

#include "plan/shellquote.h"
#include "plan/shellword.h"

enum { SHELL_MOST_OPEN = 64, SHELL_MOST_HEREDOCS = 8 };

enum shell_frame_kind {
	FRAME_TOP,
	FRAME_COMMAND, /* $( ), <( ), >( ) */
	FRAME_GROUP,   /* ( ) */
	FRAME_BRACE,   /* { } */
	FRAME_CASE,    /* from its subject to esac */
	FRAME_ARRAY,   /* NAME=( ) */
	/* In these go on the words of the frame below. */
	FRAME_DOUBLE,
	FRAME_TRANSLATED, /* $" " */
	FRAME_EXPANSION,  /* ${ } */
	FRAME_ARITHMETIC, /* $(( )) */
};

enum shell_position {
	AT_START,   /* reserved words count */
	AT_COMMAND, /* behind an assignment */
	AT_ARGUMENTS,
	AT_TIME,
	AT_FOR_NAME,
	AT_FOR_IN,
	AT_FUNCTION_NAME,
	AT_LIST, /* words that are nothing but words */
	AT_CASE_SUBJECT,
	AT_CASE_IN,
	AT_FIRST_PATTERN, /* or esac */
	AT_PATTERN,
	AT_TEST, /* in [[ ]] */
	AT_END,  /* dash and bash would differ about a word */
};

struct shell_frame {
	enum shell_frame_kind kind;
	enum shell_position position;
	size_t owner;       /* the frame whose words these are */
	bool quoted;        /* in double quotes */
	bool function;      /* the body of one */
	bool function_next; /* a body comes */
	bool redirect;      /* its target comes */
	bool computes, alternates;
	bool tested;       /* in [[ ]]: an operator that computes; && or ||; a placeholder */
	size_t mark;       /* the last one in [[ ]] */
	unsigned brackets; /* open in $(( )) */
	struct shell_word word;
	struct shell_command command;
};

struct shell_heredoc {
	size_t at, len; /* its delimiter in the script, as it is written there */
	bool tabs, quoted;
};

struct shell_scan {
	const char *text;
	size_t at;
	const struct shell_mark *marks;
	struct shell_mark *found; /* the same to write to; NULL: only asked for what is used */
	size_t n, next;           /* marks; the first that is not behind at */
	size_t depth, functions;  /* open frames, and those that are functions */
	size_t n_heredocs;        /* whose bodies come at the next line */
	size_t which;             /* of refused */
	const char *refused;
	bool open;    /* it ended inside quotes */
	bool doubted; /* what is open is not sure */
	bool stopped; /* it nests too deep */
	struct shell_use use;
	struct shell_heredoc heredocs[SHELL_MOST_HEREDOCS];
	struct shell_frame frames[SHELL_MOST_OPEN];
};

struct shell_frame *shell_scan_owner(struct shell_scan *scan);
struct shell_word *shell_scan_word(struct shell_scan *scan);

void shell_scan_refuse(struct shell_scan *scan, size_t mark, const char *why);

/* From here on nothing is sure: refuses the next placeholder. */
void shell_scan_doubt(struct shell_scan *scan, const char *why);

void shell_scan_push(struct shell_scan *scan, enum shell_frame_kind kind, bool quoted);
void shell_scan_pop(struct shell_scan *scan);

void shell_scan_end_word(struct shell_scan *scan);
void shell_scan_redirect(struct shell_scan *scan);

/* Behind a word, at ( with what follows it, at ), at a newline ; & | and how many characters it is.
 */
size_t shell_scan_open(struct shell_scan *scan);
void shell_scan_close(struct shell_scan *scan);
size_t shell_scan_separate(struct shell_scan *scan, const char *symbol);
#endif
