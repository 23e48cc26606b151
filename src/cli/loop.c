// SPDX-License-Identifier: MIT
// The loop that pulls events from the run and hands them to the report.
#include "cli/loop.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "cli/reports.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/status.h"
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A log in which nothing happens for so long is taken for dead.
static const int64_t HEARTBEAT = 30 * (int64_t)CLOCK_SECOND;

// What the loop holds; the parts belong to execute.
struct loop {
	const struct plan *plan;
	struct run *run;
	struct report *report;
	struct reports reports; // where it goes
	int results;            // directory of --results; 0: none
	struct signals *signals;
	bool verbose;
	enum exit_status_of status_of;
	int first, most; // statuses of jobs that did not pass: the first one, the highest; 0: none
	struct tally tally;
	int write_error; // errno of the first failed write to standard output; 0: none
	bool broken;     // spool could not do its own work; it was said
};

// On standard error: between the lines of the report if that has one there.
__attribute__((format(printf, 2, 3))) static void say(struct loop *loop, const char *format, ...) {
	struct buf text = {0};
	va_list args;
	va_start(args, format);
	message_put(&text, format, args);
	va_end(args);
	if (report_say(loop->report, text.data, text.len) < 0) {
		message_while(&loop->signals->received, &text);
	}
	buf_clear(&text);
}

static void say_start(struct loop *loop, const struct job *job) {
	struct buf buf = {0};
	if (command_put(&buf, job, 0, 1) == 0 && buf_putc(&buf, '\0') == 0) {
		say(loop, "%s: starts %s", job->name[0] ? job->name : "''", buf.data);
	}
	buf_clear(&buf);
	report_spoke(loop->report);
}

static void lose(struct loop *loop, int r) {
	if (r < 0 && !loop->broken) {
		say(loop, "part of the report is lost: %s", strerror(errno));
		loop->broken = true;
	}
}

static void format_age(const struct running *running, char *text, size_t size) {
	duration_format(running->ns - running->ns % CLOCK_SECOND, text, size);
}

// After a long silence: what keeps it. Nobody is waited for to read it.
static void say_heartbeat(struct loop *loop) {
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	struct running running;
	char duration[64], more[40] = "", ended[40] = "";
	bool any = run_running(loop->run, &running);
	lose(loop, report_heartbeat(loop->report, any ? &running : NULL));
	if (!report_silent(loop->report)) {
		return;
	}
	report_spoke(loop->report);
	if (!any || poll(&fd, 1, 0) <= 0) {
		return;
	}
	format_age(&running, duration, sizeof duration);
	if (running.n > 1) {
		snprintf(more, sizeof more, ", %zu more", running.n - 1);
	}
	if (loop->plan->endless) { // where no line says how far it is
		snprintf(ended, sizeof ended, "; %zu ended", loop->tally.done);
	}
	say(loop, "still running: %s (%s)%s%s", running.job->name, duration, more, ended);
}

static void note_status(struct loop *loop, const struct result *result) {
	bool failed = result->verdict != VERDICT_PASS && result->verdict != VERDICT_CANCELLED;
	int status = failed && !result->allowed ? status_of(result) : 0;
	loop->first = loop->first ? loop->first : status;
	loop->most = status > loop->most ? status : loop->most;
}

static void handle(struct loop *loop, struct event *event) {
	if (event->kind == EVENT_RESULT) {
		note_status(loop, event->result);
	}
	if (event->kind == EVENT_WARNING) {
		say(loop, "warning: %s", event->text);
		report_spoke(loop->report);
	} else if (event->kind == EVENT_TROUBLE) {
		say(loop, "%s", event->text);
		report_spoke(loop->report);
		loop->broken = true;
	} else if (event->kind == EVENT_HALTED) {
		say(loop, "halted: %s: %s, nothing new starts", event->text,
			loop->plan->halt.now ? "what runs is ended" : "what runs may end");
		report_spoke(loop->report);
	} else if (event->kind == EVENT_STARTING && loop->verbose) {
		say_start(loop, event->job);
	} else if (event->kind == EVENT_RESULT && event->result->unkillable) {
		say(loop, "job '%s' cannot be killed and is left behind", event->job->name);
		loop->broken = true;
	}
	lose(loop, report_event(loop->report, event));
}

