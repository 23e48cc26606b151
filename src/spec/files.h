/* SPDX-License-Identifier: MIT
 * What the file says of a job's streams and of files read for it: keys that few jobs have. Comes
 * with spec.h. */
#ifndef SPEC_FILES_H
#define SPEC_FILES_H

#include "spec/spec.h"

enum spec_sink_kind {
	SINK_NONE, /* not given, or refused */
	SINK_CAPTURE,
	SINK_INHERIT,
	SINK_DEVNULL,
	SINK_STDOUT, /* where standard output goes; only of standard error */
	SINK_PATH,
};

struct spec_sink {
	enum spec_sink_kind kind;
	bool append;
	struct spec_text path; /* of SINK_PATH */
};

struct spec_size {
	uint64_t value; /* bytes; UINT64_MAX: no limit */
	bool given;
};

struct spec_files {
	struct spec_text in, env_file; /* paths */
	struct spec_sink out, err;
	struct spec_size max_output;
};
#endif
