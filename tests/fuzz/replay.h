/* SPDX-License-Identifier: MIT
 * A main for a fuzz target that is built without a fuzzer: replays files and folders of inputs. */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

#include "base/buf.h"

#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// nftw has no argument for what it calls; the count is all that main wants to know.
static size_t replayed;

static int replay(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	(void)st;
	(void)ftw;
	if (type != FTW_F) {
		return type == FTW_D ? 0 : -1;
	}
	FILE *file = fopen(path, "rbe");
	if (!file) {
		return -1;
	}
	struct buf text = {0};
	size_t got = 0;
	do {
		if (buf_reserve(&text, BUFSIZ) < 0) {
			return -1;
		}
		got = fread(text.data + text.len, 1, BUFSIZ, file);
		text.len += got;
	} while (got > 0);
	LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
	buf_clear(&text);
	replayed++;
	return fclose(file);
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		if (nftw(argv[i], replay, 16, FTW_PHYS) != 0) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
	}
	printf("%zu inputs\n", replayed);
	return replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
