/* SPDX-License-Identifier: MIT
 * The directory of --results. */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

/* Makes it if it is not there, in one that is, and opens it; without a path *fd is 0. 0, or the
   exit status when it said what is wrong. */
int results_directory(const char *path, int *fd);
#endif
