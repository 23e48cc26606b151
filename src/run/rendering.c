// SPDX-License-Identifier: MIT
// Rendering a job of the plan for one attempt. What is fixed is borrowed from the plan.
#include "run/rendering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int own(struct rendering *rendering, void *memory) {
	if (!memory) {
		return -1;
	}
	if (rendering->n_owned == rendering->cap_owned) {
		size_t cap = rendering->cap_owned ? rendering->cap_owned * 2 : 16;
		void **owned = realloc(rendering->owned, cap * sizeof *owned);
		if (!owned) {
			free(memory);
			return -1;
		}
		rendering->owned = owned;
		rendering->cap_owned = cap;
	}
	rendering->owned[rendering->n_owned++] = memory;
	return 0;
}

static int render(struct rendering *rendering, const struct text *text, const struct result *result,
	const char **rendered) {
	*rendered = NULL;
	if (text->n == 0) {
		return 0;
	}
	*rendered = text_fixed(text);
	if (*rendered) {
		return 0;
	}
	char *made = text_render(text, result->slot, result->attempt);
	*rendered = made;
	return own(rendering, made);
}

static int render_argv(
	struct rendering *rendering, const struct job *job, const struct result *result) {
	rendering->argc = job->argc;
	rendering->argv = calloc(job->argc + 1, sizeof *rendering->argv);
	if (!rendering->argv) {
		return -1;
	}
	for (size_t i = 0; i < job->argc; i++) {
		if (render(rendering, &job->argv[i], result, &rendering->argv[i]) < 0) {
			return -1;
		}
	}
	return 0;
}

// Length of the name in "NAME=value".
static size_t name_length(const char *variable) {
	return strcspn(variable, "=");
}

static bool is_named(const char *variable, const char *name) {
	size_t n = strlen(name);
	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

static bool is_changed(const struct job *job, const char *variable) {
	if (strncmp(variable, "SPOOL_", 6) == 0) {
		return true; // never trusted from outside
	}
	for (size_t i = 0; i < job->n_env; i++) {
		if (is_named(variable, job->env[i].name)) {
			return true;
		}
	}
	return name_length(variable) == 0;
}

static int add_variable(struct rendering *rendering, size_t *n, const char *name, const char *value,
	const char *tail) {
	size_t a = strlen(name), b = strlen(value), c = strlen(tail);
	char *variable = malloc(a + 1 + b + c + 1);
	if (variable) {
		memcpy(variable, name, a);
		variable[a] = '=';
		memcpy(variable + a + 1, value, b);
		memcpy(variable + a + 1 + b, tail, c + 1);
		rendering->env[(*n)++] = variable;
	}
	return own(rendering, variable);
}

// What every job is told of itself.
static int add_spool(struct rendering *rendering, size_t *n, const struct attempt_common *common,
	const struct job *job, const struct result *result) {
	char seq[16], slot[16], attempt[16], workers[16], id[40];
	snprintf(seq, sizeof seq, "%u", job->seq);
	snprintf(slot, sizeof slot, "%u", result->slot);
	snprintf(attempt, sizeof attempt, "%u", result->attempt);
	snprintf(workers, sizeof workers, "%u", common->plan->workers);
	snprintf(id, sizeof id, ":%u:%u", job->seq, result->attempt);
	return add_variable(rendering, n, "SPOOL_JOB", job->name, "") ||
	       add_variable(rendering, n, "SPOOL_RUN", common->id, "") ||
	       add_variable(rendering, n, "SPOOL_SEQ", seq, "") ||
	       add_variable(rendering, n, "SPOOL_SLOT", slot, "") ||
	       add_variable(rendering, n, "SPOOL_ATTEMPT", attempt, "") ||
	       add_variable(rendering, n, "SPOOL_WORKERS", workers, "") ||
	       add_variable(rendering, n, "SPOOL_ID", common->id, id);
}

enum { N_SPOOL = 7 };

static int render_env(struct rendering *rendering, const struct attempt_common *common,
	const struct job *job, const struct result *result) {
	size_t inherited = 0, n = 0;
	while (job->inherit_env && common->environment[inherited]) {
		inherited++;
	}
	rendering->env = calloc(inherited + job->n_env + N_SPOOL + 1, sizeof *rendering->env);
	if (!rendering->env) {
		return -1;
	}
	for (size_t i = 0; i < inherited; i++) {
		if (!is_changed(job, common->environment[i])) {
			rendering->env[n++] = common->environment[i];
		}
	}
	for (size_t i = 0; i < job->n_env; i++) {
		const struct plan_env *change = &job->env[i];
		const char *value;
		if (change->unset) {
			continue;
		}
		if (render(rendering, &change->value, result, &value) < 0 ||
			add_variable(rendering, &n, change->name, value ? value : "", "") < 0) {
			return -1;
		}
	}
	return add_spool(rendering, &n, common, job, result) ? -1 : 0;
}

static int render_sinks(
	struct rendering *rendering, const struct sinks *sinks, const struct result *result) {
	int r = render(rendering, &sinks->out.path, result, &rendering->out);
	return r < 0 ? r : render(rendering, &sinks->err.path, result, &rendering->err);
}

int rendering_make(struct rendering *rendering, const struct attempt_common *common,
	const struct result *result) {
	const struct job *job = result->job;
	*rendering = (struct rendering){0};
	if (render_argv(rendering, job, result) < 0 ||
		render_env(rendering, common, job, result) < 0 ||
		render(rendering, &job->executable, result, &rendering->executable) < 0 ||
		render(rendering, &job->cwd, result, &rendering->cwd) < 0 ||
		render(rendering, &job->input, result, &rendering->input) < 0 ||
		(job->sinks && render_sinks(rendering, job->sinks, result) < 0)) {
		return -1;
	}
	rendering->input_len = rendering->input ? strlen(rendering->input) : 0;
	return 0;
}

void rendering_clear(struct rendering *rendering) {
	for (size_t i = 0; i < rendering->n_owned; i++) {
		free(rendering->owned[i]);
	}
	free(rendering->owned);
	free(rendering->argv);
	free(rendering->env);
	*rendering = (struct rendering){0};
}
