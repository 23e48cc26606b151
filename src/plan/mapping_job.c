// SPDX-License-Identifier: MIT
// A job of a row of values: counted, then written into one block of memory.
#include "base/utf8.h"
#include "plan/mapping_parts.h"

#include <stdlib.h>
#include <string.h>

struct made {
	struct job job;
	atomic_uint holders;
	struct text texts[]; // and what else is laid out
};

// The values for a person, cut behind whole characters.
enum { NAME_LONGEST = 200 };
struct name {
	char text[NAME_LONGEST + sizeof "…"];
	size_t len;
};

static void cut(struct name *name) {
	size_t len = NAME_LONGEST, back = 0;
	while (back < 3 && ((unsigned char)name->text[len - back] & 0xc0) == 0x80) {
		back++;
	}
	// Bytes that are no character are cut anywhere.
	len -= utf8_length((unsigned char)name->text[len - back]) > back ? back : 0;
	name->len = len + strlen("…");
	memcpy(name->text + len, "…", strlen("…"));
}

static void name_add(struct name *name, const char *text, size_t len) {
	size_t room = NAME_LONGEST + 1 - name->len, n = len < room ? len : room;
	memcpy(name->text + name->len, text, n);
	name->len += n;
}

static void name_make(struct name *name, const struct row *row) {
	name->len = 0;
	for (size_t i = 0; i < row->n && name->len <= NAME_LONGEST; i++) {
		const struct value *value = &row->values[i];
		name_add(name, " ", i > 0);
		name_add(name, value->text, strnlen(value->text, value->len));
	}
	if (name->len > NAME_LONGEST) {
		cut(name);
	}
}

static const char *broken(const struct row *row) {
	for (size_t i = 0; i < row->n; i++) {
		const struct value *value = &row->values[i];
		if (memchr(value->text, '\0', value->len)) {
			return "its value has a NUL byte, which no argument can hold (if NULs "
			       "stand "
			       "between the values: spool map -0)";
		}
	}
	return NULL;
}

static void lay_out(const struct mapping *mapping, const struct given *given,
	const struct name *name, struct job *job, struct layout *layout) {
	enum { BEFORE_SCRIPT = 2 };
	for (size_t i = 0; i < mapping->n; i++) {
		if (mapping->script && i == BEFORE_SCRIPT) {
			shell_script_word(mapping->script, given, layout);
		}
		pattern_words(&mapping->patterns[i], given, layout);
	}
	job->name = layout_string(layout);
	layout_bytes(layout, name->text, name->len);
	layout_string_end(layout);
	if (mapping->label) {
		job->label = layout_string(layout);
		pattern_bytes(mapping->label, given, layout);
		layout_bytes(layout, "\t", 1);
		layout_string_end(layout);
	}
}

const struct job *mapping_job(const struct mapping *mapping, const struct row *row, unsigned seq) {
	const struct given given = {*row, seq};
	struct job job = mapping->common;
	struct layout counted = {0};
	struct name name;
	name_make(&name, row);
	lay_out(mapping, &given, &name, &job, &counted);
	struct made *made = malloc(sizeof *made + layout_size(&counted));
	if (!made) {
		return NULL;
	}
	struct layout layout = layout_in(made->texts, &counted);
	atomic_init(&made->holders, 0);
	lay_out(mapping, &given, &name, &job, &layout);
	job.seq = seq;
	job.argv = made->texts;
	job.argc = counted.n_texts;
	job.broken = broken(row);
	job.holders = &made->holders;
	made->job = job;
	return &made->job;
}