// A reader of standard output that is gone ends the run, also when it is found to be by what goes
// to standard error, as with 2>&1 | head; another failed write does not, but is
// said once.
static void hear_failures(struct loop *loop) {
	size_t outlet;
	int error;
	while ((error = report_failure(loop->report, &outlet))) {
		const char *name = loop->reports.names[outlet];
		bool gone = error == EPIPE && (outlet == 0 || (outlet == 1 && loop->reports.mixed));
		if (outlet > 0 && !gone) {
			say(loop, "warning: the report %s cannot be written: %s", name,
				strerror(error));
			loop->broken = true;
			continue;
		}
		loop->write_error = error;
		if (gone) {
			run_cancel(loop->run, SIGTERM, false);
		} else {
			say(loop, "cannot write %s: %s",
				loop->plan->endless ? "to standard output" : "the report",
				strerror(error));
		}
	}
}

static void look_at_report(struct loop *loop) {
	hear_failures(loop);
	run_hold(loop->run, report_behind(loop->report));
}

// USR1: what runs. As a snapshot it is for people who look: nobody is waited for to read it.
static void say_running(struct loop *loop) {
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	struct running running;
	char age[64];
	size_t n = 0;
	if (poll(&fd, 1, 0) <= 0) {
		return;
	}
	for (; run_nth_running(loop->run, n, &running); n++) {
		format_age(&running, age, sizeof age);
		say(loop, "running: %s (%s)", running.job->name, age);
	}
	say(loop, "%zu running, %zu ended, %zu of them not passed", n, loop->tally.done,
		tally_failed(&loop->tally));
	report_spoke(loop->report);
}

static void hear_requests(struct loop *loop) {
	if (atomic_exchange(&loop->signals->asked, false)) {
		say_running(loop);
	}
	if (atomic_exchange(&loop->signals->drained, false)) {
		say(loop, "drained by SIGUSR2: what runs may end, nothing new starts");
		report_spoke(loop->report);
	}
}

// Until the run has ended. 0, or -1 when it cannot go on.
static int pull_events(struct loop *loop) {
	struct event event;
	enum event_kind kind;
	do {
		int r = run_next(loop->run, 0, &event);
		if (r == 0 && event.kind == EVENT_NONE) {
			report_flush(loop->report);
			r = run_next(loop->run, report_tick(loop->report), &event);
		}
		if (r < 0) {
			say(loop, "the run cannot go on: %s", strerror(errno));
			loop->broken = true;
			return -1;
		}
		kind = event.kind;
		loop->tally = event.tally;
		handle(loop, &event);
		event_clear(&event);
		look_at_report(loop);
		hear_requests(loop);
		if (report_tick(loop->report) <= 0) {
			say_heartbeat(loop);
		}
	} while (kind != EVENT_END);
	return 0;
}

static int failed_status(const struct loop *loop) {
	size_t failed = tally_failed(&loop->tally);
	switch (loop->status_of) {
	case STATUS_ANY:
		break;
	case STATUS_COUNT:
		return failed < 101 ? (int)failed : 101;
	case STATUS_FIRST:
		return loop->first;
	case STATUS_MAX:
		return loop->most;
	}
	return CLI_FAILED;
}

// Where two apply: 128+n and 141, before 3, before 1, before 4. A run that was to go on until so
// many jobs had passed has done what it was for.
static int exit_status(const struct loop *loop) {
	if (loop->write_error == EPIPE) {
		return CLI_EPIPE;
	}
	if (loop->broken || loop->write_error) {
		return CLI_INFRASTRUCTURE;
	}
	const struct tally *tally = &loop->tally;
	if (tally->halted == HALTED_SUCCESS) {
		return CLI_OK;
	}
	if (tally_failed(tally)) {
		return failed_status(loop);
	}
	return tally->not_started || tally->verdicts[VERDICT_CANCELLED] ? CLI_NOT_ALL_RUN : CLI_OK;
}

