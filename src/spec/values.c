// SPDX-License-Identifier: MIT
// Readers of single values: texts, numbers, booleans, durations, and lists of them.
#include "base/base.h"
#include "base/clock.h"
#include "spec/number.h"
#include "spec/reader.h"
#include "spec/source.h"

#include <stdarg.h>
#include <string.h>

static const char null_hint[] = "leave the key out; in quotes it is a text";

void refuse(struct reader *r, struct node *node, const char *hint, const char *format, ...) {
	if (node->refused) {
		return;
	}
	node->refused = true;
	if (problems_full(r->problems)) {
		r->problems->left_out++;
		return;
	}
	va_list args;
	va_start(args, format);
	const char *message = arena_vprintf(r->spec->arena, format, args);
	va_end(args);
	problems_add(r->problems, node->at, hint, "%s", message);
}

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

void refuse_kind(struct reader *r, struct node *node, struct subject subject, const char *wanted,
	const char *hint) {
	const char *key = shown(r, subject.key);
	if (node_is_null(node)) {
		refuse(r, node, hint, "%s%s has no value", subject.part, key);
		return;
	}
	const char *is = node->kind == NODE_MAP    ? "a map"
			 : node->kind == NODE_LIST ? "a list"
						   : "a text";
	refuse(r, node, hint, "%s%s must be %s, not %s", subject.part, key, wanted, is);
}

const char *keep(struct reader *r, struct node *node) {
	if (!node->kept) {
		node->text = arena_strndup(r->spec->arena, node->text, node->n);
		node->kept = true;
	}
	return node->text;
}

// The trap of YAML: `- echo "Say: hi"` is a map.
static const char *colon_hint(struct reader *r, const struct node *map) {
	if (map->n != 1 || problems_full(r->problems)) {
		return NULL;
	}
	const char *quoted = map->flow ? NULL
				       : line_quoted(r->spec, lines_at(r->spec, map->at),
						 r->spec->arena);
	return quoted ? arena_printf(r->spec->arena,
				"the ': ' made a map of it; write all of it in quotes: %s", quoted)
		      : "a ': ' makes a map of a text; write all of it in quotes";
}

static bool is_text(struct reader *r, struct node *node, struct subject subject, const char *hint) {
	if (node->kind != NODE_TEXT) {
		const char *trap = node->kind == NODE_MAP ? colon_hint(r, node) : NULL;
		refuse_kind(
			r, node, subject, "a text", trap && (!node->flow || !hint) ? trap : hint);
		return false;
	}
	return !node->refused;
}

const char *scalar(struct reader *r, struct node *node, struct subject subject, const char *hint) {
	if (!is_text(r, node, subject, hint)) {
		return NULL;
	}
	if (node_is_null(node)) {
		refuse_kind(r, node, subject, "a text", hint ? hint : null_hint);
		return NULL;
	}
	return keep(r, node);
}

bool verbatim(struct reader *r, struct node *node, struct subject subject, struct spec_text *text) {
	text->at = node->at;
	if (!is_text(r, node, subject,
		    node->kind == NODE_LIST ? "a list in a list is not joined with it" : NULL)) {
		return false;
	}
	if (node->plain && node->n == 0) {
		refuse(r, node, "write '' for the empty text", "%s%s has no value", subject.part,
			shown(r, subject.key));
		return false;
	}
	text->text = keep(r, node);
	return true;
}

bool is_map(struct reader *r, const struct node *key, struct node *value, const char *hint) {
	if (value->kind != NODE_MAP) {
		refuse_kind(r, value, (struct subject){"", key->text}, "a map", hint);
	}
	return value->kind == NODE_MAP && !value->refused;
}

bool filled_list(struct reader *r, struct node *node, struct subject subject, const char *hint) {
	if (node->kind != NODE_LIST) {
		refuse_kind(r, node, subject, "a list", hint);
		return false;
	}
	if (node->n == 0) {
		refuse(r, node, hint, "%s%s is empty", subject.part, shown(r, subject.key));
	}
	return !node->refused;
}

static struct subject whole(const struct node *key) {
	return (struct subject){"", key->text};
}

static struct subject entry_of(const struct node *key) {
	return (struct subject){"an entry of ", key->text};
}

void read_text(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_text *text = into;
	text->at = value->at;
	text->text = scalar(r, value, whole(key), NULL);
}

void read_run(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_settings *settings = AROUND(into, struct spec_settings, run);
	const char *hint = value->kind == NODE_LIST
				   ? "'run' is a shell script: one text; a list of words is 'args'"
				   : NULL;
	settings->run.at = value->at;
	settings->run.text = scalar(r, value, whole(key), hint);
	settings->run_refused = !settings->run.text;
}

