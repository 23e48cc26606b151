// SPDX-License-Identifier: MIT
// Fuzzes the commands of spool map. The first byte says how they are read; then come lines: words
// up to an empty one, values behind it. Whatever they are, a job comes out, or a reason why not;
// and where all values are asked for, each is there, byte for byte.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_mapping.c ... && ./fuzz_mapping
//   tests/fuzz/mapping
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "plan/mapping_parts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IN_SHELL = 1, SEVERAL = 2, FILL = 4, NAMED = 8, REPLACED = 16, TAGGED = 32 };
enum { MOST = 64 };

struct input {
	const char *words[MOST];
	size_t n_words;
	struct value values[MOST];
	size_t n_values;
};

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

// The text is cut into its lines; a NUL in a value stays, a word ends there.
static void read_input(struct input *input, char *text, size_t size) {
	bool words = true;
	for (char *end = text + size, *line; text < end && input->n_values < MOST;) {
		line = text;
		text = memchr(line, '\n', (size_t)(end - line));
		text = text ? text : end;
		*text++ = '\0';
		size_t len = (size_t)(text - 1 - line);
		if (words && len == 0) {
			words = false;
		} else if (words && input->n_words < MOST) {
			input->words[input->n_words++] = line;
		} else if (!words) {
			input->values[input->n_values++] = (struct value){line, len};
		}
	}
	if (input->n_values == 0) {
		input->values[input->n_values++] = (struct value){"", 0};
	}
}

static void look_at_problems(const struct problems *problems) {
	must(problems->n > 0);
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *problem = &problems->items[i];
		must(*problem->message && !strpbrk(problem->message, "\n\r\033"));
		must(problem->hint && *problem->hint);
	}
}

static bool asks_for_all(const struct mapping_options *options) {
	const struct placeholder_words words = {options->replace, options->names, options->n_names};
	struct placeholder placeholder;
	bool asks = false;
	for (size_t i = 0; i < options->n_words; i++) {
		const char *at = options->words[i];
		for (size_t len; (at = placeholder_find(at, &words, &placeholder, &len));
			at += len) {
			asks = true;
			if (placeholder.kind == PLACEHOLDER_VALUES &&
				placeholder.part == PART_WHOLE) {
				return true;
			}
		}
	}
	return !asks || options->shell;
}

static void look_for(const struct value *value, char **argv, size_t argc, bool whole) {
	bool found = false;
	for (size_t i = 0; i < argc && !found; i++) {
		found = whole ? strcmp(argv[i], value->text) == 0
			      : strstr(argv[i], value->text) != NULL;
	}
	must(found);
}

static void look_at_job(const struct mapping *mapping, const struct mapping_options *options,
	const struct input *input) {
	struct row row = {input->values, input->n_values};
	struct load load = {0};
	size_t needed = 0;
	const struct job *job = mapping_job(mapping, &row, 12);
	char **argv = calloc(job->argc + 1, sizeof *argv);
	must(job->argc > 0 && argv && job->name && job->seq == 12);
	must(strlen(job->name) <= 200 + strlen("…"));
	for (size_t i = 0; i < job->argc; i++) {
		argv[i] = text_render(&job->argv[i], 3, 1);
		must(argv[i] != NULL);
		needed += strlen(argv[i]) + 1 + sizeof *argv;
	}
	for (size_t i = 0; i < row.n; i++) {
		load.bytes += row.values[i].len;
		load.longest = row.values[i].len > load.longest ? row.values[i].len : load.longest;
		load.broken |= strlen(row.values[i].text) != row.values[i].len;
	}
	load.n = row.n;
	must(load.broken == (job->broken != NULL));
	must(!measure_fits(&mapping->rule.measure, &load, needed - 1));
	for (size_t i = 0; i < row.n && !load.broken && asks_for_all(options); i++) {
		look_for(&row.values[i], argv, job->argc, mapping->script);
	}
	for (size_t i = 0; i < job->argc; i++) {
		free(argv[i]);
	}
	free(argv);
	job_release(job);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	static const char *const names[] = {"a", "b.", "#", "2"};
	static const struct job common = {.out = STREAM_CAPTURE, .err = STREAM_CAPTURE};
	struct input input = {0};
	unsigned how = size > 0 ? data[0] : 0;
	size_t len = size > 0 ? size - 1 : 0;
	char *text = malloc(len + 1);
	must(text != NULL);
	memcpy(text, data + (size > 0), len);
	read_input(&input, text, len);
	struct mapping_options options = {
		.words = input.words,
		.n_words = input.n_words,
		.replace = how & REPLACED ? "@" : NULL,
		.shell = how & IN_SHELL ? "/bin/sh" : NULL,
		.max_args = how & SEVERAL ? 3 : 0,
		.fill = how & FILL,
		.workers = 2,
		.names = names,
		.n_names = how & NAMED ? sizeof names / sizeof *names : 0,
		.tagstring = how & TAGGED && input.n_words > 0 ? input.words[0] : NULL,
		.common = &common,
	};
	struct problems problems = {.arena = arena_new()};
	struct mapping *mapping;
	if (mapping_new(&mapping, &options, &problems) < 0) {
		look_at_problems(&problems);
	} else {
		must(problems.n == 0);
		look_at_job(mapping, &options, &input);
		mapping_free(mapping);
	}
	arena_free(problems.arena);
	free(text);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
