// SPDX-License-Identifier: MIT
// Open addressing with linear steps; sized once, never removed from. The table is of numbers, so
// that its free half costs little.
#include "plan/nameset.h"

#include <string.h>

struct nameset nameset_for(size_t most, struct arena *arena) {
	size_t size = 8;
	while (size < 2 * most) {
		size *= 2;
	}
	return (struct nameset){
		.entries = ARENA_ARRAY(arena, most, struct nameset_entry),
		.slots = ARENA_ARRAY(arena, size, uint32_t),
		.mask = size - 1,
	};
}

// FNV-1a: short names, and nobody gains from making them collide.
static size_t hash_of(const char *name) {
	uint64_t h = 0xcbf29ce484222325u;
	for (; *name; name++) {
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	}
	return (size_t)(h ^ h >> 32);
}

// Most entries that are in the way differ in the hash, so their names are left alone.
static uint32_t *slot_of(const struct nameset *set, const char *name, uint32_t *hash) {
	size_t h = hash_of(name), i = h & set->mask;
	*hash = (uint32_t)h;
	for (; set->slots[i]; i = (i + 1) & set->mask) {
		const struct nameset_entry *entry = &set->entries[set->slots[i] - 1];
		if (entry->hash == *hash && strcmp(entry->name, name) == 0) {
			break;
		}
	}
	return &set->slots[i];
}

struct nameset_entry *nameset_add(struct nameset *set, const char *name, struct mark at) {
	uint32_t hash, *slot = slot_of(set, name, &hash);
	if (*slot) {
		return &set->entries[*slot - 1];
	}
	set->entries[set->n++] = (struct nameset_entry){name, at, false, hash};
	*slot = (uint32_t)set->n;
	return NULL;
}

struct nameset_entry *nameset_find(const struct nameset *set, const char *name) {
	uint32_t hash, *slot = slot_of(set, name, &hash);
	return *slot ? &set->entries[*slot - 1] : NULL;
}
