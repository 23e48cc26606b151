/* SPDX-License-Identifier: MIT
 * The settings of an order, applied to the process that reads it. */
#ifndef STEP_APPLY_H
#define STEP_APPLY_H

#include "step/step.h"

struct step_failure {
	enum step_matter matter;
	int error, detail;
};

/* All of them, in the order that lets each succeed. false: *failure says which did not. */
bool step_apply(const struct step_order *order, const struct step_parts *parts,
	struct step_failure *failure);
#endif
