// SPDX-License-Identifier: MIT
// From the events of libyaml to a tree. A stack of our own in place of recursion, so that no file
// is too deep for it; aliases share nodes and are counted, so that no file swells behind them.
#include "spec/node.h"
#include "spec/source.h"

#include <search.h>
#include <string.h>
#include <yaml.h>

enum {
	DEPTH_MAX = 64,
	ALIASED_MAX = 1000000, // nodes that all aliases together stand for
	ENTRIES_MAX = 1000000, // of a list or map: as many as there may be jobs
};

struct anchor {
	const char *name;
	struct node *node;
};

struct composer {
	yaml_parser_t parser;
	const struct spec *spec;
	struct arena *arena;
	struct problems *problems;
	size_t n_before, left_out_before; // problems that are not ours
	void *anchors;                    // of tsearch
	struct {
		struct node *node;
		size_t first; // of its children
	} open[DEPTH_MAX];
	size_t depth;
	struct node **children; // of all open nodes
	size_t n_children, cap_children;
	struct node *root;
	size_t aliased;
	bool stop;
};

static struct mark mark_of(yaml_mark_t mark) {
	return (struct mark){(unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

// Behind this nothing can be understood, so it is the one problem of the file.
#define GIVE_UP(c, ...)                                   \
	do {                                              \
		forget_problems(c);                       \
		problems_add((c)->problems, __VA_ARGS__); \
	} while (0)

static void forget_problems(struct composer *c) {
	c->problems->n = c->n_before;
	c->problems->left_out = c->left_out_before;
	c->root = NULL;
	c->stop = true;
}

static int compare_anchors(const void *a, const void *b) {
	return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

static void ignore(void *anchor) {
	(void)anchor; // the arena's
}

static void out_of_memory(struct composer *c) {
	GIVE_UP(c, (struct mark){0}, NULL, "out of memory");
}

static void name_node(struct composer *c, const yaml_char_t *name, struct node *node) {
	struct anchor *anchor = ARENA_NEW(c->arena, struct anchor);
	anchor->name = arena_strdup(c->arena, (const char *)name);
	anchor->node = node;
	struct anchor **found = tsearch(anchor, &c->anchors, compare_anchors);
	if (!found) {
		out_of_memory(c);
	} else if (*found != anchor) {
		problems_add(c->problems, node->at, "give each anchor a name of its own",
			"the anchor %s is used twice; the first time on line %u",
			problems_quote(c->problems, anchor->name), (*found)->node->at.line);
	}
}

static void refuse_tag(struct composer *c, struct mark at, const char *tag) {
	static const char core[] = "tag:yaml.org,2002:";
	bool is_core = strncmp(tag, core, sizeof core - 1) == 0;
	const char *shown = is_core ? arena_printf(c->arena, "!!%s", tag + sizeof core - 1) : tag;
	problems_add(c->problems, at,
		"take it out; a text that begins with '!' is written in quotes",
		"tags have no meaning in a job file: %s", problems_quote(c->problems, shown));
}

// Whether an entry at this place would be one too many for what it stands in.
static bool is_full(struct composer *c, struct mark at) {
	const struct node *node = c->open[c->depth - 1].node;
	bool is_map = node->kind == NODE_MAP;
	size_t n = c->n_children - c->open[c->depth - 1].first;
	if (n < (is_map ? 2 * (size_t)ENTRIES_MAX : ENTRIES_MAX)) {
		return false;
	}
	GIVE_UP(c, at, "what is so long goes into several job files",
		"this %s, which begins on line %u, has more than %d entries",
		is_map ? "map" : "list", node->at.line, ENTRIES_MAX);
	return true;
}

// Hands a node to the one it stands in.
static void place(struct composer *c, struct node *node, struct mark at) {
	if (c->depth == 0) {
		c->root = node;
		return;
	}
	if (is_full(c, at)) {
		return;
	}
	c->children = arena_grow(
		c->arena, c->children, c->n_children, &c->cap_children, sizeof *c->children);
	c->children[c->n_children++] = node;
}

// The key whose value comes next, or NULL.
static const struct node *waiting_key(const struct composer *c) {
	if (c->depth == 0 || c->open[c->depth - 1].node->kind != NODE_MAP) {
		return NULL;
	}
	size_t n = c->n_children - c->open[c->depth - 1].first;
	return n % 2 ? c->children[c->n_children - 1] : NULL;
}

// Most keys are those of the tables, and nobody needs them once they are read; most values stay.
static bool is_key_next(const struct composer *c) {
	return c->depth > 0 && c->open[c->depth - 1].node->kind == NODE_MAP && !waiting_key(c);
}

static struct node *add_node(struct composer *c, const yaml_event_t *event, enum node_kind kind,
	const yaml_char_t *anchor, const yaml_char_t *tag) {
	struct node *node = ARENA_NEW(c->arena, struct node);
	node->kind = kind;
	node->at = mark_of(event->start_mark);
	node->weight = 1;
	if (anchor) {
		name_node(c, anchor, node);
	}
	if (tag) {
		refuse_tag(c, node->at, (const char *)tag);
	}
	return node;
}

static void add_text(struct composer *c, const yaml_event_t *event) {
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	const yaml_char_t *anchor = event->data.scalar.anchor;
	struct node *node = add_node(c, event, NODE_TEXT, anchor, event->data.scalar.tag);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const struct node *key = waiting_key(c);
	if (node->plain && len == 0 && anchor) {
		node->refused = true;
		problems_add(c->problems, node->at,
			"a text that begins with '&' is written in quotes",
			"the anchor '&%s' has no value behind it", anchor);
	} else if (node->plain && len == 0 && key) {
		node->at = key->at; // better than the place behind the colon
	}
	if (memchr(value, '\0', len)) {
		node->refused = true;
		problems_add(c->problems, node->at, "no program can be given one; take the \\0 out",
			"there is a NUL inside this text");
		len = 0;
	}
	node->kept = !is_key_next(c);
	node->text = arena_strndup(node->kept ? c->spec->arena : c->arena, value, len);
	node->n = (uint32_t)len;
	place(c, node, node->at);
}

static void add_alias(struct composer *c, const yaml_event_t *event) {
	struct mark at = mark_of(event->start_mark);
	struct anchor wanted = {.name = (const char *)event->data.alias.anchor};
	struct anchor **found = tfind(&wanted, &c->anchors, compare_anchors);
	if (!found) {
		problems_add(c->problems, at, "a text that begins with '*' is written in quotes",
			"the alias '*%s' names no anchor above it", wanted.name);
		struct node *node = ARENA_NEW(c->arena, struct node);
		*node = (struct node){.text = "", .at = at, .weight = 1, .refused = true};
		place(c, node, at);
		return;
	}
	struct node *node = (*found)->node;
	if (node->open) {
		GIVE_UP(c, at, "it would have no end",
			"the alias '*%s' stands inside the very value that it names", wanted.name);
		return;
	}
	c->aliased += node->weight;
	if (c->aliased > ALIASED_MAX) {
		GIVE_UP(c, at, "what many jobs share is better given once, in 'defaults'",
			"the aliases of this file stand for more than %d values", ALIASED_MAX);
		return;
	}
	place(c, node, at);
}

static void open_node(struct composer *c, const yaml_event_t *event, enum node_kind kind,
	const yaml_char_t *anchor, const yaml_char_t *tag, bool flow) {
	if (c->depth == DEPTH_MAX) {
		GIVE_UP(c, mark_of(event->start_mark),
			"a job file needs five levels; a text that begins with '[' or '{' is "
			"written in quotes",
			"this is nested deeper than %d levels", DEPTH_MAX);
		return;
	}
	struct node *node = add_node(c, event, kind, anchor, tag);
	node->flow = flow;
	node->open = true;
	place(c, node, node->at);
	c->open[c->depth].node = node;
	c->open[c->depth].first = c->n_children;
	c->depth++;
}

static void close_node(struct composer *c) {
	c->depth--;
	struct node *node = c->open[c->depth].node;
	size_t first = c->open[c->depth].first, n = c->n_children - first;
	struct node **children = ARENA_ARRAY(c->arena, n, struct node *);
	uint64_t weight = 1;
	for (size_t i = 0; i < n; i++) {
		children[i] = c->children[first + i];
		weight += children[i]->weight;
	}
	c->n_children = first;
	node->open = false;
	_Static_assert((int)WEIGHT_MAX > (int)ALIASED_MAX, "what is too heavy can be told");
	node->weight = (weight < WEIGHT_MAX ? (uint32_t)weight : WEIGHT_MAX) & WEIGHT_MAX;
	if (node->kind == NODE_LIST) {
		node->items = children;
		node->n = (uint32_t)n;
		return;
	}
	_Static_assert(sizeof(struct pair) == 2 * sizeof *children, "a pair is two children");
	node->pairs = (struct pair *)children;
	node->n = (uint32_t)(n / 2);
	map_tidy(node, c->arena, c->problems);
}

// Whatever stands behind the document is looked at here, not by libyaml: how it reads many %TAG
// lines is quadratic.
static void end_document(struct composer *c, const yaml_event_t *event) {
	c->stop = true;
	const char *p = lines_at(c->spec, mark_of(event->end_mark));
	const char *end = c->spec->source + c->spec->source_len;
	struct mark at = mark_of(event->end_mark);
	while (p < end) {
		size_t n = line_break(p, end);
		if (n) {
			at = (struct mark){at.line + 1, 1};
		} else if (*p == ' ' || *p == '\t') {
			at.col++;
			n = 1;
		} else if (*p == '#') {
			while (p < end && line_break(p, end) == 0) {
				p++;
			}
			continue;
		} else {
			break;
		}
		p += n;
	}
	if (p == end) {
		return;
	}
	if (!event->data.document_end.implicit || strncmp(p, "---", 3) == 0) {
		problems_add(c->problems, at, "put the second one into a file of its own",
			"a second document begins here; a job file is one document");
	} else if (*p == '%') {
		GIVE_UP(c, at, "a text that begins with '%' is written in quotes",
			"a line that begins with '%%' stands before the document only");
	} else {
		GIVE_UP(c, at, "check the brackets and quotes before it",
			"the document ends before this");
	}
}

static void take(struct composer *c, const yaml_event_t *event) {
	switch (event->type) {
	case YAML_STREAM_END_EVENT:
		c->stop = true;
		break;
	case YAML_SCALAR_EVENT:
		add_text(c, event);
		break;
	case YAML_ALIAS_EVENT:
		add_alias(c, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(c, event, NODE_LIST, event->data.sequence_start.anchor,
			event->data.sequence_start.tag,
			event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(c, event, NODE_MAP, event->data.mapping_start.anchor,
			event->data.mapping_start.tag,
			event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(c);
		break;
	case YAML_DOCUMENT_END_EVENT:
		end_document(c, event);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		break;
	}
}

static void syntax_error(struct composer *c) {
	const yaml_parser_t *parser = &c->parser;
	if (parser->error == YAML_MEMORY_ERROR) {
		out_of_memory(c);
		return;
	}
	struct syntax_error error = {
		.problem = parser->problem ? parser->problem : "it is not YAML",
		.context = parser->context ? parser->context : "",
		.at = mark_of(parser->problem_mark),
	};
	if (parser->context) {
		error.context_at = mark_of(parser->context_mark);
	}
	forget_problems(c);
	syntax_explain(&error, c->spec, c->problems);
}

// The %TAG lines before the document; see end_document.
static bool has_tag_directive(struct composer *c) {
	const char *p = c->spec->source, *end = p + c->spec->source_len;
	for (unsigned line = 1; p < end; line++) {
		const char *start = p;
		while (p < end && *p == ' ') {
			p++;
		}
		if (p < end && *p != '#' && (*p != '%' || p > start) && !line_break(p, end)) {
			return false; // the document
		}
		if (end - p >= 4 && memcmp(p, "%TAG", 4) == 0) {
			GIVE_UP(c, ((struct mark){line, 1}), "take the line out",
				"tags have no meaning in a job file, and neither has %%TAG");
			return true;
		}
		while (p < end && !line_break(p, end)) {
			p++;
		}
		p += p < end ? line_break(p, end) : 0;
	}
	return false;
}

struct node *document_read(
	const struct spec *spec, struct arena *arena, struct problems *problems) {
	struct composer c = {
		.spec = spec,
		.arena = arena,
		.problems = problems,
		.n_before = problems->n,
		.left_out_before = problems->left_out,
	};
	if (has_tag_directive(&c)) {
		return NULL;
	}
	if (!yaml_parser_initialize(&c.parser)) {
		out_of_memory(&c);
		return NULL;
	}
	yaml_parser_set_encoding(&c.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&c.parser, (const unsigned char *)spec->source, spec->source_len);
	while (!c.stop) {
		yaml_event_t event;
		if (yaml_parser_parse(&c.parser, &event)) {
			take(&c, &event);
			yaml_event_delete(&event);
		} else {
			syntax_error(&c);
		}
	}
	yaml_parser_delete(&c.parser);
	tdestroy(c.anchors, ignore);
	return c.root;
}
