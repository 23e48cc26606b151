// SPDX-License-Identifier: MIT
// The writer thread before readers of every kind: slow ones, those that do not read, those that
// are gone; every byte is either written or counted.
#include "base/fd.h"
#include "plan/plan.h"
#include "probe.h"
#include "report/bell.h"
#include "report/printout.h"
#include "report/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t SECOND = INT64_C(1000000000);

// The byte at a position of the text that the tests push: lines of 64.
static char byte_at(uint64_t pos) {
	return pos % 64 == 63 ? '\n' : (char)('!' + (pos * 7 + pos / 64) % 90);
}

static void push_from(struct writer *writer, uint64_t from, size_t n) {
	struct batch batch = {0};
	struct buf *text = batch_text(&batch);
	assert_non_null(text);
	assert_int_equal(buf_reserve(text, n), 0);
	for (size_t i = 0; i < n; i++) {
		text->data[i] = byte_at(from + i);
	}
	text->len = n;
	writer_push(writer, &batch);
	assert_null(batch.first);
}

static struct bell bell;

static struct writer *new_writer(int fd) {
	struct writer *writer = NULL;
	struct writer_options options = {.fd = fd, .bell = &bell, .layout = printout};
	bell_hush(&bell);
	assert_int_equal(writer_new(&writer, &options), 0);
	return writer;
}

static int state_of(struct writer *writer) {
	bell_hush(&bell);
	return writer_state(writer);
}

// Finishes and frees. The errno.
static int finish(struct writer *writer, uint64_t *dropped) {
	int error = writer_finish(writer, dropped);
	writer_free(writer);
	return error;
}

// Reads and compares until the end.
struct reader {
	int fd;
	size_t chunk;     // bytes of each read
	int64_t pause_ns; // before each
	bool cr;          // a terminal puts one before each newline
	uint64_t n;
	bool differs;
	pthread_t thread;
};

static void *read_on(void *ud) {
	struct reader *reader = ud;
	char data[4096];
	ssize_t r;
	do {
		nanosleep(&(struct timespec){.tv_nsec = reader->pause_ns}, NULL);
		r = read(reader->fd, data, reader->chunk);
		for (ssize_t i = 0; i < r; i++) {
			if (!reader->cr || data[i] != '\r') {
				reader->differs |= data[i] != byte_at(reader->n++);
			}
		}
	} while (r > 0 || (r < 0 && errno == EINTR));
	return NULL;
}

static void start_reading(struct reader *reader, int fd) {
	reader->fd = fd;
	reader->chunk = reader->chunk ? reader->chunk : 4096;
	assert_int_equal(pthread_create(&reader->thread, NULL, read_on, reader), 0);
}

static void check_read(struct reader *reader, uint64_t n) {
	pthread_join(reader->thread, NULL);
	assert_false(reader->differs);
	assert_true(reader->n == n);
}

static bool readable(int fd) {
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	return poll(&pollfd, 1, 0) == 1;
}

static int waiting_in(int pipe) {
	int n = 0;
	ioctl(pipe, FIONREAD, &n);
	return n;
}

enum { MUCH = 5 * 1024 * 1024 };

// Through a descriptor that is read: all comes, in order, and its flags are left alone.
static void check_all_comes(int write_fd, int read_fd, bool cr, size_t total) {
	struct reader reader = {.cr = cr};
	uint64_t dropped = 99;
	int flags = fcntl(write_fd, F_GETFL);
	struct writer *writer = new_writer(write_fd);
	start_reading(&reader, read_fd);
	for (uint64_t pos = 0; pos < total;) {
		size_t n = (size_t)(pos * 3 % 200000 + 1);
		n = n < total - pos ? n : (size_t)(total - pos);
		push_from(writer, pos, n);
		pos += n;
	}
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped == 0);
	assert_int_equal(fcntl(write_fd, F_GETFL), flags);
	close(write_fd);
	check_read(&reader, total);
	close(read_fd);
}

static void all_comes_through_a_pipe(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	check_all_comes(ends[1], ends[0], false, MUCH);
}

static void all_comes_through_a_pipe_that_somebody_made_non_blocking(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	check_all_comes(ends[1], ends[0], false, MUCH);
}

static void all_comes_through_a_socket(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	check_all_comes(ends[1], ends[0], false, MUCH);
}

// *slave writes, the result reads.
static int open_terminal(int *slave) {
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	char name[64];
	assert_int_equal(ptsname_r(master, name, sizeof name), 0);
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*slave >= 0);
	return master;
}

