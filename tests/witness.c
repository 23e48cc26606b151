// SPDX-License-Identifier: MIT
// Sees to it that a command leaves no process behind. The command gets a session of its own, all
// signals as they are by default and a mark in its environment; whatever it and its descendants
// orphan becomes ours (we are a subreaper). After its end nothing may be left: neither a descendant
// nor a process that bears the mark. What is still there after a moment is named and killed.
//
//     witness COMMAND…
//
// Exits with the command's status, 128+n where a signal ended it; with 90 where the status was 0
// and something was left. After a failure what is left is killed and not named, and so it is at
// SIGTERM.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_LEFT = 90, EXIT_SELF = 91, MOMENT_MS = 1000, STEP_MS = 5, PIDS_MAX = 4096 };

static const char MARK[] = "SPOOL_TEST_WITNESS";

static volatile sig_atomic_t told_to_end;

static void on_term(int n) {
	(void)n;
	told_to_end = 1;
}

static void die(const char *what) {
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(EXIT_SELF);
}

// A whole file of /proc, as far as it fits; NUL at its end. -1 when the process is gone.
static ssize_t read_proc(pid_t pid, const char *name, char *text, size_t size) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	FILE *f = fopen(path, "re");
	if (!f) {
		return -1;
	}
	size_t n = fread(text, 1, size - 1, f);
	fclose(f);
	text[n] = 0;
	return (ssize_t)n;
}

static pid_t parent_of(pid_t pid, char *state) {
	char text[1024];
	int parent = 0;
	const char *behind = read_proc(pid, "stat", text, sizeof text) > 0 ? strrchr(text, ')')
									   : NULL;
	if (!behind || sscanf(behind, ") %c %d", state, &parent) != 2) {
		return 0;
	}
	return parent;
}

static bool descends_from_us(pid_t pid) {
	char state;
	for (int depth = 0; pid > 1 && depth < 1000; depth++) {
		pid = parent_of(pid, &state);
		if (pid == getpid()) {
			return true;
		}
	}
	return false;
}

static bool marked(pid_t pid, const char *mark) {
	static char text[1 << 18];
	ssize_t n = pid == getpid() ? -1 : read_proc(pid, "environ", text, sizeof text);
	for (char *at = text; at < text + n; at += strlen(at) + 1) {
		if (strcmp(at, mark) == 0) {
			return true;
		}
	}
	return false;
}

// The processes that are ours to name.
static size_t find_left(pid_t *pids, const char *mark) {
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;
	if (!dir) {
		die("/proc");
	}
	while ((entry = readdir(dir)) && n < PIDS_MAX) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		if (pid > 0 && pid != getpid() && (descends_from_us(pid) || marked(pid, mark))) {
			pids[n++] = pid;
		}
	}
	closedir(dir);
	return n;
}

static void name(pid_t pid) {
	char text[512], state = '?';
	pid_t parent = parent_of(pid, &state);
	ssize_t n = read_proc(pid, "cmdline", text, sizeof text);
	for (ssize_t i = 0; i < n - 1; i++) {
		text[i] = text[i] ? text[i] : ' ';
	}
	printf("process left: pid %d (%c, child of %d): %s\n", (int)pid, state, (int)parent,
		n > 0 ? text : "?");
}

static void reap(void) {
	while (waitpid(-1, NULL, WNOHANG) > 0) {
	}
}

static void pass_time(void) {
	nanosleep(&(struct timespec){0, STEP_MS * 1000000}, NULL);
}

// Waits a moment for all to be gone, then names what is left (unless quiet) and kills until none
// is. Whether something was left.
static bool sweep(const char *mark, bool quiet) {
	static pid_t pids[PIDS_MAX];
	size_t n;
	int waited = 0;
	for (reap(); (n = find_left(pids, mark)) > 0 && waited < (quiet ? 0 : MOMENT_MS); reap()) {
		pass_time();
		waited += STEP_MS;
	}
	bool left = n > 0;
	for (size_t i = 0; i < n && !quiet; i++) {
		name(pids[i]);
	}
	for (; n > 0; n = find_left(pids, mark)) {
		for (size_t i = 0; i < n; i++) {
			kill(pids[i], SIGKILL);
		}
		pass_time();
		reap();
	}
	return left;
}

// Signals 32 and 33 too, which glibc keeps to itself and posix_spawn, so make, leaves ignored.
static void reset_signals(void) {
	const char by_default[64] = {0};
	sigset_t none;
	sigemptyset(&none);
	for (int n = 1; n <= 64; n++) {
		syscall(SYS_rt_sigaction, n, by_default, NULL, 8);
	}
	sigprocmask(SIG_SETMASK, &none, NULL);
}

// Waits for the command, reaping the orphans that come our way.
static int wait_for(pid_t command) {
	int status;
	pid_t pid;
	while ((pid = wait(&status)) != command) {
		if (told_to_end) {
			return 128 + SIGTERM;
		}
		if (pid < 0 && errno != EINTR) {
			die("wait");
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
	char value[32], mark[64];
	if (argc < 2) {
		fprintf(stderr, "usage: witness COMMAND...\n");
		return EXIT_SELF;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		die("prctl");
	}
	snprintf(value, sizeof value, "%d", (int)getpid());
	snprintf(mark, sizeof mark, "%s=%s", MARK, value);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term}, NULL);
	pid_t pid = fork();
	if (pid < 0) {
		die("fork");
	}
	if (pid == 0) {
		reset_signals();
		setsid();
		setenv(MARK, value, 1);
		execvp(argv[1], argv + 1);
		die(argv[1]);
	}
	int status = wait_for(pid);
	bool left = sweep(mark, status != 0);
	return status == 0 && left ? EXIT_LEFT : status;
}
