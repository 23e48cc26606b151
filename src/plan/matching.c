// SPDX-License-Identifier: MIT
/*
 * Globs and names of jobs, as fnmatch reads them. It is asked only about what stands in brackets:
 * with a whole name it is slow, and its '?' takes a byte of a character where that makes a match.
 */
#include "plan/matching.h"
#include "base/utf8.h"

#include <fnmatch.h>
#include <string.h>

enum { LONGEST = 4 }; // bytes of a character

void matching_begin(struct matching *matching) {
	matching->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
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

// Past the bracket expression that begins here; NULL: the bracket stands for itself.
static const char *behind_brackets(const char *glob) {
	const char *p = glob + 1;
	p += *p == '!' || *p == '^';
	p += *p == ']';
	while (*p && *p != ']') {
		if (*p == '[' && p[1] && strchr(":.=", p[1])) {
			const char end[] = {p[1], ']', '\0'};
			const char *close = strstr(p + 2, end);
			p = close ? close + 2 : p + 1;
		} else {
			p += 1 + (*p == '\\' && p[1]);
		}
	}
	return *p ? p + 1 : NULL;
}

static bool in_brackets(const char *glob, size_t n, const char *text, size_t len) {
	enum { MOST = 256 };
	char pattern[MOST], character[LONGEST + 1];
	if (n >= sizeof pattern) {
		return false;
	}
	memcpy(pattern, glob, n);
	pattern[n] = '\0';
	memcpy(character, text, len);
	character[len] = '\0';
	return fnmatch(pattern, character, 0) == 0;
}

// Takes what is not a '*' from both. False: it does not match.
static bool take_one(const char **glob, const char **text) {
	const char *behind = **glob == '[' ? behind_brackets(*glob) : NULL;
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
	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (!*glob || !take_one(&glob, &text)) {
			if (!star) {
				return false;
			}
			from += first_character(from);
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
