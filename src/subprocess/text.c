// SPDX-License-Identifier: MIT
// Text around a command: the ends of lines in what it prints, and words as a shell writes them.
#include "base/buf.h"
#include "base/error.h"
#include "base/quote.h"
#include "subprocess/subprocess.h"

#include <stdlib.h>
#include <string.h>

size_t sp_newlines_to_lf(char *data, size_t n) {
	char *to = n ? memchr(data, '\r', n) : NULL;
	if (!to) {
		return n;
	}
	const char *end = data + n;
	for (const char *from = to; from < end; from++) {
		if (*from == '\r') {
			from += from + 1 < end && from[1] == '\n';
			*to++ = '\n';
		} else {
			*to++ = *from;
		}
	}
	if (to < end) {
		*to = '\0';
	}
	return (size_t)(to - data);
}

sp_status sp_quote(const char *word, char **quoted) {
	return sp_join(&word, 1, quoted);
}

sp_status sp_join(const char *const *argv, size_t argc, char **joined) {
	struct buf text = {0};
	*joined = quote_words(&text, argv, argc) == 0 ? buf_take(&text) : NULL;
	buf_clear(&text);
	return *joined ? SP_OK : SP_E_NOMEM;
}

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// A text being split: the words so far, a NUL behind each.
struct split {
	const char *at;
	struct buf words;
	size_t n;
};

static int put(struct split *split, char c) {
	return buf_putc(&split->words, c);
}

// The rest of what stands in quotes, and the quote that ends it. In double ones a backslash keeps
// its meaning only before itself and the quote. 0; -1 without memory. *wrong: not closed.
static int split_quoted(struct split *split, char quote, const char **wrong) {
	int r = 0;
	for (char c; r == 0 && (c = *split->at) != quote; split->at++) {
		if (!c) {
			*wrong = "No closing quotation";
			return 0;
		}
		if (c == '\\' && quote == '"') {
			char escaped = *++split->at;
			if (!escaped) {
				*wrong = "No escaped character";
				return 0;
			}
			r = escaped == '\\' || escaped == '"' ? 0 : put(split, c);
			c = escaped;
		}
		r = r == 0 ? put(split, c) : r;
	}
	split->at++;
	return r;
}

// One word, which begins here. The same results.
static int split_word(struct split *split, const char **wrong) {
	int r = 0;
	while (r == 0 && !*wrong && *split->at && !is_blank(*split->at)) {
		char c = *split->at++;
		if (c == '\'' || c == '"') {
			r = split_quoted(split, c, wrong);
			continue;
		}
		if (c == '\\' && !(c = *split->at++)) {
			*wrong = "No escaped character";
			return 0;
		}
		r = put(split, c);
	}
	split->n++;
	return r == 0 ? put(split, '\0') : r;
}

// The pointers and, behind them, the words, in one piece.
static char **lay_out(const struct split *split) {
	size_t pointers = (split->n + 1) * sizeof(char *);
	char **argv = malloc(pointers + split->words.len);
	if (!argv) {
		return NULL;
	}
	char *word = (char *)argv + pointers;
	if (split->n) {
		memcpy(word, split->words.data, split->words.len);
	}
	for (size_t i = 0; i < split->n; i++) {
		argv[i] = word;
		word += strlen(word) + 1;
	}
	argv[split->n] = NULL;
	return argv;
}

sp_status sp_split(const char *text, char ***argv, size_t *argc, sp_error *error) {
	sp_error_clear(error);
	struct split split = {.at = text};
	const char *wrong = NULL;
	int r = 0;
	while (r == 0 && !wrong && *split.at) {
		if (is_blank(*split.at)) {
			split.at++;
		} else {
			r = split_word(&split, &wrong);
		}
	}
	*argv = r == 0 && !wrong ? lay_out(&split) : NULL;
	buf_clear(&split.words);
	if (argc) {
		*argc = *argv ? split.n : 0;
	}
	if (wrong) {
		return error_set(error, SP_E_VALUE, "%s", wrong);
	}
	return *argv ? SP_OK : error_set(error, SP_E_NOMEM, "out of memory for the words");
}

void sp_argv_free(char **argv) {
	free(argv);
}
