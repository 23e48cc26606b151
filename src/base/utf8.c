// SPDX-License-Identifier: MIT
// Characters of UTF-8.
#include "base/utf8.h"

size_t utf8_decode(const char *p, const char *end, uint32_t *character) {
	const unsigned char *b = (const unsigned char *)p;
	size_t n = b[0] < 0x80 ? 1 : utf8_length(b[0]);
	if (n == 0 || (size_t)(end - p) < n) {
		return 0;
	}
	uint32_t c = n == 1 ? b[0] : b[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (!utf8_continues(b[0], i, b[i])) {
			return 0;
		}
		c = c << 6 | (b[i] & 0x3f);
	}
	*character = c;
	return n;
}

size_t utf8_control(const char *text, size_t n) {
	unsigned char c = (unsigned char)text[0];
	unsigned char next = c == 0xc2 && n > 1 ? (unsigned char)text[1] : 0;
	return next >= 0x80 && next < 0xa0 ? 2 : c < ' ' || c == 0x7f;
}
