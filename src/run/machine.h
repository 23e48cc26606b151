/* SPDX-License-Identifier: MIT
 * What the machine can spare: its load, and memory that is available. root: "" or what stands in
 * for / in tests. */
#ifndef RUN_MACHINE_H
#define RUN_MACHINE_H

#include <stdint.h>

/* The load average of the last minute in hundredths; in a container it is often the host's. 0, or
   -1 and errno (ENODATA: the file says something else). */
int machine_load(const char *root, uint64_t *hundredths);

struct machine_memory {
	uint64_t available, total; /* bytes */
};
/* MemAvailable; or what a memory limit of our control groups, of v1 or v2, over the whole path up,
   leaves of it, where that is less. File pages that can be dropped are available. 0, or -1 and
   errno. */
int machine_memory(const char *root, struct machine_memory *memory);
#endif
