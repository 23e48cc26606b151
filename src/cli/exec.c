// SPDX-License-Identifier: MIT
// spool exec: one command, with timeout and clean-up; streams and status pass through.
#include "base/clock.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/status.h"
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

static const int64_t HEARTBEAT = 30 * (int64_t)CLOCK_SECOND;

// What carry_out holds.
struct errand {
	struct run *run;
	struct report *report; // NULL: none was asked for
	struct reports reports;
	struct result *result;
	bool lost; // part of a report, and it was said
};

static void lose(struct errand *errand, int r) {
	if (r < 0 && !errand->lost) {
		message("part of the report is lost: %s", strerror(errno));
		errand->lost = true;
	}
}

static int open_report(struct errand *errand, const struct plan *plan) {
	struct report_options options = {
		.outlets = errand->reports.outlets,
		.n_outlets = errand->reports.n,
		.show = SHOW_FAILED,
		.heartbeat_ns = HEARTBEAT,
		.run_id = run_id(errand->run),
		.began_ns = run_began(errand->run),
	};
	return options.n_outlets ? report_open(&errand->report, plan, &options) : 0;
}

// Why it is tried again.
static void say_retry(const struct result *result) {
	const char *name = result->returncode < 0 ? sigabbrev_np(-result->returncode) : NULL;
	char how[48];
	if (result->verdict == VERDICT_TIMEOUT || result->verdict == VERDICT_EXEC) {
		snprintf(how, sizeof how, "%s",
			result->verdict == VERDICT_TIMEOUT ? "it timed out" : "it did not start");
	} else if (name) {
		snprintf(how, sizeof how, "SIG%s", name);
	} else {
		snprintf(how, sizeof how, "exit %d", result->returncode);
	}
	message("try %u of %u did not pass: %s", result->attempt, result->job->tries, how);
}

static void tell(struct errand *errand, struct event *event) {
	struct running running;
	if (event->kind == EVENT_RESULT) {
		errand->result = result_hold(event->result);
	} else if (event->kind == EVENT_RETRY) {
		say_retry(event->result);
	}
	if (!errand->report) {
		return;
	}
	lose(errand, report_event(errand->report, event));
	if (report_tick(errand->report) <= 0) {
		bool any = run_running(errand->run, &running);
		lose(errand, report_heartbeat(errand->report, any ? &running : NULL));
	}
	report_flush(errand->report);
}

// Pulls events until the end; the result is the caller's to release.
static int pull_result(struct errand *errand) {
	struct event event;
	enum event_kind kind;
	do {
		int64_t wait = errand->report ? report_tick(errand->report) : SP_FOREVER;
		if (run_next(errand->run, wait, &event) < 0) {
			message("the command cannot be run: %s", strerror(errno));
			return -1;
		}
		kind = event.kind;
		tell(errand, &event);
		event_clear(&event);
	} while (kind != EVENT_END);
	return 0;
}

// 0, or the exit status when a report could not be written: that is spool's own fault.
static int finish_report(struct errand *errand, int received, int status) {
	uint64_t dropped;
	size_t outlet;
	int error;
	if (!errand->report) {
		return 0;
	}
	if (received) {
		report_hurry(errand->report);
	}
	lose(errand,
		report_finish(errand->report, received ? CLI_SIGNAL + received : status, &dropped));
	if (dropped) {
		message("%llu bytes of the report were dropped: nobody read them",
			(unsigned long long)dropped);
	}
	while ((error = report_failure(errand->report, &outlet))) {
		message("warning: the report %s cannot be written: %s",
			errand->reports.names[outlet], strerror(error));
		errand->lost = true;
	}
	return errand->lost ? CLI_EXEC_OWN : 0;
}

// What --capture collected, to where it would have gone. 0, or -1 and errno.
static int pass_on(const struct output *output, int fd, const char *stream) {
	char *chunk = malloc(CHUNK);
	uint64_t pos = 0, gap = output_gap(output);
	ssize_t n = chunk ? 0 : -1;
	while (chunk && (n = output_read(output, pos, chunk, CHUNK)) > 0) {
		if (fd_write_all(fd, chunk, (size_t)n) < 0) {
			n = -1;
			break;
		}
		pos += (uint64_t)n;
		if (pos == gap && output->omitted) {
			message("%llu bytes of its standard %s are left out here",
				(unsigned long long)output->omitted, stream);
		}
	}
	free(chunk);
	return n < 0 ? -1 : 0;
}

