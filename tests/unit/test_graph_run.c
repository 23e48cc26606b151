// SPDX-License-Identifier: MIT
/*
 * Random plans carried out: jobs that need each other in all ways, clean-up jobs, halts, cancels,
 * holds; with an attempt of the test's own in place of processes, then with real ones. A model
 * beside the run follows its events and says of each job, from the definitions alone, what may
 * happen to it next.
 *
 * SPOOL_TEST_SEED   only the plan with this number
 * SPOOL_TEST_LONG   ten times as many
 */
#include "run/attempt.h"
#include "run/run.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "graph.h"
#include "probe.h"

static const int64_t LONG = 60 * (int64_t)CLOCK_SECOND; // what none of these should ever take

enum fate { WAITS, MAY_START, MUST_SKIP, ANNOUNCED, RAN, SKIPPED };

// What is known of a job, from the plan and from the events so far.
struct row {
	enum verdict planned; // that it comes to if nothing stops it
	unsigned char work;   // how long it takes, more or less
	_Atomic(unsigned char) begun, ended;
	_Atomic(unsigned char) stopped; // it saw its stop
	unsigned char fate;
	bool passed, allowed;    // of RAN
	enum skip_reason reason; // of MUST_SKIP and SKIPPED
	size_t *dependants;
	size_t n_dependants;
};

struct life {
	struct graph *graph;
	uint64_t seed, number; // the second names it
	struct row *rows;
	unsigned workers;
	int64_t pace; // that jobs seem to take
	size_t startable, doomed,
		out;              // may start, must be skipped, are announced and have not ended
	size_t counted;           // for the halt
	bool halted, said_halted; // the model's, the run's
	bool due;                 // EVENT_HALTED comes next
	bool held, cancelled;
	atomic_bool no_more;         // EVENT_HALTED was seen: only clean-up begins
	atomic_uint late;            // began all the same
	_Atomic(const char *) wrong; // that a worker saw
	struct tally tally;
	attempt_func attempt;
};

#define CHECK(life, condition, job)                                                             \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fail_msg("SPOOL_TEST_SEED=%llu: job %zu: not: %s",                      \
				(unsigned long long)(life)->number, (size_t)(job), #condition); \
		}                                                                               \
	} while (0)

static bool cleans_up(const struct life *life, size_t job) {
	return life->graph->jobs[job].when != WHEN_NEEDED;
}

// ---- Workers

// Its needs have ended, as far as anybody was told, and nothing that halts was heard of.
static void look_at_start(struct life *life, size_t job) {
	const struct needs *needs = life->graph->jobs[job].needs;
	for (size_t i = 0; needs && i < needs->n; i++) {
		if (!atomic_load(&life->rows[needs->items[i].job].ended)) {
			atomic_store(&life->wrong, "a job began before what it needs had ended");
		}
	}
	if (atomic_fetch_add(&life->rows[job].begun, 1) != 0) {
		atomic_store(&life->wrong, "a job began twice");
	}
	if (atomic_load(&life->no_more) && !cleans_up(life, job)) {
		atomic_fetch_add(&life->late, 1);
	}
}

static struct life *life_of(const struct attempt_common *common) {
	return ((const struct graph *)(const void *)common->plan)->life;
}

static void pretend(const struct attempt_common *common, struct result *result) {
	struct life *life = life_of(common);
	struct row *row = &life->rows[result->index];
	look_at_start(life, result->index);
	for (unsigned i = 0; i < row->work && !sp_cancelled(common->stop); i++) {
		if (i < 8) {
			sched_yield();
		} else {
			nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
		}
	}
	bool stopped = sp_cancelled(common->stop);
	atomic_store(&row->stopped, stopped);
	result->verdict = stopped ? VERDICT_CANCELLED : row->planned;
	result->end_ns = life->pace;
}

static void really_do(const struct attempt_common *common, struct result *result) {
	struct life *life = life_of(common);
	look_at_start(life, result->index);
	attempt_run(common, result);
	if (result->verdict == VERDICT_CANCELLED) {
		atomic_store(&life->rows[result->index].stopped, true);
	}
}

// ---- The model

static bool is_met(const struct row *row, enum need_condition condition) {
	bool ran = row->fate == RAN;
	switch (condition) {
	case NEED_PASSED:
		return ran && (row->passed || row->allowed);
	case NEED_FAILED:
		return ran && !row->passed;
	case NEED_DONE:
		break;
	}
	return true;
}

