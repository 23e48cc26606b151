// SPDX-License-Identifier: MIT
// Opening the directory of --results, so that what is wrong with it is said before anything starts.
#include "cli/results.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/message.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int say_not_made(const char *path) {
	if (errno == ENOENT) {
		message_hint("mkdir -p makes those above it too",
			"--results '%s': the directory that it would be in is not there", path);
	} else {
		message("--results '%s': cannot make the directory: %s", path, strerror(errno));
	}
	return CLI_INFRASTRUCTURE;
}

static int say_not_opened(const char *path) {
	if (errno == ENOTDIR) {
		message_hint("name a directory, or what is not there yet: it is made",
			"--results '%s': this is no directory", path);
	} else {
		message("--results '%s': cannot open the directory: %s", path, strerror(errno));
	}
	return CLI_INFRASTRUCTURE;
}

int results_directory(const char *path, int *fd) {
	*fd = 0;
	if (!path) {
		return 0;
	}
	if (mkdir(path, 0777) < 0 && errno != EEXIST) {
		return say_not_made(path);
	}
	*fd = fd_above_stdio(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
	if (*fd < 0) {
		return say_not_opened(path);
	}
	if (faccessat(*fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		message("--results '%s': cannot make anything there: %s", path, strerror(errno));
		fd_close(fd);
		return CLI_INFRASTRUCTURE;
	}
	return 0;
}
