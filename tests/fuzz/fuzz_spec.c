// SPDX-License-Identifier: MIT
// Fuzzes the reading of job files: any bytes at all give a spec, with problems that can be shown.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_spec.c ... && ./fuzz_spec tests/fuzz/spec
// With -DFUZZ_STANDALONE any compiler builds a program that goes through files and directories.
#include "spec/spec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

static size_t read_all(const char *text) {
	return text ? strlen(text) : 0;
}

// What is shown to the user: on one line, the place in the file or just behind it.
static void look_at_problems(const struct spec *spec, const struct problems *problems) {
	struct mark last = {0};
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->items[i];
		const char *line;
		size_t len = spec_line(spec, p->at.line, &line);
		must(line >= spec->source || len == 0);
		must(len == 0 || line + len <= spec->source + spec->source_len);
		must(p->at.line > 0 && p->at.col > 0 && p->at.col <= len + 2);
		must(p->at.line > last.line || (p->at.line == last.line && p->at.col >= last.col));
		must(*p->message && !strpbrk(p->message, "\n\r\033"));
		must(!p->hint || (*p->hint && !strpbrk(p->hint, "\n\r\033")));
		last = p->at;
	}
	must(problems->left_out == 0 || problems->n == PROBLEMS_MAX);
}

static size_t look_at_settings(const struct spec_settings *settings) {
	size_t n = read_all(settings->run.text) + read_all(settings->shell.text) +
		   read_all(settings->executable.text) + read_all(settings->cwd.text) +
		   read_all(settings->input.text);
	for (size_t i = 0; i < settings->args.n; i++) {
		must(settings->args.items[i].text);
		n += read_all(settings->args.items[i].text);
	}
	for (size_t i = 0; i < settings->env.n; i++) {
		const struct spec_pair *pair = &settings->env.items[i];
		must(pair->name.text && pair->unset == !pair->value.text);
		n += read_all(pair->name.text) + read_all(pair->value.text);
	}
	must(!settings->timeout.given || settings->timeout.ns > 0);
	must(!settings->grace.given || settings->grace.ns >= 0);
	return n;
}

static size_t look_at_combinations(const struct spec_combinations *combinations) {
	size_t n = 0;
	for (size_t i = 0; i < combinations->n; i++) {
		const struct spec_combination *entry = &combinations->items[i];
		must(entry->n > 0);
		for (size_t k = 0; k < entry->n; k++) {
			must(entry->items[k].name.text && entry->items[k].value.text);
			n += read_all(entry->items[k].name.text);
			n += read_all(entry->items[k].value.text);
		}
	}
	return n;
}

static size_t look_at_job(const struct spec_job *job) {
	size_t n = read_all(job->name.text) + look_at_settings(&job->settings);
	must(job->at.line > 0);
	for (size_t i = 0; i < job->n_matrix; i++) {
		const struct spec_variable *variable = &job->matrix[i];
		must(variable->values.n > 0);
		n += read_all(variable->name.text);
		for (size_t j = 0; j < variable->values.n && !job->matrix_refused; j++) {
			must(variable->values.items[j].text);
			n += read_all(variable->values.items[j].text);
		}
	}
	if (job->changes && !job->matrix_refused) {
		n += look_at_combinations(&job->changes->include);
		n += look_at_combinations(&job->changes->exclude);
		must(job->n_matrix > 0 || job->changes->include.n > 0);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct problems problems = {0};
	bool unreadable = false;
	struct spec *spec = spec_parse(
		"fuzz.yaml", (const char *)data, size, &problems, &unreadable);
	problems_sort(&problems);
	look_at_problems(spec, &problems);
	size_t n = look_at_settings(&spec->defaults);
	for (size_t i = 0; i < spec->n_jobs; i++) {
		n += look_at_job(&spec->jobs[i]);
	}
	for (size_t i = 0; i < spec->report.n_labels; i++) {
		must(spec->report.labels[i].code >= 0 && spec->report.labels[i].code < 256);
		n += read_all(spec->report.labels[i].word.text);
	}
	must(unreadable ? problems.n > 0 && spec->n_jobs == 0 : problems.n > 0 || spec->n_jobs > 0);
	must(n <= SIZE_MAX / 2); // so that the reading is not left out
	spec_free(spec);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
