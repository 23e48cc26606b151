/* SPDX-License-Identifier: MIT
 * What the file says of when a job runs. Comes with spec.h. */
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
	bool refused; /* something in it was */
};

/* Keys that few jobs have. */
struct spec_schedule {
	enum when when;
	struct mark when_at; /* line 0: not given */
	struct spec_flag allow_failure;
};
#endif
