// SPDX-License-Identifier: MIT
// Reading one placeholder, and taking the part of a value that it names.
#include "plan/placeholder.h"

#include <limits.h>
#include <string.h>

// What stands behind the value's name, with the brace; 0: something else does.
static size_t read_part(const char *text, enum placeholder_part *part) {
	static const struct {
		const char *text;
		enum placeholder_part part;
	} parts[] = {
		{"}", PART_WHOLE},
		{".}", PART_STEM},
		{"/}", PART_BASE},
		{"//}", PART_FOLDER},
		{"/.}", PART_BASE_STEM},
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t len = strlen(parts[i].text);
		if (strncmp(text, parts[i].text, len) == 0) {
			*part = parts[i].part;
			return len;
		}
	}
	return 0;
}

// The first column that fits.
static size_t read_name(
	const char *text, const struct placeholder_words *words, struct placeholder *placeholder) {
	for (size_t i = 0; i < words->n_names; i++) {
		size_t len = strlen(words->names[i]), rest;
		enum placeholder_part part;
		if (strncmp(text, words->names[i], len) == 0 &&
			(rest = read_part(text + len, &part)) > 0) {
			*placeholder = (struct placeholder){PLACEHOLDER_VALUE, part, (long)(i + 1)};
			return len + rest;
		}
	}
	return 0;
}

static size_t read_position(const char *text, struct placeholder *placeholder) {
	size_t sign = text[0] == '-', digits = strspn(text + sign, "0123456789");
	long position = 0;
	for (size_t i = sign; i < sign + digits; i++) {
		// Past what any job has, they are all the same.
		position = position < INT_MAX ? position * 10 + (text[i] - '0') : position;
	}
	*placeholder = (struct placeholder){
		.kind = PLACEHOLDER_VALUE, .position = sign ? -position : position};
	size_t rest = read_part(text + sign + digits, &placeholder->part);
	return position > 0 && rest > 0 ? sign + digits + rest : 0;
}

size_t placeholder_read(
	const char *text, const struct placeholder_words *words, struct placeholder *placeholder) {
	*placeholder = (struct placeholder){0};
	size_t replace = words->replace ? strlen(words->replace) : 0, len;
	if (replace > 0 && strncmp(text, words->replace, replace) == 0) {
		return replace;
	}
	if (text[0] != '{') {
		return 0;
	}
	if ((len = read_name(text + 1, words, placeholder)) > 0) {
		return 1 + len;
	}
	if (text[1] == '#' || text[1] == '%') {
		placeholder->kind = text[1] == '#' ? PLACEHOLDER_SEQ : PLACEHOLDER_SLOT;
		return text[2] == '}' ? 3 : 0;
	}
	if ((len = read_part(text + 1, &placeholder->part)) > 0) {
		return words->replace && placeholder->part == PART_WHOLE ? 0 : 1 + len;
	}
	len = read_position(text + 1, placeholder);
	return len > 0 ? 1 + len : 0;
}

const char *placeholder_find(const char *text, const struct placeholder_words *words,
	struct placeholder *placeholder, size_t *len) {
	for (; *text; text++) {
		if ((*len = placeholder_read(text, words, placeholder)) > 0) {
			return text;
		}
	}
	return NULL;
}

const struct value *placeholder_value(long position, const struct value *values, size_t n) {
	size_t from_end = position < 0 ? (size_t)-position : 0;
	size_t index = position < 0 ? n - from_end : (size_t)position - 1;
	return from_end <= n && index < n ? &values[index] : NULL;
}

static size_t behind_last_slash(struct value value) {
	const char *slash = memrchr(value.text, '/', value.len);
	return slash ? (size_t)(slash - value.text) + 1 : 0;
}

static struct value stem(struct value value) {
	const char *dot = memrchr(value.text, '.', value.len);
	if (dot && (size_t)(dot - value.text) >= behind_last_slash(value)) {
		value.len = (size_t)(dot - value.text);
	}
	return value;
}

static struct value base(struct value value) {
	size_t start = behind_last_slash(value);
	return (struct value){value.text + start, value.len - start};
}

// As dirname(1): slashes at the end do not count, "/" is its own folder, a bare name's is ".".
static struct value folder(struct value value) {
	size_t len = value.len;
	while (len > 1 && value.text[len - 1] == '/') {
		len--;
	}
	len = behind_last_slash((struct value){value.text, len});
	while (len > 1 && value.text[len - 1] == '/') {
		len--;
	}
	return len > 0 ? (struct value){value.text, len} : (struct value){".", 1};
}

struct value placeholder_part(enum placeholder_part part, struct value value) {
	switch (part) {
	case PART_WHOLE:
		break;
	case PART_STEM:
		return stem(value);
	case PART_BASE:
		return base(value);
	case PART_FOLDER:
		return folder(value);
	case PART_BASE_STEM:
		return stem(base(value));
	}
	return value;
}
