// SPDX-License-Identifier: MIT
// Reads a script character by character, with a stack of what is open. The words of each command go
// to shellword.c; this file knows quotes, brackets, reserved words and here-documents.
#include "plan/shellquote.h"
#include "plan/shellgrammar.h"

#include <string.h>

// Two characters that no script has.
enum { THE_END = 0, A_MARK = 256 };

// ---- What a placeholder is in

static const char *why_not_in(const struct shell_frame *frame) {
	switch (frame->kind) {
	case FRAME_EXPANSION:
		return "in ${ }; write \"$1\", \"${1%.*}\" or \"${1##*/}\" instead";
	case FRAME_ARITHMETIC:
		return "in $(( )), where bash would run what is in it; write \"$1\" outside of it";
	case FRAME_TRANSLATED:
		return "in $\" \"; take the $ away, or write \"$1\"";
	case FRAME_TOP:
	case FRAME_COMMAND:
	case FRAME_GROUP:
	case FRAME_BRACE:
	case FRAME_CASE:
	case FRAME_ARRAY:
	case FRAME_DOUBLE:
		break;
	}
	return frame->function ? "in a function, whose parameters are its own; call it with {} and "
				 "write \"$1\" there"
			       : NULL;
}

static int peek(const struct shell_scan *s, size_t at) {
	if (s->next < s->n && s->marks[s->next].at == at) {
		return A_MARK;
	}
	return (unsigned char)s->text[at];
}

static bool take_mark(struct shell_scan *s, enum quoting quoting, const char *why) {
	size_t mark = s->next;
	for (size_t i = 0; i <= s->depth && !why; i++) {
		why = why_not_in(&s->frames[i]);
	}
	if (why && s->found) {
		shell_scan_refuse(s, mark, why);
		return false;
	}
	if (s->found) {
		s->found[mark].quoting = quoting;
	}
	struct shell_word *word = shell_scan_word(s);
	word->quoted = true;
	shell_word_mark(word, mark);
	s->at += s->marks[mark].len;
	s->next++;
	if (s->next < s->n && s->marks[s->next].at < s->at) {
		shell_scan_refuse(s, s->next, "inside another one; write them apart");
	}
	return !s->refused;
}

// ---- Positional parameters

