// SPDX-License-Identifier: MIT
// Commands of spool map and the jobs they become: words, several values to a job, scripts, tags,
// what is refused, and how long a job lives. Results of GNU parallel are those of 20221122.
#include "plan/mapping.h"
#include "subprocess/subprocess.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mapped.h"

#define MAP(...) (&(struct mapping_options){COMMAND(__VA_ARGS__)})
#define SEVERAL(...) (&(struct mapping_options){COMMAND(__VA_ARGS__), .max_args = 9})
#define SHELL(script) (&(struct mapping_options){COMMAND(script), .shell = "/bin/sh"})

static void values_are_put_at_the_end(void **state) {
	(void)state;
	assert_argv(MAP("echo"), ROW("a b"), "[echo][a b]");
	assert_argv(MAP("echo", "-n"), ROW("a", "b c", ""), "[echo][-n][a][b c][]");
	assert_argv(MAP("echo", "{a}", "{"), ROW("a"), "[echo][{a}][{][a]");
	// Ours: these ask for no value. (parallel puts none at the end.)
	assert_argv(MAP("echo", "{#}-{%}"), ROW("a"), "[echo][7-<%>]");
	assert_argv(MAP("{}"), ROW("ls"), "[ls]");
	assert_argv(MAP("{1}"), ROW("ls", "-l"), "[ls]");
}

// parallel gives the shell the values of one word with blanks between them; here they stay one.
static void several_columns(void **state) {
	(void)state;
	assert_argv(
		MAP("e", "{}", "{2}", "{3}", "{1}x"), ROW("a b", "c"), "[e][a b][c][c][][a bx]");
	assert_argv(MAP("e", "x{}y", "{.}"), ROW("a.b", "c.d"), "[e][xa.b c.dy][a][c]");
	assert_argv(MAP("e", "{#}{}"), ROW("a", "c"), "[e][7a c]");
}

// parallel -X -j1 -q
static void several_rows(void **state) {
	(void)state;
	struct row row = ROW("a.1", "b.2", "c.3");
	assert_argv(SEVERAL("e", "x{}y{.}", "{}", "{1}-{2}"), row,
		"[e][xa.1ya][xb.2yb][xc.3yc][a.1][b.2][c.3][a.1-b.2]");
	assert_argv(SEVERAL("e", "x{1}y", "{2}"), row, "[e][xa.1y][b.2]");
	assert_argv(SEVERAL("e", "{1}y{}", "{2}"), row, "[e][a.1ya.1][a.1yb.2][a.1yc.3][b.2]");
	assert_argv(SEVERAL("e", "{#}{%}{/}"), row, "[e][7<%>a.1][7<%>b.2][7<%>c.3]");
	assert_argv(SEVERAL("e"), row, "[e][a.1][b.2][c.3]");
}

static void a_script_has_the_values_as_parameters(void **state) {
	(void)state;
	struct row row = ROW("a b.c"), two = ROW("a.1", "b.2");
	assert_argv(SHELL("echo"), row, "[/bin/sh][-c][echo \"$@\"][sh][a b.c]");
	assert_argv(SHELL("echo"), two, "[/bin/sh][-c][echo \"$@\"][sh][a.1][b.2]");
	assert_argv(SHELL("echo $1"), row, "[/bin/sh][-c][echo $1][sh][a b.c]");
	assert_argv(SHELL("e {} \"{}\" '{}'"), row,
		"[/bin/sh][-c][e \"${1}\" \"${1}\" ''\"${1}\"''][sh][a b.c]");
	assert_argv(SHELL("e {} \"{}\" '{}'"), two,
		"[/bin/sh][-c][e \"${1}\" \"${2}\" \"${1} ${2}\" ''\"${1} ${2}\"'']"
		"[sh][a.1][b.2]");
	assert_argv(SHELL("e {2}x{-1} {3} \"{3}\" '{3}' | wc"), two,
		"[/bin/sh][-c][e \"${2}\"x\"${2}\" \"\" \"\" ''\"\"'' | wc][sh][a.1][b.2]");
	assert_argv(SHELL("e {} {.} {.} {1/} {3.} {#} {%}"), two,
		"[/bin/sh][-c][e \"${1}\" \"${2}\" \"${3}\" \"${4}\" \"${3}\" \"${4}\" "
		"\"${5}\" \"${6}\" \"${7}\" \"${8}\"][sh][a.1][b.2][a][b][a.1][][7][<%>]");
	assert_argv(SHELL("e {#}"), two, "[/bin/sh][-c][e \"${3}\"][sh][a.1][b.2][7]");
	assert_argv(&(struct mapping_options){COMMAND("a", "{}", "|", "b"), .shell = "bash"}, row,
		"[bash][-c][a \"${1}\" | b][bash][a b.c]");
	assert_argv(&(struct mapping_options){COMMAND("a", "@"), .shell = "bash", .replace = "@"},
		row, "[bash][-c][a \"${1}\"][bash][a b.c]");
}

