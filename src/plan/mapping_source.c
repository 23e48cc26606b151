// SPDX-License-Identifier: MIT
// Values becoming jobs as they come.
#include "plan/mapping_parts.h"

#include <stdlib.h>

struct mapped {
	struct source source;
	const struct mapping *mapping;
	struct values *values;
	struct bundle bundle; // of a mapping whose jobs may have several rows
	unsigned seq;         // of the last job
	const char *problem;  // NULL: values_problem says it
};

static enum source_state fail(struct mapped *mapped) {
	mapped->problem = "out of memory";
	return SOURCE_FAILED;
}

static enum source_state make(
	struct mapped *mapped, const struct row *row, const struct job **job) {
	*job = mapping_job(mapped->mapping, row, mapped->seq + 1);
	if (!*job) {
		return fail(mapped);
	}
	mapped->seq++;
	return SOURCE_JOB;
}

static enum source_state next(struct source *source, const struct job **job) {
	struct mapped *mapped = (struct mapped *)source;
	const struct mapping *mapping = mapped->mapping;
	struct row row;
	while (!mapping->several || !bundle_take(&mapped->bundle, &row)) {
		if (mapped->bundle.ended) {
			return SOURCE_END;
		}
		switch (values_next(mapped->values, &row)) {
		case VALUES_WAIT:
			return SOURCE_WAIT;
		case VALUES_FAILED:
			return SOURCE_FAILED;
		case VALUES_END:
			bundle_end(&mapped->bundle);
			break;
		case VALUES_ROW:
			if (!mapping->several) {
				return make(mapped, &row, job);
			}
			if (bundle_add(&mapped->bundle, &row) < 0) {
				return fail(mapped);
			}
			break;
		}
	}
	return make(mapped, &row, job);
}

static int fd(const struct source *source) {
	return values_fd(((const struct mapped *)source)->values);
}

static const char *problem(const struct source *source) {
	const struct mapped *mapped = (const struct mapped *)source;
	return mapped->problem ? mapped->problem : values_problem(mapped->values);
}

struct source *mapping_source(const struct mapping *mapping, struct values *values) {
	struct mapped *mapped = malloc(sizeof *mapped);
	if (!mapped) {
		return NULL;
	}
	*mapped = (struct mapped){
		.source = {next, fd, problem},
		.mapping = mapping,
		.values = values,
		.bundle.rule = mapping->rule,
	};
	return &mapped->source;
}

void mapping_source_free(struct source *source) {
	if (source) {
		struct mapped *mapped = (struct mapped *)source;
		bundle_clear(&mapped->bundle);
		free(mapped);
	}
}
