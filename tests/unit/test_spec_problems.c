// SPDX-License-Identifier: MIT
// What is said of broken job files. A case is a file and all that must be said of it, a line each:
// LINE:COL, a part of the message, and behind " | " a part of the hint.
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct file_case {
	const char *source;
	size_t len;
	const char *expected;
};

// A literal with its length, since some hold NULs.
#define FILE_OF(text) text, sizeof(text) - 1
// One job that is right, for files that are wrong elsewhere.
#define A_JOB "jobs:\n- run: x\n"
// A file with one job, whose keys begin on line 2, column 3.
#define JOB(keys) FILE_OF("jobs:\n- " keys "\n")
#define ARGS "args: [x]\n  "

static void print_all(const struct problems *problems) {
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->items[i];
		print_error("  %u:%u %s | %s\n", p->at.line, p->at.col, p->message,
			p->hint ? p->hint : "");
	}
}

// Whether line (up to the newline) describes the problem.
static bool describes(const char *line, const struct problem *problem) {
	char text[512];
	size_t len = strcspn(line, "\n");
	assert_true(len < sizeof text);
	memcpy(text, line, len);
	text[len] = '\0';
	char *hint = strstr(text, " | ");
	if (hint) {
		*hint = '\0';
		hint += 3;
	}
	unsigned at_line = 0, at_col = 0;
	int used = 0;
	assert_int_equal(sscanf(text, "%u:%u %n", &at_line, &at_col, &used), 2);
	return problem->at.line == at_line && problem->at.col == at_col &&
	       strstr(problem->message, text + used) && !strpbrk(problem->message, "\n\r\t") &&
	       (!hint || (problem->hint && strstr(problem->hint, hint)));
}

