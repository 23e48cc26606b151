// SPDX-License-Identifier: MIT
// Memory that is freed all at once: a chain of blocks, a pointer that moves on.
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Blocks begin small, since many an arena lives but a moment, and double.
enum { FIRST_BLOCK = 1024, BLOCK = 64 * 1024, LARGE = 1024 * 1024, EXIT_INFRASTRUCTURE = 3 };

struct block {
	struct block *next;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks;
	char *at;
	size_t left;
	size_t block; // how large the last one was
	size_t held;  // bytes of all
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

// Blocks of two arenas lie between each other, so what one leaves is holes, which malloc keeps:
// then a file would take the memory of each step of reading it, one after the other.
static void give_back(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void arena_free(struct arena *arena) {
	if (!arena) {
		return;
	}
	for (struct block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	bool large = arena->held >= LARGE;
	free(arena);
	if (large) {
		give_back();
	}
}

static void add_block(struct arena *arena, size_t room) {
	struct block *block = must(calloc(1, sizeof *block + room));
	block->next = arena->blocks;
	arena->blocks = block;
	arena->held += room;
}

// The size of a type is a multiple of its alignment, so the lowest bit of the size is enough.
static size_t gap_before(const struct arena *arena, size_t size) {
	size_t align = size & -size;
	align = align && align < alignof(max_align_t) ? align : alignof(max_align_t);
	return -(uintptr_t)arena->at & (align - 1);
}

void *arena_alloc(struct arena *arena, size_t n, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2) {
		must(NULL);
	}
	size_t gap = gap_before(arena, size);
	if (bytes + gap > arena->left) {
		// What does not fit well gets a block of its own, and the current one goes on.
		if (bytes > BLOCK / 4) {
			add_block(arena, bytes);
			return arena->blocks->data;
		}
		size_t room = arena->block ? 2 * arena->block : FIRST_BLOCK;
		while (room < bytes) {
			room *= 2;
		}
		arena->block = room < BLOCK ? room : BLOCK;
		add_block(arena, arena->block);
		arena->at = arena->blocks->data;
		arena->left = arena->block;
		gap = 0;
	}
	char *memory = arena->at + gap;
	arena->at = memory + bytes;
	arena->left -= gap + bytes;
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

// Written where the next piece will be, and mostly that is where it stays.
char *arena_vprintf(struct arena *arena, const char *format, va_list args) {
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(arena->at, arena->left, format, args);
	size_t size = (size_t)(n < 0 ? 0 : n) + 1;
	bool fits = size <= arena->left;
	if (!fits && arena->left) {
		memset(arena->at, 0, arena->left);
	}
	char *text = arena_alloc(arena, size, 1);
	if (!fits && n > 0) {
		vsnprintf(text, size, format, again);
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
