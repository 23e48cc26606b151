/* SPDX-License-Identifier: MIT
 *
 * Who may start: a state table of the jobs, without descriptors and without a clock, so that it
 * is tested with no process. A job waits for what it needs, is claimed (handed to the workers) or
 * skipped, and ends once. All that one end lets start can be claimed at once; what it makes
 * impossible is skipped one job at a time, and a skip acts on others only when it is given out.
 */
#ifndef RUN_QUEUE_H
#define RUN_QUEUE_H

#include "plan/plan.h"
#include "result/result.h"

#include <stdbool.h>
#include <stddef.h>

struct queue; /* opaque */

/* workers: how many run at once; ahead: claims that may wait beside those. The plan is borrowed.
   NULL and errno. */
struct queue *queue_new(const struct plan *plan, size_t workers, size_t ahead);
void queue_free(struct queue *queue);

/* Fewer workers than thought; at least one. */
void queue_set_workers(struct queue *queue, size_t workers);
/* How many claims may wait beside those that run. */
void queue_set_ahead(struct queue *queue, size_t ahead);

/* Claims the first job of the file that may start. false: none now. */
bool queue_claim(struct queue *queue, size_t *job);
/* Whether there is one. */
bool queue_may_claim(struct queue *queue);

/* Of the plan's jobs. */
const struct job *queue_job(const struct queue *queue, size_t index);

/* Of a plan without an end: claims a job that the source has just made, as the next one. */
size_t queue_claim_made(struct queue *queue);
/* The source makes no more; it is left, whatever it would still make. */
void queue_close(struct queue *queue);
void queue_leave_unread(struct queue *queue);
bool queue_is_open(const struct queue *queue);

/* Whether all claims that there may be are out: every worker has one waiting. */
bool queue_saturated(const struct queue *queue);

/* A claimed job has ended so. True when that halts the run: once. From then on only clean-up jobs
   start. */
bool queue_settle(struct queue *queue, const struct result *result);

/* Nothing starts any more, because the run is ended; or only because what runs is the last. */
void queue_cancel(struct queue *queue);
void queue_drain(struct queue *queue);

/* Whether the run was halted, drained or cancelled. */
bool queue_ending(const struct queue *queue);
/* Whether one of these forbids this job to start. */
bool queue_bars(const struct queue *queue, size_t job);

/* The next job that will never be claimed, and why. false: none now. */
bool queue_skip(struct queue *queue, size_t *job, struct skip *skip);
/* A claimed job that is barred was taken back: it never started. */
void queue_take_back(struct queue *queue, size_t job, struct skip *skip);

/* Every job has ended or was skipped. */
bool queue_finished(const struct queue *queue);

const struct tally *queue_tally(const struct queue *queue);

/* Clean-up jobs (when: always, on_failure) start after a halt too, and it ends none of them. */
bool job_cleans_up(const struct job *job);
/* Whether the result is one of those that are counted until the run is halted. */
bool halt_counts(enum halt_on on, const struct result *result);

#endif