static bool went_wrong(const struct row *row) {
	return row->fate == RAN ? !row->passed && !row->allowed : row->reason != SKIP_WHEN;
}

// What may happen to a job that nothing has happened to.
static enum fate judge(const struct life *life, size_t job, enum skip_reason *reason) {
	const struct job *it = &life->graph->jobs[job];
	size_t n = it->needs ? it->needs->n : 0, ended = 0, unmet = 0, wrong = 0;
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &life->rows[it->needs->items[i].job];
		if (atomic_load(&row->ended)) {
			ended++;
			unmet += !is_met(row, it->needs->items[i].condition);
			wrong += went_wrong(row);
		}
	}
	if (it->when == WHEN_NEEDED) {
		bool left_out = it->needs && it->needs->left_out;
		*reason = left_out ? SKIP_LEFT_OUT : SKIP_NEED;
		if (life->halted || left_out || unmet) {
			*reason = life->halted ? SKIP_HALT : *reason;
			return MUST_SKIP;
		}
		return ended == n ? MAY_START : WAITS;
	}
	*reason = SKIP_WHEN;
	if (ended < n) {
		return WAITS;
	}
	return it->when == WHEN_ALWAYS || wrong ? MAY_START : MUST_SKIP;
}

static void judge_again(struct life *life, size_t job) {
	struct row *row = &life->rows[job];
	if (row->fate >= ANNOUNCED) {
		return;
	}
	life->startable -= row->fate == MAY_START;
	life->doomed -= row->fate == MUST_SKIP;
	row->fate = (unsigned char)judge(life, job, &row->reason);
	if (life->cancelled) {
		row->fate = MUST_SKIP;
		row->reason = SKIP_CANCEL;
	}
	life->startable += row->fate == MAY_START;
	life->doomed += row->fate == MUST_SKIP;
}

static void judge_all(struct life *life) {
	for (size_t i = 0; i < life->graph->plan.n_jobs; i++) {
		judge_again(life, i);
	}
}

static void ended(struct life *life, size_t job) {
	struct row *row = &life->rows[job];
	atomic_store(&row->ended, 1);
	for (size_t i = 0; i < row->n_dependants; i++) {
		judge_again(life, row->dependants[i]);
	}
}

static void saw_start(struct life *life, size_t job) {
	CHECK(life, !life->held && !life->cancelled, job);
	CHECK(life, life->rows[job].fate == MAY_START, job);
	for (size_t i = 0; i < job; i++) {
		CHECK(life, life->rows[i].fate != MAY_START, i); // the first of the file first
	}
	life->rows[job].fate = ANNOUNCED;
	life->startable--;
	life->out++;
}

static void count_for_halt(struct life *life, const struct row *row, bool cancelled) {
	const struct plan_halt *halt = &life->graph->plan.halt;
	bool failed = !row->passed && !row->allowed;
	bool counts = !cancelled && (halt->on == HALT_DONE || (halt->on == HALT_FAIL && failed) ||
					    (halt->on == HALT_SUCCESS && row->passed));
	if (counts && ++life->counted == halt->count) {
		life->halted = life->due = true;
		life->tally.halted = halt->on == HALT_FAIL      ? HALTED_FAIL
				     : halt->on == HALT_SUCCESS ? HALTED_SUCCESS
								: HALTED_DONE;
		judge_all(life);
	}
}

static void saw_result(struct life *life, size_t job, const struct result *result) {
	struct row *row = &life->rows[job];
	bool cancelled = result->verdict == VERDICT_CANCELLED;
	bool may_stop = life->cancelled ||
			(life->halted && life->graph->plan.halt.now && !cleans_up(life, job));
	CHECK(life, row->fate == ANNOUNCED && atomic_load(&row->begun) == 1, job);
	if (atomic_load(&row->stopped)) {
		CHECK(life, cancelled && may_stop, job);
	} else {
		CHECK(life, result->verdict == row->planned, job);
	}
	row->fate = RAN;
	row->passed = result->verdict == VERDICT_PASS;
	row->allowed = !row->passed && !cancelled && life->graph->jobs[job].allow_failure;
	CHECK(life, result->allowed == row->allowed && result->index == job, job);
	life->out--;
	life->tally.done++;
	life->tally.verdicts[result->verdict]++;
	life->tally.allowed += row->allowed;
	count_for_halt(life, row, cancelled);
	ended(life, job);
}

