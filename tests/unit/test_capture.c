// SPDX-License-Identifier: MIT
// Captured output: what is kept is the first and the last of what was written, byte for byte, and
// the rest is counted exactly; memory and files go back.
#include "run/capture.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { CAPTURE_KEPT = 10 * 1024 * 1024 };

// The byte at a position of the stream that the tests write.
static char byte_at(uint64_t pos) {
	uint64_t x = pos * UINT64_C(0x9e3779b97f4a7c15);
	return (char)(x >> 56);
}

static void feed(struct capture *capture, uint64_t total, size_t chunk) {
	char *data = malloc(chunk);
	for (uint64_t pos = 0; pos < total;) {
		size_t n = total - pos < chunk ? (size_t)(total - pos) : chunk;
		for (size_t i = 0; i < n; i++) {
			data[i] = byte_at(pos + i);
		}
		capture_write(capture, data, n);
		pos += n;
	}
	free(data);
}

// Reads all of it back and compares it with what was fed.
static void compare(const struct output *out, uint64_t total) {
	static char data[50000];
	uint64_t kept = output_kept(out), gap = output_gap(out), pos = 0;
	ssize_t n;
	assert_true(out->total == total);
	assert_true(kept + out->omitted == total);
	while ((n = output_read(out, pos, data, sizeof data)) > 0) {
		assert_true(pos >= gap || pos + (uint64_t)n <= gap);
		uint64_t at = pos < gap ? pos : pos + out->omitted;
		for (ssize_t i = 0; i < n; i++) {
			if (data[i] != byte_at(at + (uint64_t)i)) {
				fail_msg("byte %llu of %llu differs",
					(unsigned long long)at + (unsigned long long)i,
					(unsigned long long)total);
			}
		}
		pos += (uint64_t)n;
	}
	assert_int_equal(n, 0);
	assert_true(pos == kept);
}

// However little is kept, it is the first and the last of it.
static void any_limit_keeps_both_halves(void **state) {
	(void)state;
	static const uint64_t limits[] = {
		0, 1, 2, 3, 1023, 65536, 131071, 131072, 131073, 131074, 200001, UINT64_MAX};
	static const size_t budgets[] = {CAPTURE_MEMORY, 70000, 0};
	for (size_t i = 0; i < sizeof limits / sizeof *limits * 3; i++) {
		uint64_t limit = limits[i / 3], total = 300000;
		uint64_t kept = limit < total ? limit : total;
		atomic_size_t memory = budgets[i % 3];
		struct capture capture;
		capture_init(&capture, NULL, &memory, limit);
		feed(&capture, total, 4096);
		struct output out = capture_take(&capture);
		assert_true(output_kept(&out) == kept);
		assert_true(limit > total || output_gap(&out) == kept - kept / 2);
		compare(&out, total);
		output_clear(&out);
		assert_true(atomic_load(&memory) == budgets[i % 3]);
	}
}

static void check(uint64_t total, size_t chunk, size_t budget, uint64_t kept) {
	atomic_size_t memory = budget;
	struct capture capture;
	capture_init(&capture, NULL, &memory, CAPTURE_KEPT);
	feed(&capture, total, chunk);
	struct output out = capture_take(&capture);
	assert_true(output_kept(&out) == kept);
	compare(&out, total);
	output_clear(&out);
	assert_true(atomic_load(&memory) == budget);
}

// How often this process has asked the kernel to write; -1: it does not count that.
static long long writes(void) {
	char line[128];
	long long n = -1;
	FILE *file = fopen("/proc/self/io", "re");
	while (file && fgets(line, sizeof line, file)) {
		sscanf(line, "syscw: %lld", &n);
	}
	if (file) {
		fclose(file);
	}
	return n;
}

// However short the pieces are in which it comes.
static void what_is_kept_whole_is_written_in_long_pieces(void **state) {
	enum { TOTAL = 4 * 1024 * 1024 };
	(void)state;
	for (size_t chunk = 1000; chunk < 100000; chunk *= 3) {
		atomic_size_t memory = CAPTURE_MEMORY;
		struct capture capture;
		capture_init(&capture, NULL, &memory, UINT64_MAX);
		long long before = writes();
		feed(&capture, TOTAL, chunk);
		long long n = writes() - before;
		struct output out = capture_take(&capture);
		assert_true(output_kept(&out) == TOTAL);
		compare(&out, TOTAL);
		output_clear(&out);
		if (before >= 0) {
			assert_in_range(n, TOTAL / 2 / (long long)(CAPTURE_ENDS + chunk),
				TOTAL / (CAPTURE_ENDS / 2));
		}
	}
}

