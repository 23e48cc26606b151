// SPDX-License-Identifier: MIT
// Open addressing with linear steps; sized once, never removed from.
#include "plan/nameset.h"

#include <string.h>

struct nameset nameset_for(size_t most, struct arena *arena) {
	size_t size = 8;
	while (size < 2 * most) {
		size *= 2;
	}
	return (struct nameset){ARENA_ARRAY(arena, size, struct nameset_entry), size - 1, 0};
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
static struct nameset_entry *slot_of(const struct nameset *set, const char *name, uint32_t *hash) {
	size_t h = hash_of(name), i = h & set->mask;
	*hash = (uint32_t)h;
	while (set->entries[i].name &&
		(set->entries[i].hash != *hash || strcmp(set->entries[i].name, name) != 0)) {
		i = (i + 1) & set->mask;
	}
	return &set->entries[i];
}

struct nameset_entry *nameset_add(struct nameset *set, const char *name, struct mark at) {
	uint32_t hash;
	struct nameset_entry *entry = slot_of(set, name, &hash);
	if (entry->name) {
		return entry;
	}
	*entry = (struct nameset_entry){name, at, false, hash};
	set->n++;
	return NULL;
}

struct nameset_entry *nameset_find(const struct nameset *set, const char *name) {
	uint32_t hash;
	struct nameset_entry *entry = slot_of(set, name, &hash);
	return entry->name ? entry : NULL;
}
