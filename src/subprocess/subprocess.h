/* SPDX-License-Identifier: MIT
 *
 * <spool/subprocess.h>: starting programs, talking to them, waiting for them. Python's subprocess
 * module on posix_spawn: what is not said here is as in Python 3.11.
 *
 * Rules for all of it
 * - Structs that the caller fills are set up by their init function, since many defaults are not 0.
 * - A call that can fail returns sp_status; details go to an sp_error, which may be NULL.
 * - What is passed in is borrowed for the call unless it says otherwise. Strings end with a NUL and
 *   so cannot contain one (Python: ValueError "embedded null byte").
 * - Durations are nanoseconds on CLOCK_MONOTONIC; SP_FOREVER is no limit, <= 0 one try that does
 *   not block.
 * - The library installs no signal handler, changes no disposition, limit or directory, keeps the
 *   mask of the thread, never waits for a child that it did not start, and never exits.
 * - It is not a fork: only the calling thread is held up until the program is executed.
 * - Threads: different sp_procs are independent. On one and the same, sp_poll, sp_wait,
 *   sp_wait_exit, sp_returncode, sp_rusage, sp_pid, sp_pidfd, sp_group_probe, sp_group_outlasts and
 *   all that signals may be called by any number of threads at once, and while one thread is in
 *   sp_communicate, sp_pump, or uses sp_fd and sp_detach_fd. sp_close and sp_free need it for
 *   themselves.
 * - A thread that reads output needs a stack of 128 KiB.
 * - A thread must not be cancelled (pthread_cancel) in the library: what it holds would stay locked
 *   and open. sp_popen alone holds it off by itself.
 */
#ifndef SPOOL_SUBPROCESS_H
#define SPOOL_SUBPROCESS_H

#include "base/base.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#if defined(__GLIBC__) && !defined(__sigset_t_defined)
#error "spool/subprocess.h needs sigset_t: with -std=c17 or such define _POSIX_C_SOURCE as 200809L"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Where a stream of the child goes, where it is not a descriptor. Python's PIPE, STDOUT, DEVNULL
   have the same numbers; SP_INHERIT is Python's None. */
enum {
	SP_PIPE = -1,    /* a pipe; the other end is sp_fd() */
	SP_STDOUT = -2,  /* where standard output goes; for err only */
	SP_DEVNULL = -3, /* /dev/null, opened for reading and writing */
	SP_INHERIT = -4, /* as the caller's */
};

/* A limit for the child: RLIMIT_NOFILE and its kin, and the numbers. */
typedef struct {
	int resource;
	struct rlimit lim;
} sp_rlim;

/*
 * How to start a program: the arguments of Python's Popen. Set it up with sp_opts_init. Fields that
 * come later are added at the end.
 */
