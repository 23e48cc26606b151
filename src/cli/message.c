// SPDX-License-Identifier: MIT
// Messages and problems on standard error: place, source line, caret, hint.
#include "cli/message.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 120 }; // of a source line, in characters
enum { TICK_MS = 100 };
static const int64_t PATIENCE = CLOCK_SECOND;

static void send(struct buf *buf) {
	if (fd_write_all(STDERR_FILENO, buf->data, buf->len) < 0) {
		errno = 0; // there is nowhere left to say it
	}
	buf_clear(buf);
}

// Whether standard error takes PIPE_BUF bytes without blocking before patience is over.
static bool is_taken(const atomic_int *ended) {
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	int64_t deadline = SP_FOREVER;
	while (poll(&fd, 1, TICK_MS) <= 0) {
		if (deadline == SP_FOREVER && atomic_load(ended)) {
			deadline = clock_deadline(PATIENCE);
		}
		if (clock_now() >= deadline) {
			return false;
		}
	}
	return true;
}

void message_while(const atomic_int *ended, const struct buf *text) {
	for (size_t done = 0; done < text->len && is_taken(ended);) {
		size_t n = text->len - done < PIPE_BUF ? text->len - done : PIPE_BUF;
		if (fd_write_all(STDERR_FILENO, text->data + done, n) < 0) {
			break; // there is nowhere left to say it
		}
		done += n;
	}
}

// Text of others: what could move the cursor is shown, not done.
static void put_escaped(struct buf *buf, const char *text, size_t n) {
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c < ' ' && c != '\t') || c == 0x7f) {
			buf_printf(buf, "\\x%02x", c);
		} else {
			buf_putc(buf, (char)c);
		}
	}
}

static void put_message(struct buf *buf, const char *hint, const char *text) {
	buf_puts(buf, "spool: ");
	put_escaped(buf, text, strlen(text));
	buf_putc(buf, '\n');
	if (hint) {
		buf_puts(buf, "hint: ");
		put_escaped(buf, hint, strlen(hint));
		buf_putc(buf, '\n');
	}
}

__attribute__((format(printf, 3, 0))) static void compose(
	struct buf *buf, const char *hint, const char *format, va_list args) {
	struct buf text = {0};
	buf_vprintf(&text, format, args);
	buf_putc(&text, '\0');
	if (text.data) {
		put_message(buf, hint, text.data);
	}
	buf_clear(&text);
}

void message(const char *format, ...) {
	struct buf buf = {0};
	va_list args;
	va_start(args, format);
	compose(&buf, NULL, format, args);
	va_end(args);
	send(&buf);
}

void message_put(struct buf *buf, const char *format, va_list args) {
	compose(buf, NULL, format, args);
}

void message_hint(const char *hint, const char *format, ...) {
	struct buf buf = {0};
	va_list args;
	va_start(args, format);
	compose(&buf, hint, format, args);
	va_end(args);
	send(&buf);
}

static bool starts_character(char c) {
	return ((unsigned char)c & 0xc0) != 0x80;
}

// The byte where character number `col` (from 1) begins.
static size_t byte_of(const char *line, size_t len, unsigned col) {
	size_t i = 0;
	for (unsigned at = 1; i < len && at < col; at++) {
		do {
			i++;
		} while (i < len && !starts_character(line[i]));
	}
	return i;
}

// The source line, or the part of it around the place, and the caret below.
static void put_source(struct buf *buf, const struct spec *spec, struct mark at) {
	const char *line;
	size_t len = spec_line(spec, at.line, &line);
	if (len == 0) {
		return; // of an empty file there is nothing to show
	}
	unsigned first = at.col > WINDOW / 2 ? at.col - WINDOW / 2 : 1;
	size_t begin = byte_of(line, len, first);
	size_t end = begin + byte_of(line + begin, len - begin, WINDOW + 1);
	size_t caret = begin + byte_of(line + begin, len - begin, at.col - first + 1);
	buf_puts(buf, begin ? "  …" : "  ");
	put_escaped(buf, line + begin, end - begin);
	buf_puts(buf, end < len ? "…\n" : "\n");
	buf_puts(buf, begin ? "   " : "  ");
	for (size_t i = begin; i < caret; i++) {
		if (starts_character(line[i])) {
			buf_putc(buf, line[i] == '\t' ? '\t' : ' ');
		}
	}
	buf_puts(buf, "^\n");
}

void message_problems(const struct spec *spec, struct problems *problems) {
	struct buf buf = {0};
	problems_sort(problems);
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *problem = &problems->items[i];
		buf_puts(&buf, "spool: ");
		if (problem->at.line) {
			put_escaped(&buf, spec->file, strlen(spec->file));
			buf_printf(&buf, ":%u:%u: ", problem->at.line, problem->at.col);
		}
		put_escaped(&buf, problem->message, strlen(problem->message));
		buf_putc(&buf, '\n');
		if (problem->at.line) {
			put_source(&buf, spec, problem->at);
		}
		if (problem->hint) {
			buf_puts(&buf, "hint: ");
			put_escaped(&buf, problem->hint, strlen(problem->hint));
			buf_putc(&buf, '\n');
		}
	}
	if (problems->left_out) {
		buf_printf(&buf, "spool: … and %zu more problems\n", problems->left_out);
	}
	send(&buf);
}
