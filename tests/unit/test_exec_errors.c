// SPDX-License-Identifier: MIT
// Where a program is looked for, and what is said when it cannot be executed (subprocess contract
// W1-W7 with the table of errors; pitfalls 16, 17, 19, 22).
#include "command.h"
#include "folder.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

static const char says_tool[] = "#!/bin/sh\necho tool\n";

// ---- the working directory

static void W1_cwd_comes_before_relative_names(void **state) {
	(void)state;
	struct folder folder = folder_new();
	folder_file(&folder, "tool", 0755, says_tool);
	COMMAND(opts, "./tool");
	opts.cwd = folder.path;
	assert_says(&opts, "tool\n");
	COMMAND(other, "name");
	other.executable = "./tool";
	other.cwd = folder.path;
	assert_says(&other, "tool\n");
	SCRIPT(pwd, "pwd");
	pwd.cwd = "/";
	assert_says(&pwd, "/\n");
	folder_remove(&folder);
}

static void W1_pitfall_17_relative_entries_of_path_are_seen_from_cwd(void **state) {
	(void)state;
	struct folder folder = folder_new();
	folder_dir(&folder, "d");
	folder_file(&folder, "d/tool", 0755, says_tool);
	COMMAND(opts, "tool");
	const char *const env[] = {"PATH=nowhere:d", NULL};
	opts.env = env;
	opts.cwd = folder.path;
	assert_says(&opts, "tool\n");
	folder_remove(&folder);
}

static void W2_pitfall_16_a_missing_cwd_is_named(void **state) {
	(void)state;
	COMMAND(good, "true");
	good.cwd = "/nonexistent";
	assert_refused(&good, ENOENT, SP_AT_CWD, "/nonexistent");
	COMMAND(bad, "/nonexistent/program");
	bad.cwd = "/nonexistent";
	assert_refused(&bad, ENOENT, SP_AT_CWD, "/nonexistent");
	bad.cwd = "nowhere/here";
	assert_refused(&bad, ENOENT, SP_AT_CWD, "nowhere/here");
}

static void W2_pitfall_16_a_bad_command_in_a_good_cwd_is_named(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "/nonexistent/program");
	opts.cwd = "/";
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "/nonexistent/program");
}

static void W2_cwd_that_is_a_file(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.cwd = "/etc/passwd";
	assert_refused(&opts, ENOTDIR, SP_AT_CWD, "/etc/passwd");
	opts.cwd = "/etc/passwd/deeper";
	assert_refused(&opts, ENOTDIR, SP_AT_CWD, "/etc/passwd/deeper");
}

static void cwd_that_may_not_be_entered(void) {
	struct folder folder = folder_new();
	char closed[160], inside[160];
	snprintf(closed, sizeof closed, "%s", folder_dir(&folder, "closed"));
	snprintf(inside, sizeof inside, "%s", folder_dir(&folder, "closed/inside"));
	assert_int_equal(chmod(closed, 0644), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		become_nobody();
		COMMAND(opts, "true");
		opts.cwd = closed;
		assert_refused(&opts, EACCES, SP_AT_CWD, closed);
		opts.cwd = inside;
		assert_refused(&opts, EACCES, SP_AT_CWD, inside);
		exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(closed, 0755), 0);
	folder_remove(&folder);
	assert_int_equal(status, 0);
}

static void W2_cwd_that_may_not_be_entered(void **state) {
	(void)state;
	in_own_process(cwd_that_may_not_be_entered);
}

static void W3_an_empty_cwd(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.cwd = "";
	assert_refused(&opts, ENOENT, SP_AT_CWD, "");
}

// ---- PATH

static void W4_pitfall_17_path_is_that_of_the_childs_env(void **state) {
	(void)state;
	struct folder folder = folder_new();
	folder_file(&folder, "spool-test-tool", 0755, says_tool);
	char path[100];
	snprintf(path, sizeof path, "PATH=%s", folder.path);
	const char *const env[] = {path, NULL};
	COMMAND(opts, "spool-test-tool");
	opts.env = env;
	assert_says(&opts, "tool\n");
	folder_remove(&folder);
}

static void W4_without_path_it_is_bin_and_usr_bin(void **state) {
	(void)state;
	const char *const env[] = {"A=b", NULL}, *const empty[] = {NULL};
	COMMAND(opts, "env");
	opts.env = env;
	assert_says(&opts, "A=b\n");
	opts.env = empty;
	assert_says(&opts, "");
}

static void path_of_the_caller(void) {
	struct folder folder = folder_new();
	folder_file(&folder, "spool-test-tool", 0755, says_tool);
	char *before = strdup(getenv("PATH"));
	assert_int_equal(setenv("PATH", folder.path, 1), 0);
	COMMAND(opts, "spool-test-tool");
	assert_says(&opts, "tool\n");
	// What is given counts alone.
	const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
	opts.env = env;
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "spool-test-tool");
	assert_int_equal(unsetenv("PATH"), 0);
	COMMAND(echo, "echo", "hi");
	assert_says(&echo, "hi\n");
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
	folder_remove(&folder);
}