static void all_comes_through_a_terminal(void **state) {
	int slave, master = open_terminal(&slave);
	(void)state;
	check_all_comes(slave, master, true, 300000);
}

static void all_comes_into_a_file(void **state) {
	int fd = fd_unnamed_file(NULL);
	uint64_t dropped;
	struct reader reader = {0};
	(void)state;
	struct writer *writer = new_writer(fd);
	writer_hurry(writer); // a file never lets anyone wait: nothing of it is ever dropped
	writer_drop(writer);
	push_from(writer, 0, MUCH);
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped == 0);
	lseek(fd, 0, SEEK_SET);
	start_reading(&reader, fd);
	check_read(&reader, MUCH);
	close(fd);
}

// A pipe that is full.
static struct writer *stuff(int ends[2], size_t total) {
	assert_int_equal(fd_pipe(ends), 0);
	int room = fcntl(ends[1], F_GETPIPE_SZ);
	struct writer *writer = new_writer(ends[1]);
	push_from(writer, 0, total);
	AWAIT(waiting_in(ends[0]) == room);
	return writer;
}

static void check_dropped(int ends[2], struct writer *writer, size_t total) {
	struct reader reader = {0};
	uint64_t dropped;
	assert_int_equal(finish(writer, &dropped), 0);
	fd_close(&ends[1]);
	start_reading(&reader, ends[0]);
	check_read(&reader, total - dropped);
	assert_true(dropped > 0);
	fd_close(&ends[0]);
}

static void hurried_it_waits_a_second_for_one_who_does_not_read(void **state) {
	int ends[2];
	(void)state;
	struct writer *writer = stuff(ends, MUCH);
	int64_t began = probe_now();
	writer_hurry(writer);
	check_dropped(ends, writer, MUCH);
	int64_t took = probe_now() - began;
	assert_true(took >= SECOND && took < 10 * SECOND);
}

static void dropping_does_not_wait(void **state) {
	int ends[2];
	(void)state;
	struct writer *writer = stuff(ends, MUCH);
	int64_t began = probe_now();
	writer_drop(writer);
	check_dropped(ends, writer, MUCH);
	assert_true(probe_now() - began < SECOND);
}

static void the_second_signal_ends_the_wait_of_the_first(void **state) {
	int ends[2];
	(void)state;
	struct writer *writer = stuff(ends, MUCH);
	int64_t began = probe_now();
	writer_hurry(writer);
	writer_drop(writer);
	writer_hurry(writer); // does not take it back
	check_dropped(ends, writer, MUCH);
	assert_true(probe_now() - began < SECOND);
}

static void one_who_reads_gets_all_of_it_after_the_signals_too(void **state) {
	int ends[2];
	struct reader reader = {0};
	uint64_t dropped;
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	struct writer *writer = new_writer(ends[1]);
	writer_hurry(writer);
	writer_drop(writer);
	push_from(writer, 0, 10000); // fits into the pipe
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped == 0);
	close(ends[1]);
	start_reading(&reader, ends[0]);
	check_read(&reader, 10000);
	close(ends[0]);
}

// Each read is less than a page, so that only every fourth makes room.
static void a_slow_reader_is_waited_for(void **state) {
	int ends[2];
	struct reader reader = {.chunk = 1024, .pause_ns = 300 * 1000 * 1000};
	uint64_t dropped;
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	struct writer *writer = new_writer(ends[1]);
	push_from(writer, 0, 9000);
	writer_hurry(writer);
	start_reading(&reader, ends[0]);
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped == 0);
	close(ends[1]);
	check_read(&reader, 9000);
	close(ends[0]);
}

static void a_terminal_that_nobody_reads_is_given_up(void **state) {
	int slave, master = open_terminal(&slave);
	uint64_t dropped;
	(void)state;
	struct writer *writer = new_writer(slave);
	push_from(writer, 0, MUCH);
	AWAIT(writer_behind(writer));
	int64_t began = probe_now();
	writer_hurry(writer);
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped > 0 && dropped <= MUCH);
	assert_true(probe_now() - began < 10 * SECOND);
	close(slave);
	close(master);
}

static void a_socket_that_nobody_reads_is_given_up(void **state) {
	int ends[2];
	uint64_t dropped;
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	struct writer *writer = new_writer(ends[1]);
	push_from(writer, 0, MUCH);
	writer_drop(writer);
	assert_int_equal(finish(writer, &dropped), 0);
	assert_true(dropped > 0 && dropped < MUCH);
	close(ends[0]);
	close(ends[1]);
}

