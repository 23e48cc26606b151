/* SPDX-License-Identifier: MIT
 * What spool says on standard error. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "spec/spec.h"

/* "spool: …\n" in one write, control characters escaped. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with a line "hint: …" behind it; hint may be NULL. */
void message_hint(const char *hint, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All problems of a file with line and caret, in the order of their places. */
void message_problems(const struct spec *spec, struct problems *problems);

#endif
