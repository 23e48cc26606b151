// SPDX-License-Identifier: MIT
// The words of MAKEFLAGS: "ks -j4 --jobserver-auth=3,4 -- NAME=a\ value". Make writes a blank and a
// backslash of a word behind a backslash, and a dollar twice.
#include "run/makeflags.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

bool makeflags_next(const char **at, struct makeflag *flag) {
	const char *c = *at;
	while (is_blank(*c)) {
		c++;
	}
	flag->text = c;
	while (*c && !is_blank(*c)) {
		c += c[0] == '\\' && c[1] ? 2 : 1;
	}
	flag->len = (size_t)(c - flag->text);
	if (flag->len == 0 || (flag->len == 2 && memcmp(flag->text, "--", 2) == 0)) {
		return false;
	}
	*at = c;
	return true;
}

bool makeflag_is(const struct makeflag *flag, const char *option, struct makeflag *value) {
	size_t n = strlen(option);
	if (flag->len < n || memcmp(flag->text, option, n) != 0 ||
		(flag->len > n && flag->text[n] != '=')) {
		return false;
	}
	size_t before = flag->len > n ? n + 1 : n;
	*value = (struct makeflag){flag->text + before, flag->len - before};
	return true;
}

bool makeflag_is_jobs(const struct makeflag *flag, struct makeflag *digits) {
	if (makeflag_is(flag, "--jobs", digits)) {
		return true;
	}
	*digits = (struct makeflag){flag->text + 2, flag->len - 2};
	return flag->len >= 2 && flag->text[0] == '-' && flag->text[1] == 'j' &&
	       strspn(digits->text, "0123456789") >= digits->len;
}

bool makeflag_is_jobserver(const struct makeflag *flag, struct makeflag *value) {
	// The second is what make 4.1 and before call it.
	return makeflag_is(flag, "--jobserver-auth", value) ||
	       makeflag_is(flag, "--jobserver-fds", value);
}

char *makeflag_plain(const struct makeflag *flag) {
	char *plain = malloc(flag->len + 1), *to = plain;
	if (!plain) {
		return NULL;
	}
	for (const char *c = flag->text, *end = c + flag->len; c < end; c++) {
		bool quotes = c + 1 < end && (c[0] == '\\' || (c[0] == '$' && c[1] == '$'));
		c += quotes;
		*to++ = *c;
	}
	*to = '\0';
	return plain;
}