static int pass_on_both(const struct result *result) {
	if (pass_on(&result->out, STDOUT_FILENO, "output") == 0 &&
		pass_on(&result->err, STDERR_FILENO, "error") == 0) {
		return 0;
	}
	if (errno == EPIPE) {
		return CLI_EPIPE;
	}
	message("cannot write the output: %s", strerror(errno));
	return CLI_EXEC_OWN;
}

static int conclusion(const struct result *result) {
	if (result->unkillable) {
		message("the command cannot be killed and is left behind");
		return CLI_EXEC_OWN;
	}
	if (result->verdict == VERDICT_EXEC) {
		message("%s", result->error ? result->error : strerror(result->os_errno));
	}
	return status_of(result);
}

// A shell's loop must end with the command that ^C ended.
static int deadly_signal(const struct result *result, int status) {
	if (status == CLI_SIGNAL + SIGINT && result->returncode == -SIGINT) {
		return SIGINT;
	}
	return status == CLI_SIGNAL + SIGQUIT && result->returncode == -SIGQUIT ? SIGQUIT : 0;
}

// All that comes of the result once it is there; the exit status.
static int conclude(struct errand *errand, const struct plan *plan, int received, int *deadly) {
	int status = conclusion(errand->result);
	*deadly = deadly_signal(errand->result, status);
	int failed = plan->jobs[0].out == STREAM_CAPTURE ? pass_on_both(errand->result) : 0;
	status = failed ? failed : status;
	failed = finish_report(errand, received, status);
	return failed ? failed : status;
}

static int carry_out(const struct plan *plan, const struct invocation *invocation,
	struct signals *signals, int *deadly) {
	struct errand errand = {0};
	struct run_options options = {.mask = &signals->original};
	int status = reports_open(&errand.reports, invocation, REPORTS_NONE) ? CLI_EXEC_OWN : 0;
	signals->on_terminal = plan->jobs[0].foreground;
	if (status) {
		goto out;
	}
	status = CLI_EXEC_OWN;
	options.descriptors = report_descriptors(&(struct report_options){
		.outlets = errand.reports.outlets, .n_outlets = errand.reports.n});
	signals_block(signals);
	if (run_new(&errand.run, plan, &options) < 0 || open_report(&errand, plan) < 0 ||
		signals_start(signals, errand.run, NULL) < 0) {
		message("cannot start the command: %s", strerror(errno));
	} else if (pull_result(&errand) == 0 && errand.result) {
		signals_stop(signals);
		signals_release(signals); // from here on a signal ends spool as it ends cat
		status = conclude(&errand, plan, atomic_load(&signals->received), deadly);
	}
	signals_stop(signals);
out:
	report_free(errand.report);
	if (errand.result) {
		result_release(errand.result);
	}
	run_free(errand.run);
	return reports_close(&errand.reports) < 0 ? CLI_EXEC_OWN : status;
}

static int execute(struct invocation *invocation, struct signals *signals) {
	if (invocation->n_operands == 0) {
		message_hint("spool exec [OPTIONS] COMMAND [WORD…]", "no command is given");
		return CLI_EXEC_OWN;
	}
	struct plan_command command = {
		.argv = invocation->operands,
		.argc = invocation->n_operands,
		.cwd = invocation->cwd,
		.env = invocation->env,
		.n_env = invocation->n_env,
		.input = invocation->input,
		.capture = invocation->capture,
		.foreground = !invocation->input && isatty(STDIN_FILENO),
		.tries = invocation->tries,
		.timeout_ns = invocation->plan.timeout_ns,
		.grace_ns = invocation->plan.grace_ns,
	};
	struct plan *plan = plan_exec(&command);
	int deadly = 0;
	int status = carry_out(plan, invocation, signals, &deadly);
	plan_exec_free(plan);
	int received = atomic_load(&signals->received);
	if (received || deadly) {
		options_clear(invocation);
		signals_die(received ? received : deadly);
	}
	return status;
}

const struct command_entry command_exec = {
	.bit = COMMAND_EXEC,
	.name = "exec",
	.summary = "Runs one command with a timeout and cleans up behind it.",
	.synopsis = "[OPTIONS] [--] COMMAND [WORD…]",
	.operands = "COMMAND",
	.examples = "  spool exec --timeout 10s -- curl -O https://example.org/file\n"
		    "  spool exec --timeout 1h --grace 30s -- make test\n"
		    "  spool exec --cwd src --env LANG=C -- ./configure\n"
		    "  spool exec --input list.txt -- sort -u\n",
	.ends_at_operand = true,
	.wrong_use = CLI_EXEC_OWN,
	.execute = execute,
};
