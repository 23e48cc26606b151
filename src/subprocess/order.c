// SPDX-License-Identifier: MIT
// Writing an order for the exec step: a header, then what it counts, then the texts; step/step.h
// has the picture.
#include "subprocess/order.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"
#include "step/step.h"
#include "subprocess/search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct draft {
	const struct order_of *of;
	struct buf places; // texts, each with a NUL
	size_t n_places;
};

static size_t count(char *const *words) {
	size_t n = 0;
	while (words[n]) {
		n++;
	}
	return n;
}

// Numbers 0..2 are never closed, so they need no keeping.
static size_t first_kept(const struct inherit *inherit) {
	size_t i = 0;
	while (i < inherit->n && inherit->fds[i] < 3) {
		i++;
	}
	return i;
}

// All of PATH: who executes may see other places than we do, and a miss costs no process there.
static int list_places(struct draft *draft) {
	const struct command *command = draft->of->command;
	struct search search;
	if (search_init(&search, command->file, command->path, -1) < 0) {
		return -1;
	}
	int r = 0;
	const char *place;
	while (r == 0 && (place = search_next_unseen(&search))) {
		r = buf_append(&draft->places, place, strlen(place) + 1);
		draft->n_places++;
	}
	search_clear(&search);
	return r;
}

// nice(3) adds what it is given to the niceness, which could overflow.
static int bounded_nice(int value) {
	const int most = 40;
	return value > most ? most : value < -most ? -most : value;
}

static struct step_order header(const struct draft *draft) {
	const sp_opts *opts = draft->of->opts;
	const struct inherit *inherit = draft->of->inherit;
	bool close_others = inherit->close_others;
	return (struct step_order){
		.magic = STEP_MAGIC,
		.uid = opts->uid,
		.gid = opts->gid,
		.n_groups = opts->n_groups,
		.parent = getpid(),
		.deathsig = opts->pdeathsig,
		.umask = opts->umask < 0 ? -1 : opts->umask & 0777,
		.nice = bounded_nice(opts->nice),
		.oom = opts->oom_score_adj,
		.set_oom = opts->set_oom,
		.close_others = close_others,
		.n_kept = close_others ? (uint32_t)(inherit->n - first_kept(inherit) + 1) : 0,
		.n_limits = opts->n_rlimits,
		.n_args = count(draft->of->command->argv),
		.n_env = count(draft->of->command->envp),
		.n_places = draft->n_places,
	};
}

static int put_limits(struct buf *order, const sp_opts *opts) {
	int r = 0;
	for (size_t i = 0; i < opts->n_rlimits && r == 0; i++) {
		const sp_rlim *limit = &opts->rlimits[i];
		r = buf_append(order,
			&(struct step_limit){
				limit->resource, limit->lim.rlim_cur, limit->lim.rlim_max},
			sizeof(struct step_limit));
	}
	return r;
}

// Where each word will be, once the texts are written, and a zero behind them.
static int put_words(struct buf *order, char *const *words, uintptr_t *at) {
	int r = 0;
	for (; *words && r == 0; words++) {
		r = buf_append(order, at, sizeof *at);
		*at += strlen(*words) + 1;
	}
	return r == 0 ? buf_append(order, &(uintptr_t){0}, sizeof(uintptr_t)) : r;
}

static int put_places(struct buf *order, const struct draft *draft, uintptr_t *at) {
	int r = 0;
	const char *place = draft->places.data;
	for (size_t i = 0; i < draft->n_places && r == 0; i++) {
		size_t n = strlen(place) + 1;
		r = buf_append(order, at, sizeof *at);
		*at += n;
		place += n;
	}
	return r;
}

static int put_kept(struct buf *order, const struct draft *draft) {
	const struct inherit *inherit = draft->of->inherit;
	int32_t report_fd = draft->of->report_fd;
	bool reported = false;
	int r = 0;
	for (size_t i = first_kept(inherit); i < inherit->n && r == 0; i++) {
		if (!reported && inherit->fds[i] > report_fd) {
			r = buf_append(order, &report_fd, sizeof report_fd);
			reported = true;
		}
		int32_t fd = inherit->fds[i];
		r |= buf_append(order, &fd, sizeof fd);
	}
	return r == 0 && !reported ? buf_append(order, &report_fd, sizeof report_fd) : r;
}

static int put_texts(struct buf *order, char *const *words) {
	int r = 0;
	for (; *words && r == 0; words++) {
		r = buf_append(order, *words, strlen(*words) + 1);
	}
	return r;
}

// 0, or -1 without memory.
static int compose(struct buf *order, const struct draft *draft) {
	const struct command *command = draft->of->command;
	struct step_order head = header(draft);
	size_t groups = head.n_groups > 0 ? (size_t)head.n_groups : 0;
	uintptr_t at = sizeof head + head.n_limits * sizeof(struct step_limit) +
		       (head.n_args + 1 + head.n_env + 1 + head.n_places) * sizeof at +
		       groups * sizeof(uint32_t) + head.n_kept * sizeof(int32_t);
	int r = buf_append(order, &head, sizeof head);
	r |= put_limits(order, draft->of->opts);
	r |= put_words(order, command->argv, &at);
	r |= put_words(order, command->envp, &at);
	r |= put_places(order, draft, &at);
	r |= buf_append(order, draft->of->opts->groups, groups * sizeof *draft->of->opts->groups);
	r |= head.close_others ? put_kept(order, draft) : 0;
	r |= put_texts(order, command->argv);
	r |= put_texts(order, command->envp);
	r |= buf_append(order, draft->places.data, draft->places.len);
	if (r == 0) {
		((struct step_order *)(void *)order->data)->size = order->len;
	}
	return r;
}

// RLIMIT_FSIZE counts here too, and its signal is not for the host.
static int write_quietly(int fd, const char *data, size_t n) {
	while (n > 0) {
		ssize_t written = fd_write_quietly(fd, data, n);
		if (written < 0 && errno != EINTR) {
			return -1;
		}
		data += written > 0 ? written : 0;
		n -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

static sp_status write_order(int *fd, const struct buf *order, sp_error *error) {
	*fd = fd_above_stdio(memfd_create(STEP_NAME, MFD_CLOEXEC));
	if (*fd >= 0 && write_quietly(*fd, order->data, order->len) == 0) {
		return SP_OK;
	}
	sp_status status = error_os(error, errno, SP_AT_PIPE, NULL);
	if (error) {
		snprintf(error->msg, sizeof error->msg, "cannot write the order of the exec step");
	}
	fd_close(fd);
	return status;
}

sp_status order_make(int *fd, const struct order_of *of, sp_error *error) {
	struct draft draft = {.of = of};
	struct buf order = {0};
	sp_status status = list_places(&draft) == 0 && compose(&order, &draft) == 0
				   ? write_order(fd, &order, error)
				   : error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	buf_clear(&order);
	buf_clear(&draft.places);
	return status;
}