static void W4_path_of_the_caller_without_env(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	in_own_process(path_of_the_caller);
}

static void W4_an_empty_element_is_the_working_directory(void **state) {
	(void)state;
	struct folder folder = folder_new();
	folder_file(&folder, "spool-test-tool", 0755, says_tool);
	COMMAND(opts, "spool-test-tool");
	opts.cwd = folder.path;
	const char *const paths[] = {
		"PATH=", "PATH=:/nowhere", "PATH=/nowhere::/bin", "PATH=/bin:"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *const env[] = {paths[i], NULL};
		opts.env = env;
		assert_says(&opts, "tool\n");
	}
	folder_remove(&folder);
}

// Folders a, b, c .. of PATH, in each a file named tool, or none.
struct search {
	struct folder folder;
	char path[64];
	const char *env[2];
};

static struct search search_new(const char *path) {
	struct search search = {.folder = folder_new()};
	folder_dir(&search.folder, "ok");
	folder_file(&search.folder, "ok/tool", 0755, says_tool);
	folder_dir(&search.folder, "closed");
	folder_file(&search.folder, "closed/tool", 0644, says_tool);
	folder_dir(&search.folder, "plain");
	folder_file(&search.folder, "plain/tool", 0755, "echo plain\n");
	folder_dir(&search.folder, "empty");
	folder_file(&search.folder, "file", 0755, says_tool);
	snprintf(search.path, sizeof search.path, "PATH=%s", path);
	return search;
}

static void assert_search(const char *path, const char *output, int os_errno) {
	struct search search = search_new(path);
	search.env[0] = search.path;
	COMMAND(opts, "tool");
	opts.cwd = search.folder.path;
	opts.env = search.env;
	if (output) {
		assert_says(&opts, output);
	} else {
		assert_refused(&opts, os_errno, SP_AT_EXEC, "tool");
	}
	folder_remove(&search.folder);
}

static void W5_pitfall_17_the_search_goes_on_after_any_failure(void **state) {
	(void)state;
	assert_search("empty:file:nowhere:ok", "tool\n", 0);
	assert_search("ok:closed", "tool\n", 0);
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	assert_search("closed:ok", "tool\n", 0);
	assert_search("plain:ok", "tool\n", 0);
	assert_search("plain:closed:nowhere:ok", "tool\n", 0);
}

static void W5_the_first_failure_that_matters_is_reported(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	assert_search("closed", NULL, EACCES);
	assert_search("plain", NULL, ENOEXEC);
	assert_search("nowhere:closed:plain:empty", NULL, EACCES);
	assert_search("nowhere:plain:closed:file", NULL, ENOEXEC);
}

static void W5_else_the_last_that_was_not_there(void **state) {
	(void)state;
	assert_search("nowhere", NULL, ENOENT);
	assert_search("nowhere:file", NULL, ENOTDIR);
	assert_search("file:empty", NULL, ENOENT);
}

static void W5_a_folder_of_that_name_is_no_program(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "bin");
	const char *const env[] = {"PATH=/nowhere:/usr", NULL};
	opts.env = env;
	assert_refused(&opts, EACCES, SP_AT_EXEC, "bin");
}

static void W5_the_name_with_a_slash_is_not_searched(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "bin/env");
	const char *const env[] = {"PATH=/usr", NULL};
	opts.env = env;
	opts.cwd = "/etc";
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "bin/env");
	opts.cwd = "/usr";
	assert_says(&opts, "PATH=/usr\n");
}

static void W6_a_file_without_interpreter_is_not_given_to_sh(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	struct folder folder = folder_new();
	COMMAND(opts, folder_file(&folder, "plain", 0755, "echo plain\n"));
	assert_refused(&opts, ENOEXEC, SP_AT_EXEC, opts.argv[0]);
	folder_remove(&folder);
}

// ---- the table of errors

static void W7_no_such_command(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(bare, "spool-test-no-such-command");
	assert_refused(&bare, ENOENT, SP_AT_EXEC, "spool-test-no-such-command");
	COMMAND(path, "/nonexistent/program");
	assert_refused(&path, ENOENT, SP_AT_EXEC, "/nonexistent/program");
	COMMAND(through, "/etc/passwd/program");
	assert_refused(&through, ENOTDIR, SP_AT_EXEC, "/etc/passwd/program");
}

static void W7_executable_is_named_not_argv0(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(opts, "true");
	opts.executable = "/nonexistent/program";
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "/nonexistent/program");
	opts.shell = true;
	assert_refused(&opts, ENOENT, SP_AT_EXEC, "/nonexistent/program");
}

static void W7_not_executable(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	COMMAND(file, "/etc/passwd");
	assert_refused(&file, EACCES, SP_AT_EXEC, "/etc/passwd");
	COMMAND(folder, "/etc");
	assert_refused(&folder, EACCES, SP_AT_EXEC, "/etc");
}

static void W7_pitfall_16_a_missing_interpreter_names_the_script(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	struct folder folder = folder_new();
	COMMAND(opts, folder_file(&folder, "script", 0755, "#!/nonexistent/interpreter\n"));
	assert_refused(&opts, ENOENT, SP_AT_EXEC, opts.argv[0]);
	folder_remove(&folder);
}