static void saw_skip(struct life *life, size_t job, const struct skip *skip) {
	struct row *row = &life->rows[job];
	CHECK(life, atomic_load(&row->begun) == 0, job);
	if (row->fate == ANNOUNCED) {
		bool barred = life->cancelled || (life->halted && !cleans_up(life, job));
		CHECK(life, barred, job);
		row->reason = life->cancelled ? SKIP_CANCEL : SKIP_HALT;
		life->out--;
	} else {
		CHECK(life, row->fate == MUST_SKIP, job);
		life->doomed--;
	}
	CHECK(life, skip->reason == row->reason, job);
	if (skip->reason == SKIP_NEED) {
		const struct needs *needs = life->graph->jobs[job].needs;
		bool named = false;
		for (size_t i = 0; i < needs->n; i++) {
			const struct row *need = &life->rows[needs->items[i].job];
			named |= needs->items[i].job == skip->because &&
				 atomic_load(&need->ended) &&
				 !is_met(need, needs->items[i].condition);
		}
		CHECK(life, named, job);
	}
	bool by_end = skip->reason == SKIP_HALT || skip->reason == SKIP_CANCEL;
	*(by_end ? &life->tally.not_started : &life->tally.skipped) += 1;
	row->fate = SKIPPED;
	ended(life, job);
}

static void same_tally(const struct life *life, const struct tally *tally) {
	const struct tally *mine = &life->tally;
	CHECK(life, tally->jobs == mine->jobs && tally->done == mine->done, 0);
	CHECK(life, tally->allowed == mine->allowed, 0);
	CHECK(life, tally->skipped == mine->skipped, 0);
	CHECK(life, tally->not_started == mine->not_started, 0);
	CHECK(life, tally->halted == mine->halted, 0);
	CHECK(life, memcmp(tally->verdicts, mine->verdicts, sizeof mine->verdicts) == 0, 0);
}

// Of all that the one before let start, nothing is left that a worker could have.
static void nobody_idles(const struct life *life, const struct event *event) {
	CHECK(life, life->held || life->startable == 0 || life->out >= 2 * life->workers,
		event->index);
}

static void follow(struct life *life, const struct event *event) {
	if (event->kind == EVENT_STARTING) {
		CHECK(life, !life->due, event->index);
		saw_start(life, event->index);
	} else if (event->kind == EVENT_HALTED) {
		CHECK(life, life->due && !life->said_halted, 0);
		life->due = false;
		life->said_halted = true;
		atomic_store(&life->no_more, true);
	} else if (event->kind != EVENT_WARNING) {
		CHECK(life, !life->due, event->index);
		nobody_idles(life, event);
	}
	if (event->kind == EVENT_RESULT) {
		// What the one before made impossible was said.
		CHECK(life, life->doomed == 0 || life->halted || life->cancelled, event->index);
		saw_result(life, event->index, event->result);
	} else if (event->kind == EVENT_SKIPPED) {
		saw_skip(life, event->index, &event->skip);
	}
	same_tally(life, &event->tally);
	if (atomic_load(&life->wrong)) {
		fail_msg("SPOOL_TEST_SEED=%llu: %s", (unsigned long long)life->number,
			atomic_load(&life->wrong));
	}
}

// At the end all is known: what was done to each job is what the definitions say.
static void look_back(struct life *life) {
	CHECK(life, life->out == 0 && life->startable == 0 && life->doomed == 0, 0);
	CHECK(life, life->said_halted == life->halted, 0);
	// Each worker but the one whose job halted the run may just have taken one.
	CHECK(life, atomic_load(&life->late) < life->workers, 0);
	life->halted = false;
	for (size_t i = 0; i < life->graph->plan.n_jobs; i++) {
		struct row *row = &life->rows[i];
		enum skip_reason reason;
		enum fate fate = judge(life, i, &reason);
		CHECK(life, row->fate == RAN || row->fate == SKIPPED, i);
		if (row->fate == RAN) {
			CHECK(life, fate == MAY_START, i);
		} else if (row->reason != SKIP_HALT && row->reason != SKIP_CANCEL) {
			CHECK(life, fate == MUST_SKIP && reason == row->reason, i);
		}
	}
}

// ---- Making plans up

