/* SPDX-License-Identifier: MIT
 * The formats of spool list: each appends all of it. 0, or -1 with errno ENOMEM. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "base/buf.h"
#include "plan/plan.h"

int list_text(const struct plan *plan, struct buf *buf);
int list_dot(const struct plan *plan, struct buf *buf);
#endif
