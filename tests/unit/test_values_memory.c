// SPDX-License-Identifier: MIT
// Values without enough memory: each request fails once, and it is said; nothing is left, nothing
// is wrong.
#include "starve.h"

#include "folder.h"
#include "valued.h"

static const char *list; // of three lines
static const char *expected;

// All rows, or what they are not without memory.
static sp_status read_all(const struct values_options *options) {
	struct values *values;
	struct row row;
	char *problem;
	char shown[256] = "";
	enum values_state state;
	if (values_open(&values, options, &problem) < 0) {
		bool said = !problem || strstr(problem, "memory") || strstr(problem, "Memory");
		free(problem);
		return said ? SP_E_NOMEM : SP_E_VALUE;
	}
	while ((state = values_next(values, &row)) == VALUES_ROW) {
		for (size_t i = 0; i < row.n; i++) {
			strcat(strcat(shown, row.values[i].text), i + 1 < row.n ? "|" : "\n");
		}
	}
	bool whole = strcmp(shown, expected) == 0;
	bool begun = strncmp(shown, expected, strlen(shown)) == 0;
	bool said = state == VALUES_FAILED && strstr(values_problem(values), "memory");
	values_close(values);
	return state == VALUES_END && whole ? SP_OK : said && begun ? SP_E_NOMEM : SP_E_VALUE;
}

static sp_status attempt_columns(sp_error *error) {
	(void)error;
	struct values_options options = OPTIONS(FILE_(list));
	options.header = true;
	options.colsep = ","; // no expression: without memory glibc's regcomp frees twice
	return read_all(&options);
}

static sp_status attempt_csv(sp_error *error) {
	(void)error;
	struct values_options options = OPTIONS(FILE_(list));
	options.csv = true;
	options.header = true;
	return read_all(&options);
}

static sp_status attempt_combinations(sp_error *error) {
	(void)error;
	struct values_options options = OPTIONS(
		WORDS("x", "y"), LINKED_FILE(list), FILE_(list), LINKED_WORDS("1", "2"));
	options.colsep = ",";
	return read_all(&options);
}

#define WITHOUT_MEMORY(name, rows)                                                       \
	static void test_without_memory_for_##name(void **state) {                       \
		(void)state;                                                             \
		SKIP_WITHOUT_SCARCE();                                                   \
		struct folder folder = folder_new();                                     \
		list = folder_file(&folder, "list", 0600, "a,b\nc,\"d\",e,\"f\ng\"\nh"); \
		expected = rows;                                                         \
		starve(attempt_##name);                                                  \
		folder_remove(&folder);                                                  \
	}

WITHOUT_MEMORY(columns, "c|\"d\"|e|\"f\ng\"\nh\n")
WITHOUT_MEMORY(csv, "c|d|e|f\ng\nh\n")
WITHOUT_MEMORY(combinations, "x|a|b|a|b|1\nx|a|b|c|\"d\"|e|\"f|2\ny|c|\"d\"|e|\"f|a|b|1\n"
			     "y|c|\"d\"|e|\"f|c|\"d\"|e|\"f|2\n")

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_without_memory_for_columns),
		TEST(test_without_memory_for_csv),
		TEST(test_without_memory_for_combinations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
