// SPDX-License-Identifier: MIT
// From options to a process: attributes and actions for posix_spawn, tried on each place where the
// program may be, and the step that its one errno is about.
#include "subprocess/spawn.h"

#include "base/error.h"
#include "subprocess/search.h"

#include <errno.h>
#include <spawn.h>

struct recipe {
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t actions;
};

static void set_defaults(sigset_t *set, bool restore_signals) {
	sigemptyset(set);
	if (restore_signals) {
		sigaddset(set, SIGPIPE);
		sigaddset(set, SIGXFSZ);
	}
	// glibc's own two signals, which sigaddset refuses, would be left ignored in the child.
	const unsigned bits = 8 * sizeof set->__val[0];
	for (unsigned sig = 32; sig <= 33; sig++) {
		set->__val[(sig - 1) / bits] |= 1UL << ((sig - 1) % bits);
	}
}

// What can only fail for want of memory or with a bad number from us is not asked.
static void set_attributes(posix_spawnattr_t *attr, const sp_opts *opts) {
	short flags = POSIX_SPAWN_SETSIGDEF;
	sigset_t defaults;
	set_defaults(&defaults, opts->restore_signals);
	posix_spawnattr_setsigdefault(attr, &defaults);
	if (opts->sigmask) {
		flags |= POSIX_SPAWN_SETSIGMASK;
		posix_spawnattr_setsigmask(attr, opts->sigmask);
	}
	if (opts->start_new_session) {
		flags |= POSIX_SPAWN_SETSID;
	}
	if (opts->process_group >= 0) {
		flags |= POSIX_SPAWN_SETPGROUP;
		posix_spawnattr_setpgroup(attr, opts->process_group);
	}
	posix_spawnattr_setflags(attr, flags);
}

static int add_dup2(struct streams *streams, int which, posix_spawn_file_actions_t *actions) {
	int err = posix_spawn_file_actions_adddup2(actions, streams->source[which], which);
	if (err != EBADF) {
		return err;
	}
	// glibc takes no number at or above the soft limit, though it may be open.
	if (streams_lower(streams, which) < 0) {
		return errno;
	}
	return posix_spawn_file_actions_adddup2(actions, streams->source[which], which);
}

static int add_closes(const struct inherit *inherit, posix_spawn_file_actions_t *actions) {
	int err = 0, next = 3;
	for (size_t i = 0; i < inherit->n && err == 0; i++) {
		for (; next < inherit->fds[i] && err == 0; next++) {
			err = posix_spawn_file_actions_addclose(actions, next);
		}
		next = inherit->fds[i] >= next ? inherit->fds[i] + 1 : next;
	}
	return err ? err : posix_spawn_file_actions_addclosefrom_np(actions, next);
}

// Its two descriptors lose FD_CLOEXEC in the child.
static int add_step(const struct step *step, posix_spawn_file_actions_t *actions) {
	int err = posix_spawn_file_actions_adddup2(actions, step->order_fd, step->order_fd);
	return err ? err
		   : posix_spawn_file_actions_adddup2(actions, step->reports[1], step->reports[1]);
}

// Order: those passed on are unmarked before a redirection can replace one, and closing comes last.
static int add_actions(struct launch *launch, posix_spawn_file_actions_t *actions) {
	const struct inherit *inherit = &launch->inherit;
	int err = 0;
	for (size_t i = 0; i < inherit->n && err == 0; i++) {
		int fd = inherit->fds[i];
		err = posix_spawn_file_actions_adddup2(actions, fd, fd);
	}
	for (int i = 0; i < 3 && err == 0; i++) {
		if (launch->streams.source[i] >= 0) {
			// Also onto itself, which clears FD_CLOEXEC.
			err = add_dup2(&launch->streams, i, actions);
		}
	}
	if (err == 0 && launch->cwd_fd >= 0) {
		err = posix_spawn_file_actions_addfchdir_np(actions, launch->cwd_fd);
	}
	if (launch->step.needed) {
		// It closes the others itself.
		return err == 0 ? add_step(&launch->step, actions) : err;
	}
	if (err == 0 && inherit->close_others) {
		err = add_closes(inherit, actions);
	}
	return err;
}

