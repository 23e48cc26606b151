/* SPDX-License-Identifier: MIT
 * A mapping, for those who make it and its jobs. */
#ifndef PLAN_MAPPING_PARTS_H
#define PLAN_MAPPING_PARTS_H

#include "plan/bundle.h"
#include "plan/mapping.h"
#include "plan/shell_script.h"

struct mapping {
	struct arena *arena;
	struct job common;              /* what all jobs have alike */
	const struct pattern *patterns; /* the words */
	size_t n;
	const struct shell_script *script; /* stands behind the first two words; NULL: no shell */
	const struct pattern *label;       /* NULL: none */
	bool several;                      /* a job may have more than one row */
	struct bundle_rule rule;           /* of several */
};
#endif
