// SPDX-License-Identifier: MIT
// The pump: deadlines, draining, sinks that say stop, and calling it again (sp_pump of section 10;
// pitfall 5).
#include "command.h"

struct heard {
	size_t n[3];
	char first[3][16]; // what each stream began with
	size_t stop_at;    // says stop once so many bytes came; 0: never
};

static int hear(void *ud, int which, const char *data, size_t n) {
	struct heard *heard = ud;
	for (size_t i = 0; i < n && heard->n[which] + i < 15; i++) {
		heard->first[which][heard->n[which] + i] = data[i];
	}
	heard->n[which] += n;
	return heard->stop_at > 0 && heard->n[which] >= heard->stop_at;
}

static sp_pump_opts hearing(struct heard *heard) {
	sp_pump_opts opts;
	sp_pump_opts_init(&opts);
	opts.sink = hear;
	opts.ud = heard;
	return opts;
}

static sp_proc *start_script(const char *script, const sp_cancel *cancel) {
	SCRIPT(opts, script);
	opts.in = opts.out = opts.err = SP_PIPE;
	opts.start_new_session = true;
	opts.cancel = cancel;
	return start(&opts);
}

// The whole group, with whoever holds the pipes; a child that is collected is out of reach.
static void end_group(sp_proc *proc) {
	assert_int_equal(sp_signal_group(proc, SIGKILL, NULL), SP_OK);
	finish(proc);
}

static void section_10_pump_to_the_end_of_file(void **state) {
	(void)state;
	sp_proc *proc = start_script("cat; echo err >&2; exit 3", NULL);
	struct heard heard = {0};
	sp_pump_opts opts = hearing(&heard);
	opts.in = "input\n";
	opts.n = 6;
	bool held = true;
	opts.held = &held;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_string_equal(heard.first[1], "input\n");
	assert_string_equal(heard.first[2], "err\n");
	assert_false(held);
	assert_int_equal(sp_exit_seen(proc), 0); // it was not looked for
	assert_int_equal(sp_fd(proc, 1), -1);
	// It does not collect.
	AWAIT(state_of(sp_pid(proc)) == 'Z');
	assert_false(sp_returncode(proc, NULL, NULL));
	assert_int_equal(finish(proc), 3);
}

static void section_10_pump_without_a_sink_output_is_dropped(void **state) {
	(void)state;
	sp_proc *proc = start_script("head -c 300000 /dev/zero", NULL);
	sp_pump_opts opts;
	sp_pump_opts_init(&opts);
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_int_equal(finish(proc), 0);
}

static void section_10_pump_deadline_and_again(void **state) {
	(void)state;
	sp_proc *proc = start_script("read word; echo $word; sleep .1; cat >&2", NULL);
	char *input = malloc(300000);
	memset(input, 'x', 300000);
	input[4] = '\n';
	struct heard heard = {0}, other = {0};
	sp_pump_opts opts = hearing(&heard);
	opts.in = input;
	opts.n = 300000;
	opts.deadline_ns = probe_now() + 20 * MS;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_E_TIMEOUT);
	assert_true(probe_now() >= opts.deadline_ns);
	// Other input is senseless, the same is not; nothing of it is sent twice.
	sp_error error = SP_ERROR_INIT;
	sp_pump_opts wrong = opts;
	wrong.in = "other";
	wrong.n = 5;
	assert_int_equal(sp_pump(proc, &wrong, &error), SP_E_VALUE);
	sp_error_clear(&error);
	opts.deadline_ns = probe_now();
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_E_TIMEOUT);
	sp_pump_opts rest = hearing(&other);
	assert_int_equal(sp_pump(proc, &rest, NULL), SP_OK);
	assert_string_equal(heard.n[1] ? heard.first[1] : other.first[1], "xxxx\n");
	assert_int_equal(heard.n[2] + other.n[2], 300000 - 5);
	assert_int_equal(finish(proc), 0);
	free(input);
}

