// SPDX-License-Identifier: MIT
// The keys of a job file. These tables are the master copy: what reads a key, where it goes, and
// which names there are, all come from them.
#include "base/nearest.h"
#include "spec/elsewhere.h"
#include "spec/reader.h"

#include <string.h>

// name, reader, and the field it reads into
#define TOP_KEYS(X)                                       \
	X("spool", read_spool, file) /* only looked at */ \
	X("name", read_text, name)                        \
	X("workers", read_workers, workers)               \
	X("halt", read_halt, halt)                        \
	X("defaults", read_defaults, defaults)            \
	X("report", read_report, report)                  \
	X("jobs", read_jobs, jobs)

#define REPORT_KEYS(X)                 \
	X("title", read_text, title)   \
	X("footer", read_text, footer) \
	X("labels", read_labels, labels)

// What defaults may hold too.
#define SETTING_KEYS(X)                                  \
	X("args", read_args, args)                       \
	X("run", read_run, run)                          \
	X("shell", read_text, shell)                     \
	X("executable", read_text, executable)           \
	X("cwd", read_text, cwd)                         \
	X("env", read_env, env)                          \
	X("env_file", read_env_file, files)              \
	X("inherit_env", read_flag, inherit_env)         \
	X("input", read_text, input)                     \
	X("stdin", read_stdin, files)                    \
	X("stdout", read_stdout, files)                  \
	X("stderr", read_stderr, files)                  \
	X("max_output", read_max_output, files)          \
	X("timeout", read_timeout, timeout)              \
	X("grace", read_grace, grace)                    \
	X("user", read_user, rights)                     \
	X("group", read_group, rights)                   \
	X("extra_groups", read_groups, rights)           \
	X("umask", read_umask, rights)                   \
	X("nice", read_nice, rights)                     \
	X("limits", read_limits, rights)                 \
	X("tags", read_tags, tags)                       \
	X("when", read_when, schedule)                   \
	X("allow_failure", read_allow_failure, schedule) \
	X("check", read_flag, check)                     \
	X("success_codes", read_codes, success_codes)

#define JOB_KEYS(X)                   \
	X("name", read_text, name)    \
	X("needs", read_needs, needs) \
	X("matrix", read_matrix, matrix)

#define NAME(word, reader, field) word,
#define TOP(word, reader, field) {word, reader, offsetof(struct spec, field)},
#define REPORT(word, reader, field) {word, reader, offsetof(struct spec_report, field)},
#define JOB(word, reader, field) {word, reader, offsetof(struct spec_job, field)},
#define JOB_SETTING(word, reader, field) JOB(word, reader, settings.field)
#define SETTING(word, reader, field) {word, reader, offsetof(struct spec_settings, field)},
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct key {
	const char *name;
	read_value *read;
	size_t field;
};

static const struct key top_keys[] = {TOP_KEYS(TOP)};
static const char *const top_names[] = {TOP_KEYS(NAME)};
static const struct key report_keys[] = {REPORT_KEYS(REPORT)};
static const char *const report_names[] = {REPORT_KEYS(NAME)};
static const struct key job_keys[] = {JOB_KEYS(JOB) SETTING_KEYS(JOB_SETTING)};
static const char *const job_names[] = {JOB_KEYS(NAME) SETTING_KEYS(NAME)};
static const struct key setting_keys[] = {SETTING_KEYS(SETTING)};
static const char *const setting_names[] = {SETTING_KEYS(NAME)};

static const struct level {
	const char *keys_of; // for "the keys of ..."
	const char *stands;  // for a key that stands elsewhere
	const struct key *keys;
	const char *const *names;
	size_t n;
} at_top = {"a job file", "at the top of the file", top_keys, top_names, COUNT(top_keys)},
  in_report = {"'report'", "in 'report'", report_keys, report_names, COUNT(report_keys)},
  in_job = {"a job", "in a job", job_keys, job_names, COUNT(job_keys)},
  in_defaults = {"'defaults'", "in 'defaults'", setting_keys, setting_names, COUNT(setting_keys)};