static bool is_as_expected(const struct file_case *it) {
	struct problems problems = {0};
	bool unreadable;
	struct spec *spec = spec_parse("x.yaml", it->source, it->len, &problems, &unreadable);
	problems_sort(&problems);
	bool good = true;
	size_t n = 0;
	for (const char *line = it->expected; *line; n++) {
		good = good && n < problems.n && describes(line, &problems.items[n]);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	good = good && n == problems.n;
	if (!good) {
		print_error("of the file\n%s\nexpected:\n%s\nsaid:\n", it->source, it->expected);
		print_all(&problems);
	}
	spec_free(spec);
	return good;
}

static void check_all(const struct file_case *cases, size_t n) {
	size_t wrong = 0;
	for (size_t i = 0; i < n; i++) {
		wrong += !is_as_expected(&cases[i]);
	}
	assert_int_equal(wrong, 0);
}

#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof *(cases))

// What comes from other tools: each has a hint with our word, and is one mistake.
static void test_words_of_others(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		// GitHub Actions
		{FILE_OF("on: push\n" A_JOB), "1:1 unknown key 'on' | leave it out"},
		{FILE_OF("env: {A: b}\n" A_JOB), "1:1 unknown key 'env' | defaults: {env: "},
		{FILE_OF("jobs:\n  build:\n    steps:\n    - run: make\n"),
			"2:3 'jobs' must be a list, not a map | - name: 'build'"},
		{JOB("steps: [run: make]"), "2:3 unknown key 'steps' | 'needs'"},
		{JOB("uses: x"), "2:3 unknown key 'uses' | 'run' or 'args'"},
		{JOB(ARGS "runs-on: linux"), "3:3 unknown key 'runs-on' | leave it out"},
		{JOB(ARGS "strategy: {matrix: {os: [a]}}"), "3:3 unknown key 'strategy' | 'matrix"},
		{JOB(ARGS "if: always()"), "3:3 unknown key 'if' | 'when: always'"},
		{JOB(ARGS "services: {db: x}"), "3:3 unknown key 'services' | no services yet"},
		{JOB(ARGS "timeout-minutes: 5"), "3:3 unknown key | 'timeout'"},
		{JOB(ARGS "needs: build, test"), "3:10 must be a list | needs: [build, test]"},
		{JOB(ARGS "needs: ~"), "3:10 'needs' has no value | needs: [build, 'test*'"},
		{JOB(ARGS "needs: '${{ x }}'"), "3:10 must be a list | needs: [build, 'test*'"},
		{JOB(ARGS "needs: [{job: a, if: success()}]"), "3:24 'success()' is | 'passed'"},
		// GitLab CI
		{FILE_OF("stages: [a]\nbuild: {script: make}\n"),
			"1:1 unknown key 'stages' | 'needs'\n2:1 unknown key 'build' | 'jobs'"},
		{JOB(ARGS "stage: build"), "3:3 unknown key 'stage' | 'needs'"},
		{JOB("script: [make]"), "2:3 unknown key 'script' | 'run: SCRIPT'"},
		{JOB(ARGS "parallel: {matrix: [a: [b]]}"), "3:3 unknown key 'parallel' | 'matrix"},
		{JOB(ARGS "matrix: [{os: a}]"), "3:11 must be a map | {include: [{"},
		{JOB(ARGS "when: manual"), "3:9 'manual' is no value of 'when' | --skip"},
		{JOB(ARGS "when: on_success"), "3:9 'on_success' is no value | leave 'when' out"},
		{JOB(ARGS "allow_failure: {exit_codes: 3}"),
			"3:18 'allow_failure' must be true or false, not a map | success_codes"},
		{JOB(ARGS "needs: [{name: a}]"), "3:12 unknown key 'name' | it is 'job' here"},
		{JOB(ARGS "only: [main]"), "3:3 unknown key 'only' | --only"},
		// compose files, make, task runners
		{FILE_OF("version: 3\n" A_JOB), "1:1 unknown key 'version' | 'spool: 1'"},
		{FILE_OF("services: {db: {command: x}}\n"), "1:1 unknown key | it is 'jobs' here"},
		{FILE_OF("tasks: [cmd: ls]\n"), "1:1 unknown key 'tasks' | it is 'jobs' here"},
		{FILE_OF("all: {deps: [a], cmds: [b]}\n"), "1:1 unknown key 'all' | 'jobs'"},
		{FILE_OF("fail_fast: true\n" A_JOB), "1:1 unknown key | halt: now,fail=1"},
		{FILE_OF("parallelism: 3\n" A_JOB), "1:1 unknown key | 'workers'"},
		{JOB("cmd: ls"), "2:3 unknown key 'cmd' | 'args: [PROGRAM"},
		{JOB("entrypoint: ls"), "2:3 unknown key 'entrypoint' | 'args: [PROGRAM"},
		{JOB(ARGS "deps: [a]"), "3:3 unknown key 'deps' | it is 'needs' here"},
		{JOB(ARGS "restart: always"), "3:3 unknown key 'restart' | yet"},
		{JOB(ARGS "env_file: [a]"), "3:13 'env_file' must be a text | one file"},
		{JOB(ARGS "stdin: {job: a}"),
			"3:10 'stdin' must be a text | no pipes between jobs"},
		{JOB(ARGS "stdout: {file: a}"), "3:12 unknown key 'file' in 'stdout' | {path: "},
		{JOB(ARGS "timeout: {minutes: 3}"), "3:12 must be a text, not a map | 90s"},
		{JOB(ARGS "check: [true]"), "3:10 'check' must be true or false, not a list"},
		{JOB(ARGS "matrix: {f: {files: '*'}}"), "3:16 do not come from 'files' | 'glob'"},
		{JOB(ARGS "matrix: {f: {file: x}}"), "3:16 do not come from 'file' | 'lines'"},
	};
	CHECK_ALL(cases);
}

