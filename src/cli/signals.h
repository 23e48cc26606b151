/* SPDX-License-Identifier: MIT
 *
 * The signals that spool acts on: INT, TERM, HUP, QUIT. They are blocked in every thread; one
 * thread takes them and cancels the run by itself, so that no busy main loop can delay them.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

struct run;
struct report;

struct signals {
	sigset_t original; /* the mask that spool was started with; the jobs' */
	sigset_t taken;    /* what the signal thread takes */
	pthread_t thread;
	bool running;
	int fd, quit_fd; /* signalfd, and the eventfd that ends the thread */
	struct run *run;
	struct report *report; /* may be NULL */
	bool on_terminal;      /* exec: the terminal's own signals reach the command too */
	atomic_int received;   /* the signal that ended the run; 0: none */
	atomic_bool asked;     /* USR1: what runs is to be said */
	atomic_bool drained;   /* USR2: so it is to be said */
};

/* At the start of main: notes what will be taken (not what came ignored: nohup), blocks SIGPIPE and
   SIGXFSZ (a failed write says as much), and gives SIGCHLD back its default, since an ignored one
   loses every status. */
void signals_init(struct signals *signals);

/* Before the first thread is made: from here on it is the signal thread that acts on what is taken.
   Until then a signal ends spool by default: nothing runs yet, and a job file may never come. */
void signals_block(const struct signals *signals);

/* Before that: USR1 (say what runs) and USR2 (drain) are taken too, where they do not come ignored.
 */
void signals_take_requests(struct signals *signals);

/* Starts the thread: the first signal cancels the run, the second kills, the third is _exit. The
   same one again within half a second is the same one. 0, or -1 and errno. */
int signals_start(struct signals *signals, struct run *run, struct report *report);
void signals_stop(struct signals *signals);

/* Gives the calling thread the mask back that spool was started with: signals act by default. */
void signals_release(struct signals *signals);

/* Ends the process by this signal, without a core; as PID 1, where that does nothing, by
   _exit(128 + signal). */
_Noreturn void signals_die(int signal);

#endif
