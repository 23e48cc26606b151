/* SPDX-License-Identifier: MIT
 * Descriptors: closing without spoiling errno, and keeping our own away from 0, 1 and 2. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

struct buf;

/* Closes *fd if it is >= 0 and sets it to -1. errno is left as it was. */
void fd_close(int *fd);

/* Moves a descriptor of ours that was born as 0, 1 or 2 to a number >= 3, O_CLOEXEC.
   A negative fd is handed through, so calls can be nested. -1 and errno on failure, fd closed. */
int fd_above_stdio(int fd);

/* pipe2(O_CLOEXEC), both ends >= 3; ends[0] reads. 0, or -1 and errno with nothing open. */
int fd_pipe(int ends[2]);

/* write(2) whose SIGPIPE or SIGXFSZ reaches nobody: EPIPE and EFBIG say as much. */
ssize_t fd_write_quietly(int fd, const char *data, size_t n);

/* Adds all that fd has to text, but stops soon behind `most` bytes. 0; or -1 and errno: EFBIG when
   there are more. */
int fd_read_all(int fd, struct buf *text, size_t most);

/* All n bytes, however many writes it takes. 0, or -1 and errno. */
int fd_write_all(int fd, const char *data, size_t n);

/* A new empty file without a name, O_RDWR|O_CLOEXEC, in dir or, if that is NULL, in $TMPDIR, else
   /tmp. -1 and errno. */
int fd_unnamed_file(const char *dir);
#endif