static void test_keys(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{JOB(ARGS "timout: 3"), "3:3 unknown key 'timout' | did you mean 'timeout'?"},
		{JOB(ARGS "successcodes: [0]"), "3:3 unknown key | did you mean 'success_codes'?"},
		{JOB(ARGS "frobnicate: 1"),
			"3:3 unknown key 'frobnicate' | the keys of a job are name, needs, matrix"},
		{JOB(ARGS "retry: 3"), "3:3 unknown key 'retry' | does not try a job again yet"},
		{JOB(ARGS "workers: 3"), "3:3 unknown key 'workers' | 'workers' stands at the top"},
		{JOB(ARGS "labels: {0: x}"), "3:3 unknown key 'labels' | stands in 'report'"},
		{JOB(ARGS "x-mine: 1"), "3:3 unknown key 'x-mine' | at the top of the file"},
		{FILE_OF("timeout: 3\n" A_JOB), "1:1 unknown key 'timeout' | stands in a job"},
		{FILE_OF("deadline: 1h\n" A_JOB),
			"1:1 unknown key 'deadline' | spool does not know it yet"},
		{FILE_OF("halt: now\n" A_JOB), "1:7 'now' is no value of 'halt' | now,fail=1"},
		{FILE_OF("halt: [now]\n" A_JOB), "1:7 'halt' must be a text | now,fail=1"},
		{JOB(ARGS "depends_on: [a]"), "3:3 unknown key 'depends_on' | it is 'needs' here"},
		{JOB(ARGS "when: often"), "3:9 'often' is no value of 'when' | when: always"},
		{JOB(ARGS "when: never"), "3:9 'never' is no value of 'when' | --skip"},
		{JOB(ARGS "allow_failure: yes"),
			"3:18 'allow_failure' must be true or false | write true"},
		{FILE_OF("x-mine: {any: [thing]}\nx-: 1\n" A_JOB), ""},
		{FILE_OF("Defaults: {}\n" A_JOB), "1:1 unknown key | did you mean 'defaults'?"},
		{FILE_OF("defaults: {nome: x}\n" A_JOB),
			"1:12 unknown key 'nome' | the keys of 'defaults' are args"},
		{FILE_OF("defaults: {name: x, matrix: {n: [1]}}\n" A_JOB),
			"1:12 'name' is not for 'defaults' | give it in each job\n"
			"1:21 'matrix' is not for 'defaults'"},
		{FILE_OF("report: {tilte: x}\n" A_JOB),
			"1:10 unknown key 'tilte' | did you mean 'title'?"},
		{JOB(ARGS "\"a\\nb\\x1b\\u202e\\x9b\": 1"),
			"3:3 unknown key 'a\\nb\\x1b\\u202e\\x9b'"},
		{JOB("run: a\n  check: true\n  run: b"),
			"4:3 the key 'run' is given twice; the first time on line 2 | keep one"},
		{JOB("run: a\n  \"run\": b\n  run: c"),
			"3:3 first time on line 2\n4:3 first time on line 2"},
		{JOB("{run: a, ? [b] : c}"), "2:14 a key must be a text, not a list | in quotes"},
		{JOB("? {a: b}\n  : c\n  run: x"), "2:5 a key must be a text, not a map"},
		{JOB(ARGS "<<: {check: false}"), "3:3 merge keys | 'defaults'"},
		{JOB(ARGS "env: {\"<<\": x}"), ""},
	};
	CHECK_ALL(cases);
}

static void test_jobs(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{FILE_OF("name: x\n"), "1:1 there is no 'jobs' in this file | jobs: is the list"},
		{FILE_OF("job:\n- run: x\n"), "1:1 unknown key 'job' | did you mean 'jobs'?"},
		{FILE_OF("name: x\njobs:\n"), "2:1 'jobs' has no value | - args:"},
		{FILE_OF("jobs: ~\n"), "1:7 'jobs' has no value"},
		{FILE_OF("jobs: {a: {run: x}}\n"),
			"1:7 'jobs' must be a list, not a map | begin each job with '- '"},
		{FILE_OF("jobs: ls\n"), "1:7 'jobs' must be a list, not a text"},
		{FILE_OF("jobs: []\n"), "1:7 'jobs' is empty"},
		{FILE_OF("jobs:\n- ls -l\n- run: x\n- [ls]\n-\n"),
			"2:3 an entry of 'jobs' must be a map, not a text | - args: [ls, -l]\n"
			"4:3 must be a map, not a list\n5:2 an entry of 'jobs' has no value"},
		{FILE_OF(""), "1:1 the file is empty: a job file has a 'jobs' list"},
		{FILE_OF("\n# nothing\n\n"), "1:1 the file is empty"},
		{FILE_OF("---\n"), "1:1 the file is empty"},
		{FILE_OF("- run: x\n"), "1:1 not a list | write jobs:"},
		{FILE_OF("jobs:x\n"), "1:1 not a text | behind each ':'"},
		{FILE_OF("spool: 2\n" A_JOB), "1:8 this spool reads format 1, not '2'"},
		{FILE_OF("spool: 1.0\n" A_JOB), "1:8 this spool reads format 1, not '1.0'"},
		{FILE_OF("spool:\n" A_JOB), "1:1 'spool' has no value"},
		{FILE_OF("spool: 1\n" A_JOB), ""},
		{FILE_OF("defaults: [x]\n" A_JOB), "1:11 'defaults' must be a map, not a list"},
		{FILE_OF("defaults:\nreport:\n" A_JOB),
			"1:1 'defaults' has no value\n2:1 'report' has no value"},
	};
	CHECK_ALL(cases);
}

