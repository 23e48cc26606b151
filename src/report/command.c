// SPDX-License-Identifier: MIT
// Quoting the words of a job.
#include "report/command.h"
#include "base/quote.h"
#include "report/plain.h"

#include <stdlib.h>
#include <string.h>

static bool is_ascii(const char *word) {
	const unsigned char *p = (const unsigned char *)word;
	while (*p >= ' ' && *p < 0x7f) {
		p++;
	}
	return *p == '\0';
}

// Whether what is shown of a word is the word. 0, or -1 without memory.
static int look(const char *word, bool *is_plain) {
	struct buf shown = {0};
	size_t n = strlen(word);
	int r = 0;
	*is_plain = is_ascii(word);
	if (!*is_plain) {
		r = plain_word(&shown, word, false);
		*is_plain = r == 0 && shown.len == n && memcmp(shown.data, word, n) == 0;
	}
	buf_clear(&shown);
	return r;
}

static int put_escaped(struct buf *buf, const char *word) {
	int r = buf_puts(buf, "$'");
	for (const unsigned char *p = (const unsigned char *)word; *p && r == 0; p++) {
		if (*p == '\n') {
			r = buf_puts(buf, "\\n");
		} else if (*p == '\t') {
			r = buf_puts(buf, "\\t");
		} else if (*p == '\'' || *p == '\\') {
			r = buf_printf(buf, "\\%c", *p);
		} else if (*p < ' ' || *p >= 0x7f) {
			r = buf_printf(buf, "\\%03o", *p);
		} else {
			r = buf_putc(buf, (char)*p);
		}
	}
	return r == 0 ? buf_putc(buf, '\'') : r;
}

static int put_word(struct buf *buf, const char *word) {
	bool is_plain;
	if (look(word, &is_plain) < 0) {
		return -1;
	}
	return is_plain ? quote_shell(buf, word) : put_escaped(buf, word);
}

int command_put(struct buf *buf, const struct job *job, unsigned slot, unsigned attempt) {
	int r = 0;
	for (size_t i = 0; i < job->argc && r == 0; i++) {
		char *word = text_render(&job->argv[i], slot, attempt);
		r = !word || (i > 0 && buf_putc(buf, ' ') < 0) ? -1 : put_word(buf, word);
		free(word);
	}
	return r;
}

size_t command_length(const struct job *job) {
	size_t length = 0;
	for (size_t i = 0; i < job->argc; i++) {
		const struct text *word = &job->argv[i];
		for (size_t k = 0; k < word->n; k++) {
			const char *text = word->pieces[k].text;
			length += text ? strlen(text) : 0;
		}
		length += i > 0;
	}
	return length;
}
