// SPDX-License-Identifier: MIT
// The order of work. Jobs are counted first, for which the values of matrices are read, since the
// number of workers may be the number of jobs and is known to templates; those that are asked for
// are selected by the names and tags of all; then each job of the file is compiled, and each
// combination of its matrix named and, if taken, bound.
#include "plan/plan.h"
#include "plan/graph.h"
#include "plan/headline.h"
#include "plan/matrices.h"
#include "plan/nameset.h"
#include "plan/naming.h"
#include "plan/place.h"
#include "plan/recipe.h"
#include "plan/select.h"
#include "plan/workers.h"

#include <string.h>

// What is needed only while a plan is made.
struct making {
	const struct spec *spec;
	struct problems *problems;
	struct plan *plan;
	struct arena *scratch;
	struct matrices matrices;
	struct job *jobs; // the plan's, with room for all that are taken
	struct kitchen kitchen;
	struct catalogue catalogue; // when not all jobs are taken, or one needs another
	struct selection selection; // likewise; taken NULL: all are
	struct graph graph;         // when one needs another; its rows are the catalogue's
	struct nameset names;       // so far
	unsigned seq;
};

static struct mark place_of_name(const struct spec_job *job) {
	return job->name.text ? job->name.at : job->at;
}

// Takes the name for the job. False: something is wrong with it, which is reported.
static bool claim(struct making *making, const struct spec_job *job, const char *name) {
	struct arena *arena = making->spec->arena;
	struct mark at = place_of_name(job);
	const char *fault = naming_fault(name);
	if (fault) {
		bool has_matrix = job->n_matrix > 0 || job->changes;
		place_add(making->problems, at,
			has_matrix ? "a name without the value has none: name: \"${{ spool.seq }}\""
				   : NULL,
			fault);
		return false;
	}
	struct nameset_entry *first = nameset_add(&making->names, name, at);
	if (!first) {
		return true;
	}
	const char *shown = problems_quote(making->problems, name);
	if (first->at.line == at.line && first->at.col == at.col) {
		place_add(making->problems, at,
			"a value stands in its matrix twice, or the name lacks one of its "
			"variables",
			arena_printf(arena, "two jobs of this matrix are named %s", shown));
	} else {
		place_add(making->problems, at, "give one of them another name",
			arena_printf(arena, "two jobs are named %s, the first at line %u:%u", shown,
				first->at.line, first->at.col));
	}
	return false;
}

static bool is_taken(const struct making *making, unsigned seq) {
	return !making->selection.taken || making->selection.taken[seq - 1];
}

// The name of a job; that of one that is taken is in the plan's memory.
static const char *name_of(
	const struct making *making, const struct recipe *recipe, const struct binding *binding) {
	struct arena *arena = making->spec->arena;
	if (!making->catalogue.names) {
		return naming_name(recipe, binding, arena);
	}
	const char *name = making->catalogue.names[binding->seq - 1];
	return is_taken(making, binding->seq) ? arena_strdup(arena, name) : name;
}

static const struct needs *needs_of(const struct making *making, size_t row) {
	return making->graph.n > 0 ? graph_needs(&making->graph, row) : NULL;
}

// All jobs of one job of the file.
static void expand(struct making *making, const struct spec_job *job) {
	struct kitchen *kitchen = &making->kitchen;
	struct recipe recipe = recipe_make(kitchen, job);
	if (recipe.matrix->broken) {
		return; // its jobs and their names would not be the right ones
	}
	struct combination combination = combination_start(recipe.matrix, making->scratch);
	bool sound = !recipe.name.broken;
	while (combination_next(&combination)) {
		struct binding binding = {combination.values, NULL, ++making->seq};
		binding.name = name_of(making, &recipe, &binding);
		// One wrong name of a matrix is enough to hear of.
		sound = sound && claim(making, job, binding.name);
		if (is_taken(making, binding.seq)) {
			struct job *to = &making->jobs[making->plan->n_jobs++];
			const struct needs *needs = needs_of(making, binding.seq - 1);
			kitchen->paths.waits = needs_any(needs);
			*to = recipe_bind(&recipe, kitchen, &binding);
			to->needs = needs;
		}
	}
}

