/* SPDX-License-Identifier: MIT
 *
 * <spool/base.h>: the words that both halves of libspool share: how a call ends (sp_status), what
 * went wrong (sp_error), and how a blocking call is told to stop (sp_cancel).
 *
 * Durations are int64_t nanoseconds on CLOCK_MONOTONIC. SP_FOREVER means no limit; a timeout <= 0
 * is one non-blocking try, as in Python.
 */
#ifndef SPOOL_BASE_H
#define SPOOL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* That of this header, spool, and libspool as one. */
#define SP_VERSION "0.1.0"

#define SP_FOREVER INT64_MAX

/* What the library shows; it is built with -fvisibility=hidden. */
#if defined(__GNUC__)
#define SP_API __attribute__((visibility("default")))
#else
#define SP_API
#endif

/* How a call ended. SP_OK is 0; the words in brackets are the Python exceptions mirrored. */
typedef enum {
	SP_OK,
	SP_E_OS,      /* the system refused: os_errno, stage, filename say what (OSError) */
	SP_E_VALUE,   /* an argument makes no sense; msg names it (ValueError, TypeError) */
	SP_E_RANGE,   /* a number does not fit (OverflowError) */
	SP_E_NOENTRY, /* no such user or group (KeyError) */
	SP_E_NOMEM,   /* out of memory (MemoryError) */
	SP_E_HELPER,  /* the exec step is missing or talks nonsense (SubprocessError) */
	SP_E_TIMEOUT, /* the time given is over; what was read so far is kept (TimeoutExpired) */
	SP_E_STATUS, /* returncode != 0 under check (CalledProcessError); a callback failed a job */
	SP_E_INTERRUPTED, /* the cancel object was set (KeyboardInterrupt) */
	SP_E_CLOSED,      /* the queue is closed */
	SP_E_FULL,        /* queue.Full */
	SP_E_EMPTY,       /* queue.Empty */
	SP_E_EOF,         /* nothing comes any more (EOFError, StopIteration) */
	SP_E_TOOBIG,      /* over a limit that was set */
	SP_E_NOTRUNNING,  /* the pool is closed or terminated (ValueError "Pool not running") */
	SP_E_CANCELLED,   /* the task was dropped by terminate, or a sink said stop */
	SP_E_OVERRELEASE, /* released more often than taken */
	SP_E_NOTOWNER,    /* not the owner of the lock */
	SP_E_BROKEN,      /* BrokenBarrierError */
	SP_E_DEADLOCK,    /* would wait for itself: join or terminate from a callback */
} sp_status;

/* At which step of starting or talking to a child something went wrong. */
typedef enum {
	SP_AT_ARGS,   /* looking at the arguments */
	SP_AT_PIPE,   /* making pipes, opening /dev/null, resizing a pipe */
	SP_AT_CWD,    /* the working directory; filename is cwd */
	SP_AT_FDS,    /* redirecting and inheriting descriptors; filename is unset */
	SP_AT_CREATE, /* making a process at all: EAGAIN, ENOMEM, a seccomp filter's EPERM */
	SP_AT_SETUP,  /* session, process group, ids, limits; filename is unset */
	SP_AT_EXEC,   /* executing the program; filename is the name as given */
	SP_AT_IO,     /* reading and writing pipes */
	SP_AT_WAIT,   /* waiting, signalling */
} sp_stage;

/* Bits of sp_error.warnings. */
enum {
	SP_W_PASS_FDS = 1,    /* pass_fds overrode close_fds = false (RuntimeWarning) */
	SP_W_GROUPS_KEPT = 2, /* another user, but the caller's supplementary groups */
};

/*
 * Details of a failure. Start with SP_ERROR_INIT; each call that takes one first clears it, so it
 * may be used again and again; clear it at the end. NULL may be passed where details do not
 * matter. Not thread-safe: one for each thread.
 */
typedef struct {
	sp_status code;
	int os_errno;   /* the errno of SP_E_OS and SP_E_HELPER; 0 where there is none */
	sp_stage stage; /* meaningful with SP_E_OS */
	char *filename; /* the path at fault as the caller wrote it; NULL = none; owned */
	char msg[160];  /* one line of English, no newline, no errno text */
	unsigned warnings;
} sp_error;

#define SP_ERROR_INIT \
	{ SP_OK, 0, SP_AT_ARGS, NULL, "", 0 }

/* Frees what the error owns and resets it to SP_OK. NULL is allowed. */
SP_API void sp_error_clear(sp_error *error);

/* Looks up a user or a group by name, in the system's databases (getpwnam_r, getgrnam_r), for the
   uid and gid of sp_opts. *gid (may be NULL) is the user's own group, which Python's user= does not
   set. SP_E_NOENTRY: there is no such name; SP_E_OS: the database cannot be read; SP_E_NOMEM; then
   the ids are untouched. Python: what Popen does with user="name" */
SP_API sp_status sp_lookup_user(const char *name, int64_t *uid, int64_t *gid, sp_error *error);
SP_API sp_status sp_lookup_group(const char *name, int64_t *gid, sp_error *error);

/*
 * A flag with a descriptor that polls readable once it is set; it is never cleared. It stops
 * blocking calls that were given it. Python: the KeyboardInterrupt that ends a wait().
 */
typedef struct sp_cancel sp_cancel;

/* Makes a cancel object; *cancel is the caller's, and untouched after SP_E_OS (errno is EMFILE or
   ENFILE) and SP_E_NOMEM. */
SP_API sp_status sp_cancel_new(sp_cancel **cancel);

/* Sets it. May be called from any thread and from a signal handler, any number of times. */
SP_API void sp_cancel_set(sp_cancel *cancel);

/* Whether it is set. Thread-safe and async-signal-safe; NULL is never set. */
SP_API bool sp_cancelled(const sp_cancel *cancel);

/* The descriptor, readable once set; poll it, do not read it. It belongs to the object. */
SP_API int sp_cancel_fd(const sp_cancel *cancel);

/* Frees it; no call may still be using it. NULL is allowed. */
SP_API void sp_cancel_free(sp_cancel *cancel);

#ifdef __cplusplus
}
#endif
#endif
