// SPDX-License-Identifier: MIT
// Waiting: a pidfd is polled, then the child is collected by a waitid that cannot block, under a
// lock that nobody holds for long. So any number of threads may wait, and poll is always exact.
// Without a pidfd it looks every 1, 2, 4 .. 50 ms, as CPython does.
#include "base/clock.h"
#include "base/error.h"
#include "subprocess/pidfd.h"
#include "subprocess/proc.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

enum {
	GRACE_NS = 250 * CLOCK_MS,
};

int sp_status_to_returncode(int wait_status) {
	if (WIFSIGNALED(wait_status)) {
		return -WTERMSIG(wait_status);
	}
	return WIFSTOPPED(wait_status) ? -WSTOPSIG(wait_status) : WEXITSTATUS(wait_status);
}

static int reap_locked(sp_proc *proc) {
	if (proc->reaped) {
		return 1;
	}
	siginfo_t info;
	if (pidfd_wait(proc->pid, proc->pidfd, WEXITED | WNOHANG, &info, &proc->usage) == 0) {
		if (info.si_pid == 0) {
			return 0;
		}
		proc->returncode = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
	} else if (errno == ECHILD) {
		// Someone else collected it. 0 is what Python says.
		proc->status_lost = true;
	} else {
		return -1;
	}
	proc->reaped = true;
	return 1;
}

int proc_reap(sp_proc *proc) {
	pthread_mutex_lock(&proc->lock);
	int r = reap_locked(proc);
	pthread_mutex_unlock(&proc->lock);
	return r;
}

bool proc_ended_locked(sp_proc *proc) {
	if (proc->reaped) {
		return true;
	}
	siginfo_t info;
	int r = pidfd_wait(proc->pid, proc->pidfd, WEXITED | WNOHANG | WNOWAIT, &info, NULL);
	return r == 0 ? info.si_pid != 0 : errno == ECHILD;
}

bool proc_ended(sp_proc *proc) {
	pthread_mutex_lock(&proc->lock);
	bool ended = proc_ended_locked(proc);
	pthread_mutex_unlock(&proc->lock);
	return ended;
}

int64_t proc_grace(sp_proc *proc, int64_t deadline) {
	pthread_mutex_lock(&proc->lock);
	bool spent = proc->grace_spent;
	proc->grace_spent = true;
	pthread_mutex_unlock(&proc->lock);
	if (spent) {
		return INT64_MIN;
	}
	int64_t end = clock_deadline(GRACE_NS);
	return end < deadline ? end : deadline;
}

// Until the child has ended: SP_OK. Looks at the child first, then at cancel, then at the clock.
static sp_status wait_end(sp_proc *proc, int64_t deadline, const sp_cancel *cancel) {
	struct pollfd fds[2] = {
		{.fd = proc->pidfd, .events = POLLIN},
		{.fd = cancel ? sp_cancel_fd(cancel) : -1, .events = POLLIN},
	};
	for (int nap = 1;; nap = 2 * nap < PROC_LONGEST_NAP_MS ? 2 * nap : PROC_LONGEST_NAP_MS) {
		if (proc->pidfd < 0 && proc_ended(proc)) {
			return SP_OK;
		}
		int ms = clock_poll_ms(deadline);
		if (proc->pidfd < 0 && (ms < 0 || ms > nap)) {
			ms = nap;
		}
		int n = poll(fds, 2, ms);
		if (n < 0 && errno != EINTR) {
			return SP_E_OS;
		}
		if (n > 0 && fds[0].revents) {
			return SP_OK;
		}
		if (sp_cancelled(cancel)) {
			return SP_E_INTERRUPTED;
		}
		if (deadline != SP_FOREVER && clock_now() >= deadline) {
			return SP_E_TIMEOUT;
		}
	}
}

sp_status proc_timed_out(sp_error *error, int64_t timeout_ns) {
	return error_set(error, SP_E_TIMEOUT, "timed out after %.9g seconds",
		(double)timeout_ns / CLOCK_SECOND);
}

sp_status proc_interrupted(sp_error *error) {
	return error_set(error, SP_E_INTERRUPTED, "interrupted");
}

// Collects a child that has ended. A tracer (strace -f) may not have let go of it yet.
static sp_status collect(sp_proc *proc, int64_t deadline) {
	for (;;) {
		int r = proc_reap(proc);
		if (r != 0) {
			return r > 0 ? SP_OK : SP_E_OS;
		}
		if (sp_cancelled(proc->cancel)) {
			return SP_E_INTERRUPTED;
		}
		if (deadline != SP_FOREVER && clock_now() >= deadline) {
			return SP_E_TIMEOUT;
		}
		poll(NULL, 0, 1);
	}
}

sp_status proc_wait(sp_proc *proc, int64_t deadline, int64_t timeout_ns, sp_error *error) {
	if (sp_returncode(proc, NULL, NULL)) {
		return SP_OK;
	}
	sp_status status = wait_end(proc, deadline, proc->cancel);
	if (status == SP_OK) {
		status = collect(proc, deadline);
	}
	switch ((int)status) {
	case SP_E_INTERRUPTED:
		wait_end(proc, proc_grace(proc, deadline), NULL);
		proc_reap(proc);
		return proc_interrupted(error);
	case SP_E_TIMEOUT:
		return proc_timed_out(error, timeout_ns);
	case SP_E_OS:
		return error_os(error, errno, SP_AT_WAIT, NULL);
	default:
		return SP_OK;
	}
}

sp_status sp_wait(sp_proc *proc, int64_t timeout_ns, int *rc, sp_error *error) {
	sp_error_clear(error);
	sp_status status = proc_wait(proc, clock_deadline(timeout_ns), timeout_ns, error);
	if (status == SP_OK) {
		sp_returncode(proc, rc, NULL);
	}
	return status;
}

bool sp_poll(sp_proc *proc, int *rc) {
	return proc_reap(proc) == 1 && sp_returncode(proc, rc, NULL);
}

sp_status sp_wait_exit(
	sp_proc *proc, int64_t deadline_ns, const sp_cancel *cancel, sp_error *error) {
	sp_error_clear(error);
	sp_status status = wait_end(proc, deadline_ns, cancel);
	switch ((int)status) {
	case SP_E_TIMEOUT:
		return error_set(error, status, "the child has not ended in time");
	case SP_E_INTERRUPTED:
		return proc_interrupted(error);
	case SP_E_OS:
		return error_os(error, errno, SP_AT_WAIT, NULL);
	default:
		return SP_OK;
	}
}
