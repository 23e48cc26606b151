// SPDX-License-Identifier: MIT
// Reader of a job's matrix: its variables, and the lists include and exclude.
#include "base/nearest.h"
#include "spec/elsewhere.h"
#include "spec/reader.h"

#include <string.h>

enum { VARIABLES_MAX = 1000 }; // of a matrix

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

static bool begins_with(const char *text, const char *start) {
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_identifier(const char *text) {
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char rest[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	return strspn(text, first) > 0 && text[strspn(text, rest)] == '\0';
}

static bool variable_name(struct reader *r, struct node *name) {
	const char *text = keep(r, name);
	if (!is_identifier(text)) {
		refuse(r, name,
			"it becomes a variable of 'run' scripts: letters, digits and '_', no digit "
			"first",
			"%s cannot be the name of a matrix variable", shown(r, text));
	} else if (strcmp(text, "PATH") == 0 || strcmp(text, "IFS") == 0 ||
		   strcmp(text, "HOME") == 0 || begins_with(text, "LD_") ||
		   begins_with(text, "SPOOL_")) {
		refuse(r, name, "take another name: it would change how the job runs",
			"a matrix variable cannot be named %s", shown(r, text));
	} else if (strcmp(text, "include") == 0 || strcmp(text, "exclude") == 0) {
		refuse(r, name, "it stands beside the variables, not among them",
			"a matrix variable cannot be named %s", shown(r, text));
	}
	return !name->refused;
}

static const char sources_hint[] =
	"write a list of values: [1, 2, 3], or {range: [1, 3]}, {lines: FILE} or {glob: PATTERN}";

static const struct source {
	const char *name;
	enum values_from from;
} sources[] = {{"lines", VALUES_LINES}, {"glob", VALUES_GLOB}, {"range", VALUES_RANGE}};

static const struct source *find_source(struct reader *r, struct node *name) {
	static const char *const names[] = {"lines", "glob", "range"};
	for (size_t i = 0; i < COUNT(sources); i++) {
		if (strcmp(sources[i].name, name->text) == 0) {
			return &sources[i];
		}
	}
	const struct elsewhere *word = elsewhere_in_source(name->text);
	const char *nearest = nearest_word(name->text, names, COUNT(names));
	refuse(r, name,
		word      ? word->hint
		: nearest ? arena_printf(r->spec->arena, "did you mean '%s'?", nearest)
			  : sources_hint,
		"matrix values do not come from %s", shown(r, name->text));
	return NULL;
}

static bool texts(
	struct reader *r, struct node *list, struct subject entry, struct spec_texts *values) {
	bool good = true;
	values->items = ARENA_ARRAY(r->spec->arena, list->n, struct spec_text);
	values->n = list->n;
	for (uint32_t i = 0; i < list->n; i++) {
		good &= verbatim(r, list->items[i], entry, &values->items[i]);
	}
	return good;
}

static bool range(
	struct reader *r, struct node *key, struct node *value, struct spec_texts *values) {
	static const char hint[] = "write the first and the last number: [1, 20], or with a step: "
				   "[0, 100, 10]";
	if (!filled_list(r, value, (struct subject){"", key->text}, hint)) {
		return false;
	}
	if (value->n != 2 && value->n != 3) {
		refuse(r, value, hint, "%s has two or three numbers, not %u", shown(r, key->text),
			value->n);
		return false;
	}
	return texts(r, value, (struct subject){"a number of ", key->text}, values);
}

// Values that stand elsewhere: {lines: FILE}.
static bool sourced(struct reader *r, struct node *map, struct spec_variable *variable) {
	if (map->n != 1) {
		refuse(r, map, sources_hint,
			map->n ? "matrix values come from one source"
			       : "the map of a matrix variable is empty");
	}
	const struct source *source = map->refused ? NULL : find_source(r, map->pairs[0].key);
	if (!source) {
		return false;
	}
	struct node *key = map->pairs[0].key, *value = map->pairs[0].value;
	variable->from = source->from;
	if (source->from == VALUES_RANGE) {
		return range(r, key, value, &variable->values);
	}
	struct spec_text *text = ARENA_NEW(r->spec->arena, struct spec_text);
	text->at = value->at;
	text->text = scalar(r, value, (struct subject){"", key->text},
		source->from == VALUES_GLOB ? "write glob: \"*.txt\"" : "write lines: FILE");
	variable->values.items = text;
	variable->values.n = 1;
	return text->text;
}

static bool variable_values(
	struct reader *r, struct node *name, struct node *value, struct spec_variable *variable) {
	variable->values.at = value->at;
	variable->values.given = true;
	if (value->kind == NODE_MAP) {
		return !value->refused && sourced(r, value, variable);
	}
	return filled_list(r, value, (struct subject){"the matrix variable ", name->text},
		       sources_hint) &&
	       texts(r, value, (struct subject){"a value of the matrix variable ", name->text},
		       &variable->values);
}

static bool combination(struct reader *r, struct node *key, struct node *map, const char *hint,
	struct spec_combination *read) {
	if (map->kind != NODE_MAP) {
		refuse_kind(r, map, (struct subject){"an entry of ", key->text}, "a map", hint);
	} else if (map->n == 0) {
		refuse(r, map, hint, "an entry of %s is empty", shown(r, key->text));
	}
	if (map->refused) {
		return false;
	}
	bool good = true;
	read->at = map->at;
	read->items = ARENA_ARRAY(r->spec->arena, map->n, struct spec_pair);
	read->n = map->n;
	for (uint32_t i = 0; i < map->n; i++) {
		struct pair *pair = &map->pairs[i];
		good &= variable_name(r, pair->key);
		read->items[i].name = (struct spec_text){
			.text = pair->key->text, .at = pair->key->at};
		good &= verbatim(r, pair->value,
			(struct subject){"the value of the matrix variable ", pair->key->text},
			&read->items[i].value);
	}
	return good;
}

static bool combinations(
	struct reader *r, struct node *key, struct node *value, struct spec_combinations *read) {
	const char *hint = arena_printf(r->spec->arena,
		"'%s' is no variable of the matrix: write %s: [{name: value}]", key->text,
		key->text);
	read->at = key->at;
	if (!filled_list(r, value, (struct subject){"", key->text}, hint)) {
		return false;
	}
	bool good = true;
	read->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_combination);
	read->n = value->n;
	for (uint32_t i = 0; i < value->n; i++) {
		good &= combination(r, key, value->items[i], hint, &read->items[i]);
	}
	return good;
}

// The list that such a key is for; NULL: the key is a variable.
static struct spec_combinations *list_named(
	struct reader *r, struct spec_job *job, const struct node *key) {
	bool include = strcmp(key->text, "include") == 0;
	if (!include && strcmp(key->text, "exclude") != 0) {
		return NULL;
	}
	if (!job->changes) {
		job->changes = ARENA_NEW(r->spec->arena, struct spec_changes);
	}
	return include ? &job->changes->include : &job->changes->exclude;
}

static bool read_pair(struct reader *r, struct pair *pair, struct spec_job *job) {
	struct spec_combinations *list = list_named(r, job, pair->key);
	if (list) {
		return combinations(r, pair->key, pair->value, list);
	}
	struct spec_variable read = {.name.at = pair->key->at};
	bool good = variable_name(r, pair->key);
	good &= variable_values(r, pair->key, pair->value, &read);
	if (good) {
		read.name.text = pair->key->text;
		job->matrix[job->n_matrix++] = read;
	}
	return good;
}

void read_matrix(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write matrix: {name: [1, 2, 3]}";
	struct spec_job *job = AROUND(into, struct spec_job, matrix);
	job->matrix_at = key->at;
	job->matrix_refused = true;
	static const char list_hint[] =
		"write matrix: {name: [1, 2, 3]}; a list of combinations is "
		"matrix: {include: [{name: 1}]}";
	if (!is_map(r, key, value, value->kind == NODE_LIST ? list_hint : hint)) {
		return;
	}
	if (value->n == 0) {
		refuse(r, value, hint, "'matrix' is empty");
		return;
	}
	if (value->n > VARIABLES_MAX) {
		refuse(r, value, hint, "'matrix' has more than %d variables", VARIABLES_MAX);
		return;
	}
	bool good = true;
	job->matrix = ARENA_ARRAY(r->spec->arena, value->n, struct spec_variable);
	for (uint32_t i = 0; i < value->n; i++) {
		good &= read_pair(r, &value->pairs[i], job);
	}
	if (good && job->n_matrix == 0 && job->changes->include.n == 0) {
		refuse(r, value, hint, "'matrix' has no variable");
		good = false;
	}
	job->matrix_refused = !good;
}