typedef struct {
	size_t size; /* set by sp_opts_init */

	/* The program and its arguments; no NULL needed behind the last. A program without a '/' is
	   looked for in the PATH of env, else of the caller; without a PATH in /bin and /usr/bin;
	   an empty element is the working directory. Words are never split. */
	const char *const *argv;
	size_t argc;            /* 0 only together with executable: the kernel makes argv[0] "" */
	const char *executable; /* executed instead of argv[0], which stays as given; NULL: none */
	bool shell;             /* runs /bin/sh -c argv[0], further arguments are $0, $1 .. */

	int in, out, err; /* a descriptor (borrowed) or SP_*; SP_INHERIT */

	/* All descriptors >= 3 are closed in the child but for pass_fds, which are inherited
	   whatever their flag here, and that is not changed. pass_fds overrides close_fds = false,
	   with SP_W_PASS_FDS in warnings. They must be open and below the soft limit - 1 (else
	   EBADF); if they leave more than 512 unused numbers, the exec step closes those. true;
	   NULL, 0 */
	bool close_fds;
	const int *pass_fds;
	size_t n_pass_fds;

	const char *cwd; /* entered before anything relative is looked up; NULL: the caller's */

	/* "NAME=value", NULL at the end; {NULL} is empty. Of a name that comes twice the last wins.
	   NULL: the caller's environ, which no other thread may change meanwhile. */
	const char *const *env;

	bool restore_signals;   /* SIGPIPE and SIGXFSZ to default; true */
	bool start_new_session; /* setsid(); false */
	pid_t process_group;    /* 0: a group of its own, > 0: joins that one, < 0: no change; -1 */
	const sigset_t *sigmask; /* the child's signal mask; NULL: the calling thread's */

	int pipesize; /* capacity of the pipes in bytes, rounded up by the kernel; <= 0: untouched;
			 -1 */

	/* sp_run and sp_communicate keep this many bytes of each stream: the first max_output / 2,
	   and the rest from its end; 0: everything */
	size_t max_output;

	/* Ends sp_run, sp_call and their kin, sp_communicate, sp_wait and sp_close with
	   SP_E_INTERRUPTED once it is set: after up to 0.25 s more for the child to end by itself,
	   but only the first time. Borrowed as long as the sp_proc lives. NULL: none */
	const sp_cancel *cancel;

	/* What posix_spawn cannot set is set by a program in between, the exec step, which then
	   executes the one that was asked for. Only who asks for something from here on (or for
	   pass_fds with large gaps) pays for it: about half a millisecond. cwd is entered with the
	   caller's rights, the program is looked for and executed with the new ones. Of the
	   capabilities(7) that a user other than root may have, the exec step gets those that are
	   ambient. A process that another thread forks meanwhile, and that neither executes nor
	   ends, holds sp_popen up (as it does Popen). */

	int umask;              /* file mode mask, as in umask(2); < 0: the caller's; -1 */
	int64_t uid, gid;       /* real, effective and saved ids, by number (names:
				   sp_lookup_user, sp_lookup_group); -1: the caller's */
	const gid_t *groups;    /* supplementary groups */
	ssize_t n_groups;       /* how many; 0: none at all; -1: the caller's, also for another uid,
				   with SP_W_GROUPS_KEPT in warnings */
	const sp_rlim *rlimits; /* as setrlimit(2), in this order; NULL */
	size_t n_rlimits;       /* 0 */
	int nice;               /* added to the niceness, as nice(2); 0 */
	bool set_oom;           /* whether to set oom_score_adj; false */
	int oom_score_adj;      /* -1000 .. 1000 */
	int pdeathsig;          /* the signal that the child gets when this process ends, however
				   it ends, or executes another program, prctl(PR_SET_PDEATHSIG);
				   not when the thread ends that started it, unless that is the
				   main thread, left by pthread_exit. Another thread than the main
				   one has it started by a thread of the library, whose niceness
				   and CPUs are those of the first that asked. A set-user-ID
				   program does not get it; 0: none */
	const char *exec_step;  /* absolute path of the exec step; NULL: as installed */
} sp_opts;

/* Sets the defaults named above. The second form is for callers that are not C. */
SP_API void sp_opts_init_size(sp_opts *opts, size_t size);
static inline void sp_opts_init(sp_opts *opts) {
	sp_opts_init_size(opts, sizeof *opts);
}

/* A child. Python: Popen. */
typedef struct sp_proc sp_proc;

/* Bytes, with a NUL behind them that len does not count. */
typedef struct {
	char *data; /* NULL only if captured is false */
	size_t len;
	bool captured; /* false: the stream was not a pipe, or nothing was read in time; Python:
			  None */
} sp_buf;

/*
 * Starts a program and returns once it is executed, or cannot be. Python: Popen(). *proc is the
 * caller's, to be freed with sp_free. Also reaps abandoned children (sp_free).
 *
 * On failure there is no child, no descriptor of the library is left open, *proc is NULL, and:
 * SP_E_VALUE   an argument makes no sense; msg names it
 * SP_E_RANGE   uid or gid is no 32-bit number, or the last, which the kernel takes for "no change"
 * SP_E_NOMEM   out of memory
 * SP_E_HELPER  the exec step: it cannot be executed (os_errno and filename, its path, say why), or
 *              is not of this version, or ended without a word
 * SP_E_OS      os_errno, stage and filename:
 *   SP_AT_PIPE    EMFILE, ENFILE; EPERM for pipesize above the system's limit; with the exec step
 *                 ENOSYS: no memfd_create(2), EFBIG: RLIMIT_FSIZE is below its order, some KiB
 *   SP_AT_CWD     ENOENT, ENOTDIR, EACCES ..; filename is cwd
 *   SP_AT_FDS     EBADF: a descriptor given is not open; msg names it
 *   SP_AT_SETUP   EPERM: process_group is no group of this session, or start_new_session with it;
 *                 EPERM, EACCES, EINVAL ..: what the exec step was to set, which msg names
 *   SP_AT_CREATE  EAGAIN, ENOMEM; EPERM of a seccomp filter
 *   SP_AT_EXEC    ENOENT, EACCES, ENOEXEC (there is no fallback to sh), ETXTBSY, E2BIG ..; filename
 *                 is the program as given. Of several candidates in PATH the first failure that is
 *                 not ENOENT or ENOTDIR counts, after all have been tried
 * On success error->warnings may have SP_W_PASS_FDS and SP_W_GROUPS_KEPT. A child that a signal
 * killed in the exec step counts as started: sp_wait tells the signal.
 */
