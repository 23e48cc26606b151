// SPDX-License-Identifier: MIT
// Readers of a job's streams, of what is kept of them, and of the file with its environment.
#include "spec/number.h"
#include "spec/reader.h"

#include <string.h>

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

// Made when the first of its keys comes.
static struct spec_files *files_in(struct reader *r, void *into) {
	struct spec_files **files = into;
	if (!*files) {
		*files = ARENA_NEW(r->spec->arena, struct spec_files);
	}
	return *files;
}

void read_stdin(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_text *in = &files_in(r, into)->in;
	in->at = value->at;
	in->text = scalar(r, value, (struct subject){"", key->text},
		value->kind == NODE_MAP
			? "there are no pipes between jobs yet: it is the path of a file, which a "
			  "job that it needs can write"
			: "it is the path of a file; a text for standard input is 'input'");
}

void read_env_file(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_text *file = &files_in(r, into)->env_file;
	file->at = value->at;
	file->text = scalar(r, value, (struct subject){"", key->text},
		"it is the path of one file; 'defaults' can name another one");
}

static const char sink_hint[] =
	"write capture, inherit, devnull, a path, or {path: FILE, append: true}";

static void read_path(
	struct reader *r, struct node *key, struct node *value, struct spec_sink *sink) {
	sink->path.at = value->at;
	sink->path.text = scalar(r, value, (struct subject){"", key->text}, sink_hint);
	sink->kind = sink->path.text ? SINK_PATH : SINK_NONE;
}

// {path: FILE, append: true}
static void read_sink_map(
	struct reader *r, struct node *key, struct node *value, struct spec_sink *sink) {
	struct spec_flag append = {0};
	struct node *path = NULL;
	bool known = true;
	for (uint32_t i = 0; i < value->n; i++) {
		struct pair *pair = &value->pairs[i];
		if (strcmp(pair->key->text, "path") == 0) {
			path = pair->value;
			read_path(r, pair->key, pair->value, sink);
		} else if (strcmp(pair->key->text, "append") == 0) {
			read_flag(r, pair->key, pair->value, &append);
		} else {
			known = false; // it may be the path that is meant
			refuse(r, pair->key, sink_hint, "unknown key %s in %s",
				shown(r, pair->key->text), shown(r, key->text));
		}
	}
	if (!path && known) {
		refuse(r, value, sink_hint, "%s has no 'path'", shown(r, key->text));
	}
	sink->append = append.value;
}

static void read_sink(struct reader *r, struct node *key, struct node *value,
	struct spec_sink *sink, bool is_error) {
	static const struct {
		const char *word;
		enum spec_sink_kind kind;
	} words[] = {{"capture", SINK_CAPTURE}, {"inherit", SINK_INHERIT},
		{"devnull", SINK_DEVNULL}, {"stdout", SINK_STDOUT}, {"stderr", SINK_NONE}};
	*sink = (struct spec_sink){0};
	if (value->kind == NODE_MAP) {
		read_sink_map(r, key, value, sink);
		return;
	}
	read_path(r, key, value, sink);
	for (size_t i = 0; sink->path.text && i < sizeof words / sizeof *words; i++) {
		if (strcmp(sink->path.text, words[i].word) == 0) {
			sink->kind = words[i].kind;
			break;
		}
	}
	if (sink->path.text &&
		(sink->kind == SINK_NONE || (sink->kind == SINK_STDOUT && !is_error))) {
		sink->kind = SINK_NONE;
		refuse(r, value,
			"'stderr: stdout' is the one merge there is; of a file, write ./ in front",
			"%s cannot go to %s", shown(r, key->text), shown(r, sink->path.text));
	}
}

void read_stdout(struct reader *r, struct node *key, struct node *value, void *into) {
	read_sink(r, key, value, &files_in(r, into)->out, false);
}

void read_stderr(struct reader *r, struct node *key, struct node *value, void *into) {
	read_sink(r, key, value, &files_in(r, into)->err, true);
}

void read_max_output(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write bytes: 65536, 64K, 10M; none is no limit";
	struct spec_size *size = &files_in(r, into)->max_output;
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	if (!text) {
		return;
	}
	size->value = UINT64_MAX;
	const char *wrong = strcmp(text, "none") == 0
				    ? NULL
				    : size_parse(text, strlen(text), &size->value);
	if (wrong) {
		refuse(r, value, hint, "%s is no size for %s: %s", shown(r, text),
			shown(r, key->text), wrong);
	}
	size->given = !wrong;
}
