/* SPDX-License-Identifier: MIT
 * Where a job's output goes, when it is not captured. */
#ifndef PLAN_SINKS_H
#define PLAN_SINKS_H

#include "plan/settings.h"
#include "plan/template.h"

struct kitchen;

struct sinks_recipe {
	struct template out, err; /* paths */
	const struct sinks *same; /* of all jobs of the recipe; NULL: they differ, or not yet */
};

struct sinks_recipe sinks_compile(const struct settings *settings, const struct scope *scope);

/* SINK_NONE (NULL) is captured. */
enum stream sinks_stream(const struct spec_sink *sink);

/* The files that one job writes to, looked at; NULL: none. */
const struct sinks *sinks_bind(struct sinks_recipe *recipe, const struct settings *settings,
	const struct binding *binding, struct kitchen *kitchen);
#endif