static enum need_condition any_condition(uint64_t *seed) {
	size_t of_100 = random_below(seed, 100);
	return of_100 < 70 ? NEED_PASSED : of_100 < 85 ? NEED_DONE : NEED_FAILED;
}

// Some of those before, none twice.
static void make_list(struct life *life, size_t list, const size_t *order, size_t before) {
	uint64_t *seed = &life->seed;
	size_t most = random_percent(seed, 5) ? 200 : 4;
	size_t n = 1 + random_below(seed, before < most ? before : most);
	size_t window = n + random_below(seed, before - n + 1);
	struct need *items = calloc(n, sizeof *items);
	size_t step = window / n;
	for (size_t i = 0; i < n; i++) {
		items[i].job = (uint32_t)order[before - 1 - i * step - random_below(seed, step)];
		items[i].condition = any_condition(seed);
	}
	if (n > 1 && random_percent(seed, 10)) { // twice after all, under two conditions
		items[1] = items[0];
		items[0].condition = NEED_DONE;
		items[1].condition = NEED_PASSED;
	}
	graph_list(life->graph, list, items, n);
	life->graph->lists[list].left_out = random_percent(seed, 2) ? "other" : NULL;
	free(items);
}

static void make_needs(struct life *life, size_t n) {
	uint64_t *seed = &life->seed;
	size_t *order = calloc(n, sizeof *order), *reach = calloc(n, sizeof *reach);
	size_t lists = 0, free_of_needs = 5 + random_below(seed, 60);
	for (size_t i = 0; i < n; i++) {
		size_t at = random_below(seed, i + 1);
		order[i] = order[at];
		order[at] = i;
	}
	for (size_t i = 1; i < n; i++) {
		if (random_percent(seed, free_of_needs)) {
			continue;
		}
		size_t list = lists ? random_below(seed, lists) : 0;
		if (lists == 0 || reach[list] > i || random_percent(seed, 60)) {
			list = lists++;
			reach[list] = i;
			make_list(life, list, order, i);
		}
		life->graph->jobs[order[i]].needs = &life->graph->lists[list];
	}
	free(order);
	free(reach);
}

static void make_jobs(struct life *life, size_t n) {
	static const size_t rates[] = {0, 5, 30, 60};
	uint64_t *seed = &life->seed;
	size_t failing = rates[random_below(seed, 4)], working = random_below(seed, 30);
	for (size_t i = 0; i < n; i++) {
		struct job *job = &life->graph->jobs[i];
		struct row *row = &life->rows[i];
		size_t of_100 = random_below(seed, 100);
		job->when = of_100 < 75 ? WHEN_NEEDED : of_100 < 90 ? WHEN_ALWAYS : WHEN_ON_FAILURE;
		job->allow_failure = random_percent(seed, 15);
		row->planned = VERDICT_PASS;
		if (random_percent(seed, failing)) {
			row->planned = (enum verdict)(1 + random_below(seed, N_VERDICTS - 1));
		}
		row->work = random_percent(seed, working) ? (unsigned char)random_below(seed, 20)
							  : 0;
	}
}

static void make_halt(struct life *life, size_t n) {
	uint64_t *seed = &life->seed;
	if (random_percent(seed, 50)) {
		return;
	}
	life->graph->plan.halt = (struct plan_halt){
		.on = (enum halt_on)(HALT_FAIL + random_below(seed, 3)),
		.now = random_percent(seed, 50),
		.count = 1 + random_below(seed, random_percent(seed, 50) ? 3 : n / 4 + 1),
		.text = "a rule",
	};
}

static void make_dependants(struct life *life, size_t n) {
	for (int fill = 0; fill < 2; fill++) {
		for (size_t i = 0; i < n; i++) {
			const struct needs *needs = life->graph->jobs[i].needs;
			for (size_t k = 0; needs && k < needs->n; k++) {
				struct row *row = &life->rows[needs->items[k].job];
				if (fill) {
					row->dependants[row->n_dependants] = i;
				}
				row->n_dependants++;
			}
		}
		for (size_t i = 0; i < n && !fill; i++) {
			struct row *row = &life->rows[i];
			row->dependants = calloc(row->n_dependants + 1, sizeof *row->dependants);
			row->n_dependants = 0;
		}
	}
}

