// SPDX-License-Identifier: MIT
// Compiling one job of the file, and binding it for each combination of its matrix.
#include "plan/recipe.h"
#include "plan/environment.h"
#include "plan/place.h"
#include "plan/script.h"

#include <string.h>

const char *kitchen_directory(const struct spec *spec, const struct plan_options *options) {
	if (options->directory) {
		return options->directory;
	}
	const char *slash = strcmp(spec->file, "-") == 0 ? NULL : strrchr(spec->file, '/');
	if (!slash) {
		return NULL;
	}
	size_t len = (size_t)(slash - spec->file);
	return arena_strndup(spec->arena, spec->file, len ? len : 1);
}

void kitchen_init(struct kitchen *kitchen, const struct spec *spec,
	const struct plan_options *options, const struct matrix *const *matrices, unsigned workers,
	struct problems *problems) {
	struct arena *arena = spec->arena;
	*kitchen = (struct kitchen){
		.spec = spec,
		.options = options,
		.problems = problems,
		.workers = workers,
		.matrices = matrices,
		.allowance = ARENA_NEW(arena, struct allowance),
		.directory = kitchen_directory(spec, options),
		.shell = template_literal(arena, "/bin/sh"),
		.minus_e = template_literal(arena, "-e"),
		.minus_c = template_literal(arena, "-c"),
		.default_args = ARENA_ARRAY(arena, spec->defaults.args.n, struct template),
		.default_env = ARENA_ARRAY(arena, spec->defaults.env.n, struct template),
	};
	if (kitchen->directory) {
		kitchen->here = template_literal(arena, kitchen->directory);
	}
}

struct scope kitchen_scope(const struct kitchen *kitchen, const struct spec_job *job) {
	static const char *const nothing[] = {NULL};
	const char *const *environment = kitchen->options->environment;
	return (struct scope){
		.spec = kitchen->spec,
		.job = job,
		.matrix = kitchen->matrices[job - kitchen->spec->jobs],
		.environment = environment ? environment : nothing,
		.workers = kitchen->workers,
		.allowance = kitchen->allowance,
		.problems = kitchen->problems,
	};
}

// A text that is shared by all who inherit it when memo, its place among the defaults, is given.
static struct template compile(const struct kitchen *kitchen, const struct spec_job *job,
	const struct spec_text *source, struct template *memo) {
	if (memo && template_given(memo)) {
		return *memo;
	}
	struct scope scope = kitchen_scope(kitchen, job);
	scope.in_defaults = memo;
	struct template template = template_compile(source, &scope);
	if (memo && template.n == 0 && !template.broken) {
		*memo = template;
	}
	return template;
}

static void check_not_empty(const struct kitchen *kitchen, const struct spec_text *source,
	const struct text *text, const char *message) {
	const char *fixed = text_fixed(text);
	if (fixed && !*fixed) {
		place_add(kitchen->problems, source->at, NULL, message);
	}
}

static const char empty_program[] = "the program is empty";
static const char empty_executable[] = "'executable' is empty";
static const char empty_shell[] = "'shell' is empty";
static const char empty_cwd[] = "'cwd' is empty";
static const char empty_stdin[] = "'stdin' is empty";

// The same for what must not be empty.
static struct template compile_path(const struct kitchen *kitchen, const struct spec_job *job,
	const struct spec_text *source, struct template *memo, const char *empty) {
	struct template template = compile(kitchen, job, source, memo);
	if (template.n == 0 && !template.broken) {
		check_not_empty(kitchen, source, &template.text, empty);
	}
	return template;
}

