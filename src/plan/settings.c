// SPDX-License-Identifier: MIT
// Lays a job over the defaults of its file and the command line over both. The variables of env are
// merged elsewhere, one by one.
#include "plan/settings.h"
#include "base/clock.h"
#include "plan/place.h"

static bool has_run(const struct spec_settings *map) {
	return map->run.text || map->run_refused;
}

void settings_check_command(const struct spec_settings *map, struct problems *problems) {
	if (!map->args.given || !map->run.text) {
		return;
	}
	bool run_last = place_behind(map->run.at, map->args.at);
	problems_add(problems, run_last ? map->run.at : map->args.at,
		"'args' is executed as it is, 'run' is a script for a shell: keep one of them",
		"both 'args' and 'run' are given");
}

static void check_companions(const struct spec_settings *own, const struct settings *settled,
	struct problems *problems) {
	if (settled->run && own->executable.text) {
		problems_add(problems, own->executable.at,
			"'shell: PATH' says which shell runs the script",
			"'executable' cannot go with 'run'");
	}
	if (settled->args && own->shell.text) {
		problems_add(problems, own->shell.at,
			"'args' is executed without a shell; a script goes into 'run'",
			"'shell' is given without 'run'");
	}
}

static void settle_command(struct settings *settled, const struct spec_job *job,
	const struct spec_settings *defaults, struct problems *problems) {
	const struct spec_settings *own = &job->settings;
	bool has_own = own->args.given || has_run(own);
	const struct spec_settings *from = has_own ? own : defaults;
	if (!from->args.given && !has_run(from)) {
		problems_add(problems, job->at,
			"'args: [PROGRAM, ARGUMENT, …]' executes a program, 'run: SCRIPT' a shell "
			"script",
			"job has neither 'args' nor 'run'");
		return;
	}
	if (from->args.given && has_run(from)) {
		if (has_own) {
			settings_check_command(own, problems);
		}
		return;
	}
	settled->args = from->args.n > 0 ? &from->args : NULL;
	settled->run = from->run.text ? &from->run : NULL;
	check_companions(own, settled, problems);
}

static const struct spec_text *either(const struct spec_text *own, const struct spec_text *other) {
	return own->text ? own : other->text ? other : NULL;
}

static const struct spec_int *either_int(const struct spec_int *own, const struct spec_int *other) {
	return own->given ? own : other->given ? other : NULL;
}

// Limits each by itself, as the variables of env.
static void settle_rights(struct settings *settled, const struct spec_settings *own_map,
	const struct spec_settings *defaults) {
	static const struct spec_rights nothing;
	const struct spec_rights *own = own_map->rights ? own_map->rights : &nothing;
	const struct spec_rights *other = defaults->rights ? defaults->rights : &nothing;
	settled->user = either(&own->user, &other->user);
	settled->group = either(&own->group, &other->group);
	settled->extra_groups = own->extra_groups.given     ? &own->extra_groups
				: other->extra_groups.given ? &other->extra_groups
							    : NULL;
	settled->umask = either_int(&own->umask, &other->umask);
	settled->nice = either_int(&own->nice, &other->nice);
	for (int i = 0; i < SPEC_LIMITS; i++) {
		settled->limits[i] = own->limits[i].given ? own->limits[i] : other->limits[i];
	}
}

void settings_check_input(const struct spec_settings *map, struct problems *problems) {
	const struct spec_files *files = map->files;
	if (map->input.text && files && files->in.text) {
		bool last = place_behind(files->in.at, map->input.at);
		problems_add(problems, last ? files->in.at : map->input.at,
			"'input' is a text, 'stdin' the path of a file: keep one of them",
			"both 'input' and 'stdin' are given");
	}
}

static const struct spec_sink *either_sink(
	const struct spec_sink *own, const struct spec_sink *other) {
	return own->kind != SINK_NONE ? own : other->kind != SINK_NONE ? other : NULL;
}

static void settle_files(struct settings *settled, const struct spec_settings *own_map,
	const struct spec_settings *defaults, struct problems *problems) {
	static const struct spec_files nothing;
	const struct spec_files *own = own_map->files ? own_map->files : &nothing;
	const struct spec_files *other = defaults->files ? defaults->files : &nothing;
	bool has_own = own_map->input.text || own->in.text;
	settled->input = has_own ? &own_map->input : &defaults->input;
	settled->in = has_own ? &own->in : &other->in;
	settled->input = settled->input->text ? settled->input : NULL;
	settled->in = settled->in->text && !settled->input ? settled->in : NULL;
	settings_check_input(own_map, problems);
	settled->env_file = own->env_file.text ? &own->env_file : NULL;
	settled->out = either_sink(&own->out, &other->out);
	settled->err = either_sink(&own->err, &other->err);
	settled->max_output = own->max_output.given     ? own->max_output.value
			      : other->max_output.given ? other->max_output.value
							: PLAN_MAX_OUTPUT;
}

static bool flag(const struct spec_flag *own, const struct spec_flag *other, bool otherwise) {
	return own->given ? own->value : other->given ? other->value : otherwise;
}

static const uint8_t *codes(const struct spec_codes *own, const struct spec_codes *other) {
	static const uint8_t only_zero[32] = {1};
	return own && own->given ? own->bits : other && other->given ? other->bits : only_zero;
}

static int64_t duration(
	const struct spec_duration *own, const struct spec_duration *other, int64_t otherwise) {
	return own->given ? own->ns : other->given ? other->ns : otherwise;
}

static void settle_schedule(struct settings *settled, const struct spec_job *job,
	const struct spec_settings *defaults, struct problems *problems) {
	static const struct spec_schedule nothing;
	const struct spec_schedule *own = job->settings.schedule, *other = defaults->schedule;
	own = own ? own : &nothing;
	other = other ? other : &nothing;
	settled->when = own->when_at.line ? own->when : other->when;
	settled->allow_failure = flag(&own->allow_failure, &other->allow_failure, false);
	if (own->when != WHEN_NEEDED &&
		(!job->needs || (job->needs->n == 0 && !job->needs->refused))) {
		place_add(problems, own->when_at,
			"name what it waits for: needs: [build, test]; '*' is all other jobs",
			"'when' is about what the job needs, and it needs nothing");
	}
}

struct settings settings_of(const struct spec_job *job, const struct spec *spec,
	const struct plan_options *options, struct problems *problems) {
	const struct spec_settings *own = &job->settings, *defaults = &spec->defaults;
	const int64_t grace_ns = 10 * (int64_t)CLOCK_SECOND;
	struct settings settled = {
		.cwd = either(&own->cwd, &defaults->cwd),
		.inherit_env = flag(&own->inherit_env, &defaults->inherit_env, true),
		.check = flag(&own->check, &defaults->check, true),
		.success = codes(own->success_codes, defaults->success_codes),
		.timeout_ns = options->timeout_given
				      ? options->timeout_ns
				      : duration(&own->timeout, &defaults->timeout, SP_FOREVER),
		.grace_ns = options->grace_given
				    ? options->grace_ns
				    : duration(&own->grace, &defaults->grace, grace_ns),
	};
	settle_command(&settled, job, defaults, problems);
	settle_files(&settled, own, defaults, problems);
	settle_rights(&settled, own, defaults);
	settle_schedule(&settled, job, defaults, problems);
	if (settled.run) {
		settled.shell = either(&own->shell, &defaults->shell);
	} else {
		settled.executable = either(&own->executable, &defaults->executable);
	}
	return settled;
}
