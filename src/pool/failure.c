// SPDX-License-Identifier: MIT
// The errors of single items. Most items have none, so each error that is kept has its own memory.
#include "base/error.h"
#include "pool/parts.h"

#include <stdlib.h>
#include <string.h>

static const sp_error no_memory = {.code = SP_E_NOMEM, .msg = "out of memory"};
static const sp_error dropped = {.code = SP_E_CANCELLED, .msg = "the pool was terminated"};

const sp_error *failure_keep(sp_error *error) {
	sp_error *kept = malloc(sizeof *kept);
	if (!kept) {
		sp_error_clear(error);
		return &no_memory;
	}
	*kept = *error;
	*error = (sp_error)SP_ERROR_INIT;
	return kept;
}

const sp_error *failure_dropped(void) {
	return &dropped;
}

void failure_free(const sp_error *failure) {
	if (failure && failure != &no_memory && failure != &dropped) {
		free(failure->filename);
		free((sp_error *)failure);
	}
}

sp_status failure_copy(sp_error *to, const sp_error *failure) {
	sp_error_clear(to);
	if (!failure) {
		return SP_OK;
	}
	if (to) {
		*to = *failure;
		// Without memory the name is lost, not the error.
		to->filename = failure->filename ? strdup(failure->filename) : NULL;
	}
	return failure->code;
}
