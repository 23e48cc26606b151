// SPDX-License-Identifier: MIT
// The system calls around pidfds.
#include "subprocess/pidfd.h"

#include "base/fd.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1U << 2)
#endif

// Only tests set it.
static atomic_uint forced;

void pidfd_force(unsigned which) {
	atomic_store(&forced, which);
}

int pidfd_of(pid_t pid) {
	if (atomic_load_explicit(&forced, memory_order_relaxed) & PIDFD_FORCE_NO_PIDFD) {
		errno = ENOSYS;
		return -1;
	}
	return fd_above_stdio((int)syscall(SYS_pidfd_open, pid, 0));
}

int pidfd_signal(int pidfd, int sig) {
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

int pidfd_signal_group(int pidfd, int sig) {
	if (atomic_load_explicit(&forced, memory_order_relaxed) & PIDFD_FORCE_NO_GROUP) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, PIDFD_SIGNAL_PROCESS_GROUP);
}

int pidfd_wait(pid_t pid, int pidfd, int options, siginfo_t *info, struct rusage *usage) {
	memset(info, 0, sizeof *info);
	if (pidfd >= 0) {
		int r = (int)syscall(SYS_waitid, P_PIDFD, pidfd, info, options, usage);
		// Linux 5.3 has pidfd_open, but not P_PIDFD.
		if (r == 0 || errno != EINVAL) {
			return r;
		}
	}
	return (int)syscall(SYS_waitid, P_PID, pid, info, options, usage);
}
