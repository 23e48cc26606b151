/* SPDX-License-Identifier: MIT
 * What the file says of when a job runs and when the run ends. Comes with spec.h. */
#ifndef SPEC_NEEDS_H
#define SPEC_NEEDS_H

#include "spec/spec.h"

enum need_condition {
	NEED_PASSED, /* or was allowed to fail */
	NEED_DONE,   /* ended, or was skipped */
	NEED_FAILED, /* ran and did not pass */
};

enum when {
	WHEN_NEEDED,     /* all needs are met */
	WHEN_ALWAYS,     /* all of them have ended, whatever the outcome */
	WHEN_ON_FAILURE, /* the same, and one of them did not pass */
};

struct spec_need {
	struct spec_text which; /* a name, a matrix job's name or a glob */
	enum need_condition condition;
};
struct spec_needs {
	struct spec_need *items;
	size_t n;
	struct mark at;
};

enum halt_on { HALT_NEVER, HALT_FAIL, HALT_SUCCESS, HALT_DONE };

/* now|soon,fail|success|done=N|N% */
struct halt {
	enum halt_on on;
	bool now, percent;
	unsigned n;
	const char *text; /* as given */
};

/* Reads such a word, or never. NULL, or a phrase that says what is wrong; text is borrowed. */
const char *halt_parse(const char *text, struct halt *halt);
#endif
