// SPDX-License-Identifier: MIT
// spool exec: one command, with timeout and clean-up; streams and status pass through.
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "cli/options.h"
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMED_OUT = 124, CHUNK = 64 * 1024 };

// Pulls events until the end; *result is the caller's to clear.
static int pull_result(struct run *run, struct result **result) {
	struct event event;
	enum event_kind kind;
	do {
		if (run_next(run, SP_FOREVER, &event) < 0) {
			message("the command cannot be run: %s", strerror(errno));
			return -1;
		}
		kind = event.kind;
		if (kind == EVENT_RESULT) {
			*result = event_take_result(&event);
		}
		event_clear(&event);
	} while (kind != EVENT_END);
	return 0;
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

static int status_of(const struct result *result) {
	if (result->unkillable) {
		message("the command cannot be killed and is left behind");
		return CLI_EXEC_OWN;
	}
	switch (result->verdict) {
	case VERDICT_EXEC:
		message("%s", result->error ? result->error : strerror(result->os_errno));
		return result->not_found        ? CLI_EXEC_MISSING
		       : result->not_executable ? CLI_EXEC_REFUSED
						: CLI_EXEC_OWN;
	case VERDICT_TIMEOUT:
		return TIMED_OUT;
	case VERDICT_PASS:
	case VERDICT_FAIL:
	case VERDICT_SIGNAL:
	case VERDICT_CANCELLED:
		break;
	}
	return result->returncode < 0 ? CLI_SIGNAL - result->returncode : result->returncode;
}

// A shell's loop must end with the command that ^C ended.
static int deadly_signal(const struct result *result, int status) {
	if (status == CLI_SIGNAL + SIGINT && result->returncode == -SIGINT) {
		return SIGINT;
	}
	return status == CLI_SIGNAL + SIGQUIT && result->returncode == -SIGQUIT ? SIGQUIT : 0;
}

static int carry_out(const struct plan *plan, struct signals *signals, int *deadly) {
	struct run *run = NULL;
	struct result *result = NULL;
	struct run_options options = {.mask = &signals->original};
	int status = CLI_EXEC_OWN;
	signals->on_terminal = plan->jobs[0].foreground;
	signals_block(signals);
	if (run_new(&run, plan, &options) < 0 || signals_start(signals, run, NULL) < 0) {
		message("cannot start the command: %s", strerror(errno));
	} else if (pull_result(run, &result) == 0 && result) {
		signals_stop(signals);
		signals_release(signals); // from here on a signal ends spool as it ends cat
		status = status_of(result);
		*deadly = deadly_signal(result, status);
		int failed = plan->jobs[0].out == STREAM_CAPTURE ? pass_on_both(result) : 0;
		status = failed ? failed : status;
	}
	signals_stop(signals);
	if (result) {
		result_clear(result);
		free(result);
	}
	run_free(run);
	return status;
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
		.timeout_ns = invocation->plan.timeout_ns,
		.grace_ns = invocation->plan.grace_ns,
	};
	struct plan *plan = plan_exec(&command);
	int deadly = 0;
	int status = carry_out(plan, signals, &deadly);
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