SP_API sp_status sp_popen(sp_proc **proc, const sp_opts *opts, sp_error *error);

/* The process id. It stays the same after the end. */
SP_API pid_t sp_pid(const sp_proc *proc);

/* A pidfd, readable when the child has ended; to poll, not to close. -1 where there is none: old
   kernel, seccomp filter, no descriptor free. */
SP_API int sp_pidfd(const sp_proc *proc);

/* Our end of the pipe of stream which (0, 1, 2), O_CLOEXEC, blocking; -1 if it is none or is
   closed. It belongs to proc. Python: Popen.stdin, .stdout, .stderr */
SP_API int sp_fd(const sp_proc *proc, int which);

/* The same, but it is the caller's from now on, who closes it. To close a stream:
   close(sp_detach_fd(proc, 0)). For sp_communicate it is then a stream with nothing to say. */
SP_API int sp_detach_fd(sp_proc *proc, int which);

/* Whether the end of the child has been collected; *rc is then its exit status 0..255, or -N if
   signal N killed it. *status_lost: someone else collected it, or SIGCHLD is ignored: *rc is 0.
   Both may be NULL. Python: Popen.returncode */
SP_API bool sp_returncode(const sp_proc *proc, int *rc, bool *status_lost);

/* What this child alone used (not rusage of all children); false until it is collected, and when
   its status was lost. */
SP_API bool sp_rusage(const sp_proc *proc, struct rusage *usage);

/* Collects the child if it has ended; never blocks, and is exact. rc may be NULL. Python: poll() */
SP_API bool sp_poll(sp_proc *proc, int *rc);

/*
 * Waits for the end and collects it. rc may be NULL. Does not read pipes: a child that waits for
 * room in one never ends. SP_E_TIMEOUT, SP_E_INTERRUPTED (opts.cancel), SP_E_OS; then *rc is
 * untouched. Python: wait()
 */
SP_API sp_status sp_wait(sp_proc *proc, int64_t timeout_ns, int *rc, sp_error *error);

/*
 * Sends in (n bytes), closes the child's standard input, reads its output to the end of file, and
 * waits. Python: communicate(). Without a pipe for it, input is ignored. That the child does not
 * want its input is no error. End of file means that nobody holds the pipe any more, also no
 * grandchild; limit it with timeout_ns, or use sp_pump.
 *
 * *out and *err (may be NULL) are views that belong to proc, until the next call or sp_free.
 * in must stay as it is until a call returns SP_OK, or no other follows.
 *
 * SP_E_TIMEOUT: the child is not killed; *out and *err show what is there, captured is false if
 * that is nothing. Call again with in = NULL: unsent input goes on being sent, nothing is lost.
 * SP_E_INTERRUPTED: opts.cancel; likewise. SP_E_VALUE: new input for a conversation that has begun.
 * SP_E_NOMEM, SP_E_OS: some output is lost. After SP_OK, calling it again returns the same data.
 */
SP_API sp_status sp_communicate(sp_proc *proc, const void *in, size_t n, int64_t timeout_ns,
	sp_buf *out, sp_buf *err, sp_error *error);

/* How many bytes of output stream which (1, 2) sp_communicate left out because of max_output:
   they are missing behind the first max_output / 2. */
SP_API size_t sp_omitted(const sp_proc *proc, int which);

/* Takes n > 0 bytes of output stream which (1, 2), borrowed for the call. It runs in the thread
   that called sp_pump. != 0 stops the pump; these bytes count as taken. */
typedef int (*sp_sink)(void *ud, int which, const char *data, size_t n);