static void W7_an_argument_that_is_too_long(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	static char word[128 * 1024 + 1];
	memset(word, 'x', sizeof word - 1);
	COMMAND(opts, "true", word);
	assert_refused(&opts, E2BIG, SP_AT_EXEC, "true");
	word[sizeof word - 2] = '\0';
	assert_int_equal(rc_of(&opts), 0);
}

static void W7_a_name_that_is_too_long(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	char name[257];
	memset(name, 'x', 256);
	name[256] = '\0';
	COMMAND(opts, name);
	assert_refused(&opts, ENAMETOOLONG, SP_AT_EXEC, name);
}

static void W7_pitfall_19_a_program_that_is_being_written(void **state) {
	(void)state;
	SKIP_WHERE_EXEC_FAILS_SILENTLY();
	struct folder folder = folder_new();
	COMMAND(opts, folder_file(&folder, "script", 0755, says_tool));
	int fd = open(opts.argv[0], O_WRONLY | O_CLOEXEC);
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_E_OS);
	assert_int_equal(error.os_errno, ETXTBSY);
	assert_int_equal(error.stage, SP_AT_EXEC);
	assert_string_equal(error.filename, opts.argv[0]);
	sp_error_clear(&error);
	close(fd);
	assert_says(&opts, "tool\n");
	folder_remove(&folder);
}

static void no_process_left(void) {
	struct rlimit before, none;
	become_nobody();
	assert_int_equal(getrlimit(RLIMIT_NPROC, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NPROC, &none), 0);
	COMMAND(opts, "true");
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.cwd = "/";
	assert_refused(&opts, EAGAIN, SP_AT_CREATE, NULL);
	// ASan makes a process of its own when it looks for leaks.
	assert_int_equal(setrlimit(RLIMIT_NPROC, &before), 0);
}

static void W7_no_process_left(void **state) {
	(void)state;
	in_own_process(no_process_left);
}

// ---- where posix_spawn lies

// clone3 answers with this error, as old profiles of containers have it.
static void forbid_clone3(unsigned os_errno) {
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | os_errno),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void clone3_is_forbidden(void) {
	forbid_clone3(EPERM);
	COMMAND(opts, "true");
	assert_refused(&opts, EPERM, SP_AT_CREATE, NULL);
	opts.start_new_session = true; // which could fail with EPERM too
	assert_refused(&opts, EPERM, SP_AT_CREATE, NULL);
	sp_error error = SP_ERROR_INIT;
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_E_OS);
	assert_non_null(strstr(error.msg, "process"));
	assert_null(strstr(error.msg, "true"));
	sp_error_clear(&error);
}

static void pitfall_22_clone3_is_forbidden(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "has no clone3");
	in_own_process(clone3_is_forbidden);
}

static void clone3_does_not_exist(void) {
	forbid_clone3(ENOSYS);
	COMMAND(opts, "echo", "hi");
	assert_says(&opts, "hi\n");
	COMMAND(bad, "/nonexistent/program");
	assert_refused(&bad, ENOENT, SP_AT_EXEC, "/nonexistent/program");
}

static void pitfall_22_clone3_does_not_exist(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "has no clone3");
	in_own_process(clone3_does_not_exist);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(W1_cwd_comes_before_relative_names),
		TEST(W1_pitfall_17_relative_entries_of_path_are_seen_from_cwd),
		TEST(W2_pitfall_16_a_missing_cwd_is_named),
		TEST(W2_pitfall_16_a_bad_command_in_a_good_cwd_is_named),
		TEST(W2_cwd_that_is_a_file),
		TEST(W2_cwd_that_may_not_be_entered),
		TEST(W3_an_empty_cwd),
		TEST(W4_pitfall_17_path_is_that_of_the_childs_env),
		TEST(W4_without_path_it_is_bin_and_usr_bin),
		TEST(W4_path_of_the_caller_without_env),
		TEST(W4_an_empty_element_is_the_working_directory),
		TEST(W5_pitfall_17_the_search_goes_on_after_any_failure),
		TEST(W5_the_first_failure_that_matters_is_reported),
		TEST(W5_else_the_last_that_was_not_there),
		TEST(W5_a_folder_of_that_name_is_no_program),
		TEST(W5_the_name_with_a_slash_is_not_searched),
		TEST(W6_a_file_without_interpreter_is_not_given_to_sh),
		TEST(W7_no_such_command),
		TEST(W7_executable_is_named_not_argv0),
		TEST(W7_not_executable),
		TEST(W7_pitfall_16_a_missing_interpreter_names_the_script),
		TEST(W7_an_argument_that_is_too_long),
		TEST(W7_a_name_that_is_too_long),
		TEST(W7_pitfall_19_a_program_that_is_being_written),
		TEST(W7_no_process_left),
		TEST(pitfall_22_clone3_is_forbidden),
		TEST(pitfall_22_clone3_does_not_exist),
	};
	return cmocka_run_group_tests_name("exec errors", tests, NULL, NULL);
}
