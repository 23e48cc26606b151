// SPDX-License-Identifier: MIT
// What a job kept in a file goes from there to whoever reads the report, by the kernel alone where
// it can: the same bytes in the same order, whatever the kernel refuses.
#include "base/fd.h"
#include "plan/plan.h"
#include "probe.h"
#include "report/outlet.h"
#include "report/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEAD = 1000, FIRST = 3000000, TAIL = 70, ALL = HEAD + FIRST + TAIL };

static atomic_int sent;      // calls that sent something
static int refusal;          // 0, or what sendfile says after
static atomic_int sent_most; // so many of them

// Stands in for the C library's.
#pragma GCC visibility push(default)
ssize_t sendfile(int to, int from, off_t *at, size_t n) {
	if (refusal && sent >= sent_most) {
		errno = refusal;
		return -1;
	}
	ssize_t r = syscall(SYS_sendfile, to, from, at, n);
	sent += r > 0;
	return r;
}
#pragma GCC visibility pop

static char byte_at(uint64_t pos) {
	return (char)((pos * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static char *bytes(uint64_t from, size_t n) {
	char *data = malloc(n);
	assert_non_null(data);
	for (size_t i = 0; i < n; i++) {
		data[i] = byte_at(from + i);
	}
	return data;
}

static const struct job job = {.name = "job"};

// In memory, in a file, and in memory again.
static struct result kept(void) {
	struct result result = {.job = &job, .out = OUTPUT_EMPTY, .err = OUTPUT_EMPTY};
	struct output *out = &result.out;
	out->head = bytes(0, HEAD);
	out->head_len = HEAD;
	out->fd = fd_unnamed_file(NULL);
	char *first = bytes(HEAD, FIRST);
	assert_int_equal(pwrite(out->fd, first, FIRST, 0), FIRST);
	free(first);
	out->first_len = FIRST;
	out->tail = bytes(HEAD + FIRST, TAIL);
	out->tail_size = out->tail_len = TAIL;
	return result;
}

static void begin(struct outlet *outlet, int fd) {
	sent = 0;
	assert_int_equal(outlet_open(outlet, fd), 0);
}

static void print(struct outlet *outlet, const struct result *result) {
	raw_out(outlet, result, false, NULL);
	outlet_flush(outlet);
}

struct reader {
	int fd;
	uint64_t n;
	bool differs;
	pthread_t thread;
};

static void *read_on(void *ud) {
	struct reader *reader = ud;
	char data[4096];
	ssize_t r;
	while ((r = read(reader->fd, data, sizeof data)) > 0) {
		for (ssize_t i = 0; i < r; i++) {
			reader->differs |= data[i] != byte_at(reader->n++);
		}
	}
	return NULL;
}

static void check_read(struct reader *reader, uint64_t n) {
	pthread_join(reader->thread, NULL);
	assert_true(reader->n == n);
	assert_false(reader->differs);
}

// All of it through a descriptor that somebody reads from the other end, which is closed then.
static void check_through(int ends[2]) {
	struct result result = kept();
	struct reader reader = {.fd = ends[0]};
	struct outlet outlet;
	begin(&outlet, ends[1]);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_on, &reader), 0);
	print(&outlet, &result);
	assert_int_equal(outlet_error(&outlet), 0);
	assert_true(outlet.dropped == 0);
	assert_int_equal(outlet.last, byte_at(ALL - 1));
	outlet_close(&outlet);
	fd_close(&ends[1]);
	check_read(&reader, ALL);
	fd_close(&ends[0]);
	result_clear(&result);
}

static void check_into(int fd) {
	struct result result = kept();
	struct reader reader = {.fd = fd};
	struct outlet outlet;
	begin(&outlet, fd);
	print(&outlet, &result);
	assert_int_equal(outlet_error(&outlet), 0);
	outlet_close(&outlet);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_on, &reader), 0);
	check_read(&reader, ALL);
	fd_close(&fd);
	result_clear(&result);
}

