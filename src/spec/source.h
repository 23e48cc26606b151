/* SPDX-License-Identifier: MIT
 * The text of a job file: getting it, whether it is text, its lines. Internal to spec. */
#ifndef SPEC_SOURCE_H
#define SPEC_SOURCE_H

#include "base/buf.h"
#include "spec/spec.h"

enum { SOURCE_MAX = 64 * 1024 * 1024 };

/* Reads the file ("-": standard input) into *text; false: there is a problem now. */
bool source_read(const char *file, struct buf *text, struct problems *problems);
/* That there is more than SOURCE_MAX. */
void source_too_large(const char *file, struct problems *problems);

/* Whether text is UTF-8 without control characters; false: there is a problem now. A byte order
   mark of UTF-8 must have been taken off. */
bool encoding_check(const char *text, size_t len, struct problems *problems);

/* The bytes of the line break at p, 0 when there is none. p < end. */
size_t line_break(const char *p, const char *end);
/* Makes the index that spec_line needs. */
void lines_index(struct spec *spec);
/* Where a mark points to in the source; its end when it lies behind that. */
const char *lines_at(const struct spec *spec, struct mark mark);

/* The rest of the line from there as a YAML text in single quotes, fit for a hint; NULL when there
   is nothing or it is too long. */
const char *line_quoted(const struct spec *spec, const char *from, struct arena *arena);
#endif
