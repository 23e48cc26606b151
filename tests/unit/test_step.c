// SPDX-License-Identifier: MIT
// What the exec step sets: ids, umask, limits, niceness (subprocess contract S13, S14, S17,
// U1-U6, 2.3; pitfall 20). The signal of the parent's death: test_step_death.c; what it says:
// test_step_talk.c.
#include "stepped.h"

#include <grp.h>
#include <limits.h>

#define IDS "sed -n '/^[UG]id:/p;/^Groups:/p' /proc/self/status | tr -s '\\t ' ' '"

static sp_opts with_step(const sp_opts *given, int which) {
	sp_opts opts = *given;
	opts.exec_step = step_program(which);
	return opts;
}

// It says so, whichever program is the exec step.
static void assert_each_says(const sp_opts *given, const char *text) {
	for (int i = 0; i < STEP_PROGRAMS; i++) {
		sp_opts opts = with_step(given, i);
		assert_says(&opts, text);
	}
}

static unsigned warnings_of(const sp_opts *given) {
	sp_error error = SP_ERROR_INIT;
	sp_opts opts = with_step(given, 0);
	sp_proc *proc;
	assert_int_equal(sp_popen(&proc, &opts, &error), SP_OK);
	assert_int_equal(finish(proc), 0);
	return error.warnings;
}

// ---- ids

static void U1_U2_S13_user_group_and_no_groups(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	SCRIPT(opts, IDS "; id -u; id -g; id -G");
	opts.uid = opts.gid = 65534;
	opts.n_groups = 0;
	assert_each_says(&opts, "Uid: 65534 65534 65534 65534\nGid: 65534 65534 65534 65534\n"
				"Groups: \n65534\n65534\n65534\n");
	assert_int_equal(warnings_of(&opts), 0);
}

static void groups_of_root(void) {
	const gid_t ours[] = {7, 9};
	assert_int_equal(setgroups(2, ours), 0);
	SCRIPT(opts, IDS);
	opts.uid = 65534;
	assert_each_says(&opts, "Uid: 65534 65534 65534 65534\nGid: 0 0 0 0\nGroups: 7 9 \n");
	assert_int_equal(warnings_of(&opts), SP_W_GROUPS_KEPT);
	opts.n_groups = 0;
	assert_each_says(&opts, "Uid: 65534 65534 65534 65534\nGid: 0 0 0 0\nGroups: \n");
	assert_int_equal(warnings_of(&opts), 0);
	opts.uid = 0; // no other user
	opts.n_groups = -1;
	assert_int_equal(warnings_of(&opts), 0);
	opts.n_groups = 0;
	opts.uid = -1;
	assert_each_says(&opts, "Uid: 0 0 0 0\nGid: 0 0 0 0\nGroups: \n");
	opts.gid = 65533;
	assert_each_says(&opts, "Uid: 0 0 0 0\nGid: 65533 65533 65533 65533\nGroups: \n");
	// The caller is what it was.
	assert_int_equal(getgroups(0, NULL), 2);
	assert_int_equal(geteuid(), 0);
}

static void U2_U3_pitfall_20_groups_are_kept_or_cleared(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	in_own_process(groups_of_root);
}

static void U2_pitfall_20_groups_beyond_31_bits(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	const gid_t groups[] = {12, 3000000000U, 4294967294U};
	SCRIPT(opts, IDS);
	opts.groups = groups;
	opts.n_groups = 3;
	opts.gid = 4000000000;
	assert_each_says(&opts, "Uid: 0 0 0 0\nGid: 4000000000 4000000000 4000000000 4000000000\n"
				"Groups: 12 3000000000 4294967294 \n");
}

static void U2_as_many_groups_as_there_may_be(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	enum { MOST = 65536 };
	gid_t *groups = malloc((MOST + 1) * sizeof *groups);
	assert_non_null(groups);
	for (gid_t i = 0; i <= MOST; i++) {
		groups[i] = i + 1;
	}
	SCRIPT(opts, "sed -n 's/^Groups://p' /proc/self/status | wc -w");
	opts.exec_step = step_program(0);
	opts.groups = groups;
	opts.n_groups = MOST;
	assert_says(&opts, "65536\n");
	opts.n_groups = MOST + 1;
	assert_senseless(&opts, SP_E_VALUE, "too many groups");
	free(groups);
}