void read_args(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_texts *args = into;
	static const char hint[] = "write args: [ls, -l], or for a line of shell run: ls -l";
	args->at = value->at;
	args->given = true;
	if (!filled_list(r, value, whole(key), hint)) {
		return;
	}
	struct spec_text *items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_text);
	bool good = true;
	for (uint32_t i = 0; i < value->n; i++) {
		good &= verbatim(r, value->items[i], entry_of(key), &items[i]);
	}
	if (items[0].text && !*items[0].text) {
		refuse(r, value->items[0], "the first entry of 'args' is the program to run",
			"the program's name is empty");
		good = false;
	}
	if (good) { // a part of a command is none
		args->items = items;
		args->n = value->n;
	}
}

void read_tags(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_texts **tags = into;
	static const char hint[] = "write tags: [slow, nightly]";
	if (value->kind != NODE_LIST) {
		refuse_kind(r, value, whole(key), "a list", hint);
		return;
	}
	*tags = ARENA_NEW(r->spec->arena, struct spec_texts);
	**tags = (struct spec_texts){.at = value->at, .given = true};
	(*tags)->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_text);
	for (uint32_t i = 0; i < value->n; i++) {
		struct spec_text tag = {.at = value->items[i]->at};
		tag.text = scalar(r, value->items[i], entry_of(key), hint);
		if (tag.text) {
			(*tags)->items[(*tags)->n++] = tag;
		}
	}
}

static bool is_one_of(const char *text, const char *const *words, size_t n) {
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

void read_flag(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char *const yes[] = {"true", "yes", "on", "y"};
	static const char *const no[] = {"false", "no", "off", "n"};
	static const char hint[] = "write true or false";
	struct spec_flag *flag = into;
	flag->at = value->at;
	if (value->kind != NODE_TEXT) {
		refuse_kind(r, value, whole(key), "true or false", hint);
		return;
	}
	const char *text = scalar(r, value, whole(key), hint);
	if (!text) {
		return;
	}
	flag->value = strcmp(text, "true") == 0;
	flag->given = value->plain && (flag->value || strcmp(text, "false") == 0);
	if (!flag->given) {
		const char *meant = is_one_of(text, yes, 4)  ? "write true"
				    : is_one_of(text, no, 4) ? "write false"
							     : hint;
		refuse(r, value, value->plain ? meant : "write true or false, without quotes",
			"%s must be true or false, not %s", shown(r, key->text),
			value->plain ? shown(r, text) : "a text in quotes");
	}
}

static bool read_duration(
	struct reader *r, struct node *key, struct node *value, struct spec_duration *duration) {
	static const char hint[] = "write it as 90s, 1m30s, 1.5 or 250ms; none is no limit";
	duration->at = value->at;
	const char *text = scalar(r, value, whole(key), hint);
	if (!text) {
		return false;
	}
	const char *wrong = duration_parse(text, value->n, &duration->ns);
	if (wrong) {
		const char *clock = "1:30 is written 90s or 1m30s, and 1:30:00 is 90m or 1h30m";
		refuse(r, value, strchr(text, ':') ? clock : hint, "%s is not a duration: %s: %s",
			shown(r, key->text), shown(r, text), wrong);
		return false;
	}
	duration->given = true;
	return true;
}

void read_timeout(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_duration *duration = into;
	if (read_duration(r, key, value, duration) && duration->ns == 0) {
		duration->ns = SP_FOREVER;
	}
}

void read_grace(struct reader *r, struct node *key, struct node *value, void *into) {
	read_duration(r, key, value, into);
}

void read_codes(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_codes **made = into, *codes = ARENA_NEW(r->spec->arena, struct spec_codes);
	static const char hint[] = "write the exit statuses that are a success: [0, 1]";
	*made = codes;
	codes->at = value->at;
	if (!filled_list(r, value, whole(key), hint)) {
		return;
	}
	bool good = true;
	for (uint32_t i = 0; i < value->n; i++) {
		struct node *item = value->items[i];
		const char *text = scalar(r, item, entry_of(key), hint);
		unsigned code = 0;
		const char *wrong = text ? number_parse(text, item->n, UINT8_MAX, &code) : NULL;
		if (wrong) {
			refuse(r, item, "exit statuses are 0 to 255",
				"%s is not an exit status: %s", shown(r, text), wrong);
		}
		good &= text && !wrong;
		codes->bits[code / 8] |= (uint8_t)(1U << code % 8);
	}
	codes->given = good;
}

void read_spool(struct reader *r, struct node *key, struct node *value, void *into) {
	(void)into;
	static const char hint[] = "write spool: 1, or leave the key out";
	const char *text = scalar(r, value, whole(key), hint);
	if (text && strcmp(text, "1") != 0) {
		refuse(r, value, hint, "this spool reads format 1, not %s", shown(r, text));
	}
}

void read_workers(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write a number, \"50%\" of the CPUs, \"-1\" for all CPUs but "
				   "one, or 0 for as many as jobs";
	r->spec->workers_at = value->at;
	const char *text = scalar(r, value, whole(key), hint);
	const char *wrong = text ? workers_parse(text, into) : NULL;
	if (wrong) {
		refuse(r, value, hint, "%s is not a number of workers: %s", shown(r, text), wrong);
	}
}
