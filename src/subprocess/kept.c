// SPDX-License-Identifier: MIT
// What is kept of a stream. Over the limit the last half becomes a ring, put in order when asked.
#include "subprocess/kept.h"

#include <stdlib.h>
#include <string.h>

static int append(struct kept *kept, const char *data, size_t n) {
	// One more, so that a NUL always fits.
	if (buf_reserve(&kept->buf, n + 1) < 0) {
		return -1;
	}
	return buf_append(&kept->buf, data, n);
}

int kept_add(struct kept *kept, const char *data, size_t n) {
	if (kept->limit == 0) {
		return append(kept, data, n);
	}
	size_t room = kept->limit - kept->buf.len;
	size_t fits = n < room ? n : room;
	if (fits > 0 && append(kept, data, fits) < 0) {
		return -1;
	}
	data += fits;
	n -= fits;
	kept->omitted += n;
	size_t head = kept->limit / 2, size = kept->limit - head;
	if (n > size) {
		data += n - size;
		n = size;
	}
	if (n > 0) {
		char *ring = kept->buf.data + head;
		size_t first = n < size - kept->oldest ? n : size - kept->oldest;
		memcpy(ring + kept->oldest, data, first);
		memcpy(ring, data + first, n - first);
		kept->oldest = (kept->oldest + n) % size;
	}
	return 0;
}

static void reverse(char *data, size_t n) {
	for (size_t i = 0; i < n / 2; i++) {
		char c = data[i];
		data[i] = data[n - 1 - i];
		data[n - 1 - i] = c;
	}
}

char *kept_view(struct kept *kept, size_t *len) {
	*len = kept->buf.len;
	if (kept->buf.len == 0) {
		kept->empty[0] = '\0';
		return kept->empty;
	}
	if (kept->oldest > 0) {
		// Three reversals turn a ring round in place.
		size_t head = kept->limit / 2, size = kept->limit - head;
		char *ring = kept->buf.data + head;
		reverse(ring, kept->oldest);
		reverse(ring + kept->oldest, size - kept->oldest);
		reverse(ring, size);
		kept->oldest = 0;
	}
	kept->buf.data[kept->buf.len] = '\0';
	return kept->buf.data;
}

char *kept_take(struct kept *kept, size_t *len) {
	char *data = kept_view(kept, len);
	if (*len == 0) {
		return calloc(1, 1);
	}
	kept->buf = (struct buf){0};
	kept_clear(kept);
	return data;
}

void kept_clear(struct kept *kept) {
	buf_clear(&kept->buf);
	kept->oldest = 0;
	kept->omitted = 0;
}