// Of a folder that everybody may read: what was built need not be.
static const char *readable_step;

static void without_rights(void) {
	become_nobody();
	const gid_t groups[] = {0};
	COMMAND(opts, "true");
	opts.exec_step = readable_step;
	opts.uid = 0;
	assert_setting_refused(&opts, EPERM, "user");
	opts.gid = 0;
	assert_setting_refused(&opts, EPERM, "group");
	opts.n_groups = 0;
	assert_setting_refused(&opts, EPERM, "supplementary groups");
	opts.groups = groups;
	opts.n_groups = 1;
	assert_setting_refused(&opts, EPERM, "supplementary groups");
	// One's own are no change.
	opts.uid = geteuid();
	opts.gid = getegid();
	opts.n_groups = -1;
	assert_int_equal(rc_of(&opts), 0);
	opts.uid = opts.gid = -1;
	opts.nice = -1;
	assert_setting_refused(&opts, EPERM, "niceness");
	opts.nice = 0;
	opts.set_oom = true;
	opts.oom_score_adj = -500;
	assert_setting_refused(&opts, EACCES, "oom_score_adj");
	opts.set_oom = false;
	const sp_rlim more[] = {{RLIMIT_NOFILE, {RLIM_INFINITY, RLIM_INFINITY}}};
	opts.rlimits = more;
	opts.n_rlimits = 1;
	assert_setting_refused(&opts, EPERM, "nofile");
}

static void as_nobody(void (*body)(void)) {
	struct folder folder = folder_new();
	readable_step = step_copy(&folder);
	in_own_process(body);
	folder_remove(&folder);
}

static void U1_without_rights_it_is_EPERM_and_no_filename(void **state) {
	(void)state;
	as_nobody(without_rights);
}

static void U4_names_are_looked_up(void **state) {
	(void)state;
	sp_error error = SP_ERROR_INIT;
	int64_t uid = -1, gid = -1;
	assert_int_equal(sp_lookup_user("root", &uid, &gid, &error), SP_OK);
	assert_int_equal(uid, 0);
	assert_int_equal(gid, 0);
	assert_int_equal(sp_lookup_group("root", &gid, NULL), SP_OK);
	assert_int_equal(gid, 0);
	uid = 77;
	assert_int_equal(sp_lookup_user("no-such-user", &uid, NULL, &error), SP_E_NOENTRY);
	assert_int_equal(uid, 77);
	assert_non_null(strstr(error.msg, "user 'no-such-user'"));
	assert_int_equal(sp_lookup_group("0", &gid, &error), SP_E_NOENTRY);
	assert_non_null(strstr(error.msg, "group '0'"));
	sp_error_clear(&error);
}

static void U4_ids_that_make_no_sense(void **state) {
	(void)state;
	COMMAND(opts, "true");
	opts.uid = -2;
	assert_senseless(&opts, SP_E_VALUE, "uid");
	opts.uid = UINT32_MAX; // "no change" to the kernel
	assert_senseless(&opts, SP_E_RANGE, "uid");
	opts.uid = -1;
	opts.gid = INT64_MIN;
	assert_senseless(&opts, SP_E_VALUE, "gid");
	opts.gid = INT64_C(1) << 32;
	assert_senseless(&opts, SP_E_RANGE, "gid");
	opts.gid = -1;
	opts.n_groups = -2;
	assert_senseless(&opts, SP_E_VALUE, "n_groups");
	opts.n_groups = 1;
	assert_senseless(&opts, SP_E_VALUE, "groups is NULL");
	opts.n_groups = -1;
	opts.n_rlimits = 1;
	assert_senseless(&opts, SP_E_VALUE, "rlimits is NULL");
	opts.n_rlimits = 0;
	opts.pdeathsig = 65;
	assert_senseless(&opts, SP_E_VALUE, "pdeathsig");
	opts.pdeathsig = 0;
	opts.set_oom = true;
	opts.oom_score_adj = 1001;
	assert_senseless(&opts, SP_E_VALUE, "oom_score_adj");
	opts.oom_score_adj = 0;
	opts.exec_step = "spool-exec-step";
	assert_senseless(&opts, SP_E_VALUE, "exec_step");
}

