// SPDX-License-Identifier: MIT
/*
 * Words of GitHub Actions, GitLab CI, compose files, task runners and make, and keys of spool that
 * are to come. Each gets a hint that names ours, or says that there is none.
 */
#include "spec/elsewhere.h"

#include <stddef.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char command[] = "it is 'args: [PROGRAM, ARGUMENT, …]' or 'run: SCRIPT' here";
static const char script[] = "it is 'run: SCRIPT' here";
static const char steps[] =
	"a job is one script here, run: |; steps that need each other are jobs with 'needs'";
static const char before[] = "put it into the script, 'run'";
static const char cleanup[] = "it is a job of its own here, with 'needs' and 'when: always'";
static const char cwd[] = "it is 'cwd' here";
static const char env[] = "it is 'env' here";
static const char needs[] = "it is 'needs' here";
static const char stages[] = "there are no stages here: 'needs' says which jobs go before this one";
static const char allow_failure[] = "it is 'allow_failure: true' here";
static const char when[] = "it is 'when: always' or 'when: on_failure' here";
static const char chosen[] = "jobs are chosen on the command line, with names, --only and --skip";
static const char matrix[] = "it is 'matrix: {NAME: [VALUE, …]}' here, a key of the job";
static const char timeout[] = "it is 'timeout' here, as in 5m or 90s";
static const char grace[] = "it is 'grace' here";
static const char codes[] = "it is 'success_codes: [0, …]' here";
static const char limits[] = "it is 'limits' here, as in limits: {as: 512M, nofile: 100}";
static const char out[] = "it is 'stdout: PATH' here";
static const char retry[] = "spool does not try a job again yet; a loop in 'run' can";
static const char services[] = "spool has no services yet: a script starts and ends what it needs";
static const char here[] = "jobs run on this machine, in no container: leave it out";
static const char actions[] =
	"there are no ready-made actions here: 'run' or 'args' says what to do";
static const char files[] = "jobs share the files of this machine: leave it out";
static const char secrets[] =
	"spool does not hide values yet; a job has the environment that spool was started with";
static const char locks[] = "spool has no locks and resources yet; 'needs' puts jobs in order";
static const char priority[] = "spool has no priorities yet: jobs start in the order of the file";
static const char terminal[] = "jobs have no terminal yet; spool exec runs a program on one";
static const char yet[] = "spool does not know it yet";
static const char defaults[] =
	"keys for all jobs stand in 'defaults', and an anchor serves a value that several share";
static const char named[] = "the job's name is 'name', and a comment begins with #";
static const char workers[] = "it is 'workers' here";
static const char start[] = "spool runs when it is called: leave it out";
static const char fail_fast[] = "it is 'halt: now,fail=1' here";
static const char jobs[] = "it is 'jobs' here: a list of what to run; each begins with '- '";
static const char in_defaults[] = "for all jobs it is defaults: {env: {NAME: value}} here";
static const char one_file[] = "a job file is one file";

