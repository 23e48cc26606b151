// SPDX-License-Identifier: MIT
// Fuzzes the splitting of text into words: what is split, joined and split again stays as it is,
// and no word is longer than the text.
//   clang -fsanitize=fuzzer,address,undefined ... fuzz_split.c ... && ./fuzz_split tests/fuzz/split
// With -DFUZZ_STANDALONE any compiler builds a program that goes through the files it is given.
#include "subprocess/subprocess.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
	if (!holds) {
		abort();
	}
}

static void join_and_split(char *const *argv, size_t argc) {
	char *joined, **again;
	size_t n;
	must(sp_join((const char *const *)argv, argc, &joined) == SP_OK);
	must(sp_split(joined, &again, &n, NULL) == SP_OK);
	must(n == argc);
	for (size_t i = 0; i < n; i++) {
		must(strcmp(argv[i], again[i]) == 0);
	}
	free(joined);
	sp_argv_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	sp_error error = SP_ERROR_INIT;
	char *text = malloc(size + 1), **argv;
	size_t argc, length = 0;
	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	sp_status status = sp_split(text, &argv, &argc, &error);
	must(status == SP_OK || (status == SP_E_VALUE && !argv && argc == 0 && error.msg[0]));
	for (size_t i = 0; i < argc; i++) {
		length += strlen(argv[i]);
	}
	must(length <= strlen(text));
	if (status == SP_OK) {
		must(argv[argc] == NULL);
		join_and_split(argv, argc);
	}
	sp_argv_free(argv);
	free(text);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "replay.h"
#endif
