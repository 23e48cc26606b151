// SPDX-License-Identifier: MIT
// Growing bytes.
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int buf_reserve(struct buf *buf, size_t n) {
	if (n <= buf->cap - buf->len) {
		return 0;
	}
	size_t want, cap = buf->cap < 64 ? 64 : buf->cap + buf->cap / 2;
	if (__builtin_add_overflow(buf->len, n, &want)) {
		errno = ENOMEM;
		return -1;
	}
	cap = cap < want ? want : cap;
	char *data = realloc(buf->data, cap);
	if (!data) {
		return -1;
	}
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int buf_append(struct buf *buf, const void *data, size_t n) {
	if (n == 0) {
		return 0;
	}
	if (buf_reserve(buf, n) < 0) {
		return -1;
	}
	memcpy(buf->data + buf->len, data, n);
	buf->len += n;
	return 0;
}

int buf_puts(struct buf *buf, const char *text) {
	return buf_append(buf, text, strlen(text));
}

int buf_putc(struct buf *buf, char c) {
	return buf_append(buf, &c, 1);
}

int buf_vprintf(struct buf *buf, const char *format, va_list args) {
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	int r = -1;
	if (n >= 0 && buf_reserve(buf, (size_t)n + 1) == 0) {
		vsnprintf(buf->data + buf->len, (size_t)n + 1, format, again);
		buf->len += (size_t)n;
		r = 0;
	}
	va_end(again);
	return r;
}

int buf_printf(struct buf *buf, const char *format, ...) {
	va_list args;
	va_start(args, format);
	int r = buf_vprintf(buf, format, args);
	va_end(args);
	return r;
}

char *buf_take(struct buf *buf) {
	if (buf_putc(buf, '\0') < 0) {
		return NULL;
	}
	char *text = buf->data;
	*buf = (struct buf){0};
	return text;
}

void buf_clear(struct buf *buf) {
	free(buf->data);
	*buf = (struct buf){0};
}
