// SPDX-License-Identifier: MIT
// Memory that is freed all at once: a chain of blocks, a pointer that moves on.
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, EXIT_INFRASTRUCTURE = 3 };

struct block {
	struct block *next;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks;
	char *at;
	size_t left;
};

static void *must(void *memory) {
	if (!memory) {
		static const char text[] = "spool: out of memory, nothing was started\n";
		ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
		(void)ignored;
		_exit(EXIT_INFRASTRUCTURE);
	}
	return memory;
}

struct arena *arena_new(void) {
	return must(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *arena) {
	if (!arena) {
		return;
	}
	for (struct block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t n, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2) {
		must(NULL);
	}
	bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (bytes > arena->left) {
		// What does not fit well gets a block of its own, and the current one goes on.
		size_t room = bytes > BLOCK / 4 ? bytes : BLOCK;
		struct block *block = must(calloc(1, sizeof *block + room));
		block->next = arena->blocks;
		arena->blocks = block;
		if (room == bytes) {
			return block->data;
		}
		arena->at = block->data;
		arena->left = room;
	}
	char *memory = arena->at;
	arena->at += bytes;
	arena->left -= bytes;
	return memory;
}

char *arena_strndup(struct arena *arena, const char *text, size_t n) {
	char *copy = arena_alloc(arena, n + 1, 1);
	if (n) {
		memcpy(copy, text, n);
	}
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	char *text = arena_alloc(arena, (size_t)(n < 0 ? 0 : n) + 1, 1);
	if (n > 0) {
		vsnprintf(text, (size_t)n + 1, format, again);
	}
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void *arena_grow(struct arena *arena, void *items, size_t n, size_t *cap, size_t size) {
	if (n < *cap) {
		return items;
	}
	*cap = *cap ? *cap * 2 : 8;
	void *grown = arena_alloc(arena, *cap, size);
	if (n) {
		memcpy(grown, items, n * size);
	}
	return grown;
}