struct text kitchen_anchor(const struct kitchen *kitchen, struct text path) {
	const struct piece *first = path.pieces;
	const char *directory = kitchen->directory;
	bool has_text = path.n > 0 && first->kind == PIECE_TEXT;
	if (!directory || path.n == 0 || (has_text && first->text[0] == '/')) {
		return path;
	}
	struct arena *arena = kitchen->spec->arena;
	size_t len = strlen(directory), rest = path.n - has_text;
	struct piece *pieces = ARENA_ARRAY(arena, rest + 1, struct piece);
	pieces[0].text = arena_printf(arena, "%s%s%s", directory,
		len && directory[len - 1] == '/' ? "" : "/", has_text ? first->text : "");
	memcpy(pieces + 1, first + has_text, rest * sizeof *pieces);
	return (struct text){pieces, rest + 1};
}

static void make_cwd(struct recipe *recipe, struct kitchen *kitchen) {
	const struct spec_text *source = recipe->settings.cwd;
	bool inherited = source == &kitchen->spec->defaults.cwd;
	if (!source) {
		recipe->cwd = kitchen->here;
		return;
	}
	if (inherited && template_given(&kitchen->default_cwd)) {
		recipe->cwd = kitchen->default_cwd;
		return;
	}
	struct template none = {0};
	recipe->cwd = compile_path(
		kitchen, recipe->job, source, inherited ? &none : NULL, empty_cwd);
	if (recipe->cwd.n == 0 && !recipe->cwd.broken) {
		recipe->cwd.text = kitchen_anchor(kitchen, recipe->cwd.text);
		kitchen->default_cwd = inherited ? recipe->cwd : kitchen->default_cwd;
	}
}

static void make_input(struct recipe *recipe, struct kitchen *kitchen) {
	const struct settings *settings = &recipe->settings;
	const struct spec_settings *defaults = &kitchen->spec->defaults;
	if (settings->input) {
		bool inherited = settings->input == &defaults->input;
		recipe->input = compile(kitchen, recipe->job, settings->input,
			inherited ? &kitchen->default_input : NULL);
	} else if (settings->in) {
		bool inherited = defaults->files && settings->in == &defaults->files->in;
		struct template none = {0};
		recipe->input = compile_path(
			kitchen, recipe->job, settings->in, inherited ? &none : NULL, empty_stdin);
	}
}

static void make_script(struct recipe *recipe, struct kitchen *kitchen) {
	const struct settings *settings = &recipe->settings;
	const struct spec_settings *defaults = &kitchen->spec->defaults;
	struct scope scope = kitchen_scope(kitchen, recipe->job);
	script_check(settings->run, &scope);
	kitchen->argv = arena_grow(
		kitchen->spec->arena, kitchen->argv, 0, &kitchen->argv_cap, sizeof *kitchen->argv);
	recipe->argv = kitchen->argv;
	recipe->argc = 4;
	recipe->argv[0] = kitchen->shell;
	if (settings->shell) {
		bool inherited = settings->shell == &defaults->shell;
		recipe->argv[0] = compile_path(kitchen, recipe->job, settings->shell,
			inherited ? &kitchen->default_shell : NULL, empty_shell);
	}
	recipe->argv[1] = kitchen->minus_e;
	recipe->argv[2] = kitchen->minus_c;
	recipe->argv[3] = template_literal(kitchen->spec->arena, settings->run->text);
}

static void make_args(struct recipe *recipe, struct kitchen *kitchen) {
	const struct spec_texts *args = recipe->settings.args;
	bool inherited = args == &kitchen->spec->defaults.args;
	while (kitchen->argv_cap < args->n) {
		kitchen->argv = arena_grow(kitchen->spec->arena, kitchen->argv, kitchen->argv_cap,
			&kitchen->argv_cap, sizeof *kitchen->argv);
	}
	recipe->argv = kitchen->argv;
	recipe->argc = args->n;
	for (size_t i = 0; i < args->n; i++) {
		struct template *memo = inherited ? &kitchen->default_args[i] : NULL;
		recipe->argv[i] = i == 0 ? compile_path(kitchen, recipe->job, &args->items[i], memo,
						   empty_program)
					 : compile(kitchen, recipe->job, &args->items[i], memo);
	}
}

