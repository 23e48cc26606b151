/* SPDX-License-Identifier: MIT
 * What is said of a ${{ }} that means nothing here. */
#ifndef PLAN_UNDEFINED_H
#define PLAN_UNDEFINED_H

#include "plan/reference.h"
#include "plan/template.h"

/* Where in source the reference stands. */
void undefined_report(const struct spec_text *source, const struct reference *reference,
	const struct scope *scope);
#endif
