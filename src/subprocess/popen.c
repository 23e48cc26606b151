// SPDX-License-Identifier: MIT
// sp_popen: everything is prepared, then one spawn; whatever fails, one path closes it all.
#include "base/error.h"
#include "base/fd.h"
#include "subprocess/options.h"
#include "subprocess/parent.h"
#include "subprocess/pidfd.h"
#include "subprocess/proc.h"
#include "subprocess/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

// Opened here, so that its errors are not taken for those of the program.
static sp_status open_cwd(struct launch *launch, const char *cwd, sp_error *error) {
	launch->cwd_fd = -1;
	if (!cwd) {
		return SP_OK;
	}
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
	launch->cwd_fd = fd_above_stdio(open(cwd, flags));
	// The path may lead to a directory that itself may not be entered; then it has no ".".
	int inside = launch->cwd_fd >= 0 ? openat(launch->cwd_fd, ".", flags) : -1;
	if (inside < 0) {
		sp_status status = error_os(error, errno, SP_AT_CWD, cwd);
		fd_close(&launch->cwd_fd);
		return status;
	}
	fd_close(&inside);
	return SP_OK;
}

static sp_status launch_init(struct launch *launch, const sp_opts *opts, sp_error *error) {
	launch->opts = opts;
	sp_status status = command_init(&launch->command, opts, error);
	if (status != SP_OK) {
		return status;
	}
	status = inherit_init(&launch->inherit, opts, error);
	if (status != SP_OK) {
		goto no_inherit;
	}
	status = streams_open(&launch->streams, opts, error);
	if (status != SP_OK) {
		goto no_streams;
	}
	status = open_cwd(launch, opts->cwd, error);
	if (status != SP_OK) {
		goto no_cwd;
	}
	status = step_init(&launch->step, opts, &launch->command, &launch->inherit, error);
	if (status == SP_OK) {
		return SP_OK;
	}
	fd_close(&launch->cwd_fd);
no_cwd:
	streams_close(&launch->streams);
no_streams:
	inherit_clear(&launch->inherit);
no_inherit:
	command_clear(&launch->command);
	return status;
}

static void launch_clear(struct launch *launch) {
	step_clear(&launch->step);
	fd_close(&launch->cwd_fd);
	streams_close(&launch->streams);
	inherit_clear(&launch->inherit);
	command_clear(&launch->command);
}

// The pipes change hands.
static void take_pipes(sp_proc *proc, struct streams *streams) {
	for (int i = 0; i < 3; i++) {
		proc->pipe[i] = streams->ours[i];
		proc->piped[i] = streams->ours[i] >= 0;
		streams->ours[i] = -1;
	}
}

static unsigned warnings_of(const sp_opts *opts) {
	bool closes_after_all = !opts->close_fds && opts->n_pass_fds > 0;
	bool keeps_groups = opts->uid >= 0 && opts->uid != geteuid() && opts->n_groups < 0;
	return (closes_after_all ? SP_W_PASS_FDS : 0U) | (keeps_groups ? SP_W_GROUPS_KEPT : 0U);
}

static sp_status start(sp_proc **out, const sp_opts *given, sp_error *error) {
	sp_error_clear(error);
	*out = NULL;
	sp_opts opts;
	sp_status status = opts_load(&opts, given, error);
	if (status != SP_OK) {
		return status;
	}
	sigset_t mask;
	if (opts.pdeathsig && !opts.sigmask) {
		// Another thread may start it.
		pthread_sigmask(SIG_SETMASK, NULL, &mask);
		opts.sigmask = &mask;
	}
	sp_reap_abandoned();
	struct launch launch;
	status = launch_init(&launch, &opts, error);
	if (status != SP_OK) {
		return status;
	}
	// Before the spawn, since a child without an sp_proc would be nobody's.
	sp_proc *proc = proc_new(&opts);
	if (!proc) {
		launch_clear(&launch);
		return error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	}
	status = opts.pdeathsig ? parent_spawn(&launch, &proc->pid, error)
				: spawn(&launch, &proc->pid, error);
	if (status == SP_OK && launch.step.needed) {
		// Now, since it may end, and its number be given away, before it is heard of.
		proc->pidfd = pidfd_of(proc->pid);
		status = step_await(&launch.step, proc, launch.command.file, error);
	}
	if (status == SP_OK) {
		take_pipes(proc, &launch.streams);
	}
	// Closes the child's ends too, without which there would be no end of file.
	launch_clear(&launch);
	if (status != SP_OK) {
		proc_destroy(proc);
		return status;
	}
	if (proc->pidfd < 0) {
		// With what has been closed there may be a descriptor free.
		proc->pidfd = pidfd_of(proc->pid);
	}
	if (error) {
		error->warnings |= warnings_of(&opts);
	}
	*out = proc;
	return SP_OK;
}

sp_status sp_popen(sp_proc **out, const sp_opts *given, sp_error *error) {
	int before;
	// A child without an owner, and a lock that others want, must not be left behind.
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	sp_status status = start(out, given, error);
	pthread_setcancelstate(before, NULL);
	return status;
}

sp_status sp_close(sp_proc *proc, sp_error *error) {
	proc_close_pipes(proc);
	return sp_wait(proc, SP_FOREVER, NULL, error);
}

void sp_free(sp_proc *proc) {
	if (!proc) {
		return;
	}
	proc_close_pipes(proc);
	if (proc_reap(proc) == 0) {
		abandoned_add(proc);
	} else {
		proc_destroy(proc);
	}
}