static void test_commands(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{JOB("args: ls -l"), "2:9 'args' must be a list, not a text | args: [ls, -l]"},
		{JOB("args: []"), "2:9 'args' is empty | args: [ls, -l]"},
		{JOB("args: [\"\"]"), "2:10 the program's name is empty"},
		{JOB("args: [x, '']"), ""},
		{JOB("args:\n  -\n  - x"), "3:4 an entry of 'args' has no value | write ''"},
		{JOB("args: {a: b}"), "2:9 'args' must be a list, not a map"},
		{JOB("args:"), "2:3 'args' has no value"},
		{JOB("args:\n  - echo\n  - echo \"Say: hi\""),
			"4:5 an entry of 'args' must be a text, not a map | 'echo \"Say: hi\"'"},
		{JOB("args:\n  - echo\n  - it's: so"), "4:5 not a map | 'it''s: so'"},
		{JOB("args: [echo, Say: hi]"), "2:16 not a map | in quotes"},
		{JOB("args: [echo, [hi]]"), "2:16 must be a text, not a list | is not joined"},
		{JOB("run:\n    echo: hi"), "3:5 'run' must be a text, not a map | 'echo: hi'"},
		{JOB("run: [ls, -l]"), "2:8 'run' must be a text, not a list | 'args'"},
		{JOB("run:"), "2:3 'run' has no value | in quotes it is a text"},
		{JOB("run: ~"), "2:8 'run' has no value"},
		{JOB(ARGS "cwd: null\n  shell: [sh]\n  executable: {}\n  input:"),
			"3:8 'cwd' has no value\n4:10 'shell' must be a text, not a list\n"
			"5:15 'executable' must be a text, not a map\n6:3 'input' has no value"},
		{JOB("args: [\"a\\0b\"]"), "2:10 there is a NUL inside this text"},
		{JOB("run: x\n  env: {\"A\\0\": b}"), "3:9 there is a NUL inside this text"},
	};
	CHECK_ALL(cases);
}