static const struct elsewhere in_job[] = {
	{"cmd", command, MEANT_COMMAND},
	{"cmds", command, MEANT_COMMAND},
	{"command", command, MEANT_COMMAND},
	{"commands", command, MEANT_COMMAND},
	{"entrypoint", command, MEANT_COMMAND},
	{"exec", command, MEANT_COMMAND},
	{"program", command, MEANT_COMMAND},
	{"do", command, MEANT_COMMAND},
	{"argv", command, MEANT_COMMAND},
	{"script", script, MEANT_COMMAND},
	{"scripts", script, MEANT_COMMAND},
	{"bash", script, MEANT_COMMAND},
	{"sh", script, MEANT_COMMAND},
	{"steps", steps, MEANT_COMMAND},
	{"tasks", steps, MEANT_COMMAND},
	{"uses", actions, MEANT_COMMAND},
	{"with", actions, MEANT_OTHER},
	{"before_script", before, MEANT_OTHER},
	{"after_script", cleanup, MEANT_OTHER},
	{"always", cleanup, MEANT_OTHER},
	{"finally", cleanup, MEANT_OTHER},
	{"on_failure", cleanup, MEANT_OTHER},
	{"working_dir", cwd, MEANT_OTHER},
	{"workdir", cwd, MEANT_OTHER},
	{"working_directory", cwd, MEANT_OTHER},
	{"working-directory", cwd, MEANT_OTHER},
	{"dir", cwd, MEANT_OTHER},
	{"directory", cwd, MEANT_OTHER},
	{"chdir", cwd, MEANT_OTHER},
	{"environment", env, MEANT_OTHER},
	{"variables", env, MEANT_OTHER},
	{"vars", env, MEANT_OTHER},
	{"dotenv", "it is 'env_file' here", MEANT_OTHER},
	{"depends_on", needs, MEANT_OTHER},
	{"depends", needs, MEANT_OTHER},
	{"dependencies", needs, MEANT_OTHER},
	{"deps", needs, MEANT_OTHER},
	{"requires", needs, MEANT_OTHER},
	{"after", needs, MEANT_OTHER},
	{"wait_for", needs, MEANT_OTHER},
	{"stage", stages, MEANT_OTHER},
	{"continue-on-error", allow_failure, MEANT_OTHER},
	{"continue_on_error", allow_failure, MEANT_OTHER},
	{"ignore_errors", allow_failure, MEANT_OTHER},
	{"ignore_error", allow_failure, MEANT_OTHER},
	{"if", when, MEANT_OTHER},
	{"condition", when, MEANT_OTHER},
	{"unless", when, MEANT_OTHER},
	{"rules", chosen, MEANT_OTHER},
	{"only", chosen, MEANT_OTHER},
	{"except", chosen, MEANT_OTHER},
	{"enabled", chosen, MEANT_OTHER},
	{"disabled", chosen, MEANT_OTHER},
	{"skip", chosen, MEANT_OTHER},
	{"trigger", start, MEANT_OTHER},
	{"on", start, MEANT_OTHER},
	{"strategy", matrix, MEANT_MATRIX},
	{"parallel", matrix, MEANT_MATRIX},
	{"foreach", matrix, MEANT_MATRIX},
	{"for_each", matrix, MEANT_MATRIX},
	{"for", matrix, MEANT_MATRIX},
	{"loop", matrix, MEANT_MATRIX},
	{"with_items", matrix, MEANT_MATRIX},
	{"include", "'include' and 'exclude' stand in 'matrix'", MEANT_OTHER},
	{"exclude", "'include' and 'exclude' stand in 'matrix'", MEANT_OTHER},
	{"timeout-minutes", timeout, MEANT_OTHER},
	{"timeout_minutes", timeout, MEANT_OTHER},
	{"timeout_seconds", timeout, MEANT_OTHER},
	{"stop_grace_period", grace, MEANT_OTHER},
	{"kill_after", grace, MEANT_OTHER},
	{"exit_codes", codes, MEANT_OTHER},
	{"allowed_exit_codes", codes, MEANT_OTHER},
	{"ulimits", limits, MEANT_OTHER},
	{"mem_limit", limits, MEANT_OTHER},
	{"memory", limits, MEANT_OTHER},
	{"log", out, MEANT_OTHER},
	{"logfile", out, MEANT_OTHER},
	{"output", out, MEANT_OTHER},
	{"retry", retry, MEANT_OTHER},
	{"retries", retry, MEANT_OTHER},
	{"max-retries", retry, MEANT_OTHER},
	{"attempts", retry, MEANT_OTHER},
	{"restart", retry, MEANT_OTHER},
	{"service", services, MEANT_OTHER},
	{"services", services, MEANT_OTHER},
	{"healthcheck", services, MEANT_OTHER},
	{"ready", services, MEANT_OTHER},
	{"image", here, MEANT_OTHER},
	{"container", here, MEANT_OTHER},
	{"runs-on", here, MEANT_OTHER},
	{"runs_on", here, MEANT_OTHER},
	{"platform", here, MEANT_OTHER},
	{"ports", here, MEANT_OTHER},
	{"volumes", here, MEANT_OTHER},
	{"artifacts", files, MEANT_OTHER},
	{"outputs", files, MEANT_OTHER},
	{"cache", files, MEANT_OTHER},
	{"secrets", secrets, MEANT_OTHER},
	{"concurrency", locks, MEANT_OTHER},
	{"resource_group", locks, MEANT_OTHER},
	{"resources", locks, MEANT_OTHER},
	{"locks", locks, MEANT_OTHER},
	{"lock", locks, MEANT_OTHER},
	{"priority", priority, MEANT_OTHER},
	{"tty", terminal, MEANT_OTHER},
	{"memory_max", yet, MEANT_OTHER},
	{"pids_max", yet, MEANT_OTHER},
	{"on_flood", yet, MEANT_OTHER},
	{"slow_after", yet, MEANT_OTHER},
	{"leak", yet, MEANT_OTHER},
	{"isolate", yet, MEANT_OTHER},
	{"jobserver", yet, MEANT_OTHER},
	{"extends", defaults, MEANT_OTHER},
	{"template", defaults, MEANT_OTHER},
	{"id", named, MEANT_OTHER},
	{"label", named, MEANT_OTHER},
	{"description", named, MEANT_OTHER},
	{"desc", named, MEANT_OTHER},
	{"comment", named, MEANT_OTHER},
	{"max_parallel", "it is 'workers' here, at the top of the file", MEANT_OTHER},
};

