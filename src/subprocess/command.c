// SPDX-License-Identifier: MIT
// From options to what execve wants: Python's args, executable, shell and env.
#include "subprocess/command.h"

#include "base/error.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sp_status check_args(const sp_opts *opts, sp_error *error) {
	if (opts->argc > 0 && !opts->argv) {
		return error_set(error, SP_E_VALUE, "argv is NULL");
	}
	for (size_t i = 0; i < opts->argc; i++) {
		if (!opts->argv[i]) {
			return error_set(error, SP_E_VALUE, "argv[%zu] is NULL", i);
		}
	}
	if (opts->argc == 0 && !opts->executable && !opts->shell) {
		return error_set(error, SP_E_VALUE, "argv is empty and there is no executable");
	}
	return SP_OK;
}

static int fill_args(struct command *command, const sp_opts *opts) {
	static const char *const shell[] = {"/bin/sh", "-c"};
	size_t n = opts->shell ? 2 : 0;
	const char **argv = malloc((n + opts->argc + 1) * sizeof *argv);
	if (!argv) {
		return -1;
	}
	memcpy(argv, shell, n * sizeof *argv);
	if (opts->argc > 0) {
		memcpy(argv + n, opts->argv, opts->argc * sizeof *argv);
	}
	argv[n + opts->argc] = NULL;
	if (opts->shell && opts->executable) {
		argv[0] = opts->executable;
	}
	command->file = opts->executable ? opts->executable : argv[0];
	// execve takes words that it does not change.
	command->argv = (char **)argv;
	return 0;
}

static size_t name_length(const char *entry) {
	return strcspn(entry, "=");
}

static uint32_t name_hash(const char *name, size_t n) {
	uint32_t hash = 2166136261U;
	for (size_t i = 0; i < n; i++) {
		hash = (hash ^ (unsigned char)name[i]) * 16777619U;
	}
	return hash;
}

// Puts entry into envp, in the place of an earlier one of that name. table holds 1 + their indexes.
static void put_env(const char **envp, size_t *count, uint32_t *table, size_t mask,
	const char *entry, size_t n) {
	size_t slot = name_hash(entry, n) & mask;
	for (; table[slot] != 0; slot = (slot + 1) & mask) {
		const char **other = &envp[table[slot] - 1];
		if (strncmp(*other, entry, n + 1) == 0) {
			*other = entry;
			return;
		}
	}
	envp[(*count)++] = entry;
	table[slot] = (uint32_t)*count;
}

static sp_status fill_env(struct command *command, const char *const *env, sp_error *error) {
	size_t n = 0, size = 16, count = 0;
	while (env[n]) {
		n++;
	}
	while (size < 2 * n) {
		size *= 2;
	}
	const char **envp = malloc((n + 1) * sizeof *envp);
	uint32_t *table = calloc(size, sizeof *table);
	sp_status status = SP_OK;
	if (!envp || !table) {
		status = error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	}
	for (size_t i = 0; i < n && status == SP_OK; i++) {
		size_t length = name_length(env[i]);
		if (env[i][length] != '=') {
			status = error_set(error, SP_E_VALUE,
				"illegal environment variable: env[%zu] has no '='", i);
			break;
		}
		put_env(envp, &count, table, size - 1, env[i], length);
	}
	free(table);
	if (status != SP_OK) {
		free(envp);
		return status;
	}
	envp[count] = NULL;
	for (size_t i = 0; i < count && !command->path; i++) {
		if (strncmp(envp[i], "PATH=", 5) == 0) {
			command->path = envp[i] + 5;
		}
	}
	command->own_envp = command->envp = (char **)envp;
	return SP_OK;
}

sp_status command_init(struct command *command, const sp_opts *opts, sp_error *error) {
	*command = (struct command){0};
	sp_status status = check_args(opts, error);
	if (status != SP_OK) {
		return status;
	}
	if (fill_args(command, opts) < 0) {
		return error_os(error, ENOMEM, SP_AT_ARGS, NULL);
	}
	if (!opts->env) {
		command->envp = environ;
		command->path = getenv("PATH");
		return SP_OK;
	}
	status = fill_env(command, opts->env, error);
	if (status != SP_OK) {
		command_clear(command);
	}
	return status;
}

void command_clear(struct command *command) {
	free(command->argv);
	free(command->own_envp);
	*command = (struct command){0};
}