static void test_settings(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{JOB(ARGS "timeout: 1:30"),
			"3:12 'timeout' is not a duration: '1:30' | is written 90s or 1m30s"},
		{JOB(ARGS "timeout: 0x10"), "3:12 not a duration: '0x10' | 1m30s"},
		{JOB(ARGS "timeout: 1e3"), "3:12 not a duration"},
		{JOB(ARGS "timeout: .nan"), "3:12 not a duration"},
		{JOB(ARGS "timeout: +1"), "3:12 not a duration"},
		{JOB(ARGS "timeout: 1_000"), "3:12 not a duration"},
		{JOB(ARGS "grace: -1"), "3:10 'grace' is not a duration: '-1': a duration cannot"},
		{JOB(ARGS "grace: ''"), "3:10 a duration cannot be empty"},
		{JOB(ARGS "timeout: ~"), "3:12 'timeout' has no value | none is no limit"},
		{JOB(ARGS "timeout: [1]"), "3:12 'timeout' must be a text, not a list"},
		{JOB(ARGS "check: yes"), "3:10 must be true or false, not 'yes' | write true"},
		{JOB(ARGS "check: no"), "3:10 must be true or false, not 'no' | write false"},
		{JOB(ARGS "check: Off"), "3:10 not 'Off' | write false"},
		{JOB(ARGS "check: True"), "3:10 not 'True' | write true"},
		{JOB(ARGS "check: 1"), "3:10 not '1' | write true or false"},
		{JOB(ARGS "check: \"true\""), "3:10 not a text in quotes | without quotes"},
		{JOB(ARGS "inherit_env:"), "3:3 'inherit_env' has no value | true or false"},
		{JOB(ARGS "success_codes: 1"), "3:18 must be a list, not a text | [0, 1]"},
		{JOB(ARGS "success_codes: []"), "3:18 'success_codes' is empty"},
		{JOB(ARGS "success_codes: [010, -1, 256, +1, 0x1, 1e1, ~, [1]]"),
			"3:19 '010' is not an exit status: a number is written without zeros\n"
			"3:24 '-1' is not an exit status: it cannot be negative\n"
			"3:28 '256' is not an exit status: it is too large | 0 to 255\n"
			"3:33 '+1'\n3:37 '0x1'\n3:42 '1e1'\n3:47 has no value\n3:50 not a list"},
		{FILE_OF("workers: 0x10\n" A_JOB), "1:10 '0x10' is not a number of workers | 50%"},
		{FILE_OF("workers: 9223372036854775808\n" A_JOB), "1:10 it is too large"},
		{FILE_OF("workers: 18446744073709551616\n" A_JOB), "1:10 it is too large"},
		{FILE_OF("workers: 1e309\n" A_JOB), "1:10 with the digits 0 to 9 alone"},
		{FILE_OF("workers: .nan\n" A_JOB), "1:10 with the digits 0 to 9 alone"},
		{FILE_OF("workers: 010\n" A_JOB), "1:10 without zeros in front"},
		{FILE_OF("workers: 1_000\n" A_JOB), "1:10 with the digits 0 to 9 alone"},
		{FILE_OF("workers: [4]\n" A_JOB), "1:10 'workers' must be a text, not a list"},
		{FILE_OF("workers: 50%\n" A_JOB), ""},
	};
	CHECK_ALL(cases);
}

