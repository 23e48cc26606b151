// SPDX-License-Identifier: MIT
// The puppet: one program that behaves in all the ways a job can. Its arguments are steps, carried
// out from left to right; after the last one it exits with 0. A step that ignores or catches a
// signal is followed by `ready FILE` where a test must know that it is in place.
//
//     exit N             exits with N
//     signal SIG         dies by SIG (no core file)
//     ignore SIG         default SIG   block SIG
//     trap SIG N         at SIG: prints "trap SIG" and exits with N
//     tally SIG FILE     at each SIG: appends its name and a newline to FILE, and lives on
//     ready FILE         appends "ready" to FILE, a regular file (made if need be) or a fifo
//     pid FILE           writes to FILE the pid of the last process forked, or its own
//     await FILE         goes on when FILE exists; exits with 99 after 60 s
//     say TEXT           prints TEXT and a newline; say-err: on standard error
//     put TEXT           prints TEXT as it is, \n \r \t \e \0 \\ \xHH replaced; put-err
//     lines N            prints "line 1" … "line N"
//     flood FD N         writes N bytes to FD: lines of 16 bytes that are their own number, as in
//                        000000000000007\n; the last one is cut off where N says
//     verify N           standard input is exactly those N bytes; else says where not, exits with 1
//     cat                copies standard input to standard output until its end
//     close FD
//     fork-hold          a child holds all descriptors and lives
//     fork-quiet         a child without 0, 1, 2 lives in the same process group
//     setsid-hold        a child in a session of its own holds all descriptors and lives
//     setsid-quiet       the same without 0, 1, 2
//     group · session    moves itself to a process group or session of its own
//     stop               stops itself (SIGSTOP)
//     live               waits for ever     sleep MS     waits so many milliseconds
//     spin               uses the CPU for ever
//     alloc N            takes N bytes of memory, touches them and keeps them
//     print-fds          its open descriptors, one a line
//     print-sig          SigBlk, SigIgn and SigCgt of /proc/self/status
//     print-env          its environment
//     env NAME           the value of NAME, or exits with 1
//     print-ids          "pid N ppid N pgid N sid N"
//     print-tty          "tty" or "no tty": whether it has a controlling terminal
//     args A…            prints every further argument in brackets, one a line, and exits
//     exec A…            executes the further arguments
//
// A wrong use exits with 98.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_USE = 98, EXIT_NEVER_CAME = 99, FLOOD_LINE = 16 };

extern char **environ;

// A step being carried out: its arguments, and which of the steps that share a function it is.
struct call {
	char **a;
	int how;
};

// What a signal handler needs; one of each is enough for a puppet.
static struct {
	int exit_status[NSIG];
	int tally_fd[NSIG];
} on_signal;

static pid_t last_forked;

static void die(const char *what) {
	fprintf(stderr, "child: %s: %s\n", what, strerror(errno));
	exit(EXIT_USE);
}

static void wrong_use(const char *step) {
	fprintf(stderr, "child: %s?\n", step);
	exit(EXIT_USE);
}

static long long number(const char *text) {
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno || end == text || *end) {
		wrong_use(text);
	}
	return value;
}

static int signal_number(const char *text) {
	for (int n = 1; n < NSIG; n++) {
		const char *abbreviation = sigabbrev_np(n);
		if (abbreviation && strcmp(abbreviation, text) == 0) {
			return n;
		}
	}
	return (int)number(text);
}

static void write_all(int fd, const char *data, size_t len) {
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno != EINTR) {
			die("write");
		}
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

static void step_exit(const struct call *c) {
	_exit((int)number(c->a[0]));
}

static void step_signal(const struct call *c) {
	int n = signal_number(c->a[0]);
	sigset_t set;
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	signal(n, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, n);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), n);
}

static void step_disposition(const struct call *c) {
	signal(signal_number(c->a[0]), c->how ? SIG_IGN : SIG_DFL);
}

static void step_block(const struct call *c) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signal_number(c->a[0]));
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void handle(int fd, const char *before, int n) {
	char text[64];
	strcpy(text, before);
	strcat(text, sigabbrev_np(n));
	strcat(text, "\n");
	write_all(fd, text, strlen(text));
}

