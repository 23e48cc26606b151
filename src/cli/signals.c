// SPDX-License-Identifier: MIT
// The signal thread, and dying by a signal.
#include "cli/signals.h"
#include "base/clock.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "report/report.h"
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { N_ENDING = sizeof ENDING / sizeof *ENDING, STACK = 256 * 1024 };
static const int64_t SAME_ONE = 500 * (int64_t)CLOCK_MS;

static void change_mask(int how, int signal, sigset_t *before) {
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, signal);
	pthread_sigmask(how, &one, before);
}

void signals_init(struct signals *signals) {
	*signals = (struct signals){.fd = -1, .quit_fd = -1};
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&signals->taken);
	for (int i = 0; i < N_ENDING; i++) {
		struct sigaction action;
		sigaction(ENDING[i], NULL, &action);
		// TERM is honoured even so: it is how a batch job under nohup is ended.
		if (action.sa_handler != SIG_IGN || ENDING[i] == SIGTERM) {
			sigaddset(&signals->taken, ENDING[i]);
		}
	}
	change_mask(SIG_BLOCK, SIGPIPE, &signals->original);
	change_mask(SIG_BLOCK, SIGXFSZ, NULL);
	change_mask(SIG_UNBLOCK, SIGCHLD, NULL);
}

void signals_take_requests(struct signals *signals) {
	static const int requests[] = {SIGUSR1, SIGUSR2};
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		struct sigaction action;
		sigaction(requests[i], NULL, &action);
		if (action.sa_handler != SIG_IGN) {
			sigaddset(&signals->taken, requests[i]);
		}
	}
}

void signals_block(const struct signals *signals) {
	pthread_sigmask(SIG_BLOCK, &signals->taken, NULL);
}

// The terminal sends ^C and ^\ to the command as well: it decides what they mean.
static bool is_the_commands(const struct signals *signals, const struct signalfd_siginfo *info) {
	int signal = (int)info->ssi_signo;
	return signals->on_terminal && info->ssi_code == SI_KERNEL &&
	       (signal == SIGINT || signal == SIGQUIT);
}

// Somebody at a terminal waits for the prompt, perhaps a whole grace long. A terminal that takes
// nothing now (^S) is told nothing: the next signal must not wait behind the message.
static void say_what_happens(int signal) {
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (isatty(STDERR_FILENO) && poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT)) {
		message("SIG%s: the jobs are being ended; once more kills them at once",
			sigabbrev_np(signal));
	}
}

static void act(struct signals *signals, int count, int signal) {
	switch (count) {
	case 1:
		atomic_store(&signals->received, signal);
		run_cancel(signals->run, signal, false);
		if (signals->report) {
			report_hurry(signals->report);
			say_what_happens(signal);
		}
		break;
	case 2:
		run_cancel(signals->run, signal, true);
		if (signals->report) {
			report_drop(signals->report);
		}
		break;
	default:
		run_abandon(signals->run);
		_exit(CLI_SIGNAL + signal);
	}
}

// True: it asks for something, and ends nothing.
static bool is_request(struct signals *signals, int signal) {
	if (signal == SIGUSR1) {
		atomic_store(&signals->asked, true);
		run_look_up(signals->run);
	} else if (signal == SIGUSR2) {
		atomic_store(&signals->drained, true);
		run_drain(signals->run);
	} else {
		return false;
	}
	return true;
}

static void *take_signals(void *arg) {
	struct signals *signals = arg;
	struct pollfd fds[] = {
		{.fd = signals->fd, .events = POLLIN}, {.fd = signals->quit_fd, .events = POLLIN}};
	int64_t last_at[NSIG] = {0};
	int count = 0;
	for (;;) {
		struct signalfd_siginfo info;
		if (poll(fds, 2, -1) < 0) {
			continue;
		}
		// What came before the end is taken before it: the ^C that ended the command, too.
		while (read(signals->fd, &info, sizeof info) == sizeof info) {
			int signal = (int)info.ssi_signo;
			int64_t now = clock_now();
			if (is_request(signals, signal)) {
				continue;
			}
			if (is_the_commands(signals, &info) ||
				(last_at[signal] && now - last_at[signal] <= SAME_ONE)) {
				continue;
			}
			last_at[signal] = now;
			act(signals, ++count, signal);
		}
		if (fds[1].revents) {
			return NULL;
		}
	}
}

int signals_start(struct signals *signals, struct run *run, struct report *report) {
	pthread_attr_t attr;
	signals->run = run;
	signals->report = report;
	signals->fd = fd_above_stdio(signalfd(-1, &signals->taken, SFD_CLOEXEC | SFD_NONBLOCK));
	signals->quit_fd = fd_above_stdio(eventfd(0, EFD_CLOEXEC));
	if (signals->fd < 0 || signals->quit_fd < 0) {
		goto fail;
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	errno = pthread_create(&signals->thread, &attr, take_signals, signals);
	pthread_attr_destroy(&attr);
	if (errno == 0) {
		signals->running = true;
		return 0;
	}
fail:
	fd_close(&signals->fd);
	fd_close(&signals->quit_fd);
	return -1;
}

void signals_stop(struct signals *signals) {
	if (signals->running) {
		eventfd_write(signals->quit_fd, 1);
		pthread_join(signals->thread, NULL);
		signals->running = false;
	}
	fd_close(&signals->fd);
	fd_close(&signals->quit_fd);
}

void signals_release(struct signals *signals) {
	sigset_t blocked = signals->original;
	sigaddset(&blocked, SIGPIPE); // EPIPE is told apart by its status, 141
	sigaddset(&blocked, SIGXFSZ);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

void signals_die(int sig) {
	struct rlimit no_core = {0, 0};
	setrlimit(RLIMIT_CORE, &no_core);
	signal(sig, SIG_DFL);
	raise(sig);
	change_mask(SIG_UNBLOCK, sig, NULL);
	_exit(CLI_SIGNAL + sig);
}
