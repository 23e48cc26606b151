// SPDX-License-Identifier: MIT
// Readers of maps whose keys are the author's: env, matrix, labels.
#include "spec/number.h"
#include "spec/reader.h"

#include <string.h>

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

static bool begins_with(const char *text, const char *start) {
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_map(struct reader *r, const struct node *key, struct node *value, const char *hint) {
	if (value->kind != NODE_MAP) {
		refuse_kind(r, value, (struct subject){"", key->text}, "a map", hint);
	}
	return value->kind == NODE_MAP && !value->refused;
}

static bool env_name(struct reader *r, struct node *name) {
	const char *text = keep(r, name);
	if (!*text) {
		refuse(r, name, NULL, "a variable of 'env' has no name");
	} else if (strchr(text, '=')) {
		refuse(r, name, "write NAME: value", "the name of a variable cannot hold '=': %s",
			shown(r, text));
	} else if (begins_with(text, "SPOOL_")) {
		refuse(r, name, "take another name",
			"the variable %s is not for 'env': SPOOL_ names are set by spool itself",
			shown(r, text));
	}
	return !name->refused;
}

// The one place where null means something: the variable is unset.
static bool env_value(
	struct reader *r, struct node *name, struct node *value, struct spec_text *text) {
	text->at = value->at;
	text->null = node_is_null(value);
	if (!text->null) {
		struct subject subject = {"the variable ", name->text};
		text->text = scalar(r, value, subject, "write NAME: value");
	}
	return (text->null || text->text) && !value->refused;
}

void read_env(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_env *env = into;
	env->at = value->at;
	env->given = true;
	if (!is_map(r, key, value, "write env: {NAME: value}")) {
		return;
	}
	env->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_pair);
	for (uint32_t i = 0; i < value->n; i++) {
		struct pair *pair = &value->pairs[i];
		struct spec_pair read = {.name = {.text = pair->key->text, .at = pair->key->at}};
		bool good = env_name(r, pair->key);
		good &= env_value(r, pair->key, pair->value, &read.value);
		if (good) {
			read.name.text = pair->key->text;
			env->items[env->n++] = read;
		}
	}
}

enum { VARIABLES_MAX = 1000 }; // of a matrix

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
	}
	return !name->refused;
}

static bool variable_values(
	struct reader *r, struct node *name, struct node *value, struct spec_texts *values) {
	values->at = value->at;
	values->given = true;
	if (!filled_list(r, value, (struct subject){"the matrix variable ", name->text},
		    "write a list of values: [1, 2, 3]")) {
		return false;
	}
	bool good = true;
	values->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_text);
	values->n = value->n;
	for (uint32_t i = 0; i < value->n; i++) {
		good &= verbatim(r, value->items[i],
			(struct subject){"a value of the matrix variable ", name->text},
			&values->items[i]);
	}
	return good;
}

void read_matrix(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write matrix: {name: [1, 2, 3]}";
	struct spec_job *job = AROUND(into, struct spec_job, matrix);
	job->matrix_at = key->at;
	job->matrix_refused = true;
	if (!is_map(r, key, value, hint)) {
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
	job->matrix = ARENA_ARRAY(r->spec->arena, value->n, struct spec_variable);
	for (uint32_t i = 0; i < value->n; i++) {
		struct pair *pair = &value->pairs[i];
		struct spec_variable read = {.name.at = pair->key->at};
		bool good = variable_name(r, pair->key);
		good &= variable_values(r, pair->key, pair->value, &read.values);
		if (good) {
			read.name.text = pair->key->text;
			job->matrix[job->n_matrix++] = read;
		}
	}
	job->matrix_refused = job->n_matrix < value->n;
}

void read_labels(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write exit statuses and their words: {0: ok, 1: failed}";
	struct spec_report *report = AROUND(into, struct spec_report, labels);
	if (!is_map(r, key, value, hint)) {
		return;
	}
	report->labels = ARENA_ARRAY(r->spec->arena, value->n, struct spec_label);
	for (uint32_t i = 0; i < value->n; i++) {
		struct pair *pair = &value->pairs[i];
		unsigned code = 0;
		const char *wrong = number_parse(pair->key->text, pair->key->n, UINT8_MAX, &code);
		if (wrong) {
			refuse(r, pair->key, "exit statuses are 0 to 255",
				"%s is not an exit status: %s", shown(r, pair->key->text), wrong);
		}
		struct spec_label read = {.code = (int)code, .word.at = pair->value->at};
		read.word.text = scalar(r, pair->value,
			(struct subject){"the label of ", pair->key->text}, "' ' is a blank one");
		if (read.word.text && !wrong) {
			report->labels[report->n_labels++] = read;
		}
	}
}
