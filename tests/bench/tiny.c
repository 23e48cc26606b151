// SPDX-License-Identifier: MIT
// The smallest program: it ends. Static, so that nothing is loaded beside it.
#include <unistd.h>

void _start(void);
void _start(void) {
	_exit(0);
}
