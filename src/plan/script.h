/* SPDX-License-Identifier: MIT
 * Run scripts: no value is ever pasted into one. */
#ifndef PLAN_SCRIPT_H
#define PLAN_SCRIPT_H

#include "plan/template.h"

/* Reports every ${{ }} in the script; the hint names the variable to write instead. */
void script_check(const struct spec_text *script, const struct scope *scope);
#endif