/*
 * What the errno of a failed spawn is about. EPERM comes from setsid and setpgid, from a seccomp
 * filter against clone3, and from execve; a program that does not exist tells them apart.
 */
static sp_stage stage_of(int err, const struct recipe *recipe, char *const *envp) {
	char *const argv[] = {NULL};
	pid_t pid;
	switch (err) {
	case EBADF:
		return SP_AT_FDS;
	case EAGAIN:
	case ENOMEM:
	case ENOSYS:
		return SP_AT_CREATE;
	case EPERM:
		if (posix_spawn(&pid, "", NULL, NULL, argv, envp) == EPERM) {
			return SP_AT_CREATE;
		}
		if (posix_spawn(&pid, "", &recipe->actions, &recipe->attr, argv, envp) == EPERM) {
			return SP_AT_SETUP;
		}
		return SP_AT_EXEC;
	default:
		return SP_AT_EXEC;
	}
}

static sp_status not_spawned(
	const struct launch *launch, int err, sp_stage stage, sp_error *error) {
	const sp_opts *opts = launch->opts;
	if (stage != SP_AT_SETUP || opts->process_group < 0) {
		return error_os(error, err, stage, NULL);
	}
	return opts->start_new_session
		       ? error_os_says(error, err, stage,
				 "start_new_session and process_group may not both be used")
		       : error_os_says(error, err, stage, "process_group: cannot join group %d",
				 (int)opts->process_group);
}

// Like execvp, but it goes on after every failure of execve, and says the first that matters.
static sp_status try_each(struct launch *launch, const struct recipe *recipe, struct search *search,
	pid_t *pid, sp_error *error) {
	const struct command *command = &launch->command;
	int first = 0;
	const char *candidate;
	while ((candidate = search_next(search))) {
		int err = posix_spawn(pid, candidate, &recipe->actions, &recipe->attr,
			command->argv, command->envp);
		if (err == 0) {
			return SP_OK;
		}
		sp_stage stage = stage_of(err, recipe, command->envp);
		if (stage != SP_AT_EXEC) {
			return not_spawned(launch, err, stage, error);
		}
		if (err == ENOENT || err == ENOTDIR) {
			search->miss = err;
		} else if (first == 0) {
			first = err;
		}
	}
	return error_os(error, first ? first : search->miss, SP_AT_EXEC, command->file);
}

// Without an environment, so that nothing of the job's is preloaded into what still has our rights.
static sp_status start_step(
	struct launch *launch, const struct recipe *recipe, pid_t *pid, sp_error *error) {
	char *const nothing[] = {NULL};
	const struct step *step = &launch->step;
	int err = posix_spawn(
		pid, step->path, &recipe->actions, &recipe->attr, step->argv, nothing);
	if (err == 0) {
		return SP_OK;
	}
	sp_stage stage = stage_of(err, recipe, nothing);
	return stage == SP_AT_EXEC ? step_not_executed(step, err, error)
				   : not_spawned(launch, err, stage, error);
}

static sp_status start(
	struct launch *launch, const struct recipe *recipe, pid_t *pid, sp_error *error) {
	if (launch->step.needed) {
		return start_step(launch, recipe, pid, error);
	}
	struct search search;
	if (search_init(&search, launch->command.file, launch->command.path, launch->cwd_fd) < 0) {
		return error_os(error, errno, SP_AT_ARGS, NULL);
	}
	sp_status status = try_each(launch, recipe, &search, pid, error);
	search_clear(&search);
	return status;
}

sp_status spawn(struct launch *launch, pid_t *pid, sp_error *error) {
	struct recipe recipe;
	// In glibc neither of the two can fail.
	posix_spawnattr_init(&recipe.attr);
	posix_spawn_file_actions_init(&recipe.actions);
	set_attributes(&recipe.attr, launch->opts);
	sp_status status;
	int err = add_actions(launch, &recipe.actions);
	if (err == 0) {
		status = start(launch, &recipe, pid, error);
	} else {
		status = error_os(error, err, err == ENOMEM ? SP_AT_ARGS : SP_AT_FDS, NULL);
	}
	posix_spawn_file_actions_destroy(&recipe.actions);
	posix_spawnattr_destroy(&recipe.attr);
	return status;
}
