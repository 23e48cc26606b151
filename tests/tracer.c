// SPDX-License-Identifier: MIT
// Runs one command under test and writes down exactly how it ended and, with --fds, which
// descriptors it still had open at its exit that it had not been given at its start. For that its
// first thread is traced: it stops at its exec and at its exit, and /proc/PID/fd is read. (When
// another thread ends the process the first one does not stop, and nothing is said.)
//
//     tracer --status FILE --pid FILE [--fds FILE] [--memory FILE] [--limit SECONDS] COMMAND…
//
// FILE of --pid is there as soon as the command is; that of --status says "exit N", "signal NAME"
// or "limit" (killed after SECONDS); that of --memory, how much of it was resident at most, in
// KiB. The command starts with INT and QUIT at their defaults, which
// a shell that has put us in the background has set to be ignored. Exits with 0, with 91 when
// something was wrong with itself.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SELF = 91, FDS_MAX = 1024, LINK_MAX_LEN = 256 };

// What a process has open.
struct fd_table {
	size_t n;
	struct {
		int fd;
		char target[LINK_MAX_LEN];
	} at[FDS_MAX];
};

struct request {
	const char *status_path, *pid_path, *fds_path, *memory_path;
	unsigned limit_s;
	char **command;
};

// The handler of SIGALRM needs both.
static volatile pid_t watched;
static volatile sig_atomic_t over_limit;

static void die(const char *what) {
	fprintf(stderr, "tracer: %s: %s\n", what, strerror(errno));
	exit(EXIT_SELF);
}

// By a rename, so that whoever sees the file sees all of it.
static void write_file(const char *path, const char *text) {
	char temporary[PATH_MAX];
	snprintf(temporary, sizeof temporary, "%s~", path);
	FILE *f = fopen(temporary, "we");
	if (!f || fputs(text, f) < 0 || fclose(f) || rename(temporary, path) < 0) {
		die(path);
	}
}

static void read_fds(pid_t pid, struct fd_table *table) {
	char path[64];
	struct dirent *entry;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	table->n = 0;
	if (!dir) {
		die(path);
	}
	while ((entry = readdir(dir)) && table->n < FDS_MAX) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		char *target = table->at[table->n].target;
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, LINK_MAX_LEN - 1);
		target[len < 0 ? 0 : len] = 0;
		table->at[table->n++].fd = atoi(entry->d_name);
	}
	closedir(dir);
}

static bool has(const struct fd_table *table, int fd, const char *target) {
	for (size_t i = 0; i < table->n; i++) {
		if (table->at[i].fd == fd && strcmp(table->at[i].target, target) == 0) {
			return true;
		}
	}
	return false;
}

// Those of the end that are not of the start. A standard stream that was closed may have been
// opened.
static void write_leaked(
	const char *path, const struct fd_table *start, const struct fd_table *end) {
	FILE *f = fopen(path, "we");
	if (!f) {
		die(path);
	}
	for (size_t i = 0; i < end->n; i++) {
		if (end->at[i].fd > STDERR_FILENO &&
			!has(start, end->at[i].fd, end->at[i].target)) {
			fprintf(f, "%d -> %s\n", end->at[i].fd, end->at[i].target);
		}
	}
	fclose(f);
}

static void at_limit(int n) {
	(void)n;
	over_limit = 1;
	kill(watched, SIGKILL);
}

// Starts the command; it execs when the other end of *go is written to.
static pid_t fork_command(char **command, int *go) {
	int fds[2];
	char byte;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		die("pipe");
	}
	pid_t pid = fork();
	if (pid < 0) {
		die("fork");
	}
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		close(fds[1]);
		if (read(fds[0], &byte, 1) != 1) {
			_exit(EXIT_SELF);
		}
		execvp(command[0], command);
		fprintf(stderr, "tracer: %s: %s\n", command[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(fds[0]);
	*go = fds[1];
	return pid;
}

// Lets a stopped command go on; reads its descriptors at its exec and at its exit.
static void resume(pid_t pid, int status, struct fd_table *start, struct fd_table *end) {
	int event = status >> 16, n = WSTOPSIG(status);
	if (event == PTRACE_EVENT_EXEC && start->n == 0) {
		read_fds(pid, start);
	} else if (event == PTRACE_EVENT_EXIT) {
		read_fds(pid, end);
	} else if (event == PTRACE_EVENT_STOP && n != SIGTRAP) {
		ptrace(PTRACE_LISTEN, pid, NULL,
			NULL); // it was stopped and remains so until SIGCONT
		return;
	}
	ptrace(PTRACE_CONT, pid, NULL, event ? 0 : (long)n);
}

static int follow(pid_t pid, struct fd_table *start, struct fd_table *end, struct rusage *usage) {
	int status;
	for (;;) {
		if (wait4(pid, &status, __WALL, usage) < 0) {
			if (errno != EINTR) {
				die("wait4");
			}
		} else if (WIFSTOPPED(status)) {
			resume(pid, status, start, end);
		} else {
			return status;
		}
	}
}

static void parse(struct request *request, int argc, char **argv) {
	static const struct option options[] = {{"status", required_argument, NULL, 's'},
		{"pid", required_argument, NULL, 'p'}, {"fds", required_argument, NULL, 'f'},
		{"memory", required_argument, NULL, 'm'}, {"limit", required_argument, NULL, 'l'},
		{NULL, 0, NULL, 0}};
	int c;
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case 's':
			request->status_path = optarg;
			break;
		case 'p':
			request->pid_path = optarg;
			break;
		case 'f':
			request->fds_path = optarg;
			break;
		case 'm':
			request->memory_path = optarg;
			break;
		case 'l':
			request->limit_s = (unsigned)atoi(optarg);
			break;
		default:
			exit(EXIT_SELF);
		}
	}
	request->command = argv + optind;
	if (!request->status_path || !request->pid_path || optind == argc) {
		fprintf(stderr, "usage: tracer --status FILE --pid FILE COMMAND...\n");
		exit(EXIT_SELF);
	}
}

static void write_status(const char *path, int status) {
	char text[64];
	if (over_limit) {
		snprintf(text, sizeof text, "limit\n");
	} else if (WIFEXITED(status)) {
		snprintf(text, sizeof text, "exit %d\n", WEXITSTATUS(status));
	} else {
		snprintf(text, sizeof text, "signal %s\n", sigabbrev_np(WTERMSIG(status)));
	}
	write_file(path, text);
}

int main(int argc, char **argv) {
	static struct fd_table start, end;
	struct request request = {0};
	struct sigaction alarm_action = {.sa_handler = at_limit};
	char text[32];
	int go;
	parse(&request, argc, argv);
	pid_t pid = fork_command(request.command, &go);
	watched = pid;
	if (request.fds_path && ptrace(PTRACE_SEIZE, pid, NULL,
					(long)(PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)) < 0) {
		die("ptrace");
	}
	sigaction(SIGALRM, &alarm_action, NULL);
	alarm(request.limit_s);
	snprintf(text, sizeof text, "%d\n", (int)pid);
	write_file(request.pid_path, text);
	if (write(go, "g", 1) != 1) {
		die("write");
	}
	close(go);
	struct rusage usage;
	int status = follow(pid, &start, &end, &usage);
	alarm(0);
	if (request.fds_path) {
		write_leaked(request.fds_path, &start, &end);
	}
	if (request.memory_path) {
		snprintf(text, sizeof text, "%ld\n", usage.ru_maxrss);
		write_file(request.memory_path, text);
	}
	write_status(request.status_path, status);
	return 0;
}