static void freeing_does_not_wait_either(void **state) {
	int ends[2];
	(void)state;
	struct writer *writer = stuff(ends, MUCH);
	writer_free(writer);
	close(ends[0]);
	close(ends[1]);
}

// The error is told once, everything after it counted.
static void check_error(int fd, int wanted) {
	uint64_t dropped;
	struct writer *writer = new_writer(fd);
	assert_int_equal(state_of(writer), 0);
	push_from(writer, 0, 100);
	AWAIT(readable(bell.fd));
	AWAIT(!readable(bell.fd) || state_of(writer) == wanted);
	AWAIT((state_of(writer), !readable(bell.fd)));
	push_from(writer, 100, 100);
	assert_int_equal(finish(writer, &dropped), wanted);
	assert_true(dropped == 200);
}

static void a_reader_that_is_gone_is_epipe(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	close(ends[0]);
	check_error(ends[1], EPIPE);
	close(ends[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	close(ends[0]);
	check_error(ends[1], EPIPE);
	close(ends[1]);
}

static void a_reader_that_goes_while_it_is_waited_for_is_epipe(void **state) {
	int ends[2];
	uint64_t dropped;
	(void)state;
	struct writer *writer = stuff(ends, MUCH);
	int room = waiting_in(ends[0]);
	fd_close(&ends[0]);
	AWAIT(state_of(writer) == EPIPE);
	assert_int_equal(finish(writer, &dropped), EPIPE);
	assert_true(dropped == (uint64_t)MUCH - (uint64_t)room);
	close(ends[1]);
}

static void a_full_disk_is_enospc(void **state) {
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	(void)state;
	check_error(fd, ENOSPC);
	close(fd);
}

static void a_descriptor_that_cannot_be_written_is_ebadf(void **state) {
	int ends[2], closed = fcntl(0, F_DUPFD_CLOEXEC, 700);
	(void)state;
	close(closed);
	check_error(closed, EBADF);
	assert_int_equal(fd_pipe(ends), 0);
	check_error(ends[0], EBADF); // nor does it wait for room in the end that is read
	close(ends[0]);
	close(ends[1]);
}

static void it_is_behind_above_the_mark_until_half_of_it(void **state) {
	int ends[2];
	struct reader reader = {0};
	uint64_t dropped;
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	struct writer *writer = new_writer(ends[1]);
	push_from(writer, 0, WRITER_MARK);
	assert_false(writer_behind(writer));
	assert_false(readable(bell.fd));
	push_from(writer, WRITER_MARK, 1);
	assert_true(writer_behind(writer));
	assert_true(readable(bell.fd));
	assert_int_equal(state_of(writer), 0);
	assert_false(readable(bell.fd));
	start_reading(&reader, ends[0]);
	AWAIT(readable(bell.fd));
	assert_false(writer_behind(writer));
	assert_int_equal(finish(writer, &dropped), 0);
	close(ends[1]);
	check_read(&reader, WRITER_MARK + 1);
	close(ends[0]);
}

static void between_the_half_and_the_mark_it_stays_behind(void **state) {
	enum { FIRST = 300 * 1024, SECOND_ONE = 800 * 1024 };
	int ends[2];
	struct reader reader = {.n = FIRST};
	static char first[FIRST];
	uint64_t dropped;
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	struct writer *writer = new_writer(ends[1]);
	push_from(writer, 0, FIRST);
	push_from(writer, FIRST, SECOND_ONE);
	assert_true(writer_behind(writer));
	state_of(writer);
	for (size_t n = 0; n < FIRST;) {
		ssize_t r = read(ends[0], first + n, FIRST - n);
		assert_true(r > 0);
		n += (size_t)r;
	}
	AWAIT(waiting_in(ends[0]) > 0); // of the second: the first counts no more
	assert_true(writer_behind(writer));
	assert_false(readable(bell.fd));
	start_reading(&reader, ends[0]);
	AWAIT(!writer_behind(writer));
	assert_int_equal(finish(writer, &dropped), 0);
	close(ends[1]);
	check_read(&reader, FIRST + SECOND_ONE);
	close(ends[0]);
}

static void output_that_is_dropped_counts_as_it_would_have_been_written(void **state) {
	int ends[2];
	uint64_t dropped;
	struct batch batch = {0};
	static const struct job job = {.name = "job"};
	struct result *result = calloc(1, sizeof *result);
	(void)state;
	result->job = &job;
	result->out = (struct output){.fd = fd_unnamed_file(NULL), .first_len = 2 * WRITER_MARK};
	result->err = OUTPUT_EMPTY;
	assert_int_equal(ftruncate(result->out.fd, 2 * WRITER_MARK), 0);
	assert_int_equal(lseek(result->out.fd, 0, SEEK_SET), 0);
	for (int i = 0; i < 2 * WRITER_MARK / 64; i++) {
		char line[64];
		memset(line, 'x', sizeof line);
		line[63] = '\n';
		assert_int_equal(write(result->out.fd, line, sizeof line), sizeof line);
	}
	assert_int_equal(fd_pipe(ends), 0);
	int room = fcntl(ends[1], F_GETPIPE_SZ);
	struct writer *writer = new_writer(ends[1]);
	assert_int_equal(batch_result(&batch, result), 0);
	writer_push(writer, &batch);
	assert_true(writer_behind(writer));
	AWAIT(waiting_in(ends[0]) > room - 4096); // each of its pages is in use
	writer_drop(writer);
	assert_int_equal(finish(writer, &dropped), 0);
	room = waiting_in(ends[0]);
	// what was not laid out yet is counted as it would have been written: indented
	assert_true(dropped == 2 * (uint64_t)WRITER_MARK / 64 * 68 - (uint64_t)room);
	close(ends[0]);
	close(ends[1]);
}

// Signals from one thread while another one pushes: for the thread sanitizer.
static void *hurry_and_drop(void *ud) {
	writer_hurry(ud);
	writer_drop(ud);
	return NULL;
}

static void other_threads_may_hurry_it(void **state) {
	(void)state;
	for (int i = 0; i < 20; i++) {
		int ends[2];
		uint64_t dropped;
		pthread_t thread;
		assert_int_equal(fd_pipe(ends), 0);
		struct writer *writer = new_writer(ends[1]);
		assert_int_equal(pthread_create(&thread, NULL, hurry_and_drop, writer), 0);
		for (uint64_t pos = 0; pos < 200000; pos += 1000) {
			push_from(writer, pos, 1000);
		}
		assert_int_equal(writer_finish(writer, &dropped), 0);
		assert_true(dropped == 200000 - (uint64_t)waiting_in(ends[0]));
		pthread_join(thread, NULL);
		writer_free(writer);
		close(ends[0]);
		close(ends[1]);
	}
}

static void *nothing(void *ud) {
	return ud;
}

// A sanitizer that has a thread of its own starts it with the first one of ours.
static int start_first_thread(void **state) {
	pthread_t thread;
	(void)state;
	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

static int count_all(void **state) {
	static int fds, threads;
	(void)state;
	if (fds == 0) {
		fds = probe_count("fd");
		threads = probe_count("task");
	}
	AWAIT(probe_count("task") == threads); // joined ones vanish a moment later
	return probe_count("fd") == fds ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, count_all, count_all)

int main(void) {
	sigset_t set;
	const struct CMUnitTest tests[] = {
		TEST(all_comes_through_a_pipe),
		TEST(all_comes_through_a_pipe_that_somebody_made_non_blocking),
		TEST(all_comes_through_a_socket),
		TEST(all_comes_through_a_terminal),
		TEST(all_comes_into_a_file),
		TEST(hurried_it_waits_a_second_for_one_who_does_not_read),
		TEST(dropping_does_not_wait),
		TEST(the_second_signal_ends_the_wait_of_the_first),
		TEST(one_who_reads_gets_all_of_it_after_the_signals_too),
		TEST(a_slow_reader_is_waited_for),
		TEST(a_terminal_that_nobody_reads_is_given_up),
		TEST(a_socket_that_nobody_reads_is_given_up),
		TEST(freeing_does_not_wait_either),
		TEST(a_reader_that_is_gone_is_epipe),
		TEST(a_reader_that_goes_while_it_is_waited_for_is_epipe),
		TEST(a_full_disk_is_enospc),
		TEST(a_descriptor_that_cannot_be_written_is_ebadf),
		TEST(it_is_behind_above_the_mark_until_half_of_it),
		TEST(between_the_half_and_the_mark_it_stays_behind),
		TEST(output_that_is_dropped_counts_as_it_would_have_been_written),
		TEST(other_threads_may_hurry_it),
	};
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (bell_open(&bell) < 0) {
		return 1;
	}
	return cmocka_run_group_tests(tests, start_first_thread, NULL);
}
