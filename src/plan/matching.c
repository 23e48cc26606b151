// SPDX-License-Identifier: MIT
/*
 * Globs and names of jobs, as fnmatch reads them. It is asked only about what stands in brackets:
 * with a whole name it is slow, and its '?' takes a byte of a character where that makes a match.
 */
#include "plan/matching.h"
#include "base/utf8.h"

#include <fnmatch.h>
#include <string.h>

enum {
	LONGEST = 4,    // bytes of a character
	BRACKETS = 256, // bytes of what stands in brackets, with them
};

void matching_begin(struct matching *matching) {
	matching->utf8 = newlocale(LC_CTYPE_MASK | LC_COLLATE_MASK, "C.UTF-8", (locale_t)0);
	matching->before = matching->utf8 ? uselocale(matching->utf8) : (locale_t)0;
}

void matching_end(struct matching *matching) {
	if (matching->utf8) {
		uselocale(matching->before);
		freelocale(matching->utf8);
	}
}

bool matching_glob(const char *word) {
	return strpbrk(word, "*?[");
}

// How many bytes the first character of a text has, which is not empty.
static size_t first_character(const char *text) {
	uint32_t character;
	size_t len = utf8_decode(text, text + strnlen(text, LONGEST), &character);
	return len ? len : 1;
}

// Past the bracket expression that begins here; NULL: the bracket stands for itself, as does one
// that is not closed soon.
static const char *behind_brackets(const char *glob, const char *last_close) {
	if (!last_close || glob >= last_close) {
		return NULL;
	}
	const char *p = glob + 1,
		   *end = last_close - glob < BRACKETS ? last_close + 1 : glob + BRACKETS;
	p += *p == '!' || *p == '^';
	p += *p == ']';
	while (p < end && *p != ']') {
		const char *close = NULL;
		if (*p == '[' && end - p > 1 && strchr(":.=", p[1])) {
			close = memmem(p + 2, (size_t)(end - p - 2), (char[]){p[1], ']'}, 2);
		}
		p = close ? close + 2 : p + 1 + (*p == '\\');
	}
	return p < end ? p + 1 : NULL;
}

static bool in_brackets(const char *glob, size_t n, const char *text, size_t len) {
	char pattern[BRACKETS + 1], character[LONGEST + 1];
	memcpy(pattern, glob, n);
	pattern[n] = '\0';
	memcpy(character, text, len);
	character[len] = '\0';
	return fnmatch(pattern, character, 0) == 0;
}

// Takes what is not a '*' from both. False: it does not match.
static bool take_one(const char **glob, const char **text, const char *last_close) {
	const char *behind = **glob == '[' ? behind_brackets(*glob, last_close) : NULL;
	if (behind || **glob == '?') {
		size_t len = first_character(*text), n = behind ? (size_t)(behind - *glob) : 1;
		bool good = !behind || in_brackets(*glob, n, *text, len);
		*glob += n;
		*text += len;
		return good;
	}
	*glob += **glob == '\\'; // one at the end matches nothing, as the NUL behind it
	return *(*glob)++ == *(*text)++;
}

bool matching_text(const char *glob, const char *text) {
	const char *star = NULL,
		   *from = NULL; // the last '*', and where what is behind it was tried
	const char *last_close = strrchr(glob, ']');
	while (*text) {
		bool ended = !*glob;
		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (ended || !take_one(&glob, &text, last_close)) {
			if (!star) {
				return false;
			}
			// What is behind the last '*' takes as many characters wherever it is
			// tried: when some are left over, it can only be the end.
			const char *left_over = ended ? text : NULL;
			do {
				from += first_character(from);
				left_over += left_over ? first_character(left_over) : 0;
			} while (left_over && *left_over);
			glob = star;
			text = from;
		}
	}
	return !glob[strspn(glob, "*")];
}

bool matching_row(const struct catalogue *catalogue, size_t row, const char *glob) {
	const char *head = catalogue->heads[row];
	return matching_text(glob, catalogue->names[row]) || (head && matching_text(glob, head));
}