static const struct elsewhere at_top[] = {
	{"tasks", jobs, MEANT_JOBS},
	{"steps", jobs, MEANT_JOBS},
	{"services", jobs, MEANT_JOBS},
	{"targets", jobs, MEANT_JOBS},
	{"commands", jobs, MEANT_JOBS},
	{"pipeline", jobs, MEANT_JOBS},
	{"processes", jobs, MEANT_JOBS},
	{"stages", "there are no stages here: 'needs' in a job says which jobs go before it",
		MEANT_OTHER},
	{"version", "it is 'spool: 1' here, and may be left out", MEANT_OTHER},
	{"on", start, MEANT_OTHER},
	{"variables", in_defaults, MEANT_OTHER},
	{"vars", in_defaults, MEANT_OTHER},
	{"environment", in_defaults, MEANT_OTHER},
	{"env", in_defaults, MEANT_OTHER},
	{"default", "it is 'defaults' here", MEANT_OTHER},
	{"include", one_file, MEANT_OTHER},
	{"import", one_file, MEANT_OTHER},
	{"image", here, MEANT_OTHER},
	{"before_script", before, MEANT_OTHER},
	{"after_script", cleanup, MEANT_OTHER},
	{"parallel", workers, MEANT_OTHER},
	{"parallelism", workers, MEANT_OTHER},
	{"max_parallel", workers, MEANT_OTHER},
	{"max-parallel", workers, MEANT_OTHER},
	{"concurrency", workers, MEANT_OTHER},
	{"threads", workers, MEANT_OTHER},
	{"fail_fast", fail_fast, MEANT_OTHER},
	{"fail-fast", fail_fast, MEANT_OTHER},
	{"failfast", fail_fast, MEANT_OTHER},
	{"deadline", yet, MEANT_OTHER},
	{"resources", locks, MEANT_OTHER},
	{"secrets", secrets, MEANT_OTHER},
};

