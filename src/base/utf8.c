// SPDX-License-Identifier: MIT
// Characters of UTF-8.
#include "base/utf8.h"

size_t utf8_decode(const char *p, const char *end, uint32_t *character) {
	const unsigned char *b = (const unsigned char *)p;
	size_t n = b[0] < 0x80   ? 1
		   : b[0] < 0xc2 ? 0
		   : b[0] < 0xe0 ? 2
		   : b[0] < 0xf0 ? 3
		   : b[0] < 0xf5 ? 4
				 : 0;
	if (n == 0 || (size_t)(end - p) < n) {
		return 0;
	}
	uint32_t c = n == 1 ? b[0] : b[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80) {
			return 0;
		}
		c = c << 6 | (b[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
		(c >= 0xd800 && c <= 0xdfff)) {
		return 0;
	}
	*character = c;
	return n;
}
