/* SPDX-License-Identifier: MIT
 * The lines that open and close the report: {jobs} {workers} {done} {elapsed:.2f}. */
#ifndef PLAN_HEADLINE_H
#define PLAN_HEADLINE_H

#include "plan/plan.h"

#define HEADLINE_TITLE "Running {jobs} jobs with {workers} workers:"
#define HEADLINE_FOOTER "{done} jobs in {elapsed:.2f}s"

/* Reports all that plan_headline could not fill in. */
void headline_check(
	const struct spec *spec, const struct spec_text *format, struct problems *problems);
#endif