static void add_env(struct recipe *recipe, struct kitchen *kitchen, struct recipe_env env) {
	kitchen->env = arena_grow(
		kitchen->spec->arena, kitchen->env, recipe->n_env, &kitchen->env_cap, sizeof env);
	kitchen->env[recipe->n_env++] = env;
	recipe->env = kitchen->env;
}

// The names of many variables are found by a set, those of few by looking at each.
struct names {
	const struct spec_env *env;
	struct nameset set;
};

static struct names names_of(const struct spec_env *env, struct arena *scratch) {
	enum { FEW = 16 };
	struct names names = {.env = env};
	if (env->n > FEW) {
		names.set = nameset_for(env->n, scratch);
		for (size_t i = 0; i < env->n; i++) {
			nameset_add(&names.set, env->items[i].name.text, env->items[i].name.at);
		}
	}
	return names;
}

// Where the variable of this name stands; NULL: there is none.
static const struct mark *find_name(const struct names *names, const char *name) {
	if (names->set.entries) {
		const struct nameset_entry *entry = nameset_find(&names->set, name);
		return entry ? &entry->at : NULL;
	}
	for (size_t i = 0; i < names->env->n; i++) {
		if (strcmp(names->env->items[i].name.text, name) == 0) {
			return &names->env->items[i].name.at;
		}
	}
	return NULL;
}

static void add_pair(struct recipe *recipe, struct kitchen *kitchen, const struct spec_pair *pair,
	struct template *memo) {
	struct recipe_env env = {.name = pair->name.text, .unset = pair->unset};
	if (!env.unset) {
		env.value = compile(kitchen, recipe->job, &pair->value, memo);
	}
	add_env(recipe, kitchen, env);
}

// The values of the matrix are variables of a script, under their own names.
static void add_matrix(struct recipe *recipe, struct kitchen *kitchen, const struct names *own,
	struct arena *scratch) {
	struct names inherited = {0};
	if (recipe->matrix->n > 0) {
		inherited = names_of(&kitchen->spec->defaults.env, scratch);
	}
	for (size_t i = 0; i < recipe->matrix->n; i++) {
		const char *name = recipe->matrix->variables[i].name.text;
		const struct mark *at = find_name(own, name);
		at = at ? at : find_name(&inherited, name);
		if (at) {
			place_add(kitchen->problems, *at,
				"a matrix value is already an environment variable of a 'run' job",
				arena_printf(kitchen->spec->arena,
					"'%s' is a variable of the matrix too", name));
		}
		add_env(recipe, kitchen,
			(struct recipe_env){
				.name = name, .value = template_variable(kitchen->spec->arena, i)});
	}
}

static void make_env(struct recipe *recipe, struct kitchen *kitchen) {
	const struct spec_env *own = &recipe->job->settings.env;
	const struct spec_env *inherited = &kitchen->spec->defaults.env;
	struct arena *scratch = arena_new();
	struct names names = names_of(own, scratch);
	for (size_t i = 0; i < inherited->n; i++) {
		if (!find_name(&names, inherited->items[i].name.text)) {
			add_pair(recipe, kitchen, &inherited->items[i], &kitchen->default_env[i]);
		}
	}
	for (size_t i = 0; i < own->n; i++) {
		add_pair(recipe, kitchen, &own->items[i], NULL);
	}
	if (recipe->settings.run) {
		add_matrix(recipe, kitchen, &names, scratch);
	}
	arena_free(scratch);
	const struct spec_files *defaults = kitchen->spec->defaults.files;
	if (defaults && defaults->env_file.text) {
		recipe->env_files[0] = compile(
			kitchen, recipe->job, &defaults->env_file, &kitchen->default_env_file);
	}
	if (recipe->settings.env_file) {
		recipe->env_files[1] = compile(
			kitchen, recipe->job, recipe->settings.env_file, NULL);
	}
}