static struct life *life_new(uint64_t number, size_t most) {
	struct life *life = calloc(1, sizeof *life);
	life->number = number;
	life->seed = number * UINT64_C(0x9e3779b97f4a7c15);
	random_next(&life->seed);
	size_t n = 1 + random_below(&life->seed, (size_t)1 << random_below(&life->seed, 12));
	n = n < most ? n : most;
	life->graph = graph_new(n, n);
	life->graph->life = life;
	life->rows = calloc(n, sizeof *life->rows);
	life->attempt = pretend;
	life->graph->plan.workers = 1 + (unsigned)random_below(&life->seed, 16);
	life->workers = life->graph->plan.workers < n ? life->graph->plan.workers : (unsigned)n;
	life->pace = random_percent(&life->seed, 50) ? 0 : 10 * (int64_t)CLOCK_MS;
	life->tally.jobs = n;
	make_needs(life, n);
	make_jobs(life, n);
	make_halt(life, n);
	make_dependants(life, n);
	return life;
}

static void life_free(struct life *life) {
	for (size_t i = 0; i < life->graph->plan.n_jobs; i++) {
		free(life->rows[i].dependants);
	}
	free(life->rows);
	graph_free(life->graph);
	free(life);
}

// ---- Living

static void disturb(struct life *life, struct run *run, bool holds, size_t *cancel_in) {
	if (holds && random_percent(&life->seed, 10)) {
		life->held = !life->held;
		run_hold(run, life->held);
	}
	if (*cancel_in && --*cancel_in == 0) {
		run_cancel(run, SIGTERM, false);
		life->cancelled = true;
		judge_all(life);
	}
}

static void live(struct life *life) {
	struct run_options options = {.attempt = life->attempt};
	struct run *run;
	struct event event;
	enum event_kind kind;
	bool holds = random_percent(&life->seed, 15);
	size_t n = life->graph->plan.n_jobs;
	size_t cancel_in = random_percent(&life->seed, 15) ? 1 + random_below(&life->seed, n) : 0;
	judge_all(life);
	assert_int_equal(run_new(&run, &life->graph->plan, &options), 0);
	do {
		int64_t wait = life->held ? CLOCK_MS / 10 : LONG;
		assert_int_equal(run_next(run, wait, &event), 0);
		kind = event.kind;
		CHECK(life, kind != EVENT_NONE || life->held, 0);
		follow(life, &event);
		event_clear(&event);
		disturb(life, run, holds, &cancel_in);
	} while (kind != EVENT_END);
	run_free(run);
	look_back(life);
}

static uint64_t how_many(void) {
	uint64_t lives = strcmp(probe_tool(), "valgrind") == 0 ? 15 : 200;
	return getenv("SPOOL_TEST_LONG") ? 10 * lives : lives;
}

static void random_plans_are_carried_out_as_the_model_says(void **state) {
	const char *one = getenv("SPOOL_TEST_SEED");
	uint64_t from = one ? strtoull(one, NULL, 10) : 1, to = one ? from : how_many();
	(void)state;
	for (uint64_t number = from; number <= to; number++) {
		struct life *life = life_new(number, 2000);
		live(life);
		life_free(life);
	}
}

static void so_are_they_with_processes(void **state) {
	// A halt or a cancel ends jobs of these.
	static const uint64_t numbers[] = {1010, 1043, 1052, 1061, 1094};
	enum { TRUE, FALSE, SLEEP, FOR_A_WHILE };
	static const struct piece pieces[] = {[TRUE] = {.text = "/bin/true"},
		[FALSE] = {.text = "/bin/false"},
		[SLEEP] = {.text = "/bin/sleep"},
		[FOR_A_WHILE] = {.text = "0.05"}};
	static const struct text words[] = {{&pieces[TRUE], 1}, {&pieces[FALSE], 1},
		{&pieces[SLEEP], 1}, {&pieces[FOR_A_WHILE], 1}};
	(void)state;
	for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
		struct life *life = life_new(numbers[k], 100);
		for (size_t i = 0; i < life->graph->plan.n_jobs; i++) {
			bool fails = life->rows[i].planned != VERDICT_PASS;
			bool sleeps = !fails && life->rows[i].work;
			life->rows[i].planned = fails ? VERDICT_FAIL : VERDICT_PASS;
			life->graph->jobs[i].argv = &words[sleeps ? SLEEP : fails];
			life->graph->jobs[i].argc = sleeps ? 2 : 1;
		}
		life->attempt = really_do;
		live(life);
		life_free(life);
	}
}

