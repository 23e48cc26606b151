// SPDX-License-Identifier: MIT
// spool-exec-step: the exec step as a program of its own, installed for the users of libspool.
#include "step/step.h"

int main(int argc, char **argv) {
	return step_main(argc, argv);
}
