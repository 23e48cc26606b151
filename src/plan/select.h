/* SPDX-License-Identifier: MIT
 * The jobs that the command line asks for: JOB…, --only and --skip. */
#ifndef PLAN_SELECT_H
#define PLAN_SELECT_H

#include "plan/catalogue.h"

struct selection {
	bool *taken;         /* for each job of the catalogue */
	const bool *skipped; /* likewise: by --skip */
	size_t n;            /* how many are */
};

/* Whether anything but all jobs is asked for. */
bool selection_asked(const struct plan_options *options);

/* Memory from the arena. What selects nothing is a problem without a place. */
struct selection selection_make(const struct catalogue *catalogue,
	const struct plan_options *options, struct arena *arena, struct problems *problems);
#endif
