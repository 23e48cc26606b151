/* SPDX-License-Identifier: MIT
 * Whole numbers as a job file writes them. Internal to spec. */
#ifndef SPEC_NUMBER_H
#define SPEC_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Reads decimal digits; NULL, or a phrase that says what is wrong. */
const char *number_parse(const char *text, size_t len, unsigned max, unsigned *number);

#endif
