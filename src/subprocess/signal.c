// SPDX-License-Identifier: MIT
// Signals to a child and to its group, never to a stranger that got its number: through the pidfd,
// else by number while the child is certainly not collected.
#include "base/error.h"
#include "subprocess/pidfd.h"
#include "subprocess/proc.h"

#include <errno.h>
#include <sys/wait.h>

// The kernel does not know the call or its flag, or a seccomp filter is against it, which looks
// like a child that may not be signalled; kill() then says the same again.
static bool is_refused(int err) {
	return err == ENOSYS || err == EINVAL || err == EPERM;
}

static int kill_by_number(sp_proc *proc, int sig) {
	pthread_mutex_lock(&proc->lock);
	int r = proc->reaped ? 0 : kill(proc->pid, sig);
	pthread_mutex_unlock(&proc->lock);
	return r;
}

sp_status sp_send_signal(sp_proc *proc, int sig, sp_error *error) {
	sp_error_clear(error);
	if (proc_reap(proc) == 1) {
		return SP_OK;
	}
	int r = proc->pidfd >= 0 ? pidfd_signal(proc->pidfd, sig) : -1;
	if (r < 0 && (proc->pidfd < 0 || is_refused(errno))) {
		r = kill_by_number(proc, sig);
	}
	// ESRCH: it was collected in between.
	return r == 0 || errno == ESRCH ? SP_OK : error_os(error, errno, SP_AT_WAIT, NULL);
}

sp_status sp_terminate(sp_proc *proc, sp_error *error) {
	return sp_send_signal(proc, SIGTERM, error);
}

sp_status sp_kill(sp_proc *proc, sp_error *error) {
	return sp_send_signal(proc, SIGKILL, error);
}

// Before Linux 6.9: the child, running or not yet collected, pins the number of the group.
static int signal_group_by_number(sp_proc *proc, int sig) {
	int r = -1, err = ENOSYS;
	siginfo_t info;
	pthread_mutex_lock(&proc->lock);
	if (!proc->reaped && proc->pid > 1 &&
		pidfd_wait(proc->pid, proc->pidfd, WEXITED | WNOHANG | WNOWAIT, &info, NULL) == 0) {
		r = kill(-proc->pid, sig);
		err = errno;
	}
	pthread_mutex_unlock(&proc->lock);
	errno = err;
	return r;
}

static int signal_group(sp_proc *proc, int sig) {
	if (sig < 0 || sig >= NSIG) {
		errno = EINVAL;
		return -1;
	}
	int r = proc->pidfd >= 0 ? pidfd_signal_group(proc->pidfd, sig) : -1;
	int err = errno;
	if (r == 0 || (proc->pidfd >= 0 && !is_refused(err))) {
		return r;
	}
	r = signal_group_by_number(proc, sig);
	if (r < 0 && errno == ENOSYS && proc->pidfd >= 0 && err == EPERM) {
		errno = EPERM;
	}
	return r;
}

sp_status sp_signal_group(sp_proc *proc, int sig, sp_error *error) {
	sp_error_clear(error);
	if (!proc->leads_group) {
		return error_set(error, SP_E_VALUE,
			"the child leads no group: neither start_new_session nor process_group 0");
	}
	int r = signal_group(proc, sig);
	return r == 0 ? SP_OK : error_os(error, errno, SP_AT_WAIT, NULL);
}

bool sp_group_probe(sp_proc *proc, bool *empty) {
	if (!proc->leads_group || proc->pidfd < 0 || !sp_returncode(proc, NULL, NULL)) {
		return false;
	}
	int r = pidfd_signal_group(proc->pidfd, 0);
	// EPERM: there is someone, whom we may not signal.
	if (r < 0 && errno != ESRCH && errno != EPERM) {
		return false;
	}
	*empty = r < 0 && errno == ESRCH;
	return true;
}

bool sp_group_outlasts(sp_proc *proc) {
	if (!proc->leads_group || proc->pidfd < 0) {
		return false;
	}
	return pidfd_signal_group(proc->pidfd, 0) == 0 || errno == ESRCH;
}