// The directory is entered with our rights, the program executed with the new ones.
static void U5_the_program_is_executed_with_the_new_rights(void **state) {
	(void)state;
	SKIP_WITHOUT_ROOT();
	struct folder folder = folder_new();
	const char *closed = folder_dir(&folder, "closed");
	const char *program = folder_file(&folder, "program", 0700, "#!/bin/sh\necho ran\n");
	COMMAND(opts, program);
	opts.exec_step = step_program(0);
	assert_says(&opts, "ran\n");
	opts.uid = opts.gid = 65534;
	opts.n_groups = 0;
	assert_says((opts.uid = -1, &opts), "ran\n");
	opts.uid = 65534;
	assert_refused(&opts, EACCES, SP_AT_EXEC, program);
	assert_int_equal(chmod(closed, 0700), 0);
	// In PATH, what may not be entered might have it (W5).
	char path[300];
	snprintf(path, sizeof path, "PATH=%s:/nonexistent", closed);
	const char *const env[] = {path, NULL};
	COMMAND(unseen, "tool");
	unseen.exec_step = step_program(0);
	unseen.env = env;
	assert_refused(&unseen, ENOENT, SP_AT_EXEC, "tool");
	unseen.uid = 65534;
	assert_refused(&unseen, EACCES, SP_AT_EXEC, "tool");
	COMMAND(inside, "pwd");
	inside.exec_step = step_program(0);
	inside.uid = 65534;
	inside.cwd = closed;
	char expected[200];
	snprintf(expected, sizeof expected, "%s\n", closed);
	assert_says(&inside, expected);
	folder_remove(&folder);
}

// ---- umask, limits, niceness

static void S14_umask(void **state) {
	(void)state;
	SCRIPT(opts, "umask");
	mode_t before = umask(022);
	for (int i = 0; i < STEP_PROGRAMS; i++) {
		opts.exec_step = step_program(i);
		opts.umask = 0;
		assert_says(&opts, "0000\n");
		opts.umask = 027;
		assert_says(&opts, "0027\n");
		opts.umask = 07777 + 010000;
		assert_says(&opts, "0777\n");
		opts.umask = -7;
		assert_says(&opts, "0022\n");
	}
	assert_int_equal(umask(before), 022);
}

static void umask_and_nice(void) {
	int niceness = getpriority(PRIO_PROCESS, 0);
	become_nobody();
	SCRIPT(opts, "umask; nice");
	opts.exec_step = readable_step;
	opts.umask = 077;
	opts.nice = 4;
	char expected[32];
	snprintf(expected, sizeof expected, "0077\n%d\n", niceness + 4);
	assert_says(&opts, expected);
}

static void S14_section_2_3_umask_and_nice_as_an_ordinary_user(void **state) {
	(void)state;
	as_nobody(umask_and_nice);
}

// Its own descriptors are above the limit that it sets.
static void few_files(void) {
	assert_int_equal(close_range(3, ~0U, 0), 0);
	for (int fd = 3; fd < 40; fd++) {
		assert_int_equal(fcntl(0, F_DUPFD_CLOEXEC, fd), fd);
	}
	const sp_rlim limits[] = {{RLIMIT_NOFILE, {16, 16}}, {RLIMIT_CORE, {0, 0}}};
	SCRIPT(opts, "ulimit -n; ulimit -Hn; ulimit -c; ls /proc/self/fd | wc -l");
	opts.rlimits = limits;
	opts.n_rlimits = 2;
	assert_each_says(&opts, "16\n16\n0\n4\n");
	const int passed[] = {39, 20};
	opts.pass_fds = passed;
	opts.n_pass_fds = 2;
	assert_each_says(&opts, "16\n16\n0\n6\n");
	COMMAND(missing, "/nonexistent/program");
	missing.exec_step = step_program(0);
	missing.rlimits = limits;
	missing.n_rlimits = 2;
	assert_refused(&missing, ENOENT, SP_AT_EXEC, "/nonexistent/program");
}

static void section_2_3_a_limit_below_its_own_descriptors(void **state) {
	(void)state;
	SKIP_UNDER("valgrind", "keeps descriptors of its own at the limit");
	in_own_process(few_files);
}

