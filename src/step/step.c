// SPDX-License-Identifier: MIT
// The exec step at work: it maps its order, applies the settings and executes. It runs between two
// programs, perhaps with few rights and tight limits, so it takes no memory and opens nothing once
// it has its order; nothing is printed, what fails is reported.
#include "step/step.h"

#include "step/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_FAILED = 127, STATUS_MISUSED = 125 };

bool step_is_called(int argc, char *const *argv) {
	return argc > 0 && strcmp(argv[0], STEP_NAME) == 0;
}

static void report(int fd, enum step_matter matter, int error, int detail) {
	struct step_report report = {STEP_MAGIC, (int32_t)matter, error, detail, 0};
	while (write(fd, &report, sizeof report) < 0 && errno == EINTR) {
	}
}

// A number of a descriptor in decimal; -1 if it is none.
static int parse_fd(const char *text) {
	int fd = 0;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || fd > 99999999) {
			return -1;
		}
		fd = 10 * fd + (*c - '0');
	}
	return *text ? fd : -1;
}

// RLIMIT_STACK, once it is low, would not let it grow any more.
static void grow_stack(void) {
	volatile char stack[32 * 1024];
	for (size_t i = 0; i < sizeof stack; i += 1024) {
		stack[i] = 0;
	}
}

static struct step_order *map_order(int fd, size_t *size) {
	struct stat status;
	if (fstat(fd, &status) < 0 || status.st_size <= 0) {
		return NULL;
	}
	*size = (size_t)status.st_size;
	void *order = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	return order == MAP_FAILED ? NULL : order;
}

// As execvp, but every failure is passed over; the first that is not "nothing there" counts.
static int execute(const struct step_order *order, const struct step_parts *parts) {
	int first = 0, miss = ENOENT;
	for (uint64_t i = 0; i < order->n_places; i++) {
		execve(parts->places[i].text, &parts->args->text, &parts->env->text);
		if (errno == ENOENT || errno == ENOTDIR) {
			miss = errno;
		} else if (first == 0) {
			first = errno;
		}
	}
	return first ? first : miss;
}

int step_main(int argc, char **argv) {
	int order_fd = argc == 3 ? parse_fd(argv[1]) : -1;
	int report_fd = argc == 3 ? parse_fd(argv[2]) : -1;
	if (order_fd < 0 || fcntl(report_fd, F_SETFD, FD_CLOEXEC) < 0) {
		static const char text[] = STEP_NAME ": it is libspool that runs this program\n";
		ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
		return written < 0 ? STATUS_FAILED : STATUS_MISUSED;
	}
	grow_stack();
	report(report_fd, STEP_BEGUN, 0, 0);
	size_t size;
	struct step_order *order = map_order(order_fd, &size);
	struct step_parts parts;
	close(order_fd);
	if (!order || !step_read(order, size, &parts)) {
		report(report_fd, STEP_ORDER, EINVAL, 0);
		return STATUS_FAILED;
	}
	struct step_failure failure;
	if (!step_apply(order, &parts, &failure)) {
		report(report_fd, failure.matter, failure.error, failure.detail);
		return STATUS_FAILED;
	}
	report(report_fd, STEP_EXEC, execute(order, &parts), 0);
	return STATUS_FAILED;
}
