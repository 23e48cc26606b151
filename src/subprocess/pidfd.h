/* SPDX-License-Identifier: MIT
 * A child by descriptor or, on older systems, by number: what glibc 2.36 has no function for. */
#ifndef SUBPROCESS_PIDFD_H
#define SUBPROCESS_PIDFD_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A pidfd >= 3, O_CLOEXEC; -1 and errno where there is none: kernel before 5.3 (ENOSYS), seccomp
   filter (EPERM), no descriptor free (EMFILE). */
int pidfd_of(pid_t pid);

/* pidfd_send_signal. 0, or -1 and errno. */
int pidfd_signal(int pidfd, int sig);

/* To the process group whose number is the pid, also when that process is gone. ESRCH: it has no
   member. EINVAL or ENOSYS: kernel before 6.9. */
int pidfd_signal_group(int pidfd, int sig);

/* The waitid system call with its fifth argument, the usage of this one child (may be NULL).
   pidfd may be -1. 0 with info->si_pid 0 if WNOHANG found nothing; -1 and errno. */
int pidfd_wait(pid_t pid, int pidfd, int options, siginfo_t *info, struct rusage *usage);

/* For tests only: pretend to be an older system. Holds for the whole process from now on. */
enum pidfd_force {
	PIDFD_FORCE_NOTHING = 0,
	PIDFD_FORCE_NO_PIDFD = 1, /* pidfd_open does not exist */
	PIDFD_FORCE_NO_GROUP = 2, /* PIDFD_SIGNAL_PROCESS_GROUP does not exist */
};
void pidfd_force(unsigned which);
#endif