static const struct elsewhere in_need[] = {
	{"name", "it is 'job' here", MEANT_OTHER},
	{"id", "it is 'job' here", MEANT_OTHER},
	{"when", "it is 'if' here: passed, done or failed", MEANT_OTHER},
	{"condition", "it is 'if' here: passed, done or failed", MEANT_OTHER},
	{"status", "it is 'if' here: passed, done or failed", MEANT_OTHER},
	{"result", "it is 'if' here: passed, done or failed", MEANT_OTHER},
	{"artifacts", files, MEANT_OTHER},
	{"optional", "a job that is left out with --skip counts as passed", MEANT_OTHER},
};

static const struct elsewhere in_source[] = {
	{"files", "it is 'glob' here", MEANT_OTHER},
	{"paths", "it is 'glob' here", MEANT_OTHER},
	{"pattern", "it is 'glob' here", MEANT_OTHER},
	{"file", "it is 'lines' here: each line of the file is a value", MEANT_OTHER},
	{"seq", "it is 'range' here, as in range: [1, 20]", MEANT_OTHER},
	{"values", "the list stands by itself: NAME: [VALUE, …]", MEANT_OTHER},
	{"list", "the list stands by itself: NAME: [VALUE, …]", MEANT_OTHER},
	{"command", "write what it prints into a file, and take its 'lines'", MEANT_OTHER},
};

static const char is_always[] = "it is 'always' here";
static const char is_on_failure[] = "it is 'on_failure' here";
static const char is_left_out[] = "leave 'when' out: all that the job needs must pass then";
static const char is_skipped[] = "a job is left out with --skip on the command line";

static const struct elsewhere as_when[] = {
	{"always()", is_always, MEANT_OTHER},
	{"done", is_always, MEANT_OTHER},
	{"ended", is_always, MEANT_OTHER},
	{"finally", is_always, MEANT_OTHER},
	{"failure", is_on_failure, MEANT_OTHER},
	{"failure()", is_on_failure, MEANT_OTHER},
	{"failed", is_on_failure, MEANT_OTHER},
	{"success", is_left_out, MEANT_OTHER},
	{"success()", is_left_out, MEANT_OTHER},
	{"on_success", is_left_out, MEANT_OTHER},
	{"passed", is_left_out, MEANT_OTHER},
	{"manual", is_skipped, MEANT_OTHER},
	{"delayed", is_skipped, MEANT_OTHER},
	{"never", is_skipped, MEANT_OTHER},
};

static const struct elsewhere as_condition[] = {
	{"always", "it is 'done' here", MEANT_OTHER},
	{"always()", "it is 'done' here", MEANT_OTHER},
	{"ended", "it is 'done' here", MEANT_OTHER},
	{"completed", "it is 'done' here", MEANT_OTHER},
	{"success", "it is 'passed' here", MEANT_OTHER},
	{"success()", "it is 'passed' here", MEANT_OTHER},
	{"succeeded", "it is 'passed' here", MEANT_OTHER},
	{"failure", "it is 'failed' here", MEANT_OTHER},
	{"failure()", "it is 'failed' here", MEANT_OTHER},
	{"started", services, MEANT_OTHER},
	{"ready", services, MEANT_OTHER},
};

static const struct elsewhere *find(const struct elsewhere *words, size_t n, const char *word) {
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i].name, word) == 0) {
			return &words[i];
		}
	}
	return NULL;
}

const struct elsewhere *elsewhere_in_job(const char *key) {
	return find(in_job, COUNT(in_job), key);
}

const struct elsewhere *elsewhere_at_top(const char *key) {
	return find(at_top, COUNT(at_top), key);
}

const struct elsewhere *elsewhere_in_need(const char *key) {
	return find(in_need, COUNT(in_need), key);
}

const struct elsewhere *elsewhere_in_source(const char *key) {
	return find(in_source, COUNT(in_source), key);
}

const struct elsewhere *elsewhere_as_when(const char *value) {
	return find(as_when, COUNT(as_when), value);
}

const struct elsewhere *elsewhere_as_condition(const char *value) {
	return find(as_condition, COUNT(as_condition), value);
}
