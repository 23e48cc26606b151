// SPDX-License-Identifier: MIT
// What a map must be before anyone reads it.
#include "spec/node.h"

#include <stdlib.h>
#include <string.h>

// Up to here each key is compared with each; above, they are sorted.
enum { FEW = 16 };

bool node_is_null(const struct node *node) {
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	if (node->kind != NODE_TEXT || !node->plain || node->n > strlen("null")) {
		return false;
	}
	for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++) {
		if (strcmp(node->text, nulls[i]) == 0) {
			return true;
		}
	}
	return false;
}

static const char *kind_name(const struct node *node) {
	return node->kind == NODE_MAP ? "map" : node->kind == NODE_LIST ? "list" : "text";
}

static bool usable_key(struct node *map, struct node *key, struct problems *problems) {
	if (key->kind == NODE_TEXT && !(key->plain && strcmp(key->text, "<<") == 0)) {
		return !key->refused;
	}
	map->refused = true; // what it then lacks or is, is no second mistake
	if (key->refused) {
		return false;
	}
	key->refused = true;
	if (key->kind == NODE_TEXT) {
		problems_add(problems, key->at,
			"what all jobs share goes in 'defaults'; a whole value can be shared by "
			"an alias (env: *name)",
			"merge keys ('<<') are not part of a job file");
	} else if (map->flow && key->kind == NODE_MAP && key->flow) {
		problems_add(problems, map->at, "write it in quotes, all of it: \"${{ name }}\"",
			"two braces without quotes make a map of a map");
	} else {
		problems_add(problems, key->at,
			"a text that begins with '[', '{' or '? ' is written in quotes",
			"a key must be a text, not a %s", kind_name(key));
	}
	return false;
}

static void refuse_second(
	const struct node *first, const struct node *second, struct problems *problems) {
	problems_add(problems, second->at, "keep one of them",
		"the key %s is given twice; the first time on line %u",
		problems_quote(problems, second->text), first->at.line);
}

static int compare_keys(const void *a, const void *b) {
	const struct pair *p = *(struct pair *const *)a, *q = *(struct pair *const *)b;
	int order = strcmp(p->key->text, q->key->text);
	return order ? order : (p > q) - (p < q);
}

// Marks second and later ones by a key of NULL.
static void find_twins_sorted(struct node *map, struct arena *arena, struct problems *problems) {
	struct pair **sorted = ARENA_ARRAY(arena, map->n, struct pair *);
	for (size_t i = 0; i < map->n; i++) {
		sorted[i] = &map->pairs[i];
	}
	qsort(sorted, map->n, sizeof(struct pair *), compare_keys);
	const struct node *first = sorted[0]->key;
	for (size_t i = 1; i < map->n; i++) {
		struct node *key = sorted[i]->key;
		if (strcmp(first->text, key->text) == 0) {
			refuse_second(first, key, problems);
			sorted[i]->key = NULL;
		} else {
			first = key;
		}
	}
}

static void find_twins(struct node *map, struct problems *problems) {
	struct pair *pairs = map->pairs;
	for (size_t i = 1; i < map->n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (pairs[j].key && strcmp(pairs[j].key->text, pairs[i].key->text) == 0) {
				refuse_second(pairs[j].key, pairs[i].key, problems);
				pairs[i].key = NULL;
				break;
			}
		}
	}
}

void map_tidy(struct node *map, struct arena *arena, struct problems *problems) {
	uint32_t n = 0;
	for (uint32_t i = 0; i < map->n; i++) {
		if (usable_key(map, map->pairs[i].key, problems)) {
			map->pairs[n++] = map->pairs[i];
		}
	}
	map->n = n;
	if (n > FEW) {
		find_twins_sorted(map, arena, problems);
	} else {
		find_twins(map, problems);
	}
	n = 0;
	for (uint32_t i = 0; i < map->n; i++) {
		if (map->pairs[i].key) {
			map->pairs[n++] = map->pairs[i];
		}
	}
	map->n = n;
}