/* How to pump; set it up with sp_pump_opts_init. */
typedef struct {
	size_t size; /* set by sp_pump_opts_init */
	const void
		*in; /* input, borrowed until standard input is closed; NULL: none, or as before */
	size_t n;
	sp_sink sink; /* NULL: output is read and dropped */
	void *ud;
	int64_t deadline_ns; /* when to give up on the child, absolute; SP_FOREVER */
	int64_t drain_ns;    /* how long to go on after the child's end; -1: to the end of file */
	const sp_cancel *cancel; /* NULL: none */
	bool *held;              /* NULL: not wanted */
} sp_pump_opts;

SP_API void sp_pump_opts_init_size(sp_pump_opts *opts, size_t size);
static inline void sp_pump_opts_init(sp_pump_opts *opts) {
	sp_pump_opts_init_size(opts, sizeof *opts);
}

/*
 * What sp_communicate is built on: sends input and hands output to the sink, and closes each stream
 * at its end, standard input at once when there is none to send. It waits for all streams to end,
 * or, with drain_ns >= 0, no longer than drain_ns after the child's end, whoever holds them; what
 * the child itself wrote is read in any case. The child is not collected, nor waited for otherwise:
 * if it closes its streams and lives on, the pump is done (then: sp_wait_exit).
 *
 * SP_OK             done; *held: draining ended while someone held a stream open
 * SP_E_TIMEOUT      deadline_ns passed. With drain_ns >= 0 only while the child lives, so that it
 *                   means that the child was late; after its end drain_ns alone counts
 * SP_E_INTERRUPTED  cancel is set
 * SP_E_CANCELLED    the sink said stop
 * SP_E_VALUE        other input than the first time
 * SP_E_OS           reading or writing failed (SP_AT_IO)
 * After each of these it may be called again, also with another deadline, cancel or sink: nothing
 * is lost or sent twice. in and n are then what they were, or NULL and 0. All that is ready is
 * moved once before it looks at deadline and cancel. One thread at a time.
 */
SP_API sp_status sp_pump(sp_proc *proc, const sp_pump_opts *opts, sp_error *error);

/* When sp_pump with drain_ns >= 0 noticed that the child had ended, on CLOCK_MONOTONIC; 0: it has
   not. For the thread that pumps. */
SP_API int64_t sp_exit_seen(const sp_proc *proc);

/*
 * Waits until the child has ended, but does not collect it: its pid and group stay its own, and
 * sp_wait collects it. deadline_ns is absolute (SP_FOREVER: no limit); cancel may be NULL and ends
 * it at once (that of sp_opts is not looked at). SP_OK also if it is collected already.
 * SP_E_TIMEOUT, SP_E_INTERRUPTED.
 */
SP_API sp_status sp_wait_exit(
	sp_proc *proc, int64_t deadline_ns, const sp_cancel *cancel, sp_error *error);

/*
 * Sends a signal to the child itself, never to a stranger with a recycled number. If it has ended,
 * that is collected and nothing is sent, which is no error. sig 0 sends nothing.
 * SP_E_OS with SP_AT_WAIT: EPERM, EINVAL. Python: send_signal(), terminate(), kill()
 */
SP_API sp_status sp_send_signal(sp_proc *proc, int sig, sp_error *error);
SP_API sp_status sp_terminate(sp_proc *proc, sp_error *error); /* SIGTERM */
SP_API sp_status sp_kill(sp_proc *proc, sp_error *error);      /* SIGKILL */

/*
 * Sends a signal to the process group that the child leads: it was started with start_new_session
 * or process_group 0, else SP_E_VALUE. Does not collect the child. sig 0 only asks.
 * SP_OK: sent; an ended child that is not collected counts as a member. SP_E_OS with SP_AT_WAIT:
 *   ESRCH   the group is empty (so the child is collected)
 *   EPERM   no member may be signalled
 *   EINVAL  no such signal
 *   ENOSYS  the child is collected, and this kernel (before 6.9) has no safe way any more
 */
SP_API sp_status sp_signal_group(sp_proc *proc, int sig, sp_error *error);

/* Whether the group that the child leads is empty. false: cannot be told; the child is not
   collected yet, leads no group, or the kernel is older than 6.9. Then *empty is not touched. */
SP_API bool sp_group_probe(sp_proc *proc, bool *empty);

