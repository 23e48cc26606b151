/* SPDX-License-Identifier: MIT
 *
 * Captured output as the report shows it: indented, or each line behind its job's label, harmless,
 * with a line where bytes are missing. Read piece by piece while it is written, never as a whole.
 */
#ifndef REPORT_PRINTOUT_H
#define REPORT_PRINTOUT_H

#include "report/outlet.h"
#include "result/result.h"

#include <stdbool.h>

enum { PRINTOUT_CHUNK = 16 * 1024, PRINTOUT_INDENT = 4 };
/* Of a result whose pipe outlived it. */
#define PRINTOUT_HELD "  … a process that was left behind still held the pipe …\n"

/* Whether there is anything of a stream. */
bool printout_has(const struct output *output);
/* Whether there is anything to show of a result. */
bool printout_any(const struct result *result);

/* What it is laid out on: room gives a buffer with room for n <= OUTLET_PAGE more bytes. */
struct sheet {
	struct buf *(*room)(void *of, size_t n);
	void *of;
};

/* Both streams; chunk has room for PRINTOUT_CHUNK bytes. */
void printout_on(const struct sheet *sheet, const struct result *result, bool colour, char *chunk);

/* The same for the writer: a reporter's layout. */
void printout(struct outlet *outlet, const struct result *result, bool colour, char *chunk);

/* The report's own text, as it is. */
void printout_file(struct outlet *outlet, const struct output *file, char *chunk);
#endif
