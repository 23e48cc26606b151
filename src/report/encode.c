// SPDX-License-Identifier: MIT
// Escaping for JSON, and base64.
#include "report/encode.h"
#include "base/utf8.h"

#include <string.h>

enum { ESCAPED = 6 }; // bytes of \u001b

static void put(struct buf *out, const void *data, size_t n) {
	memcpy(out->data + out->len, data, n);
	out->len += n;
}

static void put_number(struct buf *out, unsigned code) {
	static const char digits[] = "0123456789abcdef";
	const char text[ESCAPED] = {'\\', 'u', digits[code >> 12 & 15], digits[code >> 8 & 15],
		digits[code >> 4 & 15], digits[code & 15]};
	put(out, text, ESCAPED);
}

static void put_ascii(struct buf *out, unsigned char c) {
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	for (const char *pair = shorts; *pair; pair += 2) {
		if (*pair == (char)c) {
			put(out, (const char[]){'\\', pair[1]}, 2);
			return;
		}
	}
	if (c < ' ' || c == 0x7f) {
		put_number(out, c);
	} else {
		out->data[out->len++] = (char)c;
	}
}

// C1, and the line and paragraph separators: what steers a terminal or breaks a line.
static unsigned steers(const unsigned char *p, size_t n) {
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) {
		return p[1];
	}
	return n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)
		       ? 0x2000U + (p[2] & 0x3fU)
		       : 0;
}

static void put_character(struct encode_text *text, struct buf *out) {
	unsigned code = text->raw ? 0 : steers(text->held, text->held_len);
	if (code) {
		put_number(out, code);
	} else {
		put(out, text->held, text->held_len);
	}
	text->held_len = 0;
}

static void put_replacement(struct encode_text *text, struct buf *out) {
	text->invalid = true;
	text->held_len = 0;
	put(out, "\xef\xbf\xbd", 3);
}

static void take(struct encode_text *text, unsigned char c, struct buf *out) {
	if (text->held_len > 0) {
		if (utf8_continues(text->held[0], text->held_len, c)) {
			text->held[text->held_len++] = c;
			if (text->held_len == text->held_need) {
				put_character(text, out);
			}
			return;
		}
		put_replacement(text, out);
	}
	if (c < 0x80) {
		if (text->raw) {
			out->data[out->len++] = (char)c;
		} else {
			put_ascii(out, c);
		}
	} else if ((text->held_need = utf8_length(c)) > 0) {
		text->held[0] = c;
		text->held_len = 1;
	} else {
		put_replacement(text, out);
	}
}

// How many bytes go out as they are.
static size_t ordinary(const unsigned char *p, size_t n) {
	size_t i = 0;
	while (i < n && p[i] >= ' ' && p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
		i++;
	}
	return i;
}

size_t encode_text_room(size_t n) {
	return (n + 1) * ESCAPED;
}

void encode_text(struct encode_text *text, const char *data, size_t n, struct buf *out) {
	const unsigned char *p = (const unsigned char *)data, *end = p + n;
	while (p < end) {
		size_t run = text->held_len ? 0 : ordinary(p, (size_t)(end - p));
		if (run > 0) {
			put(out, p, run);
			p += run;
		} else {
			take(text, *p++, out);
		}
	}
}

void encode_text_end(struct encode_text *text, struct buf *out) {
	if (text->held_len > 0) {
		put_replacement(text, out);
	}
}

static void put_group(const unsigned char *p, struct buf *out) {
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char text[4] = {letters[p[0] >> 2], letters[(p[0] & 3) << 4 | p[1] >> 4],
		letters[(p[1] & 15) << 2 | p[2] >> 6], letters[p[2] & 63]};
	put(out, text, 4);
}

size_t encode_base64_room(size_t n) {
	return (n + 2) / 3 * 4 + 8;
}

void encode_base64(struct encode_base64 *base64, const char *data, size_t n, struct buf *out) {
	const unsigned char *p = (const unsigned char *)data, *end = p + n;
	while (p < end) {
		if (base64->held_len == 0 && end - p >= 3) {
			put_group(p, out);
			p += 3;
			continue;
		}
		base64->held[base64->held_len++] = *p++;
		if (base64->held_len == 3) {
			put_group(base64->held, out);
			base64->held_len = 0;
		}
	}
}

void encode_base64_end(struct encode_base64 *base64, struct buf *out) {
	unsigned char n = base64->held_len;
	if (n > 0) {
		memset(base64->held + n, 0, 3U - n);
		put_group(base64->held, out);
		memset(out->data + out->len - (3 - n), '=', 3U - n);
	}
	base64->held_len = 0;
}

int encode_json(struct buf *out, const char *json, size_t n) {
	const unsigned char *p = (const unsigned char *)json;
	size_t plain = 0;
	while (plain < n && p[plain] < 0x7f) {
		plain++;
	}
	if (plain == n) {
		return buf_append(out, json, n);
	}
	if (buf_reserve(out, n * ESCAPED) < 0) {
		return -1;
	}
	for (size_t i = 0; i < n;) {
		size_t length = p[i] < 0x80 ? 1 : utf8_length(p[i]);
		unsigned code = p[i] == 0x7f ? 0x7f : steers(p + i, length);
		length = length ? length : 1;
		if (code) {
			put_number(out, code);
		} else {
			put(out, p + i, length);
		}
		i += length;
	}
	return 0;
}
