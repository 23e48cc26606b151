// SPDX-License-Identifier: MIT
// sp_run_task: sp_run in the shape of a pool's task.
#include "base/error.h"
#include "subprocess/options.h"

#include <errno.h>
#include <stdlib.h>

static sp_status run_command(
	const sp_command *command, const sp_cancel *cancel, sp_result *result) {
	sp_opts opts;
	sp_status status = opts_load(&opts, command->opts, &result->error);
	if (status != SP_OK) {
		return status;
	}
	if (opts.cancel) {
		return error_set(
			&result->error, SP_E_VALUE, "cancel: the pool's stands there in a task");
	}
	opts.cancel = cancel;
	return sp_run(&opts, command->run, result);
}

sp_status sp_run_task(void *command, const sp_cancel *cancel, void **value, sp_error *error) {
	sp_result *result = malloc(sizeof *result);
	if (!result) {
		return error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	}
	*result = (sp_result){.timeout_ns = SP_FOREVER, .error = SP_ERROR_INIT};
	sp_status status = run_command(command, cancel, result);
	error_copy(error, &result->error);
	*value = result;
	return status;
}

void sp_result_free(void *result) {
	sp_result_clear(result);
	free(result);
}
