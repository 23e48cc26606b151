// SPDX-License-Identifier: MIT
// pass_fds, put in order, so that what lies between them can be closed.
#include "subprocess/inherit.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static sp_status check_fds(const sp_opts *opts, sp_error *error) {
	if (!opts->pass_fds) {
		return error_set(error, SP_E_VALUE, "pass_fds is NULL");
	}
	for (size_t i = 0; i < opts->n_pass_fds; i++) {
		if (opts->pass_fds[i] < 0) {
			return error_set(
				error, SP_E_VALUE, "pass_fds: %d is negative", opts->pass_fds[i]);
		}
		if (fcntl(opts->pass_fds[i], F_GETFD) < 0) {
			return error_os_says(error, errno, SP_AT_FDS,
				"pass_fds: there is no descriptor %d", opts->pass_fds[i]);
		}
	}
	return SP_OK;
}

static void sort_unique(struct inherit *inherit) {
	qsort(inherit->fds, inherit->n, sizeof *inherit->fds, compare);
	size_t kept = 0;
	for (size_t i = 0; i < inherit->n; i++) {
		if (kept == 0 || inherit->fds[kept - 1] != inherit->fds[i]) {
			inherit->fds[kept++] = inherit->fds[i];
		}
	}
	inherit->n = kept;
}

static int count_gaps(const struct inherit *inherit) {
	int next = 3, gaps = 0;
	for (size_t i = 0; i < inherit->n; i++) {
		if (inherit->fds[i] >= next) {
			gaps += inherit->fds[i] - next;
			next = inherit->fds[i] + 1;
		}
	}
	return gaps;
}

sp_status inherit_init(struct inherit *inherit, const sp_opts *opts, sp_error *error) {
	*inherit = (struct inherit){.close_others = opts->close_fds || opts->n_pass_fds > 0};
	if (opts->n_pass_fds == 0) {
		return SP_OK;
	}
	sp_status status = check_fds(opts, error);
	if (status != SP_OK) {
		return status;
	}
	inherit->n = opts->n_pass_fds;
	inherit->fds = malloc(inherit->n * sizeof *inherit->fds);
	if (!inherit->fds) {
		return error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	}
	memcpy(inherit->fds, opts->pass_fds, inherit->n * sizeof *inherit->fds);
	sort_unique(inherit);
	inherit->gaps = count_gaps(inherit);
	return SP_OK;
}

void inherit_clear(struct inherit *inherit) {
	free(inherit->fds);
	*inherit = (struct inherit){0};
}