static void handle_trap(int n) {
	handle(STDOUT_FILENO, "trap ", n);
	_exit(on_signal.exit_status[n]);
}

static void handle_tally(int n) {
	int saved = errno;
	handle(on_signal.tally_fd[n], "", n);
	errno = saved;
}

static void catch_with(int n, void (*handler)(int)) {
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	if (sigaction(n, &action, NULL) < 0) {
		die("sigaction");
	}
}

static void step_trap(const struct call *c) {
	int n = signal_number(c->a[0]);
	on_signal.exit_status[n] = (int)number(c->a[1]);
	catch_with(n, handle_trap);
}

static int open_to_append(const char *path) {
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0) {
		die(path);
	}
	return fd;
}

static void step_tally(const struct call *c) {
	int n = signal_number(c->a[0]);
	on_signal.tally_fd[n] = open_to_append(c->a[1]);
	catch_with(n, handle_tally);
}

static void step_ready(const struct call *c) {
	int fd = open_to_append(c->a[0]);
	write_all(fd, "ready\n", 6);
	close(fd);
}

// By a rename, so that whoever sees the file sees the number.
static void step_pid(const struct call *c) {
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s.%d", c->a[0], (int)getpid());
	FILE *f = fopen(path, "we");
	if (!f || fprintf(f, "%d\n", (int)(last_forked ? last_forked : getpid())) < 0 ||
		fclose(f) || rename(path, c->a[0]) < 0) {
		die(c->a[0]);
	}
}

static void wait_ms(long long ms) {
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};
	while (nanosleep(&left, &left) < 0 && errno == EINTR) {
	}
}

static void step_await(const struct call *c) {
	for (int i = 0; i < 12000; i++) {
		if (access(c->a[0], F_OK) == 0) {
			return;
		}
		wait_ms(5);
	}
	_exit(EXIT_NEVER_CAME);
}

static void say(int fd, const char *text) {
	size_t len = strlen(text);
	char *line = malloc(len + 1);
	if (!line) {
		die("say");
	}
	memcpy(line, text, len);
	line[len] = '\n';
	write_all(fd, line, len + 1);
	free(line);
}

static void step_say(const struct call *c) {
	say(c->how, c->a[0]);
}

// What \c stands for; 0 is also the answer for \0.
static char escaped(char c) {
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'e':
		return '\033';
	case '\\':
		return '\\';
	case '0':
		return 0;
	default:
		wrong_use("put");
		return 0;
	}
}

static void step_put(const struct call *c) {
	const char *text = c->a[0];
	char *bytes = malloc(strlen(text) + 1);
	size_t n = 0;
	if (!bytes) {
		die("put");
	}
	for (; *text; text++) {
		if (*text != '\\') {
			bytes[n++] = *text;
		} else if (*++text == 'x' && text[1] && text[2]) {
			bytes[n++] = (char)strtol((char[]){text[1], text[2], 0}, NULL, 16);
			text += 2;
		} else {
			bytes[n++] = escaped(*text);
		}
	}
	write_all(c->how, bytes, n);
	free(bytes);
}

static void step_lines(const struct call *c) {
	long long n = number(c->a[0]);
	for (long long i = 1; i <= n; i++) {
		printf("line %lld\n", i);
	}
	fflush(stdout);
}

// The next line of a flood, counted up in its digits.
static void flood_next(char *line) {
	for (int i = FLOOD_LINE - 2; i >= 0 && ++line[i] > '9'; i--) {
		line[i] = '0';
	}
}

enum { FLOOD_BLOCK = 4096 * FLOOD_LINE };

// Fills a block with the lines that follow *line.
static void flood_block(char *block, char *line) {
	for (int at = 0; at < FLOOD_BLOCK; at += FLOOD_LINE) {
		memcpy(block + at, line, FLOOD_LINE);
		flood_next(line);
	}
}

