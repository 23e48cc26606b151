// SPDX-License-Identifier: MIT
// Readers of maps whose keys are the author's: env, labels.
#include "spec/number.h"
#include "spec/reader.h"

#include <string.h>

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

static bool begins_with(const char *text, const char *start) {
	return strncmp(text, start, strlen(start)) == 0;
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
	struct reader *r, struct node *name, struct node *value, struct spec_pair *pair) {
	pair->value.at = value->at;
	pair->unset = node_is_null(value);
	if (!pair->unset) {
		struct subject subject = {"the variable ", name->text};
		pair->value.text = scalar(r, value, subject, "write NAME: value");
	}
	return (pair->unset || pair->value.text) && !value->refused;
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
		good &= env_value(r, pair->key, pair->value, &read);
		if (good) {
			read.name.text = pair->key->text;
			env->items[env->n++] = read;
		}
	}
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
