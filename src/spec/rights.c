// SPDX-License-Identifier: MIT
// Readers of what a job may: its groups, umask, niceness and limits.
#include "base/base.h"
#include "base/clock.h"
#include "spec/number.h"
#include "spec/reader.h"

#include <string.h>

static const char *shown(struct reader *r, const char *text) {
	return problems_quote(r->problems, text);
}

// Made when the first of its keys comes.
static struct spec_rights *rights_in(struct reader *r, void *into) {
	struct spec_rights **rights = into;
	if (!*rights) {
		*rights = ARENA_ARRAY(r->spec->arena, 1, struct spec_rights);
	}
	return *rights;
}

void read_user(struct reader *r, struct node *key, struct node *value, void *into) {
	read_text(r, key, value, &rights_in(r, into)->user);
}

void read_group(struct reader *r, struct node *key, struct node *value, void *into) {
	read_text(r, key, value, &rights_in(r, into)->group);
}

void read_groups(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write extra_groups: [audio, video], or [] for none";
	struct spec_texts *groups = &rights_in(r, into)->extra_groups;
	groups->at = value->at;
	if (value->kind != NODE_LIST) {
		refuse_kind(r, value, (struct subject){"", key->text}, "a list", hint);
		return;
	}
	groups->items = ARENA_ARRAY(r->spec->arena, value->n, struct spec_text);
	bool good = true;
	for (uint32_t i = 0; i < value->n; i++) {
		struct node *item = value->items[i];
		groups->items[i].at = item->at;
		groups->items[i].text = scalar(
			r, item, (struct subject){"an entry of ", key->text}, hint);
		good &= groups->items[i].text != NULL;
	}
	groups->n = good ? value->n : 0;
	groups->given = good;
}

// As the command umask reads it, so that 022 is what everybody means by it.
void read_umask(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write it as for the command umask: 022";
	struct spec_int *mask = &rights_in(r, into)->umask;
	mask->at = value->at;
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	if (!text) {
		return;
	}
	size_t n = strlen(text);
	mask->given = n > 0 && n <= 4 && strspn(text, "01234567") == n;
	for (size_t i = 0; mask->given && i < n; i++) {
		mask->value = 8 * mask->value + (text[i] - '0');
	}
	mask->given = mask->given && mask->value <= 0777;
	if (!mask->given) {
		refuse(r, value, hint, "%s is no umask, which is up to three octal digits",
			shown(r, text));
	}
}

void read_nice(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "it is added to spool's own niceness: 10 is nicer, -5 less so";
	struct spec_int *nice = &rights_in(r, into)->nice;
	nice->at = value->at;
	const char *text = scalar(r, value, (struct subject){"", key->text}, hint);
	if (!text) {
		return;
	}
	unsigned n = 0;
	bool negative = text[0] == '-';
	const char *wrong = number_parse(text + negative, strlen(text) - negative, 39, &n);
	if (wrong) {
		refuse(r, value, hint, "%s is no number from -39 to 39", shown(r, text));
	}
	nice->value = negative ? -(int)n : (int)n;
	nice->given = !wrong;
}

const char *const spec_limit_names[SPEC_LIMITS] = {
	[LIMIT_NOFILE] = "nofile",
	[LIMIT_AS] = "as",
	[LIMIT_CPU] = "cpu",
	[LIMIT_FSIZE] = "fsize",
	[LIMIT_CORE] = "core",
};

static int find_limit(const char *name) {
	int i = 0;
	while (i < SPEC_LIMITS && strcmp(spec_limit_names[i], name) != 0) {
		i++;
	}
	return i;
}

static const char *parse_limit(int limit, const char *text, uint64_t *number) {
	size_t n = strlen(text);
	if (strcmp(text, "none") == 0) {
		*number = UINT64_MAX;
		return NULL;
	}
	if (limit == LIMIT_CPU) {
		int64_t ns = 0;
		const char *wrong = duration_parse(text, n, &ns);
		*number = ns == SP_FOREVER
				  ? UINT64_MAX
				  : (uint64_t)(ns / CLOCK_SECOND + (ns % CLOCK_SECOND != 0));
		return wrong;
	}
	if (limit == LIMIT_NOFILE) {
		unsigned files = 0;
		const char *wrong = number_parse(text, n, INT32_MAX, &files);
		*number = files;
		return wrong;
	}
	return size_parse(text, n, number);
}

static const char *limit_hint(int limit) {
	return limit == LIMIT_CPU      ? "write a duration: 90s, 1m30s; none is no limit"
	       : limit == LIMIT_NOFILE ? "write a number of descriptors: 256; none is no limit"
				       : "write bytes: 65536, 64M, 2G; none is no limit";
}

void read_limits(struct reader *r, struct node *key, struct node *value, void *into) {
	static const char hint[] = "write limits: {nofile: 256, as: 2G, cpu: 1m}";
	struct spec_limit *limits = rights_in(r, into)->limits;
	if (value->kind != NODE_MAP) {
		refuse_kind(r, value, (struct subject){"", key->text}, "a map", hint);
		return;
	}
	for (uint32_t i = 0; i < value->n; i++) {
		struct node *name = value->pairs[i].key, *number = value->pairs[i].value;
		int limit = find_limit(keep(r, name));
		if (limit == SPEC_LIMITS) {
			refuse(r, name, "the limits are nofile, as, cpu, fsize and core",
				"unknown limit %s", shown(r, name->text));
			continue;
		}
		limits[limit].at = number->at;
		const char *text = scalar(
			r, number, (struct subject){"the limit ", name->text}, limit_hint(limit));
		const char *wrong = text ? parse_limit(limit, text, &limits[limit].value) : NULL;
		if (wrong) {
			refuse(r, number, limit_hint(limit), "%s is no limit for %s: %s",
				shown(r, text), shown(r, name->text), wrong);
		}
		limits[limit].given = text && !wrong;
	}
}
