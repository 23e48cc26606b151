/* SPDX-License-Identifier: MIT
 * What of a job is known before it starts; the rest stands there as it is written. */
#ifndef REPORT_UNBOUND_H
#define REPORT_UNBOUND_H

#include "plan/plan.h"
#include "report/object.h"

/* "log.${{ spool.slot }}"; the caller frees it; NULL without memory. */
char *unbound_text(const struct text *text);

/* As "args" and "tags", lists of texts. */
void unbound_args(struct object *object, const struct job *job);
void unbound_tags(struct object *object, const struct job *job);
#endif
