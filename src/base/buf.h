/* SPDX-License-Identifier: MIT
 * Growing bytes. struct buf starts as {0}; data may be NULL while len is 0. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

/* Room for n more bytes. All of these: 0, or -1 with errno ENOMEM and the buffer as it was. */
int buf_reserve(struct buf *buf, size_t n);
int buf_append(struct buf *buf, const void *data, size_t n);
int buf_puts(struct buf *buf, const char *text);
int buf_putc(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* The text with a NUL behind it (not counted), the caller's to free; the buffer is empty then.
   NULL without memory. */
char *buf_take(struct buf *buf);

/* Frees the bytes; the buffer is empty and may be used again. */
void buf_clear(struct buf *buf);
#endif
