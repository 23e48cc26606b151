// SPDX-License-Identifier: MIT
// Runs a command on a terminal of its own and plays the one who sits before it: waits for what the
// command shows, types, hangs up. Everything shown is copied to standard output.
//
//     pty [-t SECONDS] [STEP]… -- COMMAND…
//
//     -e TEXT    waits until TEXT has been shown, behind what the steps before have seen
//     -s KEYS    types KEYS: ^C ^Z ^D ^\ and \n are what they look like, ^^ is a ^
//     -h         hangs up
//
// After the last step it reads on until the command has ended and nothing is shown any more.
// Exits with the command's status, 128+n where a signal ended it; with 92 when a step's TEXT did
// not come or the command did not end within SECONDS (10), which
// SPOOL_TEST_SLOWER multiplies; 91: something wrong with itself.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_SELF = 91, EXIT_WAITED = 92, STEPS_MAX = 64, TICK_MS = 20 };

struct step {
	char what; // e, s or h
	const char *text;
};

struct terminal {
	int fd; // -1 once hung up
	pid_t pid;
	int status;
	bool ended;
	char *shown;
	size_t len, seen; // the steps have looked at the first `seen` bytes
	int left_ms;
};

static void die(const char *what) {
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	exit(EXIT_SELF);
}

static int now_ms(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void give_up(struct terminal *t, const char *waited_for) {
	fprintf(stderr, "pty: waited in vain for %s\n", waited_for);
	kill(t->pid, SIGKILL);
	exit(EXIT_WAITED);
}

// Takes in what is shown within a tick. False: nothing was.
static bool take_in(struct terminal *t) {
	char block[4096];
	int began = now_ms();
	struct pollfd p = {t->fd, POLLIN, 0};
	ssize_t n = poll(&p, 1, TICK_MS) > 0 ? read(t->fd, block, sizeof block) : 0;
	t->left_ms -= now_ms() - began;
	if (n <= 0) {
		return false; // EIO: nobody has the terminal open
	}
	if (write(STDOUT_FILENO, block, (size_t)n) != n) {
		die("write");
	}
	t->shown = realloc(t->shown, t->len + (size_t)n);
	if (!t->shown) {
		die("memory");
	}
	memcpy(t->shown + t->len, block, (size_t)n);
	t->len += (size_t)n;
	return true;
}

static void look_whether_ended(struct terminal *t) {
	t->ended = t->ended || waitpid(t->pid, &t->status, WNOHANG) == t->pid;
}

static void expect(struct terminal *t, const char *text) {
	for (;;) {
		const char *at = memmem(t->shown + t->seen, t->len - t->seen, text, strlen(text));
		if (at) {
			t->seen = (size_t)(at - t->shown) + strlen(text);
			return;
		}
		bool shown = take_in(t);
		look_whether_ended(t);
		if (!shown && (t->ended || t->left_ms < 0)) {
			give_up(t, text);
		}
	}
}

static void type(struct terminal *t, const char *keys) {
	for (; *keys; keys++) {
		char key = *keys;
		if (key == '^' && keys[1]) {
			key = *++keys == '^' ? '^' : (char)(*keys & 0x1f);
		} else if (key == '\\' && keys[1] == 'n') {
			key = '\r';
			keys++;
		}
		if (write(t->fd, &key, 1) != 1) {
			die("typing");
		}
	}
}

static void play(struct terminal *t, const struct step *steps, int n) {
	for (int i = 0; i < n; i++) {
		switch (steps[i].what) {
		case 'e':
			expect(t, steps[i].text);
			break;
		case 's':
			type(t, steps[i].text);
			break;
		default:
			close(t->fd);
			t->fd = -1;
		}
	}
	while (take_in(t) || !t->ended) {
		look_whether_ended(t);
		if (t->left_ms < 0) {
			give_up(t, "the end");
		}
	}
}

static void start(struct terminal *t, char **command) {
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0) {
		die("forkpty");
	}
	if (t->pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(command[0], command);
		die(command[0]);
	}
	fcntl(t->fd, F_SETFD, FD_CLOEXEC);
}

int main(int argc, char **argv) {
	struct step steps[STEPS_MAX];
	struct terminal t = {.shown = malloc(1)};
	const char *slower = getenv("SPOOL_TEST_SLOWER");
	int seconds = 10, n = 0, c;
	while ((c = getopt(argc, argv, "+t:e:s:h")) != -1) {
		if (c == 't') {
			seconds = atoi(optarg);
		} else if (c == '?' || n == STEPS_MAX) {
			return EXIT_SELF;
		} else {
			steps[n++] = (struct step){(char)c, optarg};
		}
	}
	if (optind == argc) {
		fprintf(stderr, "usage: pty [-t SECONDS] [-e TEXT] [-s KEYS] [-h] -- COMMAND...\n");
		return EXIT_SELF;
	}
	t.left_ms = 1000 * seconds * (slower ? atoi(slower) : 1);
	start(&t, argv + optind);
	play(&t, steps, n);
	free(t.shown);
	return WIFEXITED(t.status) ? WEXITSTATUS(t.status) : 128 + WTERMSIG(t.status);
}
