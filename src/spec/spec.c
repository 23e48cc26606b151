// SPDX-License-Identifier: MIT
// From a file to a spec: get the text, see that it is text, make the tree, read the tree.
#include "spec/reader.h"
#include "spec/source.h"

#include <string.h>

static struct spec *spec_new(const char *file, struct problems *problems) {
	struct arena *arena = arena_new();
	struct spec *spec = ARENA_NEW(arena, struct spec);
	spec->arena = arena;
	spec->file = arena_strdup(arena, file);
	spec->source = "";
	problems->arena = arena;
	return spec;
}

void spec_free(struct spec *spec) {
	if (spec) {
		arena_free(spec->arena);
	}
}

static bool set_source(struct spec *spec, const char *text, size_t len, struct problems *problems) {
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	size_t mark = sizeof byte_order_mark - 1;
	if (len > SOURCE_MAX) {
		source_too_large(spec->file, problems);
		return false;
	}
	if (len >= mark && memcmp(text, byte_order_mark, mark) == 0) {
		text += mark;
		len -= mark;
	}
	spec->source = arena_strndup(spec->arena, text, len);
	spec->source_len = len;
	lines_index(spec);
	return true;
}

// Whether root can be read as a job file at all.
static bool is_job_file(const struct node *root, struct problems *problems) {
	static const char hint[] = "begin it with jobs: and a list of what to run; a space "
				   "stands behind each ':'";
	if (!root || node_is_null(root)) {
		problems_add(problems, (struct mark){1, 1}, hint,
			"the file is empty: a job file has a 'jobs' list");
		return false;
	}
	if (root->kind != NODE_MAP) {
		const char *list_hint = "write jobs: on a line of its own above the list";
		problems_add(problems, root->at, root->kind == NODE_LIST ? list_hint : hint,
			"a job file is a map with the key 'jobs', not a %s",
			root->kind == NODE_LIST ? "list" : "text");
		return false;
	}
	return true;
}

// The tree lives in an arena of its own, which is gone when the spec is made.
static bool read_tree(struct spec *spec, struct problems *problems) {
	struct arena *nodes = arena_new();
	size_t n_before = problems->n;
	struct node *root = document_read(spec, nodes, problems);
	bool good = root || problems->n == n_before;
	if (good) {
		good = is_job_file(root, problems);
	}
	if (good) {
		struct reader reader = {.spec = spec, .problems = problems};
		read_top(&reader, root);
	}
	arena_free(nodes);
	return good;
}

static bool parse(struct spec *spec, struct problems *problems) {
	return encoding_check(spec->source, spec->source_len, problems) &&
	       read_tree(spec, problems);
}

struct spec *spec_parse(const char *file, const char *text, size_t len, struct problems *problems,
	bool *unreadable) {
	struct spec *spec = spec_new(file, problems);
	*unreadable = !set_source(spec, text, len, problems) || !parse(spec, problems);
	return spec;
}

struct spec *spec_read(const char *file, struct problems *problems, bool *unreadable) {
	struct spec *spec = spec_new(file, problems);
	struct buf text = {0};
	bool taken = source_read(file, &text, problems) &&
		     set_source(spec, text.data, text.len, problems);
	buf_clear(&text); // before the tree, which takes much more
	*unreadable = !taken || !parse(spec, problems);
	return spec;
}
