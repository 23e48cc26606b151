// SPDX-License-Identifier: MIT
// Compiling the command of spool map, and saying what is wrong with it.
#include "base/quote.h"
#include "plan/mapping_parts.h"
#include "plan/program.h"

#include <stdlib.h>
#include <string.h>

// A mapping on its way.
struct compiling {
	const struct mapping_options *options;
	struct placeholder_words words;
	struct mapping *mapping;
	struct problems *problems;
	struct pattern *patterns; // room for all
	size_t n;
};

static const struct placeholder all_values = {.kind = PLACEHOLDER_VALUES};

static void add(struct compiling *c, struct pattern pattern) {
	c->patterns[c->n++] = pattern;
}

static void add_word(struct compiling *c, const char *word, const struct placeholder_words *words) {
	add(c, pattern_compile(word, words, c->mapping->several, c->mapping->arena));
}

// {#} alone is a way not to have the value.
static bool has_placeholder(const struct compiling *c) {
	static const enum placeholder_kind kinds[] = {
		PLACEHOLDER_VALUES, PLACEHOLDER_VALUE, PLACEHOLDER_SEQ, PLACEHOLDER_SLOT};
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			if (pattern_has(&c->patterns[i], kinds[k])) {
				return true;
			}
		}
	}
	return false;
}

static void compile_vector(struct compiling *c) {
	const struct mapping_options *options = c->options;
	c->patterns = ARENA_ARRAY(c->mapping->arena, options->n_words + 1, struct pattern);
	for (size_t i = 0; i < options->n_words; i++) {
		add_word(c, options->words[i], &c->words);
	}
	if (!has_placeholder(c)) {
		add(c, pattern_single(&all_values, c->mapping->arena));
	}
}

static const char *join_words(const struct mapping_options *options, struct arena *arena) {
	const char *script = options->words[0];
	for (size_t i = 1; i < options->n_words; i++) {
		script = arena_printf(arena, "%s %s", script, options->words[i]);
	}
	return script;
}

static const char *base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

// shell -c SCRIPT sh VALUES... DERIVED...; the script is put in between.
static bool compile_shell(struct compiling *c) {
	static const struct placeholder_words none = {0};
	const struct mapping_options *options = c->options;
	struct arena *arena = c->mapping->arena;
	struct shell_script *script = ARENA_NEW(arena, struct shell_script);
	if (!shell_script_compile(
		    script, join_words(options, arena), &c->words, arena, c->problems)) {
		return false;
	}
	c->mapping->script = script;
	c->patterns = ARENA_ARRAY(arena, 4 + script->n_derived, struct pattern);
	add(c, pattern_compile(options->shell, &none, false, arena));
	add(c, pattern_compile("-c", &none, false, arena));
	add(c, pattern_compile(base_name(options->shell), &none, false, arena));
	add(c, pattern_single(&all_values, arena));
	for (size_t i = 0; i < script->n_derived; i++) {
		add(c, script->derived[i]);
	}
	return true;
}

// shell -c VALUE
static void compile_lines(struct compiling *c) {
	static const struct placeholder_words none = {0};
	struct arena *arena = c->mapping->arena;
	c->patterns = ARENA_ARRAY(arena, 3, struct pattern);
	add(c, pattern_compile(c->options->shell, &none, false, arena));
	add(c, pattern_compile("-c", &none, false, arena));
	struct pattern row = pattern_single(&all_values, arena);
	row.each = false;
	add(c, row);
}

static void compile_label(struct compiling *c) {
	struct arena *arena = c->mapping->arena;
	if (!c->options->tag && !c->options->tagstring) {
		return;
	}
	struct pattern *label = ARENA_NEW(arena, struct pattern);
	if (c->options->tagstring) {
		*label = pattern_compile(c->options->tagstring, &c->words, false, arena);
	} else {
		*label = pattern_single(&all_values, arena);
	}
	c->mapping->label = label;
	if (pattern_has(label, PLACEHOLDER_SLOT)) {
		problems_add(c->problems, (struct mark){0}, "{#} is the number of the job",
			"a tag cannot have {%%}: it is made before the job has a slot");
	}
}

// A single word that is not a program's name, but for its placeholders.
static bool is_lone_script(const struct compiling *c) {
	const char *text = c->options->words[0], *at;
	struct placeholder placeholder;
	size_t len;
	bool looks = false;
	for (; (at = placeholder_find(text, &c->words, &placeholder, &len)); text = at + len) {
		looks |= program_looks_like_script(text, (size_t)(at - text));
	}
	looks |= program_looks_like_script(text, strlen(text));
	return looks && !program_is_there(c->options->words[0], c->options->environment);
}

static void refuse_lone_script(struct compiling *c) {
	const char *word = c->options->words[0];
	struct buf quoted = {0};
	const char *hint = "to have it run by a shell: spool map --shell ...";
	if (quote_shell(&quoted, word) == 0 && buf_putc(&quoted, '\0') == 0) {
		hint = arena_printf(c->problems->arena,
			"to have it run by a shell: spool map --shell %s", quoted.data);
	}
	buf_clear(&quoted);
	problems_add(c->problems, (struct mark){0}, hint, "there is no program %s",
		problems_quote(c->problems, word));
}