/* Whether that can still be told, and the group still be signalled, once the child is collected:
   kernel 6.9 and later. false for a child that leads no group. */
SP_API bool sp_group_outlasts(sp_proc *proc);

/* Closes the pipes and waits for the end, without limit. SP_E_INTERRUPTED (opts.cancel), SP_E_OS.
   The end of Python's `with Popen(..)`; proc must still be freed. */
SP_API sp_status sp_close(sp_proc *proc, sp_error *error);

/* Closes the pipes and frees it. NULL is allowed. A child that still runs is neither killed nor
   waited for: its pid (and pidfd) go to the list of abandoned children. */
SP_API void sp_free(sp_proc *proc);

/* Collects the abandoned children that have ended; returns how many. sp_popen does it too. */
SP_API size_t sp_reap_abandoned(void);

/* The abandoned children that are not collected: how many; the pids of the first n go to pids,
   which may be NULL if n is 0. */
SP_API size_t sp_abandoned(pid_t *pids, size_t n);

/* What waitpid() says as a return code: exit status, -N for a signal that killed or stopped it. */
SP_API int sp_status_to_returncode(int wait_status);

/* How a program that was run ended. Python: CompletedProcess, TimeoutExpired, CalledProcessError.
   Its buffers and its error belong to it; clear it with sp_result_clear. */
typedef struct {
	int returncode;                  /* as sp_returncode */
	sp_buf out, err;                 /* what was captured */
	size_t out_omitted, err_omitted; /* bytes left out because of max_output */
	bool timed_out;                  /* the time was over */
	bool killed;            /* this library killed it: time over, interrupted, failure */
	bool status_lost;       /* returncode is not known; see sp_returncode */
	int64_t timeout_ns;     /* as given */
	int64_t t_start, t_end; /* CLOCK_MONOTONIC; both 0 if it never started */
	struct rusage ru;       /* of this child alone */
	sp_error error;         /* what the status returned was about */
} sp_result;

/* How to run a program; set it up with sp_run_opts_init. */
typedef struct {
	size_t size;       /* set by sp_run_opts_init */
	const void *input; /* sent to its standard input, which becomes a pipe */
	size_t input_len;
	bool has_input;      /* there is input, though it be empty; implied by input_len > 0 */
	bool capture_output; /* standard output and error become pipes */
	bool check;          /* a returncode other than 0 is SP_E_STATUS */
	int64_t timeout_ns;  /* SP_FOREVER */
} sp_run_opts;

SP_API void sp_run_opts_init_size(sp_run_opts *opts, size_t size);
static inline void sp_run_opts_init(sp_run_opts *opts) {
	sp_run_opts_init_size(opts, sizeof *opts);
}

/*
 * Runs a program to its end. Python: run(). run = NULL: the defaults. *result is filled in whatever
 * happens (it is not cleared first) and must be cleared; it may be NULL.
 *
 * SP_E_TIMEOUT: the child, and only the child, was killed and collected; output so far is there.
 * SP_E_STATUS: check was asked for and returncode is not 0. SP_E_INTERRUPTED: opts.cancel; the
 * child was given 0.25 s, then killed; if it was not seen dead at once, returncode is -SIGKILL,
 * status_lost true, and it is on the list of abandoned children.
 * SP_E_VALUE: input together with in, capture_output together with out or err, input NULL with
 * input_len > 0; and as sp_popen.
 */
SP_API sp_status sp_run(const sp_opts *opts, const sp_run_opts *run, sp_result *result);

/* A command for sp_run_task: the arguments of sp_run. Borrowed until the task is done; opts->cancel
   must be NULL, since the pool's stands there. run = NULL: the defaults. */
typedef struct {
	const sp_opts *opts;
	const sp_run_opts *run;
} sp_command;

/*
 * The task that runs a command: an sp_func of <spool/pool.h> whose argument is an sp_command.
 * *value is an sp_result (for sp_result_free), however it ended; NULL only without memory. Returns
 * what sp_run returns, and *error is a copy of the result's. When the pool is terminated (cancel is
 * set) the command gets 0.25 s to end by itself and is then killed: SP_E_INTERRUPTED.
 * Python: pool.apply(subprocess.run, (args,), kwargs)
 */
SP_API sp_status sp_run_task(void *command, const sp_cancel *cancel, void **value, sp_error *error);