static void section_2_3_limits_that_would_hurt_the_step(void **state) {
	(void)state;
	const sp_rlim limits[] = {{RLIMIT_AS, {48 << 20, 48 << 20}},
		{RLIMIT_STACK, {256 << 10, 256 << 10}}, {RLIMIT_FSIZE, {0, 0}},
		{RLIMIT_DATA, {16 << 20, 16 << 20}}};
	SCRIPT(opts, "ulimit -v; ulimit -s; ulimit -f; ulimit -d");
	opts.exec_step = step_program(0);
	opts.rlimits = limits;
	opts.n_rlimits = 4;
	opts.set_oom = true;
	opts.oom_score_adj = 900;
	opts.nice = 1;
	assert_says(&opts, "49152\n256\n0\n16384\n");
}

static void section_2_3_a_limit_that_makes_no_sense(void **state) {
	(void)state;
	const sp_rlim unknown[] = {{99, {1, 1}}}, upside[] = {{RLIMIT_CPU, {2, 1}}};
	COMMAND(opts, "true");
	opts.exec_step = step_program(0);
	opts.n_rlimits = 1;
	opts.rlimits = unknown;
	assert_setting_refused(&opts, EINVAL, "unknown");
	opts.rlimits = upside;
	assert_setting_refused(&opts, EINVAL, "cpu");
}

static void section_2_3_niceness_and_oom(void **state) {
	(void)state;
	SCRIPT(opts, "nice; cat /proc/self/oom_score_adj");
	opts.nice = 2;
	opts.set_oom = true;
	opts.oom_score_adj = 777;
	char expected[32];
	snprintf(expected, sizeof expected, "%d\n777\n", getpriority(PRIO_PROCESS, 0) + 2);
	assert_each_says(&opts, expected);
}

static void as_nice_as_can_be(void) {
	assert_true(nice(1) > 0);
	COMMAND(opts, "nice");
	opts.nice = INT_MAX; // on top of that one
	assert_each_says(&opts, "19\n");
}

static void section_2_3_niceness_beyond_all_bounds(void **state) {
	(void)state;
	in_own_process(as_nice_as_can_be);
}

// What CPython's preexec_fn is used for has a name here, and all of it goes together.
static void DEV7_S17_what_preexec_fn_is_used_for(void **state) {
	(void)state;
	const sp_rlim limits[] = {{RLIMIT_CORE, {0, 0}}, {RLIMIT_NOFILE, {64, 64}}};
	bool root = geteuid() == 0;
	SCRIPT(opts,
		"umask; nice; cat /proc/self/oom_score_adj; ulimit -c; ulimit -n; id -u; id -G;"
		"[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && echo leads");
	opts.umask = 037;
	opts.nice = 3;
	opts.set_oom = true;
	opts.oom_score_adj = 800;
	opts.rlimits = limits;
	opts.n_rlimits = 2;
	opts.pdeathsig = SIGKILL;
	opts.start_new_session = true;
	opts.uid = opts.gid = root ? 65534 : -1;
	opts.n_groups = root ? 0 : -1;
	char expected[128];
	snprintf(expected, sizeof expected, "0037\n%d\n800\n0\n64\n",
		getpriority(PRIO_PROCESS, 0) + 3);
	opts.exec_step = step_program(0);
	char *out = output_of(&opts);
	assert_int_equal(strncmp(out, expected, strlen(expected)), 0);
	assert_string_equal(out + strlen(out) - 6, "leads\n");
	assert_true(!root || strstr(out, "\n65534\n65534\n"));
	free(out);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(U1_U2_S13_user_group_and_no_groups),
		TEST(U2_U3_pitfall_20_groups_are_kept_or_cleared),
		TEST(U2_pitfall_20_groups_beyond_31_bits),
		TEST(U2_as_many_groups_as_there_may_be),
		TEST(U1_without_rights_it_is_EPERM_and_no_filename),
		TEST(U4_names_are_looked_up),
		TEST(U4_ids_that_make_no_sense),
		TEST(U5_the_program_is_executed_with_the_new_rights),
		TEST(S14_umask),
		TEST(S14_section_2_3_umask_and_nice_as_an_ordinary_user),
		TEST(section_2_3_a_limit_below_its_own_descriptors),
		TEST(section_2_3_limits_that_would_hurt_the_step),
		TEST(section_2_3_a_limit_that_makes_no_sense),
		TEST(section_2_3_niceness_and_oom),
		TEST(section_2_3_niceness_beyond_all_bounds),
		TEST(DEV7_S17_what_preexec_fn_is_used_for),
	};
	return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}