static const struct text *bind_argv(
	const struct recipe *recipe, const struct binding *binding, struct arena *arena) {
	struct text *argv = ARENA_ARRAY(arena, recipe->argc, struct text);
	for (size_t i = 0; i < recipe->argc; i++) {
		argv[i] = template_bind(&recipe->argv[i], binding, arena);
	}
	return argv;
}

// What no two jobs of the recipe, or no two heirs of the defaults, differ in is bound once.
static void share(struct recipe *recipe, struct kitchen *kitchen) {
	struct arena *arena = kitchen->spec->arena;
	const struct binding nothing = {0};
	bool same_argv = recipe->argc > 0;
	recipe->shares_env = recipe->env_files[0].n == 0 && recipe->env_files[1].n == 0;
	for (size_t i = 0; i < recipe->argc; i++) {
		same_argv = same_argv && recipe->argv[i].n == 0;
	}
	for (size_t i = 0; i < recipe->n_env; i++) {
		recipe->shares_env = recipe->shares_env && recipe->env[i].value.n == 0;
	}
	recipe->inherits_env = recipe->shares_env && recipe->job->settings.env.n == 0 &&
			       !recipe->settings.env_file;
	if (same_argv && recipe->settings.args == &kitchen->spec->defaults.args) {
		if (!kitchen->default_argv_bound) {
			kitchen->default_argv_bound = bind_argv(recipe, &nothing, arena);
		}
		recipe->same_argv = kitchen->default_argv_bound;
	} else if (same_argv) {
		recipe->same_argv = bind_argv(recipe, &nothing, arena);
	}
}

// The lists of words and variables that each job of the recipe gets for itself.
static void check_room(struct recipe *recipe, struct kitchen *kitchen) {
	uint64_t words = recipe->same_argv ? 0 : recipe->argc * sizeof(struct text);
	uint64_t env = recipe->inherits_env ? 0 : recipe->n_env * sizeof(struct plan_env);
	struct mark at = recipe->job->at;
	if (!allowance_take(kitchen->allowance, words, true, at, kitchen->problems) ||
		!allowance_take(
			kitchen->allowance, env, !recipe->shares_env, at, kitchen->problems)) {
		recipe->argc = 0;
		recipe->n_env = 0;
	}
}

struct recipe recipe_outline(struct kitchen *kitchen, const struct spec_job *job) {
	const struct spec *spec = kitchen->spec;
	struct recipe recipe = {
		.job = job,
		.matrix = kitchen->matrices[job - spec->jobs],
		.settings = settings_of(job, spec, kitchen->options, kitchen->problems),
	};
	const struct settings *settings = &recipe.settings;
	struct scope scope = kitchen_scope(kitchen, job), in_name = scope;
	in_name.in_name = true;
	allowance_turn(kitchen->allowance, recipe.matrix, spec->arena);
	if (job->name.text) {
		recipe.name = template_compile(&job->name, &in_name);
	}
	if (!job->name.text && settings->run) {
		make_script(&recipe, kitchen);
	} else if (!job->name.text && settings->args) {
		make_args(&recipe, kitchen);
	}
	if (settings->executable) {
		bool inherited = settings->executable == &spec->defaults.executable;
		recipe.executable = compile_path(kitchen, job, settings->executable,
			inherited ? &kitchen->default_executable : NULL, empty_executable);
	}
	recipe.tags = tags_compile(job, &scope, &kitchen->default_tags);
	return recipe;
}

struct recipe recipe_make(struct kitchen *kitchen, const struct spec_job *job) {
	struct recipe recipe = recipe_outline(kitchen, job);
	struct scope scope = kitchen_scope(kitchen, job);
	if (recipe.argc == 0 && recipe.settings.run) {
		make_script(&recipe, kitchen);
	} else if (recipe.argc == 0 && recipe.settings.args) {
		make_args(&recipe, kitchen);
	}
	make_input(&recipe, kitchen);
	make_cwd(&recipe, kitchen);
	make_env(&recipe, kitchen);
	recipe.rights = rights_compile(&recipe.settings, &scope);
	recipe.sinks = sinks_compile(&recipe.settings, &scope);
	share(&recipe, kitchen);
	check_room(&recipe, kitchen);
	return recipe;
}

