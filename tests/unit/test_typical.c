// SPDX-License-Identifier: MIT
// The median of times, counted in classes.
#include "run/typical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void nothing_is_typical_of_two(void **state) {
	struct typical typical = {0};
	(void)state;
	typical_add(&typical, 5);
	typical_add(&typical, 5);
	assert_int_equal(typical_median(&typical), 0);
	typical_add(&typical, 5);
	assert_int_equal(typical_median(&typical), 5);
}

static void any_time_has_a_class(void **state) {
	static const int64_t times[] = {0, 1, 7, 8, 9, 15, 16, 17, 1000, 123456789,
		INT64_C(1) << 40, INT64_MAX - 1, INT64_MAX};
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct typical typical = {0};
		for (int k = 0; k < 3; k++) {
			typical_add(&typical, times[i]);
		}
		int64_t median = typical_median(&typical);
		assert_true(median >= times[i] || median == 0);
		assert_true(median - times[i] <= times[i] / 8);
	}
}

static int compare(const void *a, const void *b) {
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void it_is_near_the_true_one(void **state) {
	static int64_t times[2001];
	struct typical typical = {0};
	uint64_t seed = 1;
	(void)state;
	for (size_t i = 0; i < 2001; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		times[i] = (int64_t)(seed >> (20 + seed % 30));
		typical_add(&typical, times[i]);
	}
	qsort(times, 2001, sizeof *times, compare);
	int64_t median = typical_median(&typical);
	assert_true(median >= times[1000]);
	assert_true(median <= times[1000] + times[1000] / 8 + 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_typical_of_two),
		cmocka_unit_test(any_time_has_a_class),
		cmocka_unit_test(it_is_near_the_true_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
