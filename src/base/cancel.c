// SPDX-License-Identifier: MIT
// sp_cancel: an eventfd and a flag beside it, so that asking costs no system call.
#include "base/base.h"
#include "base/fd.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct sp_cancel {
	atomic_bool set;
	int fd;
};

sp_status sp_cancel_new(sp_cancel **cancel) {
	sp_cancel *new = malloc(sizeof *new);
	if (!new) {
		return SP_E_NOMEM;
	}
	new->fd = fd_above_stdio(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (new->fd < 0) {
		free(new);
		return SP_E_OS;
	}
	atomic_init(&new->set, false);
	*cancel = new;
	return SP_OK;
}

void sp_cancel_set(sp_cancel *cancel) {
	int saved = errno; // a signal handler must leave it as it was
	atomic_store(&cancel->set, true);
	eventfd_write(cancel->fd, 1);
	errno = saved;
}

bool sp_cancelled(const sp_cancel *cancel) {
	return cancel && atomic_load_explicit(&cancel->set, memory_order_acquire);
}

int sp_cancel_fd(const sp_cancel *cancel) {
	return cancel->fd;
}

void sp_cancel_free(sp_cancel *cancel) {
	if (cancel) {
		close(cancel->fd);
		free(cancel);
	}
}