// Runs the job as it is and compares what it prints.
static void assert_prints(
	const struct mapping_options *options, struct row row, const char *expected) {
	struct mapping *mapping = mapping_of(options);
	const struct job *job = mapping_job(mapping, &row, 1);
	const char *argv[16] = {NULL};
	assert_in_range(job->argc, 1, 15);
	for (size_t i = 0; i < job->argc; i++) {
		argv[i] = text_render(&job->argv[i], 2, 1);
	}
	sp_opts opts;
	sp_buf out;
	sp_opts_init(&opts);
	opts.argv = argv;
	opts.argc = job->argc;
	assert_int_equal(sp_check_output(&opts, NULL, &out, NULL), SP_OK);
	assert_string_equal(out.data, expected);
	sp_buf_clear(&out);
	for (size_t i = 0; i < job->argc; i++) {
		free((char *)(uintptr_t)argv[i]);
	}
	job_release(job);
	mapping_free(mapping);
}

static void a_program_sees_the_bytes_of_a_value(void **state) {
	(void)state;
	static const char *const values[] = {"it's", "\"q\"", "a  b", "$(touch pwned)", "-rf", "",
		"{}{1}${1}", "a\n\n", "*", "\\n`x`\\", "\x80\xff"};
	static const char *const scripts[] = {"printf '[%s]'", "printf '[%s]' \"$1\"",
		"printf '[%s]' {}", "printf '[%s]' \"{}\"", "printf '[%s]' '{}'",
		"x={}; printf '[%s]' \"$x\""};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char expected[64];
		sprintf(expected, "[%s]", values[i]);
		assert_prints(MAP("printf", "[%s]"), ROW(values[i]), expected);
		for (size_t k = 0; k < sizeof scripts / sizeof *scripts; k++) {
			assert_prints(SHELL(scripts[k]), ROW(values[i]), expected);
		}
	}
	assert_prints(SHELL("printf '[%s]' {} \"x{}\" 'y{.}' {2/} {%} {#} '{3}' {3}"),
		ROW("a b", "c/d.e"), "[a b][c/d.e][xa b c/d.e][ya b c/d][d.e][2][1][][]");
}

static void a_row_is_the_script(void **state) {
	(void)state;
	assert_argv(&(struct mapping_options){.shell = "/bin/sh"}, ROW("echo {} $1 | wc"),
		"[/bin/sh][-c][echo {} $1 | wc]");
	assert_argv(
		&(struct mapping_options){.shell = "/bin/sh"}, ROW("a", "b"), "[/bin/sh][-c][a b]");
}

static void what_is_refused(void **state) {
	(void)state;
	assert_refused(&(struct mapping_options){0},
		"there is no command\n"
		"to have each value run as a command by a shell: spool map --shell");
	assert_refused(MAP("echo {} | it's"),
		"there is no program 'echo {} | it's'\n"
		"to have it run by a shell: spool map --shell 'echo {} | it'\"'\"'s'");
	assert_refused(&(struct mapping_options){COMMAND("e", "x"), .replace = ""},
		"the text of -I is empty, which would stand everywhere\n"
		"write -I @ to have @ stand for the value");
	assert_refused(&(struct mapping_options){.shell = "/bin/sh", .max_args = 2},
		"without a command each value is one itself, and cannot be given several\n"
		"take -n and -X away, or give a command");
	assert_refused(SHELL("echo `{}`"),
		"the placeholder '{}' cannot stand in backquotes\nwrite $( ) in their place");
	assert_refused(SHELL("echo # all"),
		"the value cannot be put behind the script: it would stand in a comment\n"
		"write {} or \"$1\" where the value belongs");
	assert_refused(SHELL("echo \"$@\" {} {.}"),
		"the script cannot have both '{.}' and all of its parameters ($@, $*, $#)\n"
		"write {} in place of \"$@\", or \"${1%.*}\" and \"${1##*/}\" in place of {.} and "
		"{/}");
	assert_refused(&(struct mapping_options){COMMAND("e"), .tagstring = "{%}"},
		"a tag cannot have {%}: it is made before the job has a slot\n"
		"{#} is the number of the job");
	// Neither of these is meant for a shell.
	assert_argv(MAP("no-such-program"), ROW("a"), "[no-such-program][a]");
	assert_argv(MAP("echo", "a | b"), ROW("a"), "[echo][a | b][a]");
	assert_argv(MAP("["), ROW("]"), "[[][]]");
	assert_argv(MAP("job{#}{%}"), ROW("a"), "[job7<%>]");
}

static const struct job *job_of(
	const struct mapping_options *options, struct row row, struct mapping **mapping) {
	*mapping = mapping_of(options);
	const struct job *job = mapping_job(*mapping, &row, 3);
	assert_non_null(job);
	return job;
}