/* Clears and frees the result of sp_run_task, as the free_value of a pool. NULL is allowed. */
SP_API void sp_result_free(void *result);

/* Runs a program without reading pipes (SP_PIPE can lock up). rc may be NULL. When the time is over
   or opts.cancel is set the child is killed. As sp_popen, SP_E_TIMEOUT, SP_E_INTERRUPTED; then *rc
   is untouched. Python: call() */
SP_API sp_status sp_call(const sp_opts *opts, int64_t timeout_ns, int *rc, sp_error *error);

/* The same; SP_E_STATUS unless it ends with 0. Python: check_call() */
SP_API sp_status sp_check_call(const sp_opts *opts, int64_t timeout_ns, sp_error *error);

/* Runs a program and returns its standard output in *out, the caller's to clear. result (may be
   NULL) gets the rest, and after a failure the output too; *out is then empty. As sp_run with
   check; SP_E_VALUE if opts->out is not SP_INHERIT, or run->check or run->capture_output is set.
   Python: check_output() */
SP_API sp_status sp_check_output(
	const sp_opts *opts, const sp_run_opts *run, sp_buf *out, sp_result *result);

/* Runs script with /bin/sh; *out is the caller's to clear: both streams in order, as text
   (sp_newlines_to_lf), without one newline at its end. *rc is as sp_returncode; rc may be NULL. As
   sp_popen, SP_E_NOMEM. Python: getstatusoutput(), with rc NULL getoutput() */
SP_API sp_status sp_getstatusoutput(const char *script, int *rc, sp_buf *out, sp_error *error);

/* Writes what became of it into buf (n bytes, with a NUL if n > 0), as Python's exceptions say it:
   "Command 'sleep 9' died with <Signals.SIGTERM: 15>.", ".. returned non-zero exit status 3.",
   ".. timed out after 0.1 seconds"; else ".. failed: " with msg, the text of os_errno and filename,
   ".. returned exit status 0.", or, with status_lost, ".. ended, and its exit status is not
   known.". Words are quoted as a shell wants them. Returns the length it has or would have, as
   snprintf; -1 out of memory, and the text is empty. */
SP_API int sp_describe(const sp_opts *opts, const sp_result *result, char *buf, size_t n);

/* Free what they own and empty them. NULL is allowed. Not for the views of sp_communicate. */
SP_API void sp_buf_clear(sp_buf *buf);
SP_API void sp_result_clear(sp_result *result);

/* ---- Text -------------------------------------------------------------------------------------
 *
 * What Python does to text and the library, which moves bytes, leaves to its caller. All of it may
 * be called from any thread.
 */

/*
 * Makes each CR LF, and each CR that no LF follows, one LF, in place, and returns the new length;
 * if that is less than n there is a NUL behind it, so a sp_buf stays one. Call it for a whole
 * output: in pieces, a CR at the end of one and an LF at the start of the next would become two.
 * Not for UTF-16 and its like. Input is sent as it is, in Python too.
 * Python: text=True, universal_newlines=True
 */
SP_API size_t sp_newlines_to_lf(char *data, size_t n);

/* Makes of a word what a shell reads back as that word: in single quotes if it needs them. *quoted
   is the caller's, for free(); NULL with SP_E_NOMEM. Python: shlex.quote(word) */
SP_API sp_status sp_quote(const char *word, char **quoted);

/* The same for argc words, with a blank between two; "" for none. Python: shlex.join(argv) */
SP_API sp_status sp_join(const char *const *argv, size_t argc, char **joined);

/*
 * Splits text into words as a shell does: at blanks (space, tab, CR, LF), by the POSIX rules for
 * quotes and backslashes, but nothing is expanded, # begins no comment, and a backslash before a
 * newline stands for that newline. What sp_join made becomes what it was. *argv is the caller's,
 * for sp_argv_free; there is a NULL behind its last word. argc may be NULL.
 * SP_E_VALUE: "No closing quotation", "No escaped character"; SP_E_NOMEM; *argv is NULL and *argc 0
 * then. Python: shlex.split(text)
 */
SP_API sp_status sp_split(const char *text, char ***argv, size_t *argc, sp_error *error);

/* Frees the words. NULL is allowed. */
SP_API void sp_argv_free(char **argv);

#ifdef __cplusplus
}
#endif
#endif
