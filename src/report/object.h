/* SPDX-License-Identifier: MIT
 *
 * A JSON object in the making. What cannot be set, for want of memory, is seen when it is printed.
 * Texts that are no UTF-8 are repaired, and KEY_base64 beside them has the bytes. */
#ifndef REPORT_OBJECT_H
#define REPORT_OBJECT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object {
	void *json;
	bool failed;
};

struct object object_new(void);
/* Of one that is not printed. */
void object_drop(struct object *object);

/* NULL is null, in both; a word is one of ours, in ASCII. */
void object_text(struct object *object, const char *key, const char *text);
/* The two halves of that; whether the text is UTF-8. */
bool object_repaired(struct object *object, const char *key, const char *text);
void object_base64(struct object *object, const char *key, const char *text);
void object_word(struct object *object, const char *key, const char *word);
void object_number(struct object *object, const char *key, int64_t number);
/* Nanoseconds in seconds, to the microsecond. */
void object_seconds(struct object *object, const char *key, int64_t ns);
void object_flag(struct object *object, const char *key, bool flag);
/* A list of texts; one that is NULL could not be made. With KEY_base64, a list of all, where one of
   them is no UTF-8. */
void object_texts(struct object *object, const char *key, const char *const *texts, size_t n);
/* Another object, which it takes; or an entry of a list of them, which is there then even if empty:
   inner NULL. */
void object_inner(struct object *object, const char *key, struct object *inner);
void object_append(struct object *object, const char *key, struct object *inner);
/* A list of numbers. */
void object_numbers(struct object *object, const char *key, const int64_t *numbers, size_t n);

/* Prints it into the buffer, in place of what is in it, without the last brace, and frees it. 0, or
   -1 with errno ENOMEM. In its strings only control characters below blank are escaped: encode_json
   is for what goes on. */
int object_print(struct object *object, struct buf *buf);
#endif