static void assert_named(struct row row, const char *name, const char *label) {
	struct mapping *mapping;
	struct mapping_options options = {COMMAND("e"), .tag = true};
	const struct job *job = job_of(&options, row, &mapping);
	assert_string_equal(job->name, name);
	assert_string_equal(job->label, label);
	job_release(job);
	mapping_free(mapping);
}

static void a_job_is_named_by_its_values(void **state) {
	(void)state;
	char text[256], name[256], label[258];
	assert_named(ROW("a b"), "a b", "a b\t");
	assert_named(ROW("a", "", "c"), "a  c", "a  c\t");
	assert_named(ROW(""), "", "\t");
	// Of UTF-8 no character is cut; of other bytes 200 are left.
	for (int shift = 0; shift < 4; shift++) {
		size_t before = 197 + (size_t)shift;
		memset(text, 'x', sizeof text);
		strcpy(text + before, "€zz");
		sprintf(name, "%.*s%s…", (int)before, text, before + 3 <= 200 ? "€" : "");
		sprintf(label, "%s\t", text);
		assert_named(ROW(text), name, label);
	}
	memset(text, 'x', sizeof text);
	text[200] = '\0';
	sprintf(label, "%s\t", text);
	assert_named(ROW(text), text, label);
	memset(text, '\x80', 201);
	text[201] = '\0';
	sprintf(name, "%.200s…", text);
	sprintf(label, "%s\t", text);
	assert_named(ROW(text), name, label);
}

// parallel --tagstring ...
static void a_tag_has_placeholders(void **state) {
	(void)state;
	struct mapping *mapping;
	struct mapping_options options = {COMMAND("e"), .tagstring = "x{}-{2/}-{#}-{3}"};
	const struct job *job = job_of(&options, ROW("a", "b/c"), &mapping);
	assert_string_equal(job->label, "xa b/c-c-3-\t");
	job_release(job);
	mapping_free(mapping);
	options.tagstring = "x";
	job = job_of(&options, ROW("a"), &mapping);
	assert_string_equal(job->label, "x\t");
	job_release(job);
	mapping_free(mapping);
}

static void a_job_of_a_map(void **state) {
	(void)state;
	static const struct job common = {.out = STREAM_INHERIT,
		.err = STREAM_CAPTURE,
		.timeout_ns = 5,
		.grace_ns = 6,
		.tries = 4};
	struct mapping *mapping;
	struct mapping_options options = {COMMAND("e"), .common = &common};
	const struct job *job = job_of(&options, ROW("a"), &mapping);
	assert_int_equal(job->seq, 3);
	assert_int_equal(job->in, STREAM_NULL);
	assert_int_equal(job->out, STREAM_INHERIT);
	assert_int_equal(job->err, STREAM_CAPTURE);
	assert_int_equal(job->timeout_ns, 5);
	assert_int_equal(job->grace_ns, 6);
	assert_int_equal(job->tries, 4);
	assert_true(job->inherit_env && job->check && job_succeeds(job, 0));
	assert_false(job_succeeds(job, 1));
	assert_true(job->max_output == UINT64_MAX);
	assert_null(job->broken);
	assert_null(job->label);
	job_release(job);
	mapping_free(mapping);
}

static void a_nul_breaks_the_job(void **state) {
	(void)state;
	struct mapping *mapping;
	struct value values[] = {{"a", 1}, {"b\0c", 3}};
	const struct job *job = job_of(MAP("e", "x{}"), (struct row){values, 2}, &mapping);
	assert_string_equal(job->broken,
		"its value has a NUL byte, which no argument can hold (if NULs stand between the "
		"values: spool map -0)");
	assert_string_equal(job->name, "a b");
	job_release(job);
	mapping_free(mapping);
}

enum { HOLDS = 20000 };

static void *hold_and_release(void *job) {
	for (size_t i = 0; i < HOLDS; i++) {
		assert_ptr_equal(job_hold(job), job);
		job_release(job);
	}
	job_release(job);
	return NULL;
}

static void whoever_is_last_frees_the_job(void **state) {
	(void)state;
	struct mapping *mapping;
	pthread_t thread;
	const struct job *job = job_of(MAP("e"), ROW("a"), &mapping);
	job_hold(job);
	assert_int_equal(
		pthread_create(&thread, NULL, hold_and_release, (void *)(uintptr_t)job), 0);
	hold_and_release((void *)(uintptr_t)job);
	assert_int_equal(pthread_join(thread, NULL), 0);
	mapping_free(mapping);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_put_at_the_end),
		cmocka_unit_test(several_columns),
		cmocka_unit_test(several_rows),
		cmocka_unit_test(a_script_has_the_values_as_parameters),
		cmocka_unit_test(a_program_sees_the_bytes_of_a_value),
		cmocka_unit_test(a_row_is_the_script),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(a_job_is_named_by_its_values),
		cmocka_unit_test(a_tag_has_placeholders),
		cmocka_unit_test(a_job_of_a_map),
		cmocka_unit_test(a_nul_breaks_the_job),
		cmocka_unit_test(whoever_is_last_frees_the_job),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
