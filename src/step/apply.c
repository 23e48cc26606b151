// SPDX-License-Identifier: MIT
// Applying the settings. The order matters: what opens a file comes before the limits, the limits
// before the rights to raise them are given up, and the signal of the parent's death again after
// the kernel has dropped it with the old ids.
#include "step/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fails(struct step_failure *failure, enum step_matter matter, int detail) {
	*failure = (struct step_failure){matter, errno, detail};
	return false;
}

// In decimal, its end at end; returns the beginning.
static char *format(int value, char *end) {
	unsigned rest = value < 0 ? 0U - (unsigned)value : (unsigned)value;
	do {
		*--end = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		*--end = '-';
	}
	return end;
}

static bool set_oom(int value) {
	char text[16], *end = text + sizeof text, *begin = format(value, end);
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	ssize_t written = write(fd, begin, (size_t)(end - begin));
	int saved = errno;
	close(fd);
	errno = saved;
	return written == end - begin;
}

// -1 is also a niceness.
static bool add_nice(int value) {
	errno = 0;
	return nice(value) != -1 || errno == 0;
}

static bool set_limits(const struct step_order *order, const struct step_parts *parts,
	struct step_failure *failure) {
	for (uint64_t i = 0; i < order->n_limits; i++) {
		const struct step_limit *limit = &parts->limits[i];
		struct rlimit value = {limit->soft, limit->hard};
		if (setrlimit((__rlimit_resource_t)limit->resource, &value) < 0) {
			return fails(failure, STEP_LIMIT, (int)limit->resource);
		}
	}
	return true;
}

static bool set_deathsig(const struct step_order *order) {
	if (order->deathsig == 0) {
		return true;
	}
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)order->deathsig, 0UL, 0UL, 0UL) < 0) {
		return false;
	}
	// It may have died before it could be asked for. 0: it lives outside of our PID namespace.
	pid_t parent = getppid();
	return parent == order->parent || parent == 0 || kill(getpid(), order->deathsig) == 0;
}

static bool set_ids(const struct step_order *order, const struct step_parts *parts,
	struct step_failure *failure) {
	if (order->n_groups >= 0 && setgroups((size_t)order->n_groups, parts->groups) < 0) {
		return fails(failure, STEP_GROUPS, 0);
	}
	gid_t gid = (gid_t)order->gid;
	if (order->gid >= 0 && setresgid(gid, gid, gid) < 0) {
		return fails(failure, STEP_GID, 0);
	}
	uid_t uid = (uid_t)order->uid;
	if (order->uid >= 0 && setresuid(uid, uid, uid) < 0) {
		return fails(failure, STEP_UID, 0);
	}
	return true;
}

static void close_gap(unsigned first, unsigned last) {
	if (first > last || close_range(first, last, 0) == 0) {
		return;
	}
	// Before Linux 5.9, or a seccomp filter that does not know it.
	if (last == ~0U) {
		closefrom((int)first);
		return;
	}
	for (unsigned fd = first; fd <= last; fd++) {
		close((int)fd);
	}
}

static bool close_others(const struct step_order *order, const struct step_parts *parts) {
	unsigned next = 3;
	if (!order->close_others) {
		return true;
	}
	for (uint32_t i = 0; i < order->n_kept; i++) {
		unsigned kept = (unsigned)parts->kept[i];
		if (parts->kept[i] < 3 || kept < next) {
			errno = EINVAL;
			return false;
		}
		close_gap(next, kept - 1);
		next = kept + 1;
	}
	close_gap(next, ~0U);
	return true;
}

bool step_apply(const struct step_order *order, const struct step_parts *parts,
	struct step_failure *failure) {
	if (order->set_oom && !set_oom(order->oom)) {
		return fails(failure, STEP_OOM, 0);
	}
	if (order->nice != 0 && !add_nice(order->nice)) {
		return fails(failure, STEP_NICE, 0);
	}
	if (order->umask >= 0) {
		umask((mode_t)order->umask & 0777);
	}
	if (!set_limits(order, parts, failure)) {
		return false;
	}
	if (!set_deathsig(order)) {
		return fails(failure, STEP_DEATHSIG, 0);
	}
	if (!set_ids(order, parts, failure)) {
		return false;
	}
	if (!set_deathsig(order)) {
		return fails(failure, STEP_DEATHSIG, 0);
	}
	return close_others(order, parts) || fails(failure, STEP_CLOSE, 0);
}