// The end of all reports; then what could not be written is said.
static void finish_report(struct loop *loop) {
	uint64_t dropped = 0;
	int received = atomic_load(&loop->signals->received);
	loop->broken |= report_lost(loop->report) > 0;
	int status = received ? CLI_SIGNAL + received : exit_status(loop);
	lose(loop, report_finish(loop->report, status, &dropped));
	if (dropped) {
		say(loop, "%llu bytes of the report were dropped: nobody read them",
			(unsigned long long)dropped);
	}
	uint64_t lost = report_lost(loop->report);
	if (lost) {
		say(loop, "%llu bytes of the jobs' output are lost: there was no room to keep them",
			(unsigned long long)lost);
		loop->broken = true;
	}
	hear_failures(loop);
}

static int say_cannot_run(const struct plan *plan, const struct run_options *options) {
	if (errno == EMFILE) {
		message("the limit on open files is too low to run even one job: ulimit -n %lu is "
			"the least",
			run_least_descriptors(plan, options));
	} else {
		message("cannot start the run: %s", strerror(errno));
	}
	return CLI_INFRASTRUCTURE;
}

static int open_report(struct loop *loop, struct report_options *options) {
	options->run_id = run_id(loop->run);
	options->began_ns = run_began(loop->run);
	return report_open(&loop->report, loop->plan, options);
}

// What may hold starts back, and the environment.
static struct run_options run_options_of(const struct invocation *invocation) {
	// In hundredths; a percent of a CPU is one of them.
	uint64_t load = invocation->load * (invocation->load_percent ? cpus_usable("") : 1);
	return (struct run_options){
		.gate = {.delay_ns = invocation->delay_ns,
			.load = load,
			.memory = invocation->memfree},
		.jobserver = invocation->jobserver,
		.workers_file = invocation->workers_file,
		.environment = invocation->environment,
	};
}

// Where reports and output go. 0, or the exit status when it said what is wrong.
static int open_places(
	struct loop *loop, const struct invocation *invocation, enum reports_usual usual) {
	int status = results_directory(invocation->results, &loop->results);
	return status ? status : reports_open(&loop->reports, invocation, usual);
}

static int close_places(struct loop *loop) {
	if (loop->results > 0) {
		close(loop->results);
	}
	return reports_close(&loop->reports);
}

int loop_carry_out(const struct plan *plan, struct source *source,
	const struct invocation *invocation, struct signals *signals) {
	struct loop loop = {.plan = plan,
		.signals = signals,
		.verbose = invocation->verbose,
		.status_of = invocation->map.exit_status};
	int status = open_places(&loop, invocation, source ? REPORTS_OUTPUTS : REPORTS_TEXT);
	if (status) {
		close_places(&loop);
		return status;
	}
	struct report_options report_options = {
		.outlets = loop.reports.outlets,
		.n_outlets = loop.reports.n,
		.quiet = invocation->quiet,
		.show = invocation->show,
		.keep_order = invocation->keep_order,
		.live = invocation->plan.live,
		.usage = invocation->verbose,
		.silence_ns = invocation->quiet || isatty(STDERR_FILENO) ? 0 : HEARTBEAT,
		.heartbeat_ns = HEARTBEAT,
	};
	struct run_options run_options = run_options_of(invocation);
	run_options.mask = &signals->original;
	run_options.descriptors = report_descriptors(&report_options);
	run_options.source = source;
	run_options.results = loop.results;
	signals_take_requests(signals);
	signals_block(signals);
	// The run first: what keeps it from starting is said before the report's first line.
	if (run_new(&loop.run, plan, &run_options) < 0 || open_report(&loop, &report_options) < 0 ||
		signals_start(signals, loop.run, loop.report) < 0) {
		status = say_cannot_run(plan, &run_options);
		goto out;
	}
	run_wake_on(loop.run, report_wake_fd(loop.report));
	pull_events(&loop);
	finish_report(&loop);
	signals_stop(signals);
	status = exit_status(&loop);
out:
	// Output that the report still holds counts on the run's memory: the report goes first.
	report_free(loop.report);
	run_free(loop.run);
	return close_places(&loop) < 0 && status != CLI_EPIPE ? CLI_INFRASTRUCTURE : status;
}