static void test_maps(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{JOB(ARGS "env: [A=b]"), "3:8 'env' must be a map, not a list | {NAME: value}"},
		{JOB(ARGS "env: {A=b: c, '': d, SPOOL_JOB: x, B: [], C: {D: e}}"),
			"3:9 cannot hold '=': 'A=b'\n3:17 a variable of 'env' has no name\n"
			"3:24 'SPOOL_JOB' is not for 'env'\n3:41 the variable 'B' must be a text\n"
			"3:48 the variable 'C' must be a text, not a map"},
		{JOB(ARGS "env:\n    A: b: c"), "4:9 ': ' inside a text | 'b: c'"},
		{JOB(ARGS "matrix: [1]"), "3:11 'matrix' must be a map, not a list"},
		{JOB(ARGS "matrix: {}"), "3:11 'matrix' is empty"},
		{JOB(ARGS "matrix: {n: []}"), "3:15 the matrix variable 'n' is empty"},
		{JOB(ARGS "matrix: {n: 1}"), "3:15 'n' must be a list, not a text | [1, 2, 3]"},
		{JOB(ARGS "matrix: {n: {}}"), "3:15 the map of a matrix variable is empty | range"},
		{JOB(ARGS "matrix: {n: {lines: x, glob: y}}"), "3:15 from one source | glob"},
		{JOB(ARGS "matrix: {n: {line: x}, m: {path: x}}"),
			"3:16 do not come from 'line' | did you mean 'lines'?\n"
			"3:30 do not come from 'path' | {lines: FILE}"},
		{JOB(ARGS "matrix: {n: {lines: [x]}, m: {glob: ~}}"),
			"3:23 'lines' must be a text, not a list | write lines: FILE\n"
			"3:39 'glob' has no value | write glob: \"*.txt\""},
		{JOB(ARGS "matrix: {n: {range: 3}, m: {range: [1]}, o: {range: []}}"),
			"3:23 'range' must be a list, not a text | [1, 20]\n"
			"3:38 'range' has two or three numbers, not 1 | [0, 100, 10]\n"
			"3:55 'range' is empty"},
		{JOB(ARGS "matrix: {n: {range: [1, {a: b}]}}"), "3:27 a number of 'range' must be"},
		{JOB(ARGS "matrix: {include: [a], exclude: {a: b}}"),
			"3:22 an entry of 'include' must be a map, not a text | is no variable\n"
			"3:35 'exclude' must be a list, not a map | exclude: [{name: value}]"},
		{JOB(ARGS "matrix: {n: [1], include: [{}], exclude: []}"),
			"3:30 an entry of 'include' is empty | [{name: value}]\n"
			"3:44 'exclude' is empty"},
		{JOB(ARGS "matrix: {n: [1], include: [{HOME: 1, include: 2, a-b: 1}, {x: [1]}]}"),
			"3:31 named 'HOME'\n3:40 named 'include' | beside\n3:52 'a-b'\n"
			"3:65 the value of the matrix variable 'x' must be a text, not a list"},
		{JOB(ARGS "matrix: {exclude: [{n: 1}]}"), "3:11 'matrix' has no variable"},
		{JOB(ARGS "matrix:\n    n:"), "4:5 the matrix variable 'n' has no value"},
		{JOB(ARGS "matrix:\n    n:\n    -"), "5:6 a value of the matrix variable 'n' has"},
		{JOB(ARGS "matrix: {n: [[1], {a: b}]}"), "3:16 not a list\n3:21 not a map"},
		{JOB(ARGS "matrix: {1a: [1], a-b: [1], '': [1], é: [1]}"),
			"3:12 '1a' cannot be the name | letters\n3:21 'a-b'\n3:31 ''\n3:40 'é'"},
		{JOB(ARGS "matrix: {PATH: [1], IFS: [1], HOME: [1], LD_X: [1], SPOOL_X: [1]}"),
			"3:12 named 'PATH' | another name\n3:23 'IFS'\n3:33 'HOME'\n3:44 'LD_X'\n"
			"3:55 'SPOOL_X'"},
		{FILE_OF("report: {labels: [x]}\n" A_JOB), "1:18 'labels' must be a map | {0: ok"},
		{FILE_OF("report: {labels: {256: x, ok: y, -1: z, 1: [], 2: ~, 3: }}\n" A_JOB),
			"1:19 '256' is not an exit status: it is too large\n1:27 'ok'\n1:34 '-1'\n"
			"1:44 the label of '1' must be a text\n1:51 '2' has no value\n"
			"1:54 '3' has no value"},
		{FILE_OF("report: hello\n" A_JOB), "1:9 'report' must be a map, not a text"},
	};
	CHECK_ALL(cases);
}

