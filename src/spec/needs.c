// SPDX-License-Identifier: MIT
// Readers of what a job waits for, of what becomes of its failure, and of when the run ends.
#include "spec/elsewhere.h"
#include "spec/reader.h"

#include <string.h>

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

static const char needs_hint[] = "write needs: [build, 'test*', {job: deploy, if: failed}]";

static void read_condition(
	struct reader *r, struct node *key, struct node *value, enum need_condition *condition) {
	static const char *const words[] = {
		[NEED_PASSED] = "passed", [NEED_DONE] = "done", [NEED_FAILED] = "failed"};
	static const char hint[] = "write if: passed, done or failed; passed is the default";
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	if (!text) {
		return;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(text, words[i]) == 0) {
			*condition = (enum need_condition)i;
			return;
		}
	}
	const struct elsewhere *word = elsewhere_as_condition(text);
	refuse(r, value, word ? word->hint : hint, "%s is no condition of 'needs'", shown(r, text));
}

// {job: NAME, if: done}
static void read_need_map(struct reader *r, struct node *map, struct spec_need *need) {
	bool given = false;
	for (uint32_t i = 0; i < map->n; i++) {
		struct node *key = map->pairs[i].key, *value = map->pairs[i].value;
		if (strcmp(key->text, "job") == 0) {
			given = true;
			need->which.at = value->at;
			need->which.text = scalar(
				r, value, (struct subject){"", key->text}, needs_hint);
		} else if (strcmp(key->text, "if") == 0) {
			read_condition(r, key, value, &need->condition);
		} else {
			const struct elsewhere *word = elsewhere_in_need(key->text);
			given = true; // it may be meant by this
			refuse(r, key, word ? word->hint : needs_hint,
				"unknown key %s in an entry of 'needs'", shown(r, key->text));
		}
	}
	if (!given) {
		refuse(r, map, needs_hint, "an entry of 'needs' has no 'job'");
	}
}

// The same as a list, if it is one name or more that need no quotes.
static const char *as_list(struct reader *r, const struct node *value) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-., ";
	bool is_plain = value->kind == NODE_TEXT && value->n > 0 && value->n <= 60 &&
			!node_is_null(value) && value->text[strspn(value->text, plain)] == '\0';
	return is_plain ? arena_printf(r->spec->arena, "write needs: [%s]", value->text)
			: needs_hint;
}

void read_needs(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_needs **needs = into;
	*needs = ARENA_NEW(r->spec->arena, struct spec_needs);
	(*needs)->at = value->at;
	if (value->kind != NODE_LIST) {
		(*needs)->refused = true;
		refuse_kind(r, value, (struct subject){"", key->text}, "a list", as_list(r, value));
		return;
	}
	(*needs)->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_need);
	for (uint32_t i = 0; i < value->n; i++) {
		struct node *item = value->items[i];
		struct spec_need need = {.which.at = item->at};
		if (item->kind == NODE_MAP) {
			read_need_map(r, item, &need);
		} else {
			need.which.text = scalar(
				r, item, (struct subject){"an entry of ", key->text}, needs_hint);
		}
		if (need.which.text && !*need.which.text) {
			refuse(r, item, needs_hint, "an entry of 'needs' is empty");
		} else if (need.which.text) {
			(*needs)->items[(*needs)->n++] = need;
		}
	}
	(*needs)->refused = (*needs)->n < value->n;
}

// Made when the first of its keys comes.
static struct spec_schedule *schedule_in(struct reader *r, void *into) {
	struct spec_schedule **schedule = into;
	if (!*schedule) {
		*schedule = ARENA_NEW(r->spec->arena, struct spec_schedule);
	}
	return *schedule;
}

void read_when(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] =
		"write when: always or when: on_failure; left out, all that it needs must pass";
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	if (!text) {
		return;
	}
	struct spec_schedule *schedule = schedule_in(r, into);
	schedule->when_at = value->at;
	if (strcmp(text, "always") == 0) {
		schedule->when = WHEN_ALWAYS;
	} else if (strcmp(text, "on_failure") == 0) {
		schedule->when = WHEN_ON_FAILURE;
	} else {
		const struct elsewhere *word = elsewhere_as_when(text);
		refuse(r, value, word ? word->hint : hint, "%s is no value of %s", shown(r, text),
			shown(r, key->text));
	}
}

void read_allow_failure(struct reader *r, struct node *key, struct node *value, void *into) {
	if (value->kind != NODE_TEXT) {
		refuse_kind(r, value, (struct subject){"", key->text}, "true or false",
			"exit statuses that are no failure are success_codes: [0, 3]");
		return;
	}
	read_flag(r, key, value, &schedule_in(r, into)->allow_failure);
}

void read_halt(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] =
		"write now or soon, a comma, fail, success or done, and how many: now,fail=1 or "
		"soon,done=50%; never is the default";
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	const char *wrong = text ? halt_parse(text, into) : NULL;
	if (wrong) {
		refuse(r, value, hint, "%s is no value of %s: %s", shown(r, text),
			shown(r, key->text), wrong);
	}
}
