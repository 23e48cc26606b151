/* SPDX-License-Identifier: MIT
 *
 * Who may start: a state table of the jobs, without descriptors and without a clock, so that it
 * is tested with no process. A job waits, is claimed (handed to the workers), and ends once.
 */
#ifndef RUN_QUEUE_H
#define RUN_QUEUE_H

#include "result/result.h"

#include <stdbool.h>
#include <stddef.h>

struct queue; /* opaque */

/* workers: how many run at once; ahead: claims that may wait beside those. NULL and errno. */
struct queue *queue_new(size_t jobs, size_t workers, size_t ahead);
void queue_free(struct queue *queue);

/* Fewer workers than thought; at least one. */
void queue_set_workers(struct queue *queue, size_t workers);
/* How many claims may wait beside those that run. */
void queue_set_ahead(struct queue *queue, size_t ahead);

/* Claims the next job that may start. false: none now. */
bool queue_claim(struct queue *queue, size_t *job);

/* Whether all claims that there may be are out: every worker has one waiting. */
bool queue_saturated(const struct queue *queue);

/* A claimed job has ended with this verdict. */
void queue_settle(struct queue *queue, size_t job, enum verdict verdict);
/* A claimed job was taken back after queue_cancel: it never started. */
void queue_take_back(struct queue *queue, size_t job);

/* Nothing starts any more. */
void queue_cancel(struct queue *queue);
/* After queue_cancel: the next job that was never claimed, each once. */
bool queue_abandon(struct queue *queue, size_t *job);

/* Every job has ended or was abandoned. */
bool queue_finished(const struct queue *queue);

const struct tally *queue_tally(const struct queue *queue);

#endif
