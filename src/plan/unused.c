// SPDX-License-Identifier: MIT
// A variable is used where ${{ }} names it. A script has it in its environment too, and so have the
// programs that the script runs: in the script its name has to stand, unless it is in capitals, as
// the names are that programs read.
#include "plan/unused.h"
#include "plan/place.h"
#include "plan/reference.h"

#include <ctype.h>
#include <string.h>

// The variables of a job, and which of them were seen.
struct variables {
	const struct spec_job *job;
	bool *used;
};

static void look_into(struct variables *variables, const struct spec_text *text) {
	struct reference r;
	for (size_t at = 0; text->text && reference_next(text->text, at, &r); at = r.end) {
		for (size_t i = 0; r.kind == REFERENCE_MATRIX && i < variables->job->n_matrix;
			i++) {
			const char *name = variables->job->matrix[i].name.text;
			variables->used[i] |= strncmp(name, r.name, r.name_len) == 0 &&
					      !name[r.name_len];
		}
	}
}

static void look_into_all(struct variables *variables, const struct spec_texts *texts) {
	for (size_t i = 0; texts && i < texts->n; i++) {
		look_into(variables, &texts->items[i]);
	}
}

static void look_into_settings(struct variables *variables, const struct spec_settings *settings) {
	const struct spec_text *const texts[] = {
		&settings->shell, &settings->executable, &settings->cwd, &settings->input};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		look_into(variables, texts[i]);
	}
	look_into_all(variables, &settings->args);
	look_into_all(variables, settings->tags);
	for (size_t i = 0; i < settings->env.n; i++) {
		look_into(variables, &settings->env.items[i].value);
	}
	if (settings->files) {
		look_into(variables, &settings->files->in);
		look_into(variables, &settings->files->env_file);
		look_into(variables, &settings->files->out.path);
		look_into(variables, &settings->files->err.path);
	}
	if (settings->rights) {
		look_into(variables, &settings->rights->user);
		look_into(variables, &settings->rights->group);
		look_into_all(variables, &settings->rights->extra_groups);
	}
}

static bool is_in_name(char c) {
	return c == '_' || isalnum((unsigned char)c);
}

// Whether the name stands in a script, not as a part of a longer one.
static bool is_word_of(const char *script, const char *name) {
	size_t len = strlen(name);
	for (const char *p = script; (p = strstr(p, name)); p += len) {
		if ((p == script || !is_in_name(p[-1])) && !is_in_name(p[len])) {
			return true;
		}
	}
	return false;
}

static bool is_capital(const char *name) {
	return !strpbrk(name, "abcdefghijklmnopqrstuvwxyz");
}

void unused_variables(
	const struct spec *spec, const struct spec_job *job, struct problems *problems) {
	if (job->n_matrix == 0) {
		return;
	}
	struct variables variables = {job, ARENA_ARRAY(spec->arena, job->n_matrix, bool)};
	const struct spec_settings *own = &job->settings, *defaults = &spec->defaults;
	const char *script = own->run.text     ? own->run.text
			     : own->args.n > 0 ? NULL
					       : defaults->run.text;
	look_into(&variables, &job->name);
	for (size_t i = 0; job->needs && i < job->needs->n; i++) {
		look_into(&variables, &job->needs->items[i].which);
	}
	look_into_settings(&variables, own);
	look_into_settings(&variables, defaults);
	for (size_t i = 0; i < job->n_matrix; i++) {
		const char *name = job->matrix[i].name.text;
		if (variables.used[i] ||
			(script && (is_capital(name) || is_word_of(script, name)))) {
			continue;
		}
		const char *hint = arena_printf(spec->arena,
			script ? "the script has its value as \"$%s\""
			       : "${{ %s }} stands for its value",
			name);
		place_addf(problems, job->matrix[i].name.at, hint,
			"warning: nothing in this job uses the matrix variable %s",
			problems_quote(problems, name));
	}
}