const char *const *spec_top_keys(size_t *n) {
	*n = COUNT(top_names);
	return top_names;
}

const char *const *spec_report_keys(size_t *n) {
	*n = COUNT(report_names);
	return report_names;
}

const char *const *spec_job_keys(size_t *n) {
	*n = COUNT(job_names);
	return job_names;
}

static const struct key *find_key(const struct level *level, const char *name) {
	for (size_t i = 0; i < level->n; i++) {
		if (strcmp(level->keys[i].name, name) == 0) {
			return &level->keys[i];
		}
	}
	return NULL;
}

static bool begins_with_x(const char *name) {
	return name[0] == 'x' && name[1] == '-';
}

static const char *list_keys(struct reader *r, const struct level *level) {
	const char *list = arena_printf(r->spec->arena, "the keys of %s are", level->keys_of);
	for (size_t i = 0; i < level->n; i++) {
		list = arena_printf(r->spec->arena, "%s%s %s", list, i ? "," : "", level->names[i]);
	}
	return list;
}

static const struct elsewhere *elsewhere(const struct level *level, const char *name) {
	return level == &at_top                            ? elsewhere_at_top(name)
	       : level == &in_job || level == &in_defaults ? elsewhere_in_job(name)
							   : NULL;
}

// A job that stands by itself, under its name: build: {script: make}.
static bool looks_like_job(const struct node *value) {
	bool has_command = false;
	for (uint32_t i = 0; value->kind == NODE_MAP && i < value->n; i++) {
		const char *name = value->pairs[i].key->text;
		const struct elsewhere *word = elsewhere_in_job(name);
		has_command = has_command || strcmp(name, "args") == 0 ||
			      strcmp(name, "run") == 0 || (word && word->meant == MEANT_COMMAND);
	}
	return has_command;
}

static const char *unknown_hint(struct reader *r, const struct level *level, const char *name) {
	const struct elsewhere *word = elsewhere(level, name);
	if (word) {
		return word->hint;
	}
	if (level == &at_top && find_key(&in_defaults, name)) {
		return arena_printf(r->spec->arena,
			"'%s' stands in a job, or in 'defaults' for all jobs", name);
	}
	static const struct level *const others[] = {&at_top, &in_job, &in_report};
	for (size_t i = 0; i < COUNT(others); i++) {
		if (find_key(others[i], name)) {
			return arena_printf(
				r->spec->arena, "'%s' stands %s", name, others[i]->stands);
		}
	}
	if (begins_with_x(name)) {
		return "keys of your own (x-...) stand at the top of the file";
	}
	const char *nearest = nearest_word(name, level->names, level->n);
	return nearest ? arena_printf(r->spec->arena, "did you mean '%s'?", nearest)
		       : list_keys(r, level);
}

static void refuse_key(struct reader *r, const struct level *level, const struct pair *pair) {
	struct node *name = pair->key;
	if (name->refused || problems_full(r->problems)) {
		refuse(r, name, NULL, "unknown key"); // only counted
	} else if (level == &in_defaults && find_key(&in_job, name->text)) {
		refuse(r, name, "give it in each job",
			"'%s' is not for 'defaults': it belongs to one job", name->text);
	} else if (level == &at_top && looks_like_job(pair->value)) {
		refuse(r, name,
			"a job is an entry of the list 'jobs': - name: NAME, and its other keys "
			"below",
			"unknown key %s", problems_quote(r->problems, name->text));
	} else {
		refuse(r, name, unknown_hint(r, level, name->text), "unknown key %s",
			problems_quote(r->problems, name->text));
	}
}

static void read_map(struct reader *r, struct node *map, const struct level *level, void *into) {
	for (uint32_t i = 0; i < map->n; i++) {
		struct node *name = map->pairs[i].key;
		const struct key *key = find_key(level, name->text);
		if (key) {
			key->read(r, name, map->pairs[i].value, (char *)into + key->field);
		} else if (level != &at_top || !begins_with_x(name->text)) {
			refuse_key(r, level, &map->pairs[i]);
		}
	}
}

