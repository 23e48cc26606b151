// SPDX-License-Identifier: MIT
// Children whose sp_proc was freed while they ran: kept until they can be collected, so that none
// stays a zombie. Python's _active and _cleanup(). The one state of the library.
#include "subprocess/proc.h"

#include <stdatomic.h>

static struct {
	pthread_mutex_t lock; // guards first and the next of each in the list
	sp_proc *first;
	atomic_size_t n; // read without the lock: usually there is none
} abandoned = {.lock = PTHREAD_MUTEX_INITIALIZER};

void abandoned_add(sp_proc *proc) {
	// Nobody asks for its output any more.
	for (int i = 0; i < 3; i++) {
		kept_clear(&proc->output[i]);
	}
	pthread_mutex_lock(&abandoned.lock);
	proc->next = abandoned.first;
	abandoned.first = proc;
	atomic_fetch_add(&abandoned.n, 1);
	pthread_mutex_unlock(&abandoned.lock);
}

size_t sp_reap_abandoned(void) {
	if (atomic_load(&abandoned.n) == 0) {
		return 0;
	}
	size_t reaped = 0;
	pthread_mutex_lock(&abandoned.lock);
	for (sp_proc **link = &abandoned.first; *link;) {
		sp_proc *proc = *link;
		if (proc_reap(proc) == 0) {
			link = &proc->next;
			continue;
		}
		*link = proc->next;
		proc_destroy(proc);
		atomic_fetch_sub(&abandoned.n, 1);
		reaped++;
	}
	pthread_mutex_unlock(&abandoned.lock);
	return reaped;
}

size_t sp_abandoned(pid_t *pids, size_t n) {
	size_t count = 0;
	pthread_mutex_lock(&abandoned.lock);
	for (const sp_proc *proc = abandoned.first; proc; proc = proc->next) {
		if (count < n) {
			pids[count] = proc->pid;
		}
		count++;
	}
	pthread_mutex_unlock(&abandoned.lock);
	return count;
}