static void section_10_pump_the_sink_says_stop(void **state) {
	(void)state;
	sp_proc *proc = start_script("head -c 300000 /dev/zero", NULL);
	struct heard heard = {.stop_at = 1};
	sp_pump_opts opts = hearing(&heard);
	int stops = 0;
	sp_status status;
	while ((status = sp_pump(proc, &opts, NULL)) == SP_E_CANCELLED) {
		stops++;
	}
	assert_int_equal(status, SP_OK);
	assert_true(stops > 1);
	assert_int_equal(heard.n[1], 300000); // what it was given counts as taken
	assert_int_equal(finish(proc), 0);
}

static void section_10_pump_cancel_ends_it_at_once(void **state) {
	(void)state;
	sp_cancel *cancel, *other;
	assert_int_equal(sp_cancel_new(&cancel), SP_OK);
	assert_int_equal(sp_cancel_new(&other), SP_OK);
	sp_proc *proc = start_script("echo hi; sleep 100", other);
	AWAIT(has_events(sp_fd(proc, 1), POLLIN));
	struct heard heard = {0};
	sp_pump_opts opts = hearing(&heard);
	opts.cancel = cancel;
	sp_cancel_set(cancel);
	sp_error error = SP_ERROR_INIT;
	int64_t before = probe_now();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(sp_pump(proc, &opts, &error), SP_E_INTERRUPTED);
		assert_int_equal(error.code, SP_E_INTERRUPTED);
	}
	assert_true(probe_now() - before < 20 * 250 * MS); // no grace here
	// What was ready has been moved first.
	assert_string_equal(heard.first[1], "hi\n");
	// The one of sp_opts is not looked at.
	sp_cancel_set(other);
	opts.cancel = NULL;
	opts.deadline_ns = probe_now();
	assert_int_equal(sp_pump(proc, &opts, &error), SP_E_TIMEOUT);
	sp_error_clear(&error);
	assert_int_equal(sp_signal_group(proc, SIGKILL, NULL), SP_OK);
	AWAIT(sp_poll(proc, NULL)); // a wait would be interrupted
	sp_free(proc);
	sp_cancel_free(cancel);
	sp_cancel_free(other);
}

// ---- drain_ns

// What the child wrote is there, though someone else holds the pipes.
static void assert_drained(const char *script, int64_t drain_ns, size_t n) {
	sp_proc *proc = start_script(script, NULL);
	struct heard heard = {0};
	bool held = false;
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = drain_ns;
	opts.held = &held;
	int64_t before = probe_now();
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_true(held);
	assert_int_equal(heard.n[1], n);
	assert_true(sp_fd(proc, 1) >= 0);
	int64_t seen = sp_exit_seen(proc);
	assert_true(seen >= before && seen <= probe_now());
	assert_true(probe_now() - seen >= drain_ns);
	// Done once, it is done.
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_int_equal(sp_exit_seen(proc), seen);
	assert_false(sp_returncode(proc, NULL, NULL));
	end_group(proc);
}

static void section_10_pump_drain_ends_although_a_grandchild_holds_the_pipes(void **state) {
	(void)state;
	assert_drained("sleep 100 & echo hi", 0, 3);
	assert_drained("sleep 100 & echo hi", 50 * MS, 3);
	assert_drained("sleep 100 & head -c 60000 /dev/zero", 0, 60000);
	assert_drained("sleep 100 & head -c 1000000 /dev/zero", 0, 1000000);
}

// More than is read in one round.
static void section_10_pump_drain_reads_all_of_a_large_pipe(void **state) {
	(void)state;
	SCRIPT(opts, "sleep 100 & head -c 500000 /dev/zero");
	opts.out = SP_PIPE;
	opts.pipesize = 1 << 19;
	opts.process_group = 0;
	sp_proc *proc = start(&opts);
	await_end(proc);
	struct heard heard = {0};
	sp_pump_opts pump = hearing(&heard);
	pump.drain_ns = 0;
	assert_int_equal(sp_pump(proc, &pump, NULL), SP_OK);
	assert_int_equal(heard.n[1], 500000);
	end_group(proc);
}

