// SPDX-License-Identifier: MIT
// Finds the place of a byte of a scalar again by comparing the scalar with the source: exact for
// what was written on one line without escapes, and for literal blocks; else the scalar's start.
#include "plan/place.h"

#include <stdarg.h>
#include <string.h>

static bool is_continuation(char c) {
	return ((unsigned char)c & 0xC0) == 0x80;
}

static unsigned characters(const char *text, size_t len) {
	unsigned n = 0;
	for (size_t i = 0; i < len; i++) {
		n += !is_continuation(text[i]);
	}
	return n;
}

// The byte at which column col of a line starts; len when it is behind the end.
static size_t byte_of(const char *line, size_t len, unsigned col) {
	size_t i = 0;
	for (unsigned at = 1; at < col && i < len; at++) {
		do {
			i++;
		} while (i < len && is_continuation(line[i]));
	}
	return i;
}

// In a literal block line k of the text is line k of the source, indented.
static struct mark within_block(
	const struct spec *spec, const struct spec_text *scalar, size_t offset) {
	const char *start = scalar->text;
	unsigned row = scalar->at.line + 1;
	for (const char *nl; (nl = memchr(start, '\n', (size_t)(scalar->text + offset - start)));) {
		start = nl + 1;
		row++;
	}
	const char *line;
	size_t len = spec_line(spec, row, &line), want = strcspn(start, "\n");
	size_t indent = 0;
	while (indent < len && line[indent] == ' ' && len - indent > want) {
		indent++;
	}
	if (len - indent != want || memcmp(line + indent, start, want) != 0) {
		return scalar->at;
	}
	size_t before = (size_t)(scalar->text + offset - start);
	return (struct mark){row, (unsigned)indent + characters(start, before) + 1};
}

struct mark place_within(const struct spec *spec, const struct spec_text *scalar, size_t offset) {
	if (scalar->at.line == 0) {
		return scalar->at;
	}
	const char *line;
	size_t len = spec_line(spec, scalar->at.line, &line);
	size_t at = byte_of(line, len, scalar->at.col);
	unsigned col = scalar->at.col;
	if (at < len && line[at] == '|') {
		return within_block(spec, scalar, offset);
	}
	if (at < len && (line[at] == '"' || line[at] == '\'')) {
		at++;
		col++;
	}
	if (len - at <= offset || memcmp(line + at, scalar->text, offset + 1) != 0) {
		return scalar->at;
	}
	return (struct mark){scalar->at.line, col + characters(scalar->text, offset)};
}

struct mark place_for(const struct problems *problems, const struct spec *spec,
	const struct spec_text *scalar, size_t offset) {
	return problems_full(problems) ? scalar->at : place_within(spec, scalar, offset);
}

static bool is_at(const struct problem *problem, struct mark at) {
	return problem->at.line == at.line && problem->at.col == at.col;
}

bool place_full(struct problems *problems, struct mark at) {
	if (!problems_full(problems)) {
		return false;
	}
	for (size_t i = 0; i < problems->n; i++) {
		if (is_at(&problems->items[i], at)) {
			return true; // most likely the same
		}
	}
	problems->left_out++;
	return true;
}

bool place_has(const struct problems *problems, struct mark at, const char *message) {
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *old = &problems->items[i];
		if (is_at(old, at) && strcmp(old->message, message) == 0) {
			return true;
		}
	}
	return false;
}

void place_add(struct problems *problems, struct mark at, const char *hint, const char *message) {
	if (!place_full(problems, at) && !place_has(problems, at, message)) {
		problems_add(problems, at, hint, "%s", message);
	}
}

void place_addf(
	struct problems *problems, struct mark at, const char *hint, const char *format, ...) {
	if (place_full(problems, at)) {
		return;
	}
	va_list args;
	va_start(args, format);
	place_add(problems, at, hint, arena_vprintf(problems->arena, format, args));
	va_end(args);
}
