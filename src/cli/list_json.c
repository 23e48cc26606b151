// SPDX-License-Identifier: MIT
// The list for programs.
#include "cli/list.h"
#include "report/report.h"

static int begin(const struct plan *plan, struct buf *buf, void **state) {
	(void)state;
	return listing_begin(plan, buf);
}

static int job(const struct plan *plan, size_t i, struct buf *buf, void *state) {
	(void)state;
	return listing_job(plan, i, buf);
}

static int end(const struct plan *plan, struct buf *buf, void *state) {
	(void)plan, (void)state;
	return listing_end(buf);
}

const struct listed listed_json = {begin, job, end};