// The script of sh -c in the argument vector; NULL: there is none.
static const char *inner_script(const struct mapping_options *options) {
	if (options->shell || options->n_words < 3 || !program_is_shell(options->words[0])) {
		return NULL;
	}
	for (size_t i = 1; i + 1 < options->n_words && options->words[i][0] == '-'; i++) {
		if (options->words[i][1] != '-' && strchr(options->words[i], 'c')) {
			return options->words[i + 1];
		}
	}
	return NULL;
}

// In such a script a value would be parsed. One that is a script itself is meant to be.
static void check_inner_script(struct compiling *c) {
	const char *script = inner_script(c->options), *at = script;
	struct placeholder placeholder;
	size_t len;
	while (script && (at = placeholder_find(at, &c->words, &placeholder, &len))) {
		bool whole = at == script && !script[len];
		if (placeholder_has_value(&placeholder) && !whole) {
			problems_add(c->problems, (struct mark){0},
				"write \"$1\" there and put {} behind it: sh -c 'echo \"$1\"' sh "
				"{}; "
				"or spool map --shell 'echo {}'",
				"the value would be parsed as a part of the script of %s",
				problems_quote(c->problems, c->options->words[0]));
			return;
		}
		at += len;
	}
}

static void check_shell(struct compiling *c) {
	const struct mapping_options *options = c->options;
	if (!program_is_there(options->shell, options->environment)) {
		problems_add(c->problems, (struct mark){0}, "as in --shell=bash",
			"there is no shell %s", problems_quote(c->problems, options->shell));
	}
	if (options->n_words > 1 && program_is_shell(options->words[0]) &&
		program_looks_like_script(options->words[1], strlen(options->words[1]))) {
		problems_add(c->problems, (struct mark){0},
			arena_printf(c->problems->arena, "spool map --shell=%s 'SCRIPT'",
				options->words[0]),
			"the name of another shell stands behind --shell and '='");
	}
}

static bool check_options(struct compiling *c) {
	const struct mapping_options *options = c->options;
	struct problems *problems = c->problems;
	size_t before = problems->n;
	if (options->n_words == 0 && !options->shell) {
		problems_add(problems, (struct mark){0},
			"to have each value run as a command by a shell: spool map --shell",
			"there is no command");
	}
	if (options->n_words == 0 && options->shell && c->mapping->several) {
		problems_add(problems, (struct mark){0}, "take -n and -X away, or give a command",
			"without a command each value is one itself, and cannot be given several");
	}
	if (options->replace && !*options->replace) {
		problems_add(problems, (struct mark){0}, "write -I @ to have @ stand for the value",
			"the text of -I is empty, which would stand everywhere");
	}
	if (options->n_words == 1 && !options->shell && is_lone_script(c)) {
		refuse_lone_script(c);
	}
	check_inner_script(c);
	if (options->shell) {
		check_shell(c);
	}
	return problems->n == before;
}

static void set_rule(struct mapping *mapping, const struct mapping_options *options) {
	struct bundle_rule *rule = &mapping->rule;
	*rule = (struct bundle_rule){
		.max_rows = options->max_args,
		.fill = options->fill,
		.room = options->room,
		.workers = options->workers,
	};
	if (rule->fill && rule->room == 0) {
		rule->room = measure_room(
			options->environment, mapping->common.env, mapping->common.n_env);
	}
	for (size_t i = 0; i < mapping->n; i++) {
		pattern_measure(&mapping->patterns[i], &rule->measure);
	}
	if (mapping->script) {
		shell_script_measure(mapping->script, &rule->measure);
	}
}

static bool compile(struct compiling *c) {
	if (!check_options(c)) {
		return false;
	}
	size_t before = c->problems->n;
	if (!c->options->shell) {
		compile_vector(c);
	} else if (c->options->n_words == 0) {
		compile_lines(c);
	} else if (!compile_shell(c)) {
		return false;
	}
	compile_label(c);
	c->mapping->patterns = c->patterns;
	c->mapping->n = c->n;
	set_rule(c->mapping, c->options);
	return c->problems->n == before;
}

static struct job job_of_a_map(const struct job *common) {
	static const uint8_t only_zero[32] = {1};
	struct job job = *common;
	job.inherit_env = true;
	job.check = true;
	job.in = STREAM_NULL;
	job.max_output = common->max_output ? common->max_output : UINT64_MAX;
	job.success = only_zero;
	return job;
}

int mapping_new(struct mapping **mapping, const struct mapping_options *options,
	struct problems *problems) {
	struct arena *arena = arena_new();
	struct compiling c = {
		.options = options,
		.words = {options->replace, options->names, options->n_names},
		.mapping = ARENA_NEW(arena, struct mapping),
		.problems = problems,
	};
	c.mapping->arena = arena;
	c.mapping->common = job_of_a_map(options->common);
	c.mapping->several = options->max_args > 1 || options->fill;
	if (!compile(&c)) {
		arena_free(arena);
		return -1;
	}
	*mapping = c.mapping;
	return 0;
}

void mapping_free(struct mapping *mapping) {
	if (mapping) {
		arena_free(mapping->arena);
	}
}
