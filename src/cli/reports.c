// SPDX-License-Identifier: MIT
// Opening the files that reports go to, before anything starts.
#include "cli/reports.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Two reports in one file or named pipe would be neither.
static bool is_same(int fd, int other) {
	struct stat a, b;
	return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino && (S_ISREG(a.st_mode) || S_ISFIFO(a.st_mode));
}

static bool is_taken(const struct reports *reports, int fd) {
	for (size_t i = 0; i < reports->n; i++) {
		if (is_same(fd, reports->outlets[i].fd)) {
			return true;
		}
	}
	return false;
}

static const char *option_of(const struct report_wish *wish) {
	return wish->format == REPORT_JOBLOG ? "joblog" : "report";
}

// Emptied only when it is known to be nobody else's.
static int open_file(struct reports *reports, const struct report_wish *wish, int *fd) {
	struct stat st;
	*fd = fd_above_stdio(open(wish->file, O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666));
	if (*fd >= 0 && is_taken(reports, *fd)) {
		message("--%s '%s': another report goes to this file", option_of(wish),
			wish->argument);
		fd_close(fd);
		return CLI_USAGE;
	}
	if (*fd < 0 || (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(*fd, 0) < 0)) {
		message("--%s '%s': cannot open the file: %s", option_of(wish), wish->argument,
			strerror(errno));
		fd_close(fd);
		return CLI_INFRASTRUCTURE;
	}
	return 0;
}

static int add(struct reports *reports, const struct report_wish *wish, bool colour) {
	int fd = wish->fd, status = wish->file ? open_file(reports, wish, &fd) : 0;
	if (status == 0) {
		reports->outlets[reports->n] = (struct report_outlet){
			.format = wish->format, .fd = fd, .colour = colour};
		reports->names[reports->n] = wish->argument;
		reports->own[reports->n++] = wish->file;
	}
	return status;
}

// NO_COLOR and CLICOLOR_FORCE are honoured where the command line leaves it open.
static bool wants_colour(enum colour colour, int fd) {
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
	const char *term = getenv("TERM");
	if (colour != COLOUR_AUTO) {
		return colour == COLOUR_ALWAYS;
	}
	if (no && no[0]) {
		return false;
	}
	if (force && force[0] && strcmp(force, "0") != 0) {
		return true;
	}
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

// What spool map prints when no report takes standard output, and on standard error in any case.
static void add_outputs(struct reports *reports, bool outputs, enum colour colour) {
	static const struct {
		enum report_format format;
		int fd;
		const char *name;
	} two[] = {{REPORT_OUTPUTS, STDOUT_FILENO, "of the jobs' output"},
		{REPORT_FAULTS, STDERR_FILENO, "of the jobs' error output"}};
	for (size_t i = outputs ? 0 : 1; i < sizeof two / sizeof *two; i++) {
		reports->outlets[reports->n] = (struct report_outlet){.format = two[i].format,
			.fd = two[i].fd,
			.colour = wants_colour(colour, two[i].fd)};
		reports->names[reports->n++] = two[i].name;
	}
}

static bool is_standard_output(const struct report_wish *wish) {
	return !wish->file && wish->fd == STDOUT_FILENO;
}

int reports_open(
	struct reports *reports, const struct invocation *invocation, enum reports_usual usual) {
	const struct report_wish default_text = {.fd = STDOUT_FILENO};
	const struct report_wish *first = usual == REPORTS_TEXT ? &default_text : NULL;
	size_t most = invocation->n_reports + 3;
	*reports = (struct reports){
		.outlets = calloc(most, sizeof *reports->outlets),
		.names = calloc(most, sizeof *reports->names),
		.own = calloc(most, sizeof *reports->own),
	};
	if (!reports->outlets || !reports->names || !reports->own) {
		message("out of memory");
		return CLI_INFRASTRUCTURE;
	}
	for (size_t i = 0; i < invocation->n_reports; i++) {
		first = is_standard_output(&invocation->reports[i]) ? &invocation->reports[i]
								    : first;
	}
	bool colour = usual != REPORTS_NONE && wants_colour(invocation->colour, STDOUT_FILENO);
	int status = first ? add(reports, first, colour) : 0;
	if (usual == REPORTS_OUTPUTS) {
		add_outputs(reports, !first, invocation->colour);
		reports->mixed = is_same(STDOUT_FILENO, STDERR_FILENO);
	}
	// Inherited ones first: a file that is one of theirs is found to be.
	for (int files = 0; files < 2; files++) {
		for (size_t i = 0; i < invocation->n_reports && status == 0; i++) {
			const struct report_wish *wish = &invocation->reports[i];
			if (wish != first && (wish->file != NULL) == files) {
				status = add(reports, wish, false);
			}
		}
	}
	return status;
}

int reports_close(struct reports *reports) {
	int r = 0;
	for (size_t i = 0; i < reports->n; i++) {
		if (reports->own[i] && close(reports->outlets[i].fd) < 0) {
			message("the report %s cannot be written: %s", reports->names[i],
				strerror(errno));
			r = -1;
		}
	}
	free(reports->outlets);
	free(reports->names);
	free(reports->own);
	*reports = (struct reports){0};
	return r;
}
