// SPDX-License-Identifier: MIT
// An eventfd, and a flag that spares the read of it.
#include "report/bell.h"
#include "base/fd.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bell_open(struct bell *bell) {
	atomic_init(&bell->rung, false);
	bell->fd = fd_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	return bell->fd < 0 ? -1 : 0;
}

void bell_close(struct bell *bell) {
	fd_close(&bell->fd);
}

// The flag goes up last: who sees it finds the descriptor readable, unless the ring of another
// thread was hushed just now, and then what this one changed was there already.
void bell_ring(struct bell *bell) {
	uint64_t one = 1;
	while (write(bell->fd, &one, sizeof one) < 0 && errno == EINTR) {
	}
	atomic_store(&bell->rung, true);
}

void bell_hush(struct bell *bell) {
	uint64_t n;
	if (atomic_exchange(&bell->rung, false)) {
		while (read(bell->fd, &n, sizeof n) < 0 && errno == EINTR) {
		}
	}
}