static void step_flood(const struct call *c) {
	static char block[FLOOD_BLOCK];
	char line[FLOOD_LINE + 1] = "000000000000000\n";
	int fd = (int)number(c->a[0]);
	long long left = number(c->a[1]);
	while (left > 0) {
		size_t n = left < FLOOD_BLOCK ? (size_t)left : FLOOD_BLOCK;
		flood_block(block, line);
		write_all(fd, block, n);
		left -= (long long)n;
	}
}

// As many bytes as asked for unless the input ends.
static size_t read_block(char *data, size_t size) {
	size_t have = 0;
	while (have < size) {
		ssize_t n = read(STDIN_FILENO, data + have, size - have);
		if (n < 0 && errno != EINTR) {
			die("read");
		}
		if (n == 0) {
			break;
		}
		have += n > 0 ? (size_t)n : 0;
	}
	return have;
}

static void step_verify(const struct call *c) {
	static char block[FLOOD_BLOCK], got[FLOOD_BLOCK];
	char line[FLOOD_LINE + 1] = "000000000000000\n";
	long long want = number(c->a[0]), seen = 0;
	size_t n;
	do {
		n = read_block(got, sizeof got);
		flood_block(block, line);
		for (size_t i = 0; i < n; i++) {
			if (got[i] != block[i] || seen + (long long)i >= want) {
				printf("wrong at byte %lld\n", seen + (long long)i);
				exit(1);
			}
		}
		seen += (long long)n;
	} while (n == sizeof got);
	if (seen != want) {
		printf("%lld bytes, not %lld\n", seen, want);
		exit(1);
	}
}

static void step_cat(const struct call *c) {
	static char block[FLOOD_BLOCK];
	ssize_t n;
	(void)c;
	while ((n = read(STDIN_FILENO, block, sizeof block)) != 0) {
		if (n < 0 && errno != EINTR) {
			die("read");
		}
		write_all(STDOUT_FILENO, block, n > 0 ? (size_t)n : 0);
	}
}

static void step_close(const struct call *c) {
	if (close((int)number(c->a[0])) < 0) {
		die("close");
	}
}

static void live(void) {
	for (;;) {
		pause();
	}
}

static void step_live(const struct call *c) {
	(void)c;
	live();
}

enum { HOLD = 0, QUIET = 1, OWN_SESSION = 2 };

// The child is as it will be when this returns.
static void step_fork(const struct call *c) {
	int in_place[2];
	char byte;
	if (pipe2(in_place, O_CLOEXEC) < 0) {
		die("pipe");
	}
	pid_t pid = fork();
	if (pid < 0) {
		die("fork");
	}
	if (pid == 0) {
		if (c->how & OWN_SESSION) {
			setsid();
		}
		for (int fd = 0; fd < 3 && (c->how & QUIET); fd++) {
			close(fd);
		}
		close(in_place[0]);
		close(in_place[1]);
		live();
	}
	last_forked = pid;
	close(in_place[1]);
	while (read(in_place[0], &byte, 1) < 0 && errno == EINTR) {
	}
	close(in_place[0]);
}

static void step_lead(const struct call *c) {
	if ((c->how == OWN_SESSION ? setsid() : setpgid(0, 0)) < 0) {
		die("leading");
	}
}

static void step_stop(const struct call *c) {
	(void)c;
	kill(getpid(), SIGSTOP);
}

static void step_sleep(const struct call *c) {
	wait_ms(number(c->a[0]));
}

static void step_spin(const struct call *c) {
	(void)c;
	for (volatile unsigned n = 0;; n++) {
	}
}

static void step_alloc(const struct call *c) {
	size_t size = (size_t)number(c->a[0]);
	char *memory = malloc(size);
	if (!memory) {
		die("alloc");
	}
	for (volatile char *p = memory; p < memory + size; p += 4096) {
		*p = 1;
	}
}

static void step_print_fds(const struct call *c) {
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	(void)c;
	if (!dir) {
		die("/proc/self/fd");
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir)) {
			printf("%s\n", entry->d_name);
		}
	}
	closedir(dir);
	fflush(stdout);
}

