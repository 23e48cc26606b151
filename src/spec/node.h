/* SPDX-License-Identifier: MIT
 * The tree of a YAML document. Aliases share the node they name. Internal to spec. */
#ifndef SPEC_NODE_H
#define SPEC_NODE_H

#include "spec/spec.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct pair {
	struct node *key, *value; /* the key is a text */
};

enum { WEIGHT_MAX = (1 << 20) - 1 };

/* 24 bytes: a large file has millions. */
struct node {
	union {
		const char *text; /* with a NUL behind it, without one in it */
		struct node **items;
		struct pair *pairs; /* each key once */
	};
	struct mark at;
	uint32_t n;           /* bytes, items or pairs */
	uint32_t weight : 20; /* nodes it stands for, aliases followed; at most WEIGHT_MAX */
	enum node_kind kind : 4;
	bool plain : 1;   /* a text without quotes, not a block */
	bool flow : 1;    /* a list or map in brackets */
	bool open : 1;    /* its end has not been read yet */
	bool kept : 1;    /* its text is in the arena of the spec already */
	bool refused : 1; /* there is a problem about it already */
};

/* Whether a node is YAML's null: ~, null, or nothing at all. */
bool node_is_null(const struct node *node);

/*
 * Reads the one document of spec->source. NULL: there is none, or it is no YAML, and then there is
 * a problem. What can be read in spite of a problem comes back with it.
 */
struct node *document_read(const struct spec *spec, struct arena *arena, struct problems *problems);

/* Takes out of a new map the pairs that no one may read: keys that are no text, keys given twice,
   merge keys. */
void map_tidy(struct node *map, struct arena *arena, struct problems *problems);

/* What the scanner or parser of libyaml had to say. */
struct syntax_error {
	const char *problem, *context;
	struct mark at, context_at; /* context_at.line 0: none */
};
/* Adds a problem that says it so that the author of a job file knows what to do. */
void syntax_explain(
	const struct syntax_error *error, const struct spec *spec, struct problems *problems);
#endif
