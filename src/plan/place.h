/* SPDX-License-Identifier: MIT
 * Where in the file a problem stands, and saying it there once. */
#ifndef PLAN_PLACE_H
#define PLAN_PLACE_H

#include "spec/spec.h"

/* The place of the byte at offset of a scalar, or of the scalar's start where folding or escapes
   hide it. */
struct mark place_within(const struct spec *spec, const struct spec_text *scalar, size_t offset);

/* The same for a problem: only the scalar's start when it would only be counted, since to find a
   byte takes time and there may be many. */
struct mark place_for(const struct problems *problems, const struct spec *spec,
	const struct spec_text *scalar, size_t offset);

/* Whether a problem at this place would only be counted, which is done: there is no need to word
   it. */
bool place_full(struct problems *problems, struct mark at);

/* Whether this was said of this place before. A setting of defaults is looked at for every job that
   inherits it; ask this before a costly hint is made. */
bool place_has(const struct problems *problems, struct mark at, const char *message);

/* Adds the problem unless place_has it. hint may be NULL. */
void place_add(struct problems *problems, struct mark at, const char *hint, const char *message);
/* The same; the message is worded only if it is wanted. */
void place_addf(struct problems *problems, struct mark at, const char *hint, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* Whether a stands behind b. */
static inline bool place_behind(struct mark a, struct mark b) {
	return a.line > b.line || (a.line == b.line && a.col > b.col);
}
#endif