static void step_print_sig(const struct call *c) {
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	(void)c;
	if (!f) {
		die("/proc/self/status");
	}
	while (fgets(line, sizeof line, f)) {
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0 ||
			strncmp(line, "SigCgt", 6) == 0) {
			fputs(line, stdout);
		}
	}
	fclose(f);
	fflush(stdout);
}

static void step_print_env(const struct call *c) {
	(void)c;
	for (char **entry = environ; *entry; entry++) {
		say(STDOUT_FILENO, *entry);
	}
}

static void step_env(const struct call *c) {
	const char *value = getenv(c->a[0]);
	if (!value) {
		exit(1);
	}
	say(STDOUT_FILENO, value);
}

static void step_print_ids(const struct call *c) {
	(void)c;
	printf("pid %d ppid %d pgid %d sid %d\n", getpid(), getppid(), getpgrp(), getsid(0));
	fflush(stdout);
}

static void step_print_tty(const struct call *c) {
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	(void)c;
	say(STDOUT_FILENO, fd < 0 ? "no tty" : "tty");
	if (fd >= 0) {
		close(fd);
	}
}

static void step_args(const struct call *c) {
	for (char **word = c->a; *word; word++) {
		printf("[%s]\n", *word);
	}
	exit(0);
}

static void step_exec(const struct call *c) {
	if (c->a[0]) {
		execvp(c->a[0], c->a);
	}
	die("exec");
}

enum { THE_REST = -1 };

static const struct step {
	const char *name;
	int arguments;
	void (*carry_out)(const struct call *call);
	int how;
} steps[] = {
	{"exit", 1, step_exit, 0},
	{"signal", 1, step_signal, 0},
	{"ignore", 1, step_disposition, 1},
	{"default", 1, step_disposition, 0},
	{"block", 1, step_block, 0},
	{"trap", 2, step_trap, 0},
	{"tally", 2, step_tally, 0},
	{"ready", 1, step_ready, 0},
	{"pid", 1, step_pid, 0},
	{"await", 1, step_await, 0},
	{"say", 1, step_say, 1},
	{"say-err", 1, step_say, 2},
	{"put", 1, step_put, 1},
	{"put-err", 1, step_put, 2},
	{"lines", 1, step_lines, 0},
	{"flood", 2, step_flood, 0},
	{"verify", 1, step_verify, 0},
	{"cat", 0, step_cat, 0},
	{"close", 1, step_close, 0},
	{"fork-hold", 0, step_fork, HOLD},
	{"fork-quiet", 0, step_fork, QUIET},
	{"setsid-hold", 0, step_fork, HOLD | OWN_SESSION},
	{"setsid-quiet", 0, step_fork, QUIET | OWN_SESSION},
	{"group", 0, step_lead, 0},
	{"session", 0, step_lead, OWN_SESSION},
	{"stop", 0, step_stop, 0},
	{"live", 0, step_live, 0},
	{"sleep", 1, step_sleep, 0},
	{"spin", 0, step_spin, 0},
	{"alloc", 1, step_alloc, 0},
	{"print-fds", 0, step_print_fds, 0},
	{"print-sig", 0, step_print_sig, 0},
	{"print-env", 0, step_print_env, 0},
	{"env", 1, step_env, 0},
	{"print-ids", 0, step_print_ids, 0},
	{"print-tty", 0, step_print_tty, 0},
	{"args", THE_REST, step_args, 0},
	{"exec", THE_REST, step_exec, 0},
};

static const struct step *find(const char *name) {
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (strcmp(steps[i].name, name) == 0) {
			return &steps[i];
		}
	}
	wrong_use(name);
	return NULL;
}

int main(int argc, char **argv) {
	char **end = argv + argc;
	for (char **at = argv + 1; at < end;) {
		const struct step *step = find(*at++);
		int n = step->arguments == THE_REST ? (int)(end - at) : step->arguments;
		if (n > end - at) {
			wrong_use(step->name);
		}
		step->carry_out(&(struct call){at, step->how});
		at += n;
	}
	return 0;
}
