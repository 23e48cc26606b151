/* SPDX-License-Identifier: MIT
 * What spool says on standard error. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "base/buf.h"
#include "spec/spec.h"

#include <stdarg.h>
#include <stdatomic.h>

/* "spool: …\n" in one write, control characters escaped. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same as text, appended. */
void message_put(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Writes such text while jobs run and signals are taken by a thread: a reader of standard error who
   takes nothing is waited for until *ended is not 0 and a second more, then it is dropped. */
void message_while(const atomic_int *ended, const struct buf *text);

/* As message, with a line "hint: …" behind it; hint may be NULL. */
void message_hint(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All problems of a file with line and caret, in the order of their places. */
void message_problems(const struct spec *spec, struct problems *problems);

#endif
