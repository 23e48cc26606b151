// SPDX-License-Identifier: MIT
// The defaults of the structs that callers fill.
#include "subprocess/options.h"

#include "base/sized.h"

static const sp_opts opts_defaults = {
	.size = sizeof(sp_opts),
	.in = SP_INHERIT,
	.out = SP_INHERIT,
	.err = SP_INHERIT,
	.close_fds = true,
	.restore_signals = true,
	.process_group = -1,
	.pipesize = -1,
	.umask = -1,
	.uid = -1,
	.gid = -1,
	.n_groups = -1,
};

static const sp_run_opts run_defaults = {
	.size = sizeof(sp_run_opts),
	.timeout_ns = SP_FOREVER,
};

static const sp_pump_opts pump_defaults = {
	.size = sizeof(sp_pump_opts),
	.deadline_ns = SP_FOREVER,
	.drain_ns = -1,
};

void sp_opts_init_size(sp_opts *opts, size_t size) {
	sized_init(opts, size, &opts_defaults, sizeof opts_defaults);
}

void sp_run_opts_init_size(sp_run_opts *opts, size_t size) {
	sized_init(opts, size, &run_defaults, sizeof run_defaults);
}

void sp_pump_opts_init_size(sp_pump_opts *opts, size_t size) {
	sized_init(opts, size, &pump_defaults, sizeof pump_defaults);
}

sp_status opts_load(sp_opts *mine, const sp_opts *theirs, sp_error *error) {
	*mine = opts_defaults;
	return sized_load(mine, sizeof *mine, theirs, "sp_opts", error);
}

sp_status run_opts_load(sp_run_opts *mine, const sp_run_opts *theirs, sp_error *error) {
	*mine = run_defaults;
	return theirs ? sized_load(mine, sizeof *mine, theirs, "sp_run_opts", error) : SP_OK;
}

sp_status pump_opts_load(sp_pump_opts *mine, const sp_pump_opts *theirs, sp_error *error) {
	*mine = pump_defaults;
	return theirs ? sized_load(mine, sizeof *mine, theirs, "sp_pump_opts", error) : SP_OK;
}
