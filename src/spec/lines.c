// SPDX-License-Identifier: MIT
// The lines of a source, counted as libyaml counts them.
#include "base/utf8.h"
#include "spec/source.h"

#include <string.h>

// A line that begins so far behind the last one in the index is in the index.
enum { STRIDE = 4096 };

size_t line_break(const char *p, const char *end) {
	const unsigned char *b = (const unsigned char *)p;
	size_t left = (size_t)(end - p);
	if (b[0] == '\n') {
		return 1;
	}
	if (b[0] == '\r') {
		return left > 1 && b[1] == '\n' ? 2 : 1;
	}
	if (b[0] == 0xc2 && left > 1 && b[1] == 0x85) {
		return 2;
	}
	return b[0] == 0xe2 && left > 2 && b[1] == 0x80 && (b[2] == 0xa8 || b[2] == 0xa9) ? 3 : 0;
}

static bool may_break(char c) {
	return c == '\n' || c == '\r' || c == '\xc2' || c == '\xe2';
}

// Past what cannot begin a line break.
static const char *skip(const char *p, const char *end) {
	while (p < end && !may_break(*p)) {
		p++;
	}
	return p;
}

void lines_index(struct spec *spec) {
	const char *start = spec->source, *end = start + spec->source_len, *last = start;
	size_t cap = 0;
	spec->line_starts = arena_grow(spec->arena, NULL, 0, &cap, sizeof *spec->line_starts);
	spec->line_starts[spec->n_line_starts++] = (struct spec_line_start){.line = 1};
	uint32_t line = 1;
	for (const char *p = skip(start, end); p < end; p = skip(p, end)) {
		size_t n = line_break(p, end);
		p += n ? n : 1;
		if (n == 0) {
			continue;
		}
		line++;
		if (p - last >= STRIDE) {
			spec->line_starts = arena_grow(spec->arena, spec->line_starts,
				spec->n_line_starts, &cap, sizeof *spec->line_starts);
			spec->line_starts[spec->n_line_starts++] = (struct spec_line_start){
				.line = line, .offset = (uint32_t)(p - start)};
			last = p;
		}
	}
}

// The start of a line. A line that begins far behind the one before is in the index itself, so no
// more than STRIDE bytes are gone through.
static const char *line_start(const struct spec *spec, unsigned line) {
	size_t low = 0, high = spec->n_line_starts;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (spec->line_starts[middle].line <= line) {
			low = middle;
		} else {
			high = middle;
		}
	}
	const char *end = spec->source + spec->source_len;
	const char *p = spec->source + spec->line_starts[low].offset;
	const char *stop = high < spec->n_line_starts
				   ? spec->source + spec->line_starts[high].offset
				   : end;
	unsigned at = spec->line_starts[low].line;
	for (const char *from = p; at < line && p < stop && p - from < STRIDE;) {
		size_t n = line_break(p, end);
		p += n ? n : 1;
		at += n != 0;
	}
	return at == line ? p : stop;
}

size_t spec_line(const struct spec *spec, unsigned line, const char **text) {
	*text = "";
	if (line == 0 || spec->n_line_starts == 0) {
		return 0;
	}
	const char *start = line_start(spec, line), *next = line_start(spec, line + 1);
	*text = start;
	// What ends the line is one of its last three bytes on.
	for (const char *p = next - start > 3 ? next - 3 : start; p < next; p++) {
		if (line_break(p, next) == (size_t)(next - p)) {
			next = p;
		}
	}
	return (size_t)(next - start);
}

const char *lines_at(const struct spec *spec, struct mark mark) {
	const char *p;
	size_t len = spec_line(spec, mark.line, &p);
	const char *end = p + len;
	for (unsigned col = 1; col < mark.col && p < end; col++) {
		uint32_t c;
		p += utf8_decode(p, end, &c);
	}
	return p;
}

const char *line_quoted(const struct spec *spec, const char *from, struct arena *arena) {
	enum { LONGEST = 70 };
	char quoted[2 * LONGEST];
	const char *end = spec->source + spec->source_len, *p = from, *text_end = from;
	for (; p < end && line_break(p, end) == 0; p++) {
		text_end = *p == ' ' || *p == '\t' ? text_end : p + 1;
		if (p - from >= LONGEST) {
			return NULL;
		}
	}
	size_t n = 0;
	for (p = from; p < text_end; p++) {
		quoted[n++] = *p;
		if (*p == '\'') {
			quoted[n++] = '\'';
		}
	}
	return n ? arena_printf(arena, "'%.*s'", (int)n, quoted) : NULL;
}