// Job 0 fails when 1 and 2 are at work; 1 waits for its stop; 2 and 3 clean up.
static void in_concert(const struct attempt_common *common, struct result *result) {
	struct life *life = life_of(common);
	struct row *rows = life->rows;
	struct pollfd stop = {.fd = sp_cancel_fd(common->stop), .events = POLLIN};
	atomic_store(&rows[result->index].begun, 1);
	if (result->index == 0) {
		AWAIT(atomic_load(&rows[1].begun) && atomic_load(&rows[2].begun));
		result->verdict = VERDICT_FAIL;
	} else if (result->index == 1) {
		poll(&stop, 1, -1);
		result->verdict = VERDICT_CANCELLED;
	} else {
		AWAIT(atomic_load(&rows[1].ended)); // so its own stop would be set by now
		result->verdict = sp_cancelled(common->stop) ? VERDICT_CANCELLED : VERDICT_PASS;
	}
}

static void a_halt_now_ends_what_runs_but_for_clean_up(void **state) {
	static const enum verdict wanted[] = {
		VERDICT_FAIL, VERDICT_CANCELLED, VERDICT_PASS, VERDICT_PASS};
	struct life life = {.graph = graph_new(5, 1), .rows = calloc(5, sizeof *life.rows)};
	struct run_options options = {.attempt = in_concert};
	struct run *run;
	struct event event;
	(void)state;
	life.graph->life = &life;
	life.graph->plan.workers = 3;
	life.graph->plan.halt = (struct plan_halt){HALT_FAIL, true, 1, "now,fail=1"};
	life.graph->jobs[2].when = life.graph->jobs[3].when = WHEN_ALWAYS;
	NEEDS(life.graph, 3, 0, {1, NEED_PASSED});
	assert_int_equal(run_new(&run, &life.graph->plan, &options), 0);
	for (bool more = true; more;) {
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_not_equal(event.kind, EVENT_NONE);
		if (event.kind == EVENT_RESULT) {
			assert_int_equal(event.result->verdict, wanted[event.index]);
			atomic_store(&life.rows[event.index].ended, 1);
		} else if (event.kind == EVENT_SKIPPED) {
			assert_int_equal(event.index, 4);
			assert_int_equal(event.skip.reason, SKIP_HALT);
		} else if (event.kind == EVENT_HALTED) {
			assert_string_equal(event.text, "1 job failed (now,fail=1)");
		}
		more = event.kind != EVENT_END;
		event_clear(&event);
	}
	run_free(run);
	graph_free(life.graph);
	free(life.rows);
}

static void one_fails(const struct attempt_common *common, struct result *result) {
	struct life *life = life_of(common);
	atomic_store(&life->rows[result->index].begun, 1);
	result->verdict = result->index == 4 ? VERDICT_FAIL : VERDICT_PASS;
}

// Claims lie ready for the only worker, and it takes none of them.
static void nothing_runs_behind_the_failure_of_the_only_worker(void **state) {
	struct life life = {.graph = graph_new(40, 0), .rows = calloc(40, sizeof *life.rows)};
	struct run_options options = {.attempt = one_fails};
	struct run *run;
	struct event event = {.kind = EVENT_NONE};
	(void)state;
	life.graph->life = &life;
	life.graph->plan.halt = (struct plan_halt){HALT_FAIL, false, 1, "soon,fail=1"};
	assert_int_equal(run_new(&run, &life.graph->plan, &options), 0);
	do {
		event_clear(&event);
		assert_int_equal(run_next(run, LONG, &event), 0);
		assert_int_not_equal(event.kind, EVENT_NONE);
	} while (event.kind != EVENT_END);
	assert_int_equal(event.tally.done, 5);
	assert_int_equal(event.tally.not_started, 35);
	for (size_t i = 5; i < 40; i++) {
		assert_int_equal(atomic_load(&life.rows[i].begun), 0);
	}
	run_free(run);
	graph_free(life.graph);
	free(life.rows);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_plans_are_carried_out_as_the_model_says),
		cmocka_unit_test(so_are_they_with_processes),
		cmocka_unit_test(a_halt_now_ends_what_runs_but_for_clean_up),
		cmocka_unit_test(nothing_runs_behind_the_failure_of_the_only_worker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
