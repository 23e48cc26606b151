// SPDX-License-Identifier: MIT
// What the kernel lets a machine do: threads that do nothing but start a program and wait for it.
// Bare it is the limit that spool is measured against; with -c it does what any runner has to do
// that captures output, and no more: both streams through pipes, a pidfd, one poll, the attributes
// that spool gives its jobs.
//
//     loop [-c] -w THREADS -n TIMES COMMAND…
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct loop {
	char **command;
	atomic_long left;
	bool capture;
	int null;
	posix_spawnattr_t attributes;
};

static void die(const char *what, int error) {
	fprintf(stderr, "loop: %s: %s\n", what, strerror(error));
	exit(1);
}

static pid_t spawn(const struct loop *loop, posix_spawn_file_actions_t *actions) {
	pid_t pid;
	int error = posix_spawnp(&pid, loop->command[0], actions,
		loop->capture ? &loop->attributes : NULL, loop->command, environ);
	if (error) {
		die(loop->command[0], error);
	}
	return pid;
}

static void reap(pid_t pid) {
	while (waitpid(pid, NULL, 0) < 0) {
		if (errno != EINTR) {
			die("waitpid", errno);
		}
	}
}

static void make_pipe(int *fds) {
	if (pipe2(fds, O_CLOEXEC) < 0) {
		die("pipe2", errno);
	}
}

// Reads what there is; a stream at its end is closed and no longer polled.
static void drain(struct pollfd *p) {
	char block[65536];
	if (p->fd >= 0 && p->revents && read(p->fd, block, sizeof block) <= 0) {
		close(p->fd);
		p->fd = -1;
	}
}

static void run_captured(const struct loop *loop) {
	int out[2], err[2];
	posix_spawn_file_actions_t actions;
	make_pipe(out);
	make_pipe(err);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, loop->null, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_adddup2(&actions, err[1], 2);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	pid_t pid = spawn(loop, &actions);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	close(err[1]);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		die("pidfd_open", errno);
	}
	struct pollfd p[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}, {pidfd, POLLIN, 0}};
	while (p[0].fd >= 0 || p[1].fd >= 0 || p[2].fd >= 0) {
		if (poll(p, 3, -1) < 0 && errno != EINTR) {
			die("poll", errno);
		}
		drain(&p[0]);
		drain(&p[1]);
		// A sibling that is just being spawned may hold the pipes: no spinning on the exit.
		p[2].fd = p[2].revents ? -1 : p[2].fd;
	}
	reap(pid);
	close(pidfd);
}

static void *work(void *arg) {
	struct loop *loop = arg;
	while (atomic_fetch_sub(&loop->left, 1) > 0) {
		if (loop->capture) {
			run_captured(loop);
		} else {
			reap(spawn(loop, NULL));
		}
	}
	return NULL;
}

static void set_attributes(struct loop *loop) {
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&loop->attributes);
	posix_spawnattr_setsigmask(&loop->attributes, &none);
	posix_spawnattr_setsigdefault(&loop->attributes, &all);
	posix_spawnattr_setflags(&loop->attributes,
		POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	loop->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int main(int argc, char **argv) {
	enum { THREADS_MAX = 1024 };
	pthread_t threads[THREADS_MAX];
	struct loop loop = {0};
	int workers = 1, c;
	while ((c = getopt(argc, argv, "+cw:n:")) != -1) {
		switch (c) {
		case 'c':
			loop.capture = true;
			break;
		case 'w':
			workers = atoi(optarg);
			break;
		case 'n':
			loop.left = atol(optarg);
			break;
		default:
			return 2;
		}
	}
	if (optind == argc || workers < 1 || workers > THREADS_MAX) {
		fprintf(stderr, "usage: loop [-c] -w THREADS -n TIMES COMMAND...\n");
		return 2;
	}
	loop.command = argv + optind;
	set_attributes(&loop);
	for (int i = 0; i < workers; i++) {
		int error = pthread_create(&threads[i], NULL, work, &loop);
		if (error) {
			die("pthread_create", error);
		}
	}
	for (int i = 0; i < workers; i++) {
		pthread_join(threads[i], NULL);
	}
	posix_spawnattr_destroy(&loop.attributes);
	return 0;
}
