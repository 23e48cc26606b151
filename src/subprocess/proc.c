// SPDX-License-Identifier: MIT
// The life of an sp_proc, and what can be asked of it.
#include "subprocess/proc.h"

#include "base/fd.h"

#include <stdlib.h>

sp_proc *proc_new(const sp_opts *opts) {
	sp_proc *proc = calloc(1, sizeof *proc);
	if (!proc) {
		return NULL;
	}
	if (pthread_mutex_init(&proc->lock, NULL) != 0) {
		free(proc);
		return NULL;
	}
	proc->pidfd = -1;
	proc->leads_group = opts->start_new_session || opts->process_group == 0;
	proc->cancel = opts->cancel;
	for (int i = 0; i < 3; i++) {
		proc->pipe[i] = -1;
		proc->output[i].limit = opts->max_output;
	}
	return proc;
}

void proc_close_pipes(sp_proc *proc) {
	for (int i = 0; i < 3; i++) {
		fd_close(&proc->pipe[i]);
	}
}

void proc_destroy(sp_proc *proc) {
	proc_close_pipes(proc);
	fd_close(&proc->pidfd);
	for (int i = 0; i < 3; i++) {
		kept_clear(&proc->output[i]);
	}
	pthread_mutex_destroy(&proc->lock);
	free(proc);
}

pid_t sp_pid(const sp_proc *proc) {
	return proc->pid;
}

int sp_pidfd(const sp_proc *proc) {
	return proc->pidfd;
}

int sp_fd(const sp_proc *proc, int which) {
	return which >= 0 && which < 3 ? proc->pipe[which] : -1;
}

int sp_detach_fd(sp_proc *proc, int which) {
	int fd = sp_fd(proc, which);
	if (fd >= 0) {
		proc->pipe[which] = -1;
	}
	return fd;
}

size_t sp_omitted(const sp_proc *proc, int which) {
	return which == 1 || which == 2 ? proc->output[which].omitted : 0;
}

// Taking a lock changes nothing that a caller could see.
static pthread_mutex_t *lock_of(const sp_proc *proc) {
	return (pthread_mutex_t *)&proc->lock;
}

bool sp_returncode(const sp_proc *proc, int *rc, bool *status_lost) {
	pthread_mutex_lock(lock_of(proc));
	bool reaped = proc->reaped;
	if (reaped && rc) {
		*rc = proc->returncode;
	}
	if (reaped && status_lost) {
		*status_lost = proc->status_lost;
	}
	pthread_mutex_unlock(lock_of(proc));
	return reaped;
}

bool sp_rusage(const sp_proc *proc, struct rusage *usage) {
	pthread_mutex_lock(lock_of(proc));
	bool known = proc->reaped && !proc->status_lost;
	if (known) {
		*usage = proc->usage;
	}
	pthread_mutex_unlock(lock_of(proc));
	return known;
}