static void a_pipe_gets_it_from_the_file(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	check_through(ends);
	assert_true(sent > 0);
}

static void a_file_gets_it_from_the_file(void **state) {
	(void)state;
	check_into(fd_unnamed_file(NULL));
	assert_true(sent > 0);
}

static void a_socket_gets_it_by_writing(void **state) {
	int ends[2];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	check_through(ends);
	assert_int_equal(sent, 0);
}

// The kernel does not send to the end of a file.
static void a_file_that_is_appended_to_gets_it_by_writing(void **state) {
	int fd = fd_unnamed_file(NULL);
	(void)state;
	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	check_into(fd);
	assert_int_equal(sent, 0);
}

static void what_the_kernel_refuses_is_written(void **state) {
	static const int errors[] = {EINVAL, ENOSYS, EPERM, EOPNOTSUPP, EIO};
	int ends[2];
	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors * 2; i++) {
		refusal = errors[i / 2];
		sent_most = i % 2 ? 2 : 0; // also in the middle of it
		assert_int_equal(fd_pipe(ends), 0);
		check_through(ends);
		assert_int_equal(sent, sent_most);
		check_into(fd_unnamed_file(NULL));
		assert_int_equal(sent, sent_most);
	}
	refusal = 0;
}

// What is in the pipe stays what it was, also when nobody has the file any more.
static void a_reader_who_comes_late_gets_the_same(void **state) {
	int ends[2];
	struct outlet outlet;
	struct reader reader = {0};
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	struct result result = kept();
	begin(&outlet, ends[1]);
	outlet_drop(&outlet);
	print(&outlet, &result);
	result_clear(&result);
	assert_true(sent > 0);
	assert_true(outlet.dropped > 0 && outlet.dropped < ALL);
	assert_int_equal(outlet_error(&outlet), 0);
	uint64_t dropped = outlet.dropped;
	outlet_close(&outlet);
	fd_close(&ends[1]);
	reader.fd = ends[0];
	assert_int_equal(pthread_create(&reader.thread, NULL, read_on, &reader), 0);
	check_read(&reader, ALL - dropped);
	fd_close(&ends[0]);
}

static void a_reader_that_is_gone_is_epipe(void **state) {
	int ends[2];
	struct outlet outlet;
	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	struct result result = kept();
	begin(&outlet, ends[1]);
	fd_close(&ends[0]);
	print(&outlet, &result);
	assert_int_equal(outlet_error(&outlet), EPIPE);
	assert_true(outlet.dropped == ALL);
	outlet_close(&outlet);
	fd_close(&ends[1]);
	result_clear(&result);
}

static void a_file_that_somebody_has_cut_off_is_an_error(void **state) {
	int fd = fd_unnamed_file(NULL);
	struct outlet outlet;
	(void)state;
	struct result result = kept();
	begin(&outlet, fd);
	assert_int_equal(ftruncate(result.out.fd, FIRST / 2), 0);
	print(&outlet, &result);
	assert_int_equal(outlet_error(&outlet), EIO);
	outlet_close(&outlet);
	fd_close(&fd);
	result_clear(&result);
}

static int count_all(void **state) {
	intptr_t fds = probe_count("fd");
	if (!*state) {
		*state = (void *)fds; // before
		return 0;
	}
	assert_int_equal(fds, (intptr_t)*state);
	*state = NULL;
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, count_all, count_all)

int main(void) {
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		TEST(a_pipe_gets_it_from_the_file),
		TEST(a_file_gets_it_from_the_file),
		TEST(a_socket_gets_it_by_writing),
		TEST(a_file_that_is_appended_to_gets_it_by_writing),
		TEST(what_the_kernel_refuses_is_written),
		TEST(a_reader_who_comes_late_gets_the_same),
		TEST(a_reader_that_is_gone_is_epipe),
		TEST(a_file_that_somebody_has_cut_off_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
