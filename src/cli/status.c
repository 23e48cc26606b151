// SPDX-License-Identifier: MIT
// One number for each end.
#include "cli/status.h"
#include "cli/cli.h"

enum { TIMED_OUT = 124 };

int status_of(const struct result *result) {
	switch (result->verdict) {
	case VERDICT_EXEC:
		return result->not_found        ? CLI_EXEC_MISSING
		       : result->not_executable ? CLI_EXEC_REFUSED
						: CLI_EXEC_OWN;
	case VERDICT_TIMEOUT:
		return TIMED_OUT;
	case VERDICT_PASS:
	case VERDICT_FAIL:
	case VERDICT_SIGNAL:
	case VERDICT_CANCELLED:
		break;
	}
	return result->returncode < 0 ? CLI_SIGNAL - result->returncode : result->returncode;
}
