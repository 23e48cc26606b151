// SPDX-License-Identifier: MIT
// How many workers, as people write it.
#include "spec/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state) {
	(void)state;
	static const struct {
		const char *text;
		struct workers workers;
	} cases[] = {
		{"1", {WORKERS_COUNT, 1}},
		{"4", {WORKERS_COUNT, 4}},
		{"1000000", {WORKERS_COUNT, 1000000}},
		{"0", {WORKERS_EACH, 0}},
		{"50%", {WORKERS_PERCENT, 50}},
		{"200%", {WORKERS_PERCENT, 200}},
		{"-1", {WORKERS_LESS, 1}},
		{"-0", {WORKERS_LESS, 0}},
		{"+1", {WORKERS_MORE, 1}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct workers workers = {WORKERS_CPUS, 99};
		assert_null(workers_parse(cases[i].text, &workers));
		assert_int_equal(workers.kind, cases[i].workers.kind);
		assert_int_equal(workers.n, cases[i].workers.n);
	}
}

static void test_wrong(void **state) {
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "no number"},
		{"-", "no number"},
		{"+", "no number"},
		{"%", "no number"},
		{"0%", "begins at 1%"},
		{"--1", "negative"},
		{"-1%", "digits"},
		{"+-1", "negative"},
		{"1.5", "digits"},
		{"50.5%", "digits"},
		{" 4", "digits"},
		{"4 ", "digits"},
		{"0x10", "digits"},
		{"1e3", "digits"},
		{"1_000", "digits"},
		{".nan", "digits"},
		{"four", "digits"},
		{"010", "zeros in front"},
		{"00", "zeros in front"},
		{"1000001", "too large"},
		{"9223372036854775808", "too large"},
		{"18446744073709551616", "too large"},
		{"18446744073709551617", "too large"},
		{"-99999999999999999999999999", "too large"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct workers workers = {WORKERS_CPUS, 99};
		const char *why = workers_parse(cases[i].text, &workers);
		assert_non_null(why);
		if (!strstr(why, cases[i].why)) {
			fail_msg("'%s': %s", cases[i].text, why);
		}
		assert_int_equal(workers.kind, WORKERS_CPUS); // as it was
		assert_int_equal(workers.n, 99);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
