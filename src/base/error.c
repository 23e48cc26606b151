// SPDX-License-Identifier: MIT
// Filling in and clearing sp_error.
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sp_error_clear(sp_error *error) {
	if (!error) {
		return;
	}
	free(error->filename);
	*error = (sp_error)SP_ERROR_INIT;
}

__attribute__((format(printf, 3, 0))) static void set(
	sp_error *error, sp_status code, const char *format, va_list args) {
	if (error) {
		sp_error_clear(error);
		error->code = code;
		vsnprintf(error->msg, sizeof error->msg, format, args);
	}
}

sp_status error_set(sp_error *error, sp_status code, const char *format, ...) {
	va_list args;
	va_start(args, format);
	set(error, code, format, args);
	va_end(args);
	return code;
}

static const char *stage_text(sp_stage stage) {
	switch (stage) {
	case SP_AT_ARGS:
		return "cannot prepare the command";
	case SP_AT_PIPE:
		return "cannot set up the streams";
	case SP_AT_CWD:
		return "cannot enter the working directory";
	case SP_AT_FDS:
		return "cannot redirect a descriptor";
	case SP_AT_CREATE:
		return "cannot create a process";
	case SP_AT_SETUP:
		return "cannot set up the process";
	case SP_AT_EXEC:
		return "cannot execute";
	case SP_AT_IO:
		return "cannot talk to the process";
	case SP_AT_WAIT:
		return "cannot wait for or signal the process";
	}
	return "failed";
}

sp_status error_os(sp_error *error, int errnum, sp_stage stage, const char *filename) {
	sp_status code = errnum == ENOMEM && stage == SP_AT_ARGS ? SP_E_NOMEM : SP_E_OS;
	error_set(error, code, "%s", stage_text(stage));
	if (error) {
		error->os_errno = errnum;
		error->stage = stage;
		// Without memory the name is lost, not the error.
		error->filename = filename ? strdup(filename) : NULL;
	}
	return code;
}

sp_status error_os_says(sp_error *error, int errnum, sp_stage stage, const char *format, ...) {
	va_list args;
	va_start(args, format);
	set(error, SP_E_OS, format, args);
	va_end(args);
	if (error) {
		error->os_errno = errnum;
		error->stage = stage;
	}
	return SP_E_OS;
}

void error_copy(sp_error *to, const sp_error *from) {
	if (!to) {
		return;
	}
	sp_error_clear(to);
	*to = *from;
	to->filename = from->filename ? strdup(from->filename) : NULL;
}