static const uint64_t KEPT = CAPTURE_KEPT;

static void short_output_stays_in_memory(void **state) {
	(void)state;
	atomic_size_t memory = CAPTURE_MEMORY;
	struct capture capture;
	capture_init(&capture, "/nowhere/at/all", &memory, CAPTURE_KEPT); // a file would fail
	feed(&capture, 2 * CAPTURE_ENDS, 1000);
	struct output out = capture_take(&capture);
	assert_int_equal(out.fd, -1);
	compare(&out, 2 * CAPTURE_ENDS);
	output_clear(&out);
}

static void every_size_is_kept_whole_up_to_the_limit(void **state) {
	static const uint64_t sizes[] = {0, 1, 1023, 1024, 1025, 65535, 65536, 65537, 131071,
		131072, 131073, 200000, 5242880, 5242881, 9000000, CAPTURE_KEPT - 1, CAPTURE_KEPT};
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		check(sizes[i], 65536, CAPTURE_MEMORY, sizes[i]);
		check(sizes[i], 4097, CAPTURE_MEMORY, sizes[i]);
	}
	check(70000, 1, CAPTURE_MEMORY, 70000);
}

static void beyond_it_first_and_last_half_and_the_exact_number(void **state) {
	static const uint64_t over[] = {1, 4096, 65536, 100001, 5000000, 30000000};
	(void)state;
	for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
		check(KEPT + over[i], 65536, CAPTURE_MEMORY, KEPT);
		check(KEPT + over[i], 300001, CAPTURE_MEMORY, KEPT);
	}
	atomic_size_t memory = CAPTURE_MEMORY;
	struct capture capture;
	capture_init(&capture, NULL, &memory, CAPTURE_KEPT);
	feed(&capture, KEPT + 777, 65536);
	assert_true(output_gap(&capture.output) == KEPT / 2);
	assert_true(capture.output.omitted == 777);
	output_clear(&capture.output);
}

static void without_memory_all_goes_to_the_file(void **state) {
	static const size_t budgets[] = {0, 1000, 5000, 65536, 70000, 131071};
	(void)state;
	for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
		check(3000, 500, budgets[i], 3000);
		check(400000, 30000, budgets[i], 400000);
		check(KEPT + 12345, 65536, budgets[i], KEPT);
	}
}

static void without_a_file_head_and_tail_are_kept_and_the_rest_counted(void **state) {
	(void)state;
	atomic_size_t memory = CAPTURE_MEMORY;
	struct capture capture;
	capture_init(&capture, "/nowhere/at/all", &memory, CAPTURE_KEPT);
	feed(&capture, 1000000, 65536);
	struct output out = capture_take(&capture);
	assert_true(out.incomplete);
	assert_true(output_kept(&out) == 2 * CAPTURE_ENDS);
	compare(&out, 1000000);
	output_clear(&out);
}

static void a_full_disk_loses_only_what_does_not_fit(void **state) {
	(void)state;
	struct rlimit old, small = {3000000, 3000000};
	atomic_size_t memory = CAPTURE_MEMORY;
	struct capture capture;
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	capture_init(&capture, NULL, &memory, CAPTURE_KEPT);
	feed(&capture, 8000000, 65536);
	setrlimit(RLIMIT_FSIZE, &old);
	struct output out = capture_take(&capture);
	assert_true(out.incomplete);
	assert_true(out.omitted > 4000000 && out.omitted < 6000000);
	compare(&out, 8000000);
	output_clear(&out);
}

static int count_fds(void **state) {
	static int before = -1;
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;
	(void)state;
	while (readdir(dir)) {
		n++;
	}
	closedir(dir);
	if (before < 0) {
		before = n;
	}
	return n == before ? 0 : -1;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(short_output_stays_in_memory, count_fds),
		cmocka_unit_test_teardown(every_size_is_kept_whole_up_to_the_limit, count_fds),
		cmocka_unit_test_teardown(
			beyond_it_first_and_last_half_and_the_exact_number, count_fds),
		cmocka_unit_test_teardown(any_limit_keeps_both_halves, count_fds),
		cmocka_unit_test_teardown(what_is_kept_whole_is_written_in_long_pieces, count_fds),
		cmocka_unit_test_teardown(without_memory_all_goes_to_the_file, count_fds),
		cmocka_unit_test_teardown(
			without_a_file_head_and_tail_are_kept_and_the_rest_counted, count_fds),
		cmocka_unit_test_teardown(a_full_disk_loses_only_what_does_not_fit, count_fds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
