// SPDX-License-Identifier: MIT
// pdeathsig is sent when the *thread* ends that started the child, so such children are started
// from one that stays: the main thread if that is the caller, else one made for it when it is first
// asked for. It starts one child at a time and otherwise sleeps.
#include "subprocess/parent.h"

#include "base/error.h"

#include <pthread.h>
#include <unistd.h>

struct request {
	struct launch *launch;
	pid_t *pid;
	sp_error *error;
	sp_status status;
	bool done;
};

static struct {
	pthread_mutex_t lock; // guards the rest, and what a request says
	pthread_cond_t asked, answered;
	pid_t process; // where the thread is; 0: there is none. A fork does not take it along
	bool forks;    // with the lock in the hands of the thread that forks
	struct request *request;
} parent = {.lock = PTHREAD_MUTEX_INITIALIZER,
	.asked = PTHREAD_COND_INITIALIZER,
	.answered = PTHREAD_COND_INITIALIZER};

enum { STACK_BYTES = 128 * 1024 };

static void *serve(void *unused) {
	(void)unused;
	pthread_mutex_lock(&parent.lock);
	for (;;) {
		while (!parent.request) {
			pthread_cond_wait(&parent.asked, &parent.lock);
		}
		struct request *request = parent.request;
		pthread_mutex_unlock(&parent.lock);
		request->status = spawn(request->launch, request->pid, request->error);
		pthread_mutex_lock(&parent.lock);
		request->done = true;
		parent.request = NULL;
		pthread_cond_broadcast(&parent.answered);
	}
	return NULL;
}

static void before_fork(void) {
	pthread_mutex_lock(&parent.lock);
}

static void after_fork(void) {
	pthread_mutex_unlock(&parent.lock);
}

// Else a fork of the host could take the lock along, held by a thread that is not there. 0, or an
// errno. With the lock held: nothing waits for it in a fork before this has succeeded.
static int watch_forks(void) {
	int error = parent.forks ? 0 : pthread_atfork(before_fork, after_fork, after_fork);
	parent.forks = error == 0;
	return error;
}

// 0, or an errno. With the lock held.
static int begin_thread(void) {
	pthread_t id;
	pthread_attr_t attr;
	sigset_t all;
	if (parent.process == getpid()) {
		return 0;
	}
	// Those who waited are not here after a fork.
	parent.asked = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	parent.answered = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	parent.request = NULL;
	int error = watch_forks();
	error = error ? error : pthread_attr_init(&attr);
	if (error) {
		return error;
	}
	// No handler of the host shall run there.
	sigfillset(&all);
	error = pthread_attr_setsigmask_np(&attr, &all);
	error = error ? error : pthread_attr_setstacksize(&attr, STACK_BYTES);
	error = error ? error : pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	error = error ? error : pthread_create(&id, &attr, serve, NULL);
	pthread_attr_destroy(&attr);
	if (error == 0) {
		parent.process = getpid();
	}
	return error;
}

sp_status parent_spawn(struct launch *launch, pid_t *pid, sp_error *error) {
	if (gettid() == getpid()) {
		return spawn(launch, pid, error);
	}
	struct request request = {.launch = launch, .pid = pid, .error = error};
	pthread_mutex_lock(&parent.lock);
	int failed = begin_thread();
	if (failed) {
		pthread_mutex_unlock(&parent.lock);
		return error_os(error, failed, SP_AT_CREATE, NULL);
	}
	while (parent.request) {
		pthread_cond_wait(&parent.answered, &parent.lock);
	}
	parent.request = &request;
	pthread_cond_signal(&parent.asked);
	while (!request.done) {
		pthread_cond_wait(&parent.answered, &parent.lock);
	}
	pthread_mutex_unlock(&parent.lock);
	return request.status;
}
