/* SPDX-License-Identifier: MIT
 * What an sp_proc holds, for the files of this room. */
#ifndef SUBPROCESS_PROC_H
#define SUBPROCESS_PROC_H

#include "subprocess/kept.h"
#include "subprocess/subprocess.h"

#include <pthread.h>

struct sp_proc {
	pid_t pid;
	int pidfd; /* -1: none to be had */
	bool leads_group;
	const sp_cancel *cancel; /* borrowed; NULL */

	/* Guards the next five, and every waitid, none of which blocks: so that a pid is signalled
	   or waited for only while it is certainly the child's. */
	pthread_mutex_t lock;
	bool reaped, status_lost;
	bool grace_spent; /* the 0.25 s after an interruption */
	int returncode;
	struct rusage usage;

	/* The conversation: of the one thread that holds it. */
	int pipe[3];      /* our ends; -1: none, or closed */
	bool piped[3];    /* it was a pipe */
	bool nonblock[3]; /* O_NONBLOCK is set on our end */
	const char *input;
	size_t input_len, input_sent;
	bool pumped, talked;   /* sp_pump, sp_communicate has been called */
	int64_t exit_seen;     /* when the pump noticed the end; 0: not yet */
	struct kept output[3]; /* of sp_communicate; [0] is unused */
	struct sp_proc *next;  /* in the list of abandoned children */
};

/* proc.c */
/* NULL without memory. Takes no descriptor yet. */
sp_proc *proc_new(const sp_opts *opts);
/* Frees it and its descriptors; the child is collected, or was never there. */
void proc_destroy(sp_proc *proc);
void proc_close_pipes(sp_proc *proc);

/* wait.c */
/* Collects it if it has ended: 1; 0 while it runs; -1 and errno when the system does not tell. */
int proc_reap(sp_proc *proc);
/* Whether it has ended, without collecting it; never blocks. The second: the lock is held. */
bool proc_ended(sp_proc *proc);
bool proc_ended_locked(sp_proc *proc);
/* Without a pidfd: how long to look away, 1, 2, 4 .. this many ms, as CPython does. */
enum { PROC_LONGEST_NAP_MS = 50 };
/* The first time that it is asked: how long an interrupted call may still wait, at most until
   deadline. Later: the past. */
int64_t proc_grace(sp_proc *proc, int64_t deadline);
/* sp_wait with an absolute deadline; timeout_ns is what the message says. */
sp_status proc_wait(sp_proc *proc, int64_t deadline, int64_t timeout_ns, sp_error *error);
sp_status proc_timed_out(sp_error *error, int64_t timeout_ns);
sp_status proc_interrupted(sp_error *error);

/* communicate.c */
/* Hands over what was kept of a stream; captured is false if it was no pipe, or if nothing came and
   none_if_empty. 0, or -1 without memory. */
int proc_take_output(sp_proc *proc, int which, bool none_if_empty, sp_buf *buf);

/* abandoned.c */
void abandoned_add(sp_proc *proc);
#endif