static void test_yaml(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{JOB("run: x\n\tcheck: true"), "3:1 tabs cannot indent YAML | use spaces"},
		{JOB("args:\n\t- x"), "3:1 tabs cannot indent YAML"},
		{JOB("run: |\n\tx"), "3:1 tabs cannot indent YAML"},
		{JOB("run: echo \"Say: hi\""), "2:17 there is ': ' inside | 'echo \"Say: hi\"'"},
		{JOB("args:\n  - echo: Say: hi"), "3:14 there is ': ' inside | 'Say: hi'"},
		{JOB("run: x\n    check: true"), "3:10 a key cannot stand here | same column"},
		{JOB("args: [x, ${{ n }}]"), "2:14 braces must be in quotes | \"${{ n }}\""},
		{JOB("env: {A: ${{ a b }}}"), "2:13 braces must be in quotes | \"${{ a b }}\""},
		{JOB("run: x\n  name: {{ n }}"), "3:9 two braces | \"${{ name }}\""},
		{JOB("run: x\n  name: ${{ n }}\n  matrix: {n: [1]}"), ""},
		{JOB("args: [x, *.c]"), "2:13 cannot begin with '*' | in quotes"},
		{JOB("args: [x, *typo]"), "2:13 the alias '*typo' names no anchor | in quotes"},
		{JOB("run: *x y"), "2:11 the value ends before this | '*x y'"},
		{JOB("run: & x"), "2:8 cannot begin with '&' | in quotes"},
		{JOB("run: &x"), "2:8 the anchor '&x' has no value | in quotes"},
		{JOB("run: @x"), "2:8 cannot begin with '@' | in quotes"},
		{JOB("run: `x`"), "2:8 cannot begin with '`' | in quotes"},
		{JOB("run: %x"), "2:8 cannot begin with '%' | in quotes"},
		{JOB("run: [ -f x ] && y"), "2:17 the value ends before this | '[ -f x ] && y'"},
		{JOB("run: \"x\" y"), "2:12 the value ends before this | '\"x\" y'"},
		{JOB("run: 'it's'"), "2:12 the value ends before this | write '' for one"},
		{JOB("run: \"x"), "2:8 this quote is never closed"},
		{JOB("run: \"\\q\""), "2:9 no such escape | \\\\"},
		{JOB("run: \"\\xzz\""), "2:11 no such escape"},
		{JOB("run: > x"), "2:10 behind '|' or '>' | in quotes"},
		{JOB("run: - x"), "2:8 a list cannot begin here"},
		{JOB("args: [a:, b]"), "2:11 there is no space behind this ':'"},
		{JOB("run: ? x"), "2:8 cannot begin with '? '"},
		{JOB("run: ,x"), "2:8 there is no value before this ','"},
		{JOB("args: [x\n  check: true"), "3:8 no end to what begins with '[' on line 2"},
		{JOB("env: {A: b\n  check: true"), "3:8 no end to what begins with '{' on line 2"},
		{JOB("run: x\n check: true"), "3:2 this line is indented unlike | same column"},
		{JOB("run: x\n  check\n  cwd: y"), "3:3 neither a key with its value nor part"},
		{JOB("run: \"x\n---\ny\""), "3:1 a line of a text in quotes cannot begin"},
		{JOB("run: !!str x"), "2:8 tags have no meaning in a job file: '!!str'"},
		{JOB("run: !include x"), "2:8 tags have no meaning in a job file: '!include'"},
		{JOB("run: !!python/object:os.system x"), "2:8 '!!python/object:os.system'"},
		{JOB("run: !foo!bar x"), "2:8 tags ('!...') have no meaning"},
		{FILE_OF(A_JOB "---\n" A_JOB), "3:1 a second document begins here"},
		{FILE_OF(A_JOB "...\n# x\n" A_JOB), "5:1 a second document begins here"},
		{FILE_OF("---\n" A_JOB "...\n# the end\n"), ""},
		{FILE_OF(A_JOB "%x: y\n"), "3:1 a line that begins with '%'"},
		{FILE_OF("{jobs: [{run: x}]} x\n"), "1:20 the document ends before this"},
		{FILE_OF("%YAML 1.1\n---\n" A_JOB), ""},
		{FILE_OF("%YAML 1.2\n---\n" A_JOB), ""},
		{FILE_OF("%YAML 9.9\n---\n" A_JOB), "1:1 can only be %YAML 1.1 or %YAML 1.2"},
		{FILE_OF("%YAML 1.1\n" A_JOB), "2:1 there is no '---'"},
		{FILE_OF("%FOO x\n---\n" A_JOB), "1:1 can only be %YAML 1.1"},
		{FILE_OF("# x\n%TAG !x! y\n---\n" A_JOB), "2:1 neither has %TAG"},
		{FILE_OF("x-a: &a [*a]\n" A_JOB), "1:10 '*a' stands inside the very value"},
		{FILE_OF("x-a: &a 1\nx-b: &a 2\n" A_JOB), "2:6 the anchor 'a' is used twice"},
	};
	CHECK_ALL(cases);
}