static bool is_name_start(int c) {
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(int c) {
	return c >= '0' && c <= '9';
}

// How long the name at this place is, of a variable or of a parameter.
static size_t name_len(const struct shell_scan *s, size_t at) {
	int c = peek(s, at);
	size_t len = 0;
	if (!is_name_start(c)) {
		return is_digit(c) || (c != A_MARK && c != THE_END && strchr("@*#?-$!", c)) ? 1 : 0;
	}
	while (is_name_start(peek(s, at + len)) || is_digit(peek(s, at + len))) {
		len++;
	}
	return len;
}

// At a $: whether it is a parameter of the script's. ${#1} is the length of one, ${!1} in bash what
// it names; ${#} and ${#-0} are how many there are.
static void note_parameter(struct shell_scan *s, size_t at) {
	if (peek(s, at) != '$' || s->functions > 0) {
		return;
	}
	at++;
	if (peek(s, at) == '{') {
		at++;
		int c = peek(s, at), next = c == A_MARK || c == THE_END ? c : peek(s, at + 1);
		bool prefix = next != THE_END && next != A_MARK &&
			      (is_digit(next) || is_name_start(next) || strchr("@*", next));
		at += prefix && (c == '#' || c == '!');
	}
	int c = peek(s, at);
	bool all = c == '@' || c == '*' || c == '#';
	s->use.all = s->use.all || all;
	s->use.positional = s->use.positional || all || (is_digit(c) && c != '0');
}

// ---- Quotes

static void single_quoted(struct shell_scan *s) {
	struct shell_word *word = shell_scan_word(s);
	word->begun = word->quoted = true;
	bool evaluated = shell_scan_owner(s)->command.evaluates;
	for (s->at++; peek(s, s->at) != '\'';) {
		int c = peek(s, s->at);
		if (c == THE_END) {
			s->open = true;
			return;
		}
		if (c == A_MARK) {
			if (!take_mark(s, QUOTING_SINGLE, NULL)) {
				return;
			}
			continue;
		}
		if (evaluated) {
			note_parameter(s, s->at);
		}
		shell_word_put(word, (char)c, true);
		s->at++;
	}
	s->at++;
}

// $'…': dash sees a $ and a quoted text, so both must see the same end.
static void dollar_quoted(struct shell_scan *s) {
	struct shell_word *word = shell_scan_word(s);
	word->begun = word->quoted = word->dynamic = true;
	shell_word_put(word, '$', true);
	for (s->at += 2; peek(s, s->at) != '\''; s->at++) {
		if (peek(s, s->at) == A_MARK) {
			take_mark(s, QUOTING_SINGLE, "in $' '; use ' ' or \" \", or write \"$1\"");
			if (s->refused) {
				return;
			}
			s->at--;
			continue;
		}
		if (peek(s, s->at) == '\\' && s->text[s->at + 1] && peek(s, s->at + 1) != A_MARK) {
			s->at++;
			if (peek(s, s->at) == '\'') {
				shell_scan_doubt(
					s, "behind \\' in $' ', where shells differ; write \"$1\"");
			}
		}
		if (peek(s, s->at) == THE_END) {
			s->open = true;
			return;
		}
	}
	s->at++;
}

static void backquoted(struct shell_scan *s) {
	struct shell_word *word = shell_scan_word(s);
	word->begun = word->dynamic = true;
	bool quoted = false;
	for (s->at++; peek(s, s->at) != '`'; s->at++) {
		int c = peek(s, s->at);
		if (c == A_MARK) {
			take_mark(s, QUOTING_BARE, "in backquotes; write $( ) in their place");
			if (s->refused) {
				return;
			}
			s->at--;
			continue;
		}
		if (c == '\\' && peek(s, s->at + 1) != A_MARK) {
			s->at++;
		}
		if (peek(s, s->at) == THE_END) {
			s->open = true;
			return;
		}
		quoted = quoted != (c == '\'');
		if (!quoted) {
			note_parameter(s, s->at);
		}
	}
	s->at++;
}

static void comment(struct shell_scan *s) {
	for (; peek(s, s->at) != THE_END && peek(s, s->at) != '\n'; s->at++) {
		if (peek(s, s->at) == A_MARK) {
			take_mark(s, QUOTING_BARE,
				"in a comment; quote the '#' if it is meant to be text");
			if (s->refused) {
				return;
			}
			s->at--;
		}
	}
}

// ---- Expansions

// The word has $NAME in it, and the script goes on behind it.
static void named_word(struct shell_scan *s, size_t at, size_t len, bool quoted) {
	struct shell_word *word = shell_scan_word(s);
	word->dynamic = word->dynamic || len > 0;
	shell_word_put(word, '$', quoted);
	for (size_t i = 0; i < len; i++) {
		shell_word_put(word, s->text[at + i], true);
	}
	s->at = at + len;
}

static void expansion(struct shell_scan *s, bool quoted) {
	shell_scan_push(s, FRAME_EXPANSION, quoted);
	note_parameter(s, s->at);
	s->at += 2;
	int c = peek(s, s->at);
	if (c == ' ' || c == '\t' || c == '\n' || c == '|') {
		shell_scan_doubt(s, "behind ${ with a command in it; write $( )");
	}
	named_word(s, s->at, name_len(s, s->at), true);
}

static void dollar(struct shell_scan *s, bool quoted) {
	struct shell_word *word = shell_scan_word(s);
	int c = peek(s, s->at + 1);
	word->begun = true;
	if (c == A_MARK) {
		s->at++;
		take_mark(s, QUOTING_BARE,
			"directly behind a $; write \\$ if the $ is meant to be text");
	} else if (c == '(' && peek(s, s->at + 2) == '(') {
		word->dynamic = true;
		shell_scan_push(s, FRAME_ARITHMETIC, quoted);
		s->at += 3;
	} else if (c == '(') {
		word->dynamic = true;
		shell_scan_push(s, FRAME_COMMAND, false);
		s->at += 2;
	} else if (c == '{') {
		word->dynamic = true;
		expansion(s, quoted);
	} else if (c == '\'' && !quoted) {
		dollar_quoted(s);
	} else if (c == '"' && !quoted) {
		shell_scan_push(s, FRAME_TRANSLATED, true);
		word->quoted = true;
		s->at += 2;
	} else if (c == '[' || (c == '\\' && peek(s, s->at + 2) == '\n')) {
		shell_scan_doubt(s,
			"behind $[ or a $ at the end of a line; write $(( )) and \\$, or \"$1\"");
		s->at++;
	} else {
		note_parameter(s, s->at);
		named_word(s, s->at + 1, name_len(s, s->at + 1), quoted);
	}
}

// A backslash and what it quotes.
static void escaped(struct shell_scan *s, bool in_quotes) {
	int c = peek(s, s->at + 1);
	if (c == A_MARK) {
		s->at++;
		take_mark(s, QUOTING_BARE,
			"directly behind a backslash; write \\\\ if it is meant to be text");
		return;
	}
	if (c == '\n') {
		if (!in_quotes && s->at > 0 && strchr("<(;", s->text[s->at - 1])) {
			shell_scan_doubt(
				s, "behind a line broken inside an operator; break it elsewhere");
		}
		s->at += 2;
		return;
	}
	struct shell_word *word = shell_scan_word(s);
	if (c == THE_END || (in_quotes && !strchr("$`\"\\", c))) {
		shell_word_put(word, '\\', true);
		s->at++;
		return;
	}
	shell_word_put(word, (char)c, true);
	s->at += 2;
}

// ---- Here-documents

// One delimiter: where it stands in the script, with its quotes.
static void here_document(struct shell_scan *s) {
	shell_scan_doubt(
		s, "in a here-document or behind one; write $1 there and \"$1\" elsewhere");
	shell_scan_end_word(s);
	s->at += 2;
	struct shell_heredoc heredoc = {.tabs = peek(s, s->at) == '-'};
	s->at += heredoc.tabs;
	while (peek(s, s->at) == ' ' || peek(s, s->at) == '\t') {
		s->at++;
	}
	heredoc.at = s->at;
	for (char c; (c = s->text[s->at]) && !strchr(" \t\n;&|<>()", c);) {
		bool quote = c == '\'' || c == '"';
		heredoc.quoted = heredoc.quoted || quote || c == '\\';
		s->at += c == '\\' && s->text[s->at + 1] ? 2 : 1;
		while (quote && s->text[s->at] && s->text[s->at++] != c) {
		}
	}
	heredoc.len = s->at - heredoc.at;
	if (s->n_heredocs < SHELL_MOST_HEREDOCS) {
		s->heredocs[s->n_heredocs++] = heredoc;
	}
}

static bool ends_heredoc(const struct shell_scan *s, const struct shell_heredoc *heredoc,
	const char *line, size_t len) {
	size_t at = 0;
	for (size_t i = 0; i < heredoc->len; i++) {
		char c = s->text[heredoc->at + i];
		if (c == '\'' || c == '"' || c == '\\') {
			continue;
		}
		if (at == len || line[at] != c) {
			return false;
		}
		at++;
	}
	return at == len;
}

static void heredoc_line(struct shell_scan *s, size_t len) {
	for (size_t end = s->at + len; s->at < end; s->at++) {
		if (s->text[s->at] == '\\') {
			s->at++;
		} else {
			note_parameter(s, s->at);
		}
	}
}

// At the beginning of a line.
static void heredoc_bodies(struct shell_scan *s) {
	for (size_t i = 0; i < s->n_heredocs; i++) {
		const struct shell_heredoc *heredoc = &s->heredocs[i];
		while (s->text[s->at]) {
			const char *line = s->text + s->at;
			size_t len = strcspn(line, "\n"), next = s->at + len + (line[len] == '\n');
			size_t tabs = heredoc->tabs ? strspn(line, "\t") : 0;
			bool ends = ends_heredoc(s, heredoc, line + tabs, len - tabs);
			if (!ends && !heredoc->quoted) {
				heredoc_line(s, len);
			}
			s->at = next;
			if (ends) {
				break;
			}
		}
	}
	s->n_heredocs = 0;
	while (s->next < s->n && s->marks[s->next].at < s->at) {
		s->next++;
	}
}

// ---- What each frame reads

static void in_double_quotes(struct shell_scan *s, int c) {
	switch (c) {
	case '"':
		shell_scan_pop(s);
		s->at++;
		break;
	case '\\':
		escaped(s, true);
		break;
	case '`':
		backquoted(s);
		break;
	case '$':
		dollar(s, true);
		break;
	default:
		shell_word_put(shell_scan_word(s), (char)c, true);
		s->at++;
	}
}

static void in_expansion(struct shell_scan *s, int c) {
	bool quoted = s->frames[s->depth].quoted;
	if (c == '}') {
		shell_scan_pop(s);
		s->at++;
	} else if (c == '\\') {
		escaped(s, false);
	} else if (c == '"') {
		shell_scan_push(s, FRAME_DOUBLE, true);
		s->at++;
	} else if (c == '\'' && !quoted) {
		single_quoted(s);
	} else if (c == '`') {
		backquoted(s);
	} else if (c == '$') {
		dollar(s, quoted);
	} else {
		if (c == '\'') {
			shell_scan_doubt(
				s, "behind a ' in \"${ }\", where shells differ; write \"$1\"");
		}
		s->at++;
	}
}

static void in_arithmetic(struct shell_scan *s, int c) {
	struct shell_frame *frame = &s->frames[s->depth];
	if (c == '$') {
		dollar(s, true);
		return;
	}
	s->at++;
	if (c == '(') {
		frame->brackets++;
	} else if (c == ')' && frame->brackets > 0) {
		frame->brackets--;
	} else if (c == ')') {
		if (peek(s, s->at) != ')') {
			shell_scan_doubt(s, "behind $((, if it is not $(( )); write $( (");
		}
		s->at += peek(s, s->at) == ')';
		shell_scan_pop(s);
	} else if (c == '\'' || c == '"' || c == '`' || c == '\\') {
		shell_scan_doubt(s, "behind quotes in $(( )), where shells differ; write \"$1\"");
	}
}

static void redirection(struct shell_scan *s, int c) {
	int next = peek(s, s->at + 1);
	if (next == '(') {
		shell_scan_word(s)->begun = shell_scan_word(s)->dynamic = true;
		shell_scan_push(s, FRAME_COMMAND, false);
		s->at += 2;
		return;
	}
	if (c == '<' && next == '<' && peek(s, s->at + 2) != '<') {
		here_document(s);
		return;
	}
	shell_scan_redirect(s);
	s->at++;
	while (peek(s, s->at) == '<' || peek(s, s->at) == '>' || peek(s, s->at) == '&' ||
		peek(s, s->at) == '|') {
		s->at++;
	}
}

// Outside of all quotes: words and operators.
static void in_the_open(struct shell_scan *s, int c) {
	switch (c) {
	case '\\':
		escaped(s, false);
		break;
	case '\'':
		single_quoted(s);
		break;
	case '"':
		shell_scan_word(s)->quoted = true;
		shell_scan_push(s, FRAME_DOUBLE, true);
		s->at++;
		break;
	case '`':
		backquoted(s);
		break;
	case '$':
		dollar(s, false);
		break;
	case ' ':
	case '\t':
		shell_scan_end_word(s);
		s->at++;
		break;
	case '\n':
	case ';':
	case '&':
	case '|':
		s->at += shell_scan_separate(s, s->text + s->at);
		if (c == '\n') {
			heredoc_bodies(s);
		}
		break;
	case '<':
	case '>':
		redirection(s, c);
		break;
	case '(':
		s->at += shell_scan_open(s);
		break;
	case ')':
		shell_scan_close(s);
		s->at++;
		break;
	default:
		shell_word_put(shell_scan_word(s), (char)c, false);
		s->at++;
	}
}

static void step(struct shell_scan *s, int c) {
	const struct shell_frame *frame = &s->frames[s->depth];
	switch (frame->kind) {
	case FRAME_DOUBLE:
	case FRAME_TRANSLATED:
		in_double_quotes(s, c);
		return;
	case FRAME_EXPANSION:
		in_expansion(s, c);
		return;
	case FRAME_ARITHMETIC:
		in_arithmetic(s, c);
		return;
	case FRAME_TOP:
	case FRAME_COMMAND:
	case FRAME_GROUP:
	case FRAME_BRACE:
	case FRAME_CASE:
	case FRAME_ARRAY:
		break;
	}
	if (c != '#' || frame->word.begun) {
		in_the_open(s, c);
		return;
	}
	if (frame->position == AT_TEST) {
		shell_scan_doubt(s, "behind a # in [[ ]]; quote it");
	}
	comment(s);
}

static void scan(struct shell_scan *s) {
	for (int c; !s->refused && !s->stopped && (c = peek(s, s->at)) != THE_END;) {
		if (c == A_MARK) {
			bool quoted = s->frames[s->depth].kind == FRAME_DOUBLE;
			take_mark(s, quoted ? QUOTING_DOUBLE : QUOTING_BARE, NULL);
		} else {
			step(s, c);
		}
	}
	bool open = s->open || s->frames[s->depth].kind >= FRAME_DOUBLE;
	if (!open) {
		shell_scan_end_word(s);
	}
	if ((open || s->depth > 0) && !s->doubted) {
		shell_scan_refuse(
			s, s->n - 1, "in a script that ends inside quotes or brackets; close them");
	}
}

const char *shellquote_scan(const char *script, struct shell_mark *marks, size_t n, size_t *which) {
	if (n == 0) {
		return NULL;
	}
	struct shell_scan s = {.text = script, .marks = marks, .found = marks, .n = n};
	scan(&s);
	if (s.refused) {
		*which = s.which;
	}
	return s.refused;
}

struct shell_use shellquote_use(const char *script, const struct shell_mark *marks, size_t n) {
	struct shell_scan s = {.text = script, .marks = marks, .n = n};
	scan(&s);
	return s.use;
}
