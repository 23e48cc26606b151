// SPDX-License-Identifier: MIT
// Objects are made and printed by jansson; what they hold are words, numbers and texts of others.
#include "report/object.h"
#include "report/encode.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 15 }; // more would show what a double is not

struct object object_new(void) {
	return (struct object){.json = json_object()};
}

void object_drop(struct object *object) {
	json_decref(object->json);
	object->json = NULL;
}

static void set(struct object *object, const char *key, json_t *value) {
	if (json_object_set_new_nocheck(object->json, key, value) < 0) {
		object->failed = true;
	}
}

void object_number(struct object *object, const char *key, int64_t number) {
	set(object, key, json_integer(number));
}

void object_seconds(struct object *object, const char *key, int64_t ns) {
	int64_t us = ns / 1000;
	set(object, key, json_real((double)us / 1e6));
}

void object_flag(struct object *object, const char *key, bool flag) {
	set(object, key, json_boolean(flag));
}

void object_word(struct object *object, const char *key, const char *word) {
	set(object, key, word ? json_string_nocheck(word) : json_null());
}

// Text that is no UTF-8, as text all the same.
static json_t *repaired(const char *text) {
	struct encode_text encode = {.raw = true};
	struct buf buf = {0};
	size_t n = strlen(text);
	json_t *value = NULL;
	if (buf_reserve(&buf, encode_text_room(n)) == 0) {
		encode_text(&encode, text, n, &buf);
		encode_text_end(&encode, &buf);
		value = json_stringn_nocheck(buf.data, buf.len);
	}
	buf_clear(&buf);
	return value;
}

static json_t *in_base64(const char *text) {
	struct encode_base64 encode = {0};
	struct buf buf = {0};
	size_t n = strlen(text);
	json_t *value = NULL;
	if (buf_reserve(&buf, encode_base64_room(n)) == 0) {
		encode_base64(&encode, text, n, &buf);
		encode_base64_end(&encode, &buf);
		value = json_stringn_nocheck(buf.data, buf.len);
	}
	buf_clear(&buf);
	return value;
}

static json_t *text_value(const char *text, bool *whole) {
	json_t *value = json_string(text);
	*whole = value != NULL;
	return value ? value : repaired(text);
}

bool object_repaired(struct object *object, const char *key, const char *text) {
	bool whole;
	set(object, key, text_value(text, &whole));
	return whole;
}

void object_base64(struct object *object, const char *key, const char *text) {
	set(object, key, in_base64(text));
}

static void set_beside(struct object *object, const char *key, json_t *value) {
	char beside[32]; // the keys are our own
	snprintf(beside, sizeof beside, "%s_base64", key);
	set(object, beside, value);
}

void object_text(struct object *object, const char *key, const char *text) {
	if (!text) {
		set(object, key, json_null());
	} else if (!object_repaired(object, key, text)) {
		set_beside(object, key, in_base64(text));
	}
}

void object_texts(struct object *object, const char *key, const char *const *texts, size_t n) {
	json_t *list = json_array(), *bytes = NULL;
	bool all_whole = true;
	for (size_t i = 0; i < n; i++) {
		bool whole = true;
		json_t *value = texts[i] ? text_value(texts[i], &whole) : NULL;
		object->failed |= json_array_append_new(list, value) < 0;
		all_whole &= whole;
	}
	set(object, key, list);
	if (all_whole) {
		return;
	}
	bytes = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *value = texts[i] ? in_base64(texts[i]) : NULL;
		object->failed |= json_array_append_new(bytes, value) < 0;
	}
	set_beside(object, key, bytes);
}

void object_inner(struct object *object, const char *key, struct object *inner) {
	object->failed |= inner->failed;
	set(object, key, inner->json);
	inner->json = NULL;
}

void object_append(struct object *object, const char *key, struct object *inner) {
	json_t *list = json_object_get(object->json, key);
	if (!list) {
		set(object, key, list = json_array());
	}
	if (inner) {
		object->failed |= inner->failed || json_array_append_new(list, inner->json) < 0;
		inner->json = NULL;
	}
}

void object_numbers(struct object *object, const char *key, const int64_t *numbers, size_t n) {
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		object->failed |= json_array_append_new(list, json_integer(numbers[i])) < 0;
	}
	set(object, key, list);
}

int object_print(struct object *object, struct buf *buf) {
	const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(DIGITS);
	size_t n = object->failed ? 0 : json_dumpb(object->json, buf->data, buf->cap, flags);
	buf->len = 0;
	if (n > buf->cap) {
		n = buf_reserve(buf, n) < 0 ? 0
					    : json_dumpb(object->json, buf->data, buf->cap, flags);
	}
	object_drop(object);
	buf->len = n ? n - 1 : 0;
	errno = n ? errno : ENOMEM;
	return n ? 0 : -1;
}