static void expand_all(struct making *making) {
	struct arena *scratch = making->scratch;
	const struct spec *spec = making->spec;
	struct plan *plan = making->plan;
	making->names = nameset_for(plan->n_all, scratch);
	making->jobs = ARENA_ARRAY(spec->arena, making->selection.n, struct job);
	plan->jobs = making->jobs;
	settings_check_command(&spec->defaults, making->problems);
	settings_check_input(&spec->defaults, making->problems);
	making->kitchen.paths = paths_for(spec, making->problems, scratch, making->selection.n);
	for (size_t i = 0; i < spec->n_jobs && !allowance_is_spent(making->kitchen.allowance);
		i++) {
		expand(making, &spec->jobs[i]);
	}
	paths_finish(&making->kitchen.paths);
}

// Which jobs are taken: those that the words of the command line say, and what they need. wrong:
// what is wrong with those words.
static void select_jobs(
	struct making *making, const struct plan_options *options, struct problems *wrong) {
	struct arena *scratch = making->scratch;
	size_t n_all = making->plan->n_all;
	bool asked = selection_asked(options), needed = graph_asked(making->spec);
	making->selection.n = n_all;
	if (n_all == 0 || (!asked && !needed)) {
		return;
	}
	making->catalogue = catalogue_make(
		making->spec, options, &making->matrices, scratch, making->problems);
	if (needed) {
		making->graph = graph_make(&making->catalogue, scratch, making->problems);
	}
	if (asked) {
		making->selection = selection_make(&making->catalogue, options, scratch, wrong);
	}
	if (needed && asked) {
		graph_close(&making->graph, &making->selection, scratch);
	}
	if (needed) {
		struct pruned pruned = graph_prune(&making->graph, &making->catalogue,
			&making->selection, making->spec->arena, making->problems);
		making->plan->n_needs = pruned.n_needs;
		making->plan->order = pruned.order;
	}
}

// A share of all jobs is at least one of them.
size_t halt_share(const struct halt *halt, size_t jobs) {
	size_t share = jobs / 100 * halt->n + (jobs % 100 * halt->n + 99) / 100;
	return share ? share : 1;
}

static void make_halt(
	struct plan *plan, const struct spec *spec, const struct plan_options *options) {
	const struct halt *halt = options->halt.text ? &options->halt : &spec->halt;
	size_t jobs = plan->n_jobs;
	plan->halt = (struct plan_halt){halt->on, halt->now, halt->n, halt->text};
	if (halt->percent) {
		plan->halt.count = halt_share(halt, jobs);
	}
}

static void make_report(struct plan *plan, const struct spec *spec, struct problems *problems) {
	const struct spec_report *report = &spec->report;
	plan->report.given = report->given;
	plan->report.title = HEADLINE_TITLE;
	plan->report.footer = HEADLINE_FOOTER;
	if (report->title.text) {
		headline_check(spec, &report->title, problems);
		plan->report.title = report->title.text;
	}
	if (report->footer.text) {
		headline_check(spec, &report->footer, problems);
		plan->report.footer = report->footer.text;
	}
	for (size_t i = 0; i < report->n_labels; i++) {
		plan->report.labels[report->labels[i].code] = report->labels[i].word.text;
	}
}

// The name of the file without directory and ending.
static const char *stem_of(const char *file, struct arena *arena) {
	if (strcmp(file, "-") == 0) {
		return "stdin";
	}
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
	return dot && dot > base ? arena_strndup(arena, base, (size_t)(dot - base)) : base;
}

struct plan *plan_make(
	const struct spec *spec, const struct plan_options *options, struct problems *problems) {
	struct arena *scratch = arena_new();
	struct plan *plan = ARENA_NEW(spec->arena, struct plan);
	*plan = (struct plan){
		.arena = spec->arena,
		.file = spec->file,
		.directory = options->directory,
		.name = spec->name.text ? spec->name.text : stem_of(spec->file, spec->arena),
	};
	struct making making = {
		.spec = spec,
		.problems = problems,
		.plan = plan,
		.scratch = scratch,
		.matrices = matrices_make(spec, kitchen_directory(spec, options),
			options->environment, scratch, problems),
	};
	struct problems wrong = {.arena = problems->arena};
	plan->n_all = making.matrices.n_jobs;
	select_jobs(&making, options, &wrong);
	plan->workers = workers_settle(options, &spec->workers, making.selection.n);
	if (plan->n_all > 0) {
		kitchen_init(&making.kitchen, spec, options, making.matrices.of, plan->workers,
			problems);
		expand_all(&making);
	}
	// With another problem not all names are known, and these would be its consequences.
	if (problems->n == 0) {
		*problems = wrong;
	}
	make_report(plan, spec, problems);
	make_halt(plan, spec, options);
	arena_free(scratch);
	return plan;
}
