// SPDX-License-Identifier: MIT
// Columns by a separator. It is matched against the bytes, unless it says otherwise itself by
// having characters of UTF-8 in it: that is slower, and only [äö] needs it.
#include "values/colsep.h"
#include "base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What \c stands for in C, as far as people write it between columns; else c itself.
static char escaped(char c) {
	return c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
}

bool colsep_is_character(const char *text, char *c) {
	if (text[0] == '\\' && text[1] && !text[2]) {
		*c = escaped(text[1]);
		// Behind a backslash other letters mean classes, and digits what was matched.
		return *c != text[1] || !isalnum((unsigned char)*c);
	}
	*c = text[0];
	return text[0] && !text[1];
}

// The expression with \t, \n, \r in place, which regcomp takes for the letters. NULL: no memory.
static char *with_controls(const char *text) {
	struct buf buf = {0};
	for (; *text; text++) {
		bool pair = text[0] == '\\' && text[1];
		char c = pair ? escaped(text[1]) : *text;
		if ((pair && c == text[1] && buf_putc(&buf, '\\') < 0) || buf_putc(&buf, c) < 0) {
			buf_clear(&buf);
			return NULL;
		}
		text += pair;
	}
	char *whole = buf_take(&buf);
	if (!whole) {
		buf_clear(&buf);
	}
	return whole;
}

static bool is_ascii(const char *text) {
	while (*text && (unsigned char)*text < 0x80) {
		text++;
	}
	return !*text;
}

// Runs regexec in the locale that the expression was compiled in.
static int match(const struct colsep *colsep, const char *text, regmatch_t *at, int flags) {
	locale_t before = colsep->utf8 ? uselocale(colsep->utf8) : (locale_t)0;
	int result = regexec(&colsep->expression, text, 1, at, flags | REG_STARTEND);
	if (colsep->utf8) {
		uselocale(before);
	}
	return result;
}

static int compile(struct colsep *colsep, const char *text) {
	if (!is_ascii(text)) {
		colsep->utf8 = newlocale(LC_CTYPE_MASK | LC_COLLATE_MASK, "C.UTF-8", (locale_t)0);
		if (!colsep->utf8 && errno == ENOMEM) {
			return REG_ESPACE;
		}
	}
	locale_t before = colsep->utf8 ? uselocale(colsep->utf8) : (locale_t)0;
	int result = regcomp(&colsep->expression, text, REG_EXTENDED);
	if (colsep->utf8) {
		uselocale(before);
	}
	return result;
}

static void free_locale(struct colsep *colsep) {
	if (colsep->utf8) {
		freelocale(colsep->utf8);
		colsep->utf8 = (locale_t)0;
	}
}

int colsep_compile(struct colsep *colsep, const char *text, char **problem) {
	*colsep = (struct colsep){0};
	*problem = NULL;
	colsep->single = colsep_is_character(text, &colsep->c);
	if (colsep->single) {
		return 0;
	}
	char *whole = with_controls(text);
	if (!whole) {
		return -1;
	}
	int error = compile(colsep, whole);
	free(whole);
	if (error) {
		char why[128];
		regerror(error, &colsep->expression, why, sizeof why);
		if (error != REG_ESPACE &&
			asprintf(problem, "the column separator '%s' is no regular expression: %s",
				text, why) < 0) {
			*problem = NULL;
		}
		free_locale(colsep);
		return -1;
	}
	if (match(colsep, "", &(regmatch_t){0, 0}, 0) == 0) {
		if (asprintf(problem,
			    "the column separator '%s' matches where there is nothing, too",
			    text) < 0) {
			*problem = NULL;
		}
		colsep_free(colsep);
		return -1;
	}
	return 0;
}

static int split_by_character(char c, char *text, size_t len, struct fields *fields) {
	char *end = text + len, *stop;
	while ((stop = memchr(text, c, (size_t)(end - text)))) {
		*stop = '\0';
		if (fields_add(fields, text, (size_t)(stop - text)) < 0) {
			return -1;
		}
		text = stop + 1;
	}
	return fields_add(fields, text, (size_t)(end - text));
}

// Each search sees the whole text, so that ^ and \< know what is before it: what a separator was is
// overwritten only behind the next search.
int colsep_split(const struct colsep *colsep, char *text, size_t len, struct fields *fields) {
	if (colsep->single) {
		return split_by_character(colsep->c, text, len, fields);
	}
	size_t begin = 0, from = 0;
	char *cut = NULL;
	while (from < len) {
		regmatch_t at = {.rm_so = (regoff_t)from, .rm_eo = (regoff_t)len};
		int result = match(colsep, text, &at, 0);
		if (result == REG_ESPACE) {
			errno = ENOMEM;
			return -1;
		}
		if (result != 0) {
			break;
		}
		if (at.rm_so == at.rm_eo) {
			from = (size_t)at.rm_eo + 1; // a match of nothing separates nothing
			continue;
		}
		if (cut) {
			*cut = '\0';
		}
		cut = text + at.rm_so;
		if (fields_add(fields, text + begin, (size_t)at.rm_so - begin) < 0) {
			return -1;
		}
		begin = from = (size_t)at.rm_eo;
	}
	if (cut) {
		*cut = '\0';
	}
	return fields_add(fields, text + begin, len - begin);
}

void colsep_free(struct colsep *colsep) {
	if (!colsep->single) {
		regfree(&colsep->expression);
	}
	free_locale(colsep);
}