void read_defaults(struct reader *r, struct node *key, struct node *value, void *into) {
	if (value->kind == NODE_MAP) {
		read_map(r, value, &in_defaults, into);
	} else {
		refuse_kind(r, value, (struct subject){"", key->text}, "a map",
			"write defaults: {timeout: 60s}");
	}
}

void read_report(struct reader *r, struct node *key, struct node *value, void *into) {
	struct spec_report *report = into;
	report->at = value->at;
	report->given = true;
	if (value->kind == NODE_MAP) {
		read_map(r, value, &in_report, report);
	} else {
		refuse_kind(r, value, (struct subject){"", key->text}, "a map",
			"write report: {title: \"{jobs} jobs\", labels: {0: ok}}");
	}
}

// Whether an unknown key was meant to be this one and its hint said so: what follows from the
// absence of that is no second mistake.
static bool means(
	const struct node *map, const struct level *level, const char *key, enum meant meant) {
	for (uint32_t i = 0; i < map->n; i++) {
		const char *name = map->pairs[i].key->text;
		if (find_key(level, name)) {
			continue; // as most are
		}
		const struct elsewhere *word = elsewhere(level, name);
		const char *nearest = word ? NULL : nearest_word(name, level->names, level->n);
		if ((word && word->meant == meant) || (nearest && strcmp(nearest, key) == 0)) {
			return true;
		}
	}
	return false;
}

static bool means_jobs(const struct node *root) {
	bool found = means(root, &at_top, "jobs", MEANT_JOBS);
	for (uint32_t i = 0; i < root->n && !found; i++) {
		const struct pair *pair = &root->pairs[i];
		found = !begins_with_x(pair->key->text) && !find_key(&at_top, pair->key->text) &&
			looks_like_job(pair->value);
	}
	return found;
}

static void read_job(struct reader *r, struct node *map, struct spec_job *job) {
	job->at = map->n ? map->pairs[0].key->at : map->at;
	read_map(r, map, &in_job, job);
	struct spec_settings *settings = &job->settings;
	if (!settings->args.given && !settings->run.text && !settings->run_refused) {
		settings->args.given = means(map, &in_job, "args", MEANT_COMMAND) ||
				       means(map, &in_job, "run", MEANT_COMMAND);
	}
	job->matrix_refused |= job->matrix_at.line == 0 &&
			       means(map, &in_job, "matrix", MEANT_MATRIX);
}

static const char job_hint[] = "a job is written - args: [ls, -l] or - run: ls -l";

void read_jobs(struct reader *r, struct node *key, struct node *value, void *into) {
	(void)into;
	struct spec *spec = r->spec;
	spec->jobs_at = key->at;
	const char *hint = job_hint;
	if (value->kind == NODE_MAP && value->n > 0) {
		hint = arena_printf(spec->arena,
			"begin each job with '- ', and say its name as a key: - name: %s",
			problems_quote(r->problems, value->pairs[0].key->text));
	}
	if (!filled_list(r, value, (struct subject){"", key->text}, hint)) {
		return;
	}
	spec->jobs = ARENA_ARRAY(spec->arena, value->n, struct spec_job);
	for (uint32_t i = 0; i < value->n; i++) {
		struct node *node = value->items[i];
		if (node->kind != NODE_MAP) {
			refuse_kind(r, node, (struct subject){"an entry of ", key->text}, "a map",
				job_hint);
			continue;
		}
		read_job(r, node, &spec->jobs[spec->n_jobs++]);
	}
}

void read_top(struct reader *r, struct node *root) {
	read_map(r, root, &at_top, r->spec);
	if (r->spec->jobs_at.line == 0 && !root->refused && !means_jobs(root)) {
		refuse(r, root, "jobs: is the list of what to run; each begins with '- '",
			"there is no 'jobs' in this file");
	}
}
