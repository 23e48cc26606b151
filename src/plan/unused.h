/* SPDX-License-Identifier: MIT
 * Matrix variables that a job does not use. */
#ifndef PLAN_UNUSED_H
#define PLAN_UNUSED_H

#include "spec/spec.h"

/* Adds a warning for each variable of the job that no text of it names. */
void unused_variables(
	const struct spec *spec, const struct spec_job *job, struct problems *problems);
#endif
