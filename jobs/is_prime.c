// SPDX-License-Identifier: MIT
// Says whether a number is prime, by plain division as the guide's is_prime() does, so that what
// is compared with it is the starting of processes and not the arithmetic.
//
//     is_prime N     exits with 0: prime, 1: not prime, 2: N is no number
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

// The largest number whose square is not above n, by Newton's method from above.
static uint64_t isqrt(uint64_t n) {
	uint64_t root = n, next = n / 2 + 1;
	while (next < root) {
		root = next;
		next = (root + n / root) / 2;
	}
	return root;
}

static bool is_prime(uint64_t n) {
	if (n < 2) {
		return false;
	}
	if (n == 2) {
		return true;
	}
	if (n % 2 == 0) {
		return false;
	}
	uint64_t root = isqrt(n);
	for (uint64_t i = 3; i <= root; i += 2) {
		if (n % i == 0) {
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv) {
	char *end;
	errno = 0;
	uint64_t n = argc == 2 ? strtoull(argv[1], &end, 10) : 0;
	if (argc != 2 || errno || *end || argv[1][0] < '0' || argv[1][0] > '9') {
		fprintf(stderr, "usage: is_prime N\n");
		return 2;
	}
	return is_prime(n) ? 0 : 1;
}
