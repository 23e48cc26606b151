// SPDX-License-Identifier: MIT
// The plan of spool exec: one command of the command line, its words taken as they are.
#include "plan/headline.h"
#include "plan/plan.h"

#include <string.h>

static struct text literal(struct arena *arena, const char *text) {
	if (!text) {
		return (struct text){0};
	}
	struct piece *piece = ARENA_NEW(arena, struct piece);
	*piece = (struct piece){PIECE_TEXT, text};
	return (struct text){piece, 1};
}

static const char *base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

// "NAME=value"; of a name given twice the last one counts.
static void set_env(struct plan_env *env, size_t *n, const char *variable, struct arena *arena) {
	size_t len = strcspn(variable, "="), i = 0;
	const char *value = variable[len] ? variable + len + 1 : "";
	while (i < *n && (strncmp(env[i].name, variable, len) != 0 || env[i].name[len])) {
		i++;
	}
	if (i == *n) {
		env[(*n)++].name = arena_strndup(arena, variable, len);
	}
	env[i].value = literal(arena, value);
}

struct plan *plan_exec(const struct plan_command *command) {
	struct arena *arena = arena_new();
	struct job *job = ARENA_NEW(arena, struct job);
	struct text *argv = ARENA_ARRAY(arena, command->argc, struct text);
	struct plan_env *env = ARENA_ARRAY(arena, command->n_env, struct plan_env);
	for (size_t i = 0; i < command->argc; i++) {
		argv[i] = literal(arena, command->argv[i]);
	}
	static const uint8_t only_zero[32] = {1};
	*job = (struct job){
		.seq = 1,
		.name = base_name(command->argv[0]),
		.argv = argv,
		.argc = command->argc,
		.cwd = literal(arena, command->cwd),
		.input = literal(arena, command->input),
		.env = env,
		.inherit_env = true,
		.check = true,
		.foreground = command->foreground,
		.tries = command->tries,
		.in = command->input ? STREAM_FILE : STREAM_INHERIT,
		.out = command->capture ? STREAM_CAPTURE : STREAM_INHERIT,
		.err = command->capture ? STREAM_CAPTURE : STREAM_INHERIT,
		.max_output = PLAN_MAX_OUTPUT,
		.success = only_zero,
		.timeout_ns = command->timeout_ns,
		.grace_ns = command->grace_ns,
	};
	for (size_t i = 0; i < command->n_env; i++) {
		set_env(env, &job->n_env, command->env[i], arena);
	}
	struct plan *plan = ARENA_NEW(arena, struct plan);
	*plan = (struct plan){
		.arena = arena,
		.name = job->name,
		.workers = 1,
		.jobs = job,
		.n_jobs = 1,
		.n_all = 1,
		.report = {.title = HEADLINE_TITLE, .footer = HEADLINE_FOOTER},
	};
	return plan;
}

void plan_exec_free(struct plan *plan) {
	if (plan) {
		arena_free(plan->arena);
	}
}