static void section_10_pump_drain_ends_although_a_grandchild_never_stops(void **state) {
	(void)state;
	sp_proc *proc = start_script("yes & sleep .05", NULL);
	struct heard heard = {0};
	bool held = false;
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = 10 * MS;
	opts.held = &held;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_true(held && heard.n[1] > 0);
	end_group(proc);
}

static void section_10_pump_drain_does_not_wait_for_streams_at_their_end(void **state) {
	(void)state;
	sp_proc *proc = start_script("echo hi", NULL);
	struct heard heard = {0};
	bool held = true;
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = SP_FOREVER;
	opts.held = &held;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_false(held);
	assert_string_equal(heard.first[1], "hi\n");
	assert_int_equal(finish(proc), 0);
}

static void section_10_pump_a_child_without_streams_lives_on(void **state) {
	(void)state;
	sp_proc *proc = start_script("exec <&- >&- 2>&-; exec sleep 100", NULL);
	struct heard heard = {0};
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = 0;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_false(sp_poll(proc, NULL));
	end_group(proc);
}

static void section_10_pump_deadline_is_for_the_child_drain_for_the_rest(void **state) {
	(void)state;
	struct heard heard = {0};
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = 20 * MS;
	opts.deadline_ns = probe_now() + 20 * MS;
	sp_proc *proc = start_script("sleep 100", NULL);
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_E_TIMEOUT);
	assert_int_equal(sp_exit_seen(proc), 0);
	end_group(proc);
	// This one is dead before its deadline passes, and while it is drained that does not count.
	proc = start_script("sleep 100 & exit 0", NULL);
	await_end(proc);
	opts.deadline_ns = probe_now();
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	end_group(proc);
}

static void section_10_pump_a_stop_while_draining_goes_on(void **state) {
	(void)state;
	sp_proc *proc = start_script("sleep 100 & head -c 50000 /dev/zero", NULL);
	await_end(proc);
	struct heard heard = {.stop_at = 1};
	sp_pump_opts opts = hearing(&heard);
	opts.drain_ns = 0;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_E_CANCELLED);
	heard.stop_at = 0;
	assert_int_equal(sp_pump(proc, &opts, NULL), SP_OK);
	assert_int_equal(heard.n[1], 50000);
	end_group(proc);
}

static void section_10_pump_options_that_make_no_sense(void **state) {
	(void)state;
	sp_proc *proc = start_script("cat", NULL);
	sp_pump_opts opts = {0};
	sp_error error = SP_ERROR_INIT;
	assert_int_equal(sp_pump(proc, &opts, &error), SP_E_VALUE);
	assert_non_null(strstr(error.msg, "sp_pump_opts"));
	sp_pump_opts_init(&opts);
	opts.n = 1;
	assert_int_equal(sp_pump(proc, &opts, &error), SP_E_VALUE);
	sp_error_clear(&error);
	end_group(proc);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST_ON_EACH_KERNEL(section_10_pump_to_the_end_of_file),
		TEST(section_10_pump_without_a_sink_output_is_dropped),
		TEST_ON_EACH_KERNEL(section_10_pump_deadline_and_again),
		TEST(section_10_pump_the_sink_says_stop),
		TEST_ON_EACH_KERNEL(section_10_pump_cancel_ends_it_at_once),
		TEST_ON_EACH_KERNEL(
			section_10_pump_drain_ends_although_a_grandchild_holds_the_pipes),
		TEST_ON_EACH_KERNEL(section_10_pump_drain_reads_all_of_a_large_pipe),
		TEST_ON_EACH_KERNEL(section_10_pump_drain_ends_although_a_grandchild_never_stops),
		TEST_ON_EACH_KERNEL(section_10_pump_drain_does_not_wait_for_streams_at_their_end),
		TEST_ON_EACH_KERNEL(section_10_pump_a_child_without_streams_lives_on),
		TEST_ON_EACH_KERNEL(section_10_pump_deadline_is_for_the_child_drain_for_the_rest),
		TEST_ON_EACH_KERNEL(section_10_pump_a_stop_while_draining_goes_on),
		TEST(section_10_pump_options_that_make_no_sense),
	};
	return cmocka_run_group_tests_name("pump", tests, NULL, NULL);
}
