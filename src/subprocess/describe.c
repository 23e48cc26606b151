// SPDX-License-Identifier: MIT
// What became of a command, in the words of Python's exceptions.
#include "base/buf.h"
#include "base/clock.h"
#include "base/quote.h"
#include "subprocess/options.h"

#include <string.h>

static int put_command(struct buf *text, const sp_opts *opts) {
	const char *const *argv = opts->argv;
	size_t argc = 0;
	// A word that is NULL is what it failed for, and is named behind it.
	while (argv && argc < opts->argc && argv[argc]) {
		argc++;
	}
	// A script is a text already.
	if (opts->shell && argc == 1) {
		return buf_printf(text, "Command '%s' ", argv[0]);
	}
	if (opts->argc == 0) {
		argv = &opts->executable;
		argc = opts->executable ? 1 : 0;
	}
	int r = buf_puts(text, "Command '");
	r = r == 0 ? quote_words(text, argv, argc) : r;
	return r == 0 ? buf_puts(text, "' ") : r;
}

// As Python's enum Signals names them: of two names for one number the first in the alphabet.
static int put_signal(struct buf *text, int sig) {
	const char *name = sig == SIGIO      ? "IO"
			   : sig == SIGRTMIN ? "RTMIN"
			   : sig == SIGRTMAX ? "RTMAX"
					     : sigabbrev_np(sig);
	return name ? buf_printf(text, "died with <Signals.SIG%s: %d>.", name, sig)
		    : buf_printf(text, "died with unknown signal %d.", sig);
}

static int put_error(struct buf *text, const sp_error *error) {
	if (error->os_errno == 0) {
		return buf_printf(text, "failed: %s", error->msg);
	}
	const char *reason = strerrordesc_np(error->os_errno);
	int r = buf_printf(text, "failed: %s: %s", error->msg, reason ? reason : "unknown error");
	return r == 0 && error->filename ? buf_printf(text, ": '%s'", error->filename) : r;
}

static int put_outcome(struct buf *text, const sp_result *result) {
	const sp_error *error = &result->error;
	if (result->timed_out) {
		return buf_printf(text, "timed out after %.9g seconds",
			(double)result->timeout_ns / CLOCK_SECOND);
	}
	if (error->code != SP_OK && error->code != SP_E_STATUS) {
		return put_error(text, error);
	}
	if (result->returncode < 0) {
		return put_signal(text, -result->returncode);
	}
	if (result->status_lost) {
		return buf_puts(text, "ended, and its exit status is not known.");
	}
	return buf_printf(text, "returned %sexit status %d.", result->returncode ? "non-zero " : "",
		result->returncode);
}

int sp_describe(const sp_opts *given, const sp_result *result, char *buf, size_t n) {
	sp_opts opts;
	struct buf text = {0};
	int length = -1;
	if (n > 0) {
		buf[0] = '\0';
	}
	// What was not set up is the defaults here, without any words.
	(void)opts_load(&opts, given, NULL);
	if (put_command(&text, &opts) == 0 && put_outcome(&text, result) == 0) {
		length = (int)text.len;
		size_t fits = n > text.len ? text.len : n > 0 ? n - 1 : 0;
		if (n > 0) {
			memcpy(buf, text.data, fits);
			buf[fits] = '\0';
		}
	}
	buf_clear(&text);
	return length;
}
