/* SPDX-License-Identifier: MIT
 * The matrix of a job as it is written. Comes with spec.h. */
#ifndef SPEC_MATRIX_H
#define SPEC_MATRIX_H

#include "spec/spec.h"

/* Where the values of a variable come from. */
enum values_from {
	VALUES_LISTED, /* from the file itself */
	VALUES_LINES,  /* {lines: FILE} */
	VALUES_GLOB,   /* {glob: PATTERN} */
	VALUES_RANGE,  /* {range: [FIRST, LAST, STEP]} */
};

struct spec_variable {
	struct spec_text name;
	struct spec_texts
		values; /* or what they come from: a path, a pattern, two or three numbers */
	enum values_from from;
};

/* An entry of include or exclude: variables and their values, at least one. */
struct spec_combination {
	struct spec_pair *items;
	size_t n;
	struct mark at;
};
struct spec_combinations {
	struct spec_combination *items;
	size_t n;
	struct mark at; /* of the key; line 0: not given */
};
struct spec_changes {
	struct spec_combinations include, exclude;
};
#endif