static void test_encodings(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{FILE_OF("\xef\xbb\xbf" A_JOB), ""},
		{FILE_OF("\xef\xbb\xbfjobs:\n- rum: é\n"), "2:3 unknown key 'rum'"},
		{FILE_OF("\xff\xfej\0o\0b\0s\0"), "1:1 the file is UTF-16 (little-endian) | iconv"},
		{FILE_OF("\xfe\xff\0j\0o"), "1:1 the file is UTF-16 (big-endian)"},
		{FILE_OF("\xff\xfe\0\0j\0\0\0"), "1:1 the file is UTF-32 (little-endian)"},
		{FILE_OF("\0\0\xfe\xff\0\0\0j"), "1:1 the file is UTF-32 (big-endian)"},
		{FILE_OF("j\0o\0b\0s\0"), "1:1 the file is UTF-16 (little-endian)"},
		{FILE_OF("\0j\0o\0b\0s"), "1:1 the file is UTF-16 (big-endian)"},
		{FILE_OF("j\0\0\0o\0\0\0"), "1:1 the file is UTF-32 (little-endian)"},
		{FILE_OF("\0\0\0j\0\0\0o"), "1:1 the file is UTF-32 (big-endian)"},
		{FILE_OF(A_JOB "# é\x80\n"), "3:4 the byte 0x80 is not UTF-8: it continues"},
		{FILE_OF(A_JOB "# \xc0\xaf\n"), "3:3 the byte 0xc0 is not UTF-8: it begins a "
						"character written longer"},
		{FILE_OF(A_JOB "# \xe0\x80\xaf\n"), "3:3 0xe0 is not UTF-8: it begins a character "
						    "written longer"},
		{FILE_OF(A_JOB "# \xed\xa0\x80\n"), "3:3 0xed is not UTF-8: it begins a surrogate"},
		{FILE_OF(A_JOB "# \xf4\x90\x80\x80\n"), "3:3 past the last one"},
		{FILE_OF(A_JOB "# \xff\n"), "3:3 the byte 0xff is not UTF-8: it never stands"},
		{FILE_OF(A_JOB "# \xe2\x82"), "3:3 the byte 0xe2 is not UTF-8: the character"},
		{FILE_OF(A_JOB "# \x1b\n"), "3:3 the character U+001B cannot stand | \\x"},
		{FILE_OF(A_JOB "# \x7f\n"), "3:3 the character U+007F cannot stand"},
		{FILE_OF(A_JOB "# \xc2\x9b\n"), "3:3 the character U+009B cannot stand"},
		{FILE_OF(A_JOB "# \xef\xbf\xbe\n"), "3:3 the character U+FFFE cannot stand | \\u"},
		{FILE_OF(A_JOB "# x\0\n"), "3:4 there is a NUL byte"},
		{FILE_OF("jobs:\r\n- run: x\r\n  é: 1\r- rum: x"),
			"3:3 unknown key 'é'\n4:3 unknown key 'rum'"},
		{FILE_OF("name: é😀\njobs: [{run: é😀, x: 1}]"), "2:18 unknown key 'x'"},
	};
	CHECK_ALL(cases);
}

// Not one after the other, not in the order of reading: all at once, by place.
static void test_all_at_once(void **state) {
	(void)state;
	static const struct file_case cases[] = {
		{FILE_OF("spool: 7\nworkers: many\njobs:\n- run: !x a\n  chek: true\n- {}\n"
			 "- args: x\n  args: y\nreport: {labels: {x: y}}\ndefaults: {grace: -1}\n"),
			"1:8 format 1\n2:10 'many' is not a number of workers\n4:8 tags\n"
			"5:3 unknown key 'chek'\n7:9 must be a list\n8:3 twice\n9:19 'x'\n"
			"10:19 cannot be negative"},
		// what many jobs share is wrong once
		{FILE_OF("x-e: &e {A=: 1}\nx-t: &t 1:30\njobs:\n- {run: x, env: *e, timeout: *t}\n"
			 "- {run: y, env: *e, timeout: *t}\n- {run: z, env: *e}\n"),
			"1:10 cannot hold '='\n2:6 not a duration"},
	};
	CHECK_ALL(cases);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_words_of_others),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_all_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
