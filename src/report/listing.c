// SPDX-License-Identifier: MIT
// The jobs of a plan for programs; what is known only at a start stands there as it is written.
#include "base/base.h"
#include "report/encode.h"
#include "report/object.h"
#include "report/report.h"
#include "report/unbound.h"

#include <stdlib.h>

enum { VERSION = 1 };

// Without the last brace, which follows with what stands behind.
static int put(struct object *object, const char *behind, struct buf *buf) {
	struct buf line = {0};
	int r = object_print(object, &line);
	r = r == 0 ? encode_json(buf, line.data, line.len) : r;
	buf_clear(&line);
	return r == 0 ? buf_puts(buf, behind) : r;
}

int listing_begin(const struct plan *plan, struct buf *buf) {
	struct object object = object_new();
	object_number(&object, "version", VERSION);
	object_text(&object, "name", plan->name);
	object_text(&object, "file", plan->file);
	object_number(&object, "workers", plan->workers);
	object_text(&object, "halt", plan->halt.text);
	return put(&object, ",\"jobs\":[\n", buf);
}

static void put_text(struct object *object, const char *key, const struct text *text) {
	char *unbound = text->n ? unbound_text(text) : NULL;
	object->failed |= text->n && !unbound;
	object_text(object, key, unbound);
	free(unbound);
}

// One key and value for each variable; what is taken away is null. Where a value is no UTF-8 all
// that are not stand in base64 too.
static void put_env(struct object *object, const struct job *job) {
	struct object env = object_new(), bytes = object_new();
	bool whole = true;
	for (size_t i = 0; i < job->n_env; i++) {
		const struct plan_env *variable = &job->env[i];
		char *value = variable->unset ? NULL : unbound_text(&variable->value);
		env.failed |= !value && !variable->unset;
		if (!value) {
			object_word(&env, variable->name, NULL);
		} else if (!object_repaired(&env, variable->name, value)) {
			object_base64(&bytes, variable->name, value);
			whole = false;
		}
		free(value);
	}
	object_inner(object, "env", &env);
	if (whole) {
		object_drop(&bytes);
	} else {
		object_inner(object, "env_base64", &bytes);
	}
}

// -1 and such are spool's own: null.
static void put_id(struct object *object, const char *key, int64_t id) {
	if (id < 0) {
		object_word(object, key, NULL);
	} else {
		object_number(object, key, id);
	}
}

static void put_limits(struct object *object, const struct rights *rights) {
	struct object limits = object_new();
	for (size_t i = 0; i < rights->n_limits; i++) {
		const struct plan_limit *limit = &rights->limits[i];
		put_id(&limits, limit->name, limit->value > INT64_MAX ? -1 : (int64_t)limit->value);
	}
	object_inner(object, "limits", &limits);
}

static void put_rights(struct object *object, const struct rights *rights) {
	if (!rights) {
		object_word(object, "rights", NULL);
		return;
	}
	struct object inner = object_new();
	put_id(&inner, "uid", rights->uid);
	put_id(&inner, "gid", rights->gid);
	if (rights->n_groups < 0) {
		object_word(&inner, "groups", NULL);
	} else {
		int64_t *groups = calloc((size_t)rights->n_groups + 1, sizeof *groups);
		for (long i = 0; groups && i < rights->n_groups; i++) {
			groups[i] = rights->groups[i];
		}
		inner.failed |= !groups;
		object_numbers(&inner, "groups", groups, groups ? (size_t)rights->n_groups : 0);
		free(groups);
	}
	put_id(&inner, "umask", rights->umask);
	object_number(&inner, "nice", rights->nice);
	put_limits(&inner, rights);
	object_inner(object, "rights", &inner);
}

static void put_passes(struct object *object, const struct job *job) {
	int64_t codes[256];
	size_t n = 0;
	for (int i = 0; i < 256; i++) {
		if (job_succeeds(job, i)) {
			codes[n++] = i;
		}
	}
	object_flag(object, "check", job->check);
	object_numbers(object, "success_codes", codes, n);
	object_flag(object, "allow_failure", job->allow_failure);
}

static const char *word_of(enum stream stream) {
	static const char *const words[] = {
		[STREAM_NULL] = "devnull",
		[STREAM_TEXT] = "input",
		[STREAM_FILE] = "file",
		[STREAM_INHERIT] = "inherit",
		[STREAM_CAPTURE] = "capture",
		[STREAM_STDOUT] = "stdout",
	};
	return words[stream];
}

static void put_needs(struct object *object, const struct plan *plan, const struct job *job) {
	static const char *const conditions[] = {
		[NEED_PASSED] = "passed", [NEED_DONE] = "done", [NEED_FAILED] = "failed"};
	object_append(object, "needs", NULL);
	for (size_t i = 0; job->needs && i < job->needs->n; i++) {
		const struct need *need = &job->needs->items[i];
		struct object inner = object_new();
		object_text(&inner, "job", plan->jobs[need->job].name);
		object_word(&inner, "if", conditions[need->condition]);
		object_append(object, "needs", &inner);
	}
}

static void put_duration(struct object *object, const char *key, int64_t ns) {
	if (ns == SP_FOREVER) {
		object_word(object, key, NULL);
	} else {
		object_seconds(object, key, ns);
	}
}

static void put_when(struct object *object, const struct job *job) {
	static const char *const words[] = {
		[WHEN_NEEDED] = NULL, [WHEN_ALWAYS] = "always", [WHEN_ON_FAILURE] = "on_failure"};
	object_word(object, "when", words[job->when]);
	put_duration(object, "timeout", job->timeout_ns);
	put_duration(object, "grace", job->grace_ns);
}

static void put_streams(struct object *object, const struct job *job) {
	static const struct sinks none;
	const struct sinks *sinks = job->sinks ? job->sinks : &none;
	static const struct text nothing = {0};
	object_word(object, "stdin", word_of(job->in));
	put_text(object, "stdin_path", job->in == STREAM_FILE ? &job->input : &nothing);
	object_word(object, "stdout", word_of(job->out));
	put_text(object, "stdout_path", &sinks->out.path);
	object_word(object, "stderr", word_of(job->err));
	put_text(object, "stderr_path", &sinks->err.path);
	put_id(object, "max_output", job->max_output > INT64_MAX ? -1 : (int64_t)job->max_output);
}

int listing_job(const struct plan *plan, size_t i, struct buf *buf) {
	const struct job *job = plan_nth(plan, i);
	struct object object = object_new();
	object_text(&object, "job", job->name);
	object_number(&object, "seq", job->seq);
	object_number(&object, "line", job->at.line);
	unbound_args(&object, job);
	put_text(&object, "executable", &job->executable);
	put_text(&object, "cwd", &job->cwd);
	put_env(&object, job);
	object_flag(&object, "inherit_env", job->inherit_env);
	put_streams(&object, job);
	unbound_tags(&object, job);
	put_needs(&object, plan, job);
	put_when(&object, job);
	put_passes(&object, job);
	put_rights(&object, job->rights);
	return put(&object, i + 1 < plan->n_jobs ? "},\n" : "}\n", buf);
}

int listing_end(struct buf *buf) {
	return buf_puts(buf, "]}\n");
}
