// SPDX-License-Identifier: MIT
// Runs a command and writes into a file how much memory it had at most, in KiB.
//
//     peak FILE COMMAND…
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
	if (argc < 3) {
		fprintf(stderr, "usage: peak FILE COMMAND...\n");
		return 2;
	}
	pid_t pid;
	int status, error = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (error) {
		fprintf(stderr, "peak: %s: %s\n", argv[2], strerror(error));
		return 1;
	}
	struct rusage usage;
	FILE *file;
	if (wait4(pid, &status, 0, &usage) < 0 || !(file = fopen(argv[1], "we"))) {
		perror("peak");
		return 1;
	}
	fprintf(file, "%ld\n", usage.ru_maxrss);
	return fclose(file) == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