// A path that only now is whole.
static struct text bind_path(const struct kitchen *kitchen, const struct template *template,
	const struct spec_text *source, const struct binding *binding, const char *empty) {
	struct text text = template_bind(template, binding, kitchen->spec->arena);
	if (template->n > 0) {
		check_not_empty(kitchen, source, &text, empty);
	}
	return text;
}

// The text for standard input, or the path of the file that stands in for it, looked at if it can
// be.
static struct text bind_input(
	const struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding) {
	const struct spec_text *in = recipe->settings.in;
	if (!in) {
		return template_bind(&recipe->input, binding, kitchen->spec->arena);
	}
	struct text path = bind_path(kitchen, &recipe->input, in, binding, empty_stdin);
	const char *fixed = text_fixed(&path);
	if (fixed && !*fixed) {
		return path;
	}
	path = kitchen_anchor(kitchen, path);
	fixed = text_fixed(&path);
	if (fixed) {
		paths_read(&kitchen->paths, fixed, in->at);
	}
	return path;
}

// What stands before each line of the job's output.
static const char *make_label(const struct kitchen *kitchen, const char *name) {
	return kitchen->options->tag ? arena_printf(kitchen->spec->arena, "%s\t", name) : NULL;
}

struct job recipe_bind(
	struct recipe *recipe, struct kitchen *kitchen, const struct binding *binding) {
	const struct settings *settings = &recipe->settings;
	struct arena *arena = kitchen->spec->arena;
	struct environment environment = environment_bind(recipe, kitchen, binding);
	struct job job = {
		.seq = binding->seq,
		.name = binding->name,
		.argv = recipe->same_argv ? recipe->same_argv : bind_argv(recipe, binding, arena),
		.argc = recipe->argc,
		.executable = bind_path(kitchen, &recipe->executable, settings->executable, binding,
			empty_executable),
		.script = settings->run,
		.cwd = bind_path(kitchen, &recipe->cwd, settings->cwd, binding, empty_cwd),
		.input = bind_input(recipe, kitchen, binding),
		.env = environment.items,
		.n_env = environment.n,
		.inherit_env = settings->inherit_env,
		.rights = rights_bind(
			&recipe->rights, settings, binding, kitchen->spec, kitchen->problems),
		.check = settings->check,
		.allow_failure = settings->allow_failure,
		.when = settings->when,
		.in = settings->input ? STREAM_TEXT
		      : settings->in  ? STREAM_FILE
				      : STREAM_NULL,
		.out = sinks_stream(settings->out),
		.err = sinks_stream(settings->err),
		.sinks = sinks_bind(&recipe->sinks, settings, binding, kitchen),
		.max_output = settings->max_output,
		.success = settings->success,
		.timeout_ns = settings->timeout_ns,
		.grace_ns = settings->grace_ns,
		.tags = tags_bind(&recipe->tags, binding, arena, kitchen->problems),
		.at = recipe->job->at,
		.label = make_label(kitchen, binding->name),
	};
	job.live = kitchen->options->live &&
		   (job.out == STREAM_CAPTURE || job.err == STREAM_CAPTURE);
	if (recipe->cwd.n > 0) {
		job.cwd = kitchen_anchor(kitchen, job.cwd);
	}
	if (recipe->argc > 0 && recipe->argv[0].n > 0) {
		bool script = settings->run;
		check_not_empty(kitchen, script ? settings->shell : &settings->args->items[0],
			&job.argv[0], script ? empty_shell : empty_program);
	}
	return job;
}
