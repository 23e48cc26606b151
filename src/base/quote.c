// SPDX-License-Identifier: MIT
// Shell quoting: plain words stay plain, all others go into single quotes.
#include "base/quote.h"

#include <string.h>

int quote_shell(struct buf *buf, const char *word) {
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_";
	if (word[0] && word[strspn(word, plain)] == '\0') {
		return buf_puts(buf, word);
	}
	int r = buf_putc(buf, '\'');
	for (const char *p = word; *p; p++) {
		r |= *p == '\'' ? buf_puts(buf, "'\"'\"'") : buf_putc(buf, *p);
	}
	return r | buf_putc(buf, '\'');
}

int quote_words(struct buf *buf, const char *const *words, size_t n) {
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		r = i > 0 ? buf_putc(buf, ' ') : 0;
		r = r == 0 ? quote_shell(buf, words[i]) : r;
	}
	return r;
}
