/* SPDX-License-Identifier: MIT
 * A plan as one JSON document, for `spool list`: its head, a line for each job, its foot. Comes
 * with report.h. Each appends; 0, or -1 with errno ENOMEM. */
#ifndef REPORT_LISTING_H
#define REPORT_LISTING_H

#include "base/buf.h"
#include "plan/plan.h"

int listing_begin(const struct plan *plan, struct buf *buf);
/* The job that would start as the i-th one. */
int listing_job(const struct plan *plan, size_t i, struct buf *buf);
int listing_end(struct buf *buf);
#endif
