// SPDX-License-Identifier: MIT
// Whether a source is text: UTF-8, and nothing in it that YAML forbids.
#include "base/utf8.h"
#include "spec/source.h"

#include <string.h>

static const char as_utf8[] = "job files are UTF-8: save it as that, or convert it with iconv";

// The place of a byte; once for each file, so it is counted from the start.
static struct mark mark_of(const char *text, const char *at) {
	struct mark mark = {1, 1};
	for (const char *p = text; p < at;) {
		uint32_t c;
		size_t n = line_break(p, at);
		if (n) {
			mark.line++;
			mark.col = 1;
		} else {
			n = utf8_decode(p, at, &c);
			mark.col++;
		}
		p += n ? n : 1;
	}
	return mark;
}

// By byte order mark, or by where the NULs of the first characters are.
static const char *other_encoding(const char *text, size_t len) {
	static const struct {
		const char *start, *name;
		size_t n;
	} byte_order_marks[] = {
		{"\xff\xfe\0", "UTF-32 (little-endian)", 4}, // the literal's own NUL is the fourth
		{"\0\0\xfe\xff", "UTF-32 (big-endian)", 4},
		{"\xff\xfe", "UTF-16 (little-endian)", 2},
		{"\xfe\xff", "UTF-16 (big-endian)", 2},
	};
	for (size_t i = 0; i < sizeof byte_order_marks / sizeof *byte_order_marks; i++) {
		size_t n = byte_order_marks[i].n;
		if (len >= n && memcmp(text, byte_order_marks[i].start, n) == 0) {
			return byte_order_marks[i].name;
		}
	}
	if (len < 4) {
		return NULL;
	}
	unsigned nuls = 0;
	for (size_t i = 0; i < 4; i++) {
		nuls = nuls << 1 | (text[i] == '\0');
	}
	switch (nuls) {
	case 0x5:
		return "UTF-16 (little-endian)";
	case 0xa:
		return "UTF-16 (big-endian)";
	case 0x7:
		return "UTF-32 (little-endian)";
	case 0xe:
		return "UTF-32 (big-endian)";
	default:
		return NULL;
	}
}

static const char *why_invalid(const char *p, const char *end) {
	const unsigned char *b = (const unsigned char *)p;
	bool follows = end - p > 1 && (b[1] & 0xc0) == 0x80;
	if (b[0] < 0xc0) {
		return "it continues a character that has not begun";
	}
	if (b[0] >= 0xf5) {
		return "it never stands in UTF-8";
	}
	if (!follows) {
		return "the character that it begins is cut short";
	}
	if (b[0] == 0xed && b[1] >= 0xa0) {
		return "it begins a surrogate, which is half a character of UTF-16";
	}
	if (b[0] == 0xf4 && b[1] >= 0x90) {
		return "it begins a character past the last one, U+10FFFF";
	}
	if (b[0] < 0xc2 || (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xf0 && b[1] < 0x90)) {
		return "it begins a character written longer than need be";
	}
	return "the character that it begins is cut short";
}

// What YAML 1.1 calls printable.
static bool is_allowed(uint32_t c) {
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) || c == 0x85 ||
	       (c >= 0xa0 && c <= 0xfffd) || c >= 0x10000;
}

bool encoding_check(const char *text, size_t len, struct problems *problems) {
	const char *encoding = other_encoding(text, len);
	if (encoding) {
		problems_add(problems, (struct mark){1, 1}, as_utf8, "the file is %s", encoding);
		return false;
	}
	for (const char *p = text, *end = text + len; p < end;) {
		if (*p >= 0x20 && *p <= 0x7e) { // most of them
			p++;
			continue;
		}
		uint32_t c;
		size_t n = utf8_decode(p, end, &c);
		if (n == 0) {
			problems_add(problems, mark_of(text, p), as_utf8,
				"the byte 0x%02x is not UTF-8: %s", (unsigned char)*p,
				why_invalid(p, end));
			return false;
		}
		if (c == 0) {
			problems_add(problems, mark_of(text, p), "is it a text file?",
				"there is a NUL byte in the file");
			return false;
		}
		if (!is_allowed(c)) {
			const char *hint = c < 0x100 ? "in \"double quotes\" it can be written "
						       "with an escape: \\x and "
						       "two hexadecimal digits"
						     : "in \"double quotes\" it can be written "
						       "with an escape: \\u and "
						       "four hexadecimal digits";
			problems_add(problems, mark_of(text, p), hint,
				"the character U+%04X cannot stand in a job file", c);
			return false;
		}
		p += n;
	}
	return true;
}
