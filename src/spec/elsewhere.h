/* SPDX-License-Identifier: MIT
 * Words that people bring along from other tools: what says the same here. Internal to spec. */
#ifndef SPEC_ELSEWHERE_H
#define SPEC_ELSEWHERE_H

/* What a key that does not exist was to say, when it is one of ours: that this is missing then is
   no second mistake. */
enum meant { MEANT_OTHER, MEANT_COMMAND, MEANT_MATRIX, MEANT_JOBS };

struct elsewhere {
	const char *name, *hint;
	enum meant meant;
};

/* NULL: it is no such word. */
const struct elsewhere *elsewhere_in_job(const char *key);
const struct elsewhere *elsewhere_at_top(const char *key);
const struct elsewhere *elsewhere_in_need(const char *key);
const struct elsewhere *elsewhere_in_source(const char *key); /* of matrix values */
const struct elsewhere *elsewhere_as_when(const char *value);
const struct elsewhere *elsewhere_as_condition(const char *value);
#endif
