/* SPDX-License-Identifier: MIT
 * What the file says of what a job may: the keys that few jobs have. Comes with spec.h. */
#ifndef SPEC_RIGHTS_H
#define SPEC_RIGHTS_H

#include "spec/spec.h"

struct spec_int {
	int value;
	struct mark at;
	bool given;
};

/* The keys of 'limits', in this order. */
enum spec_limit_name { LIMIT_NOFILE, LIMIT_AS, LIMIT_CPU, LIMIT_FSIZE, LIMIT_CORE, SPEC_LIMITS };

extern const char *const spec_limit_names[SPEC_LIMITS];

struct spec_limit {
	uint64_t value; /* files, bytes, seconds; UINT64_MAX: none */
	struct mark at;
	bool given;
};

struct spec_rights {
	struct spec_text user, group;
	struct spec_texts extra_groups; /* given and without items: none at all */
	struct spec_int umask, nice;
	struct spec_limit limits[SPEC_LIMITS];
};
#endif
