/* SPDX-License-Identifier: MIT
 *
 * The bytes of one file as they come. What was read and not yet taken is data[start, end), with
 * room for a NUL behind it; who reads records writes into it, and moves start on.
 */
#ifndef VALUES_INPUT_H
#define VALUES_INPUT_H

#include "values/values.h"

struct input {
	const char *file; /* NULL: words, which are put into it one by one */
	int fd;
	bool ours;  /* the descriptor, unlike standard input */
	bool ready; /* always: a regular file */
	bool ended;
	char *data;
	size_t start, end, cap;
	size_t longest; /* bytes of a record */
	size_t line;    /* where the record at start begins, from 1; of words which one */
	char *problem;  /* of VALUES_FAILED; NULL without memory */
};

/* Opens a file; "-" is standard input. *input is zeroed but for longest. 0, or -1 and the
   problem. */
int input_open(struct input *input, const char *file);

/* Reads what there is, behind end: VALUES_ROW when there is more now. It may move the bytes. */
enum values_state input_read(struct input *input);

/* Puts a word in place of what there was. 0, or -1 without memory. */
int input_put(struct input *input, const char *word);

/* Waits until input_read may go on. */
void input_wait(const struct input *input);

/* VALUES_ROW unless the record at start, of n bytes so far, is too long. */
enum values_state input_measure(struct input *input, size_t n);

/* Says what is wrong, and where unless line is 0 (column 0: none). Returns VALUES_FAILED. */
enum values_state input_complain(struct input *input, size_t line, size_t column, const char *what);
enum values_state input_lacks_memory(struct input *input);

void input_close(struct input *input);
#endif
