/* SPDX-License-Identifier: MIT
 *
 * Memory that is freed all at once, for what is read and planned before the first job starts. It
 * dies when there is none: exit 3 with a line on standard error. Only spec, plan and cli may use
 * it: a runner that exits leaves children, and libspool never exits.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena; /* opaque */

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is allowed */

/* n * size zeroed bytes, aligned for any type of that size. Never NULL. */
void *arena_alloc(struct arena *arena, size_t n, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, n, type) ((type *)arena_alloc((arena), (n), sizeof(type)))

char *arena_strndup(struct arena *arena, const char *text, size_t n); /* with a NUL behind it */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A growing array in an arena: the old copy stays behind until the arena goes, which costs at most
   as much again. Returns the array with room for n + 1 items; *cap is kept by the caller. */
void *arena_grow(struct arena *arena, void *items, size_t n, size_t *cap, size_t size);
#endif
