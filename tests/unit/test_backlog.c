// SPDX-License-Identifier: MIT
// What waits for its turn: in order, whole, in flat memory, and on the disk only as long as it
// waits.
#include "base/buf.h"
#include "probe.h"
#include "report/backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024 };

static void put(struct backlog *backlog, size_t job, const char *text) {
	uint64_t lost = 0;
	assert_int_equal(backlog_append(backlog, job, text, strlen(text), &lost), 0);
	assert_true(lost == 0);
}

static void read_all(struct backlog *backlog, struct span *span, struct buf *text) {
	ssize_t n;
	do {
		assert_int_equal(buf_reserve(text, 128 * 1024), 0);
		n = backlog_read(backlog, span, text->data + text->len, 128 * 1024);
		assert_true(n >= 0);
		text->len += (size_t)n;
	} while (n > 0);
	assert_true(span->bytes == 0);
}

// What may be printed when a job has ended.
static void ends(struct backlog *backlog, size_t job, const char *wanted) {
	struct buf text = {0};
	struct span span;
	assert_int_equal(backlog_end(backlog, job, &span), 0);
	assert_true(span.bytes == strlen(wanted));
	read_all(backlog, &span, &text);
	assert_int_equal(text.len, strlen(wanted));
	assert_memory_equal(text.data, wanted, text.len);
	buf_clear(&text);
}

static void it_comes_in_the_order_of_the_jobs(void **state) {
	struct backlog *backlog = backlog_new(NULL);
	(void)state;
	put(backlog, 2, "2a ");
	put(backlog, 1, "1a ");
	put(backlog, 2, "2b ");
	ends(backlog, 2, "");
	put(backlog, 5, "5 ");
	ends(backlog, 1, "");
	assert_true(backlog_is_turn(backlog, 0));
	ends(backlog, 0, "1a 2a 2b ");
	assert_true(backlog_is_turn(backlog, 3));
	ends(backlog, 4, "");
	ends(backlog, 3, "5 ");
	assert_true(backlog_is_turn(backlog, 5));
	ends(backlog, 5, "");
	assert_true(backlog_is_turn(backlog, 6));
	backlog_free(backlog);
}

static void a_job_whose_turn_comes_while_it_runs_gives_what_it_has(void **state) {
	struct backlog *backlog = backlog_new(NULL);
	(void)state;
	put(backlog, 1, "so ");
	put(backlog, 1, "far ");
	put(backlog, 2, "later ");
	ends(backlog, 0, "so far ");
	assert_true(backlog_is_turn(backlog, 1));
	put(backlog, 2, "still ");
	ends(backlog, 1, "later still ");
	backlog_free(backlog);
	backlog_free(NULL);
}

// What was read ahead of a job that goes on writing is not what it has in the end.
static void what_grows_after_it_was_read_ahead_comes_whole(void **state) {
	struct backlog *backlog = backlog_new(NULL);
	uint64_t lost = 0;
	char *much = calloc(1, 2 * MIB);
	(void)state;
	put(backlog, 1, "one ");
	put(backlog, 2, "begin ");
	assert_int_equal(backlog_append(backlog, 9, much, 2 * MIB, &lost), 0); // both leave memory
	ends(backlog, 0, "one ");
	put(backlog, 2, "end ");
	ends(backlog, 1, "begin end ");
	free(much);
	backlog_free(backlog);
}

static void at_the_end_all_that_waits_comes(void **state) {
	struct backlog *backlog = backlog_new(NULL);
	struct buf text = {0};
	struct span span;
	(void)state;
	put(backlog, 7, "seven ");
	put(backlog, 3, "three ");
	ends(backlog, 7, "");
	backlog_close(backlog, &span);
	read_all(backlog, &span, &text);
	assert_int_equal(text.len, strlen("three seven "));
	assert_memory_equal(text.data, "three seven ", text.len);
	backlog_close(backlog, &span);
	assert_true(span.bytes == 0);
	buf_clear(&text);
	backlog_free(backlog);
}

static void a_little_that_waits_makes_no_file(void **state) {
	int fds = probe_count("fd");
	struct backlog *backlog = backlog_new("/nonesuch");
	char *line = malloc(1001);
	(void)state;
	memset(line, 'x', 1000);
	line[1000] = '\0';
	// 64 MiB in all, of which less than one waits at any time
	for (size_t i = 0; i < 64 * 1000; i += 800) {
		for (size_t k = i + 799; k > i; k--) {
			put(backlog, k, line);
			ends(backlog, k, "");
		}
		struct buf text = {0};
		struct span span;
		put(backlog, i + 800, "y");
		assert_int_equal(backlog_end(backlog, i, &span), 0);
		read_all(backlog, &span, &text);
		assert_int_equal(text.len, 799 * 1000 + 1);
		buf_clear(&text);
	}
	assert_int_equal(probe_count("fd"), fds);
	free(line);
	backlog_free(backlog);
}

enum { MODEL_JOBS = 300 };

// What each job has written so far, and what was printed.
struct model {
	struct buf texts[MODEL_JOBS], wanted, got;
	bool ended[MODEL_JOBS];
	size_t turn;
};

static void model_append(struct backlog *backlog, struct model *model, size_t job, size_t n) {
	uint64_t lost = 0;
	char *data = malloc(n);
	for (size_t i = 0; i < n; i++) {
		data[i] = (char)('a' + (job * 31 + i + model->texts[job].len) % 26);
	}
	if (backlog_is_turn(backlog, job)) {
		buf_append(&model->wanted, data, n);
		buf_append(&model->got, data, n);
	} else {
		assert_int_equal(backlog_append(backlog, job, data, n, &lost), 0);
		buf_append(&model->texts[job], data, n);
	}
	free(data);
}

static void model_end(struct backlog *backlog, struct model *model, size_t job) {
	struct span span;
	model->ended[job] = true;
	while (model->turn < MODEL_JOBS && model->ended[model->turn]) {
		model->turn++;
		if (model->turn < MODEL_JOBS) {
			struct buf *text = &model->texts[model->turn];
			buf_append(&model->wanted, text->data, text->len);
			buf_clear(text);
		}
	}
	assert_int_equal(backlog_end(backlog, job, &span), 0);
	read_all(backlog, &span, &model->got);
	assert_true(backlog_is_turn(backlog, model->turn));
}

static void pieces_of_all_sizes_come_whole(void **state) {
	struct backlog *backlog = backlog_new(NULL);
	struct model model = {0};
	unsigned seed = 1;
	size_t left = MODEL_JOBS;
	(void)state;
	while (left) {
		size_t window = model.turn + 40 < MODEL_JOBS ? 40 : MODEL_JOBS - model.turn;
		size_t job = model.turn + (size_t)rand_r(&seed) % window;
		if (model.ended[job]) {
			continue;
		}
		int size = 1 << rand_r(&seed) % 19;
		model_append(backlog, &model, job, 1 + (size_t)(rand_r(&seed) % size));
		if (rand_r(&seed) % 8 == 0) {
			model_end(backlog, &model, job);
			left--;
		}
	}
	assert_int_equal(model.got.len, model.wanted.len);
	assert_memory_equal(model.got.data, model.wanted.data, model.got.len);
	buf_clear(&model.got);
	buf_clear(&model.wanted);
	backlog_free(backlog);
}

static long resident_kib(void) {
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

// All wait behind the first; half of what is allowed for ten times what it should take.
static void check_million(size_t jobs, bool write) {
	struct backlog *backlog = backlog_new(NULL);
	bool bare = probe_tool()[0] == '\0' || strcmp(probe_tool(), "release") == 0;
	long before = resident_kib();
	int64_t begun = probe_now();
	char line[40], data[4096];
	struct span span;
	ssize_t n;
	for (size_t i = 1; i < jobs; i++) {
		if (write) {
			snprintf(line, sizeof line, "line of job %zu\n", i);
			put(backlog, i, line);
		}
		assert_int_equal(backlog_end(backlog, i, &span), 0);
	}
	int64_t waiting = probe_now() - begun;
	assert_int_equal(backlog_end(backlog, 0, &span), 0);
	assert_true(backlog_is_turn(backlog, jobs));
	size_t next = 1, at = 0;
	while ((n = backlog_read(backlog, &span, data, sizeof data)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (at == 0) {
				snprintf(line, sizeof line, "line of job %zu\n", next++);
			}
			assert_int_equal(data[i], line[at]);
			at = line[at] == '\n' ? 0 : at + 1;
		}
	}
	assert_int_equal(n, 0);
	assert_int_equal(next, write ? jobs : 1);
	printf("%s: %.2f us a job waiting, %.2f in all, %ld KiB more\n",
		write ? "a line each" : "nothing", (double)waiting / (double)jobs / 1000,
		(double)(probe_now() - begun) / (double)jobs / 1000, resident_kib() - before);
	if (bare) {
		assert_true(waiting / (int64_t)jobs < 20 * 1000);
		assert_true(resident_kib() - before < 4 * 1024);
	}
	backlog_free(backlog);
}

static void a_million_jobs_wait_in_flat_memory(void **state) {
	(void)state;
	size_t jobs = strcmp(probe_tool(), "valgrind") == 0 ? 20000 : 1000000;
	check_million(jobs, false);
	check_million(jobs, true);
}

// What the files take that were opened since there were so many descriptors.
static blkcnt_t on_disk(int fds) {
	blkcnt_t blocks = 0;
	for (int fd = 3, seen = 0; seen < 2 && fd < fds + 64; fd++) {
		struct stat stat;
		if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_nlink == 0) {
			blocks += stat.st_blocks;
			seen++;
		}
	}
	return blocks * 512;
}

static bool can_give_back(void) {
	char path[] = "/tmp/spool-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);
	unlink(path);
	assert_int_equal(write(fd, "x", 1), 1);
	bool can = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) == 0;
	close(fd);
	return can;
}

// n bytes of each; more than there are counters of segments for, if they did not grow.
static void check_given_back(size_t jobs, size_t n) {
	int fds = probe_count("fd");
	struct backlog *backlog = backlog_new(NULL);
	struct span span;
	uint64_t lost = 0;
	char *data = malloc(n), *got = malloc(n);
	for (size_t i = 1; i < jobs; i++) {
		memset(data, (int)('a' + i % 26), n);
		assert_int_equal(backlog_append(backlog, i, data, n, &lost), 0);
		assert_int_equal(backlog_end(backlog, i, &span), 0);
	}
	assert_true(on_disk(fds) >= (blkcnt_t)(jobs - 1) * (blkcnt_t)n - 2 * MIB);
	assert_int_equal(backlog_end(backlog, 0, &span), 0);
	for (size_t i = 1; i < jobs; i++) {
		memset(data, (int)('a' + i % 26), n);
		for (size_t done = 0; done < n;) {
			ssize_t r = backlog_read(backlog, &span, got + done, n - done);
			assert_true(r > 0);
			done += (size_t)r;
		}
		assert_memory_equal(got, data, n);
		if (i == jobs / 2) {
			assert_true(on_disk(fds) <= (blkcnt_t)(jobs - i) * (blkcnt_t)n + 2 * MIB);
		}
	}
	assert_int_equal(backlog_read(backlog, &span, got, n), 0);
	assert_true(on_disk(fds) == 0);
	backlog_free(backlog);
	assert_int_equal(probe_count("fd"), fds);
	free(data);
	free(got);
}

static void what_was_printed_is_given_back_to_the_disk(void **state) {
	(void)state;
	if (!can_give_back()) {
		skip();
	}
	check_given_back(400, 10000);
	check_given_back(40, 300000);
	check_given_back(150, MIB + 1);
}

static struct rlimit limit_files(rlim_t most) {
	struct rlimit old, limit;
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){.rlim_cur = most, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_FSIZE, &limit);
	return old;
}

// A file that takes no more: what could be kept is whole, what could not is counted.
static void what_cannot_be_kept_is_counted(void **state) {
	enum { JOBS = 60, SIZE = 100000 };
	struct backlog *backlog = backlog_new(NULL);
	struct buf text = {0};
	struct span span;
	uint64_t lost = 0;
	char *data = malloc(SIZE);
	(void)state;
	struct rlimit old = limit_files(2 * MIB);
	for (size_t i = 1; i < JOBS; i++) {
		uint64_t before = lost;
		memset(data, (int)('A' + i), SIZE);
		int r = backlog_append(backlog, i, data, SIZE, &lost);
		assert_int_equal(r, lost > before ? -1 : 0);
		if (r < 0) {
			assert_int_equal(errno, EFBIG);
		}
		assert_int_equal(backlog_end(backlog, i, &span), 0);
	}
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(lost > 2 * MIB && lost < (JOBS - 1) * SIZE - 2 * MIB);
	assert_int_equal(backlog_append(backlog, JOBS, "!!!!!", 5, &lost), 0);
	assert_int_equal(backlog_end(backlog, 0, &span), 0);
	read_all(backlog, &span, &text);
	assert_true(text.len + lost == (JOBS - 1) * SIZE + 5);
	size_t n = 0, at = 0;
	for (size_t i = 1; i < JOBS && at < text.len - 5; i++, at += n) {
		for (n = 0; text.data[at + n] == (char)('A' + i); n++) {
		}
		assert_true(n <= SIZE);
		assert_true(n == SIZE || at + n == text.len - 5);
	}
	assert_memory_equal(text.data + text.len - 5, "!!!!!", 5);
	buf_clear(&text);
	free(data);
	backlog_free(backlog);
}

static void where_no_file_can_be_made_it_is_said(void **state) {
	struct backlog *backlog = backlog_new("/nonesuch");
	struct span span;
	uint64_t lost = 0;
	size_t n = 0;
	(void)state;
	char *data = calloc(1, MIB);
	assert_int_equal(backlog_append(backlog, 1, data, MIB, &lost), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(backlog_append(backlog, 2, data, 1, &lost), -1);
	uint64_t kept = MIB + 1 - lost;
	// Nor can it be noted that so many have ended: they come at the end.
	size_t failed = 0;
	for (size_t i = 1; i < 100000; i++) {
		failed += backlog_end(backlog, i, &span) < 0;
	}
	assert_true(failed > 0);
	assert_int_equal(backlog_end(backlog, 0, &span), 0);
	for (ssize_t r; (r = backlog_read(backlog, &span, data, MIB)) > 0;) {
		n += (size_t)r;
	}
	assert_true(n == kept);
	assert_false(backlog_is_turn(backlog, 100000));
	backlog_close(backlog, &span);
	assert_true(span.bytes == 0);
	free(data);
	backlog_free(backlog);
}

struct reading {
	struct backlog *backlog;
	pthread_mutex_t mutex;
	pthread_cond_t came;
	struct span spans[1000];
	size_t n;
	bool over;
	struct buf text;
};

static void *read_spans(void *ud) {
	struct reading *reading = ud;
	pthread_mutex_lock(&reading->mutex);
	for (size_t i = 0; i < reading->n || !reading->over;) {
		if (i == reading->n) {
			pthread_cond_wait(&reading->came, &reading->mutex);
			continue;
		}
		struct span span = reading->spans[i++];
		pthread_mutex_unlock(&reading->mutex);
		read_all(reading->backlog, &span, &reading->text);
		pthread_mutex_lock(&reading->mutex);
	}
	pthread_mutex_unlock(&reading->mutex);
	return NULL;
}

static void another_thread_reads_while_more_comes(void **state) {
	enum { JOBS = 1000, SIZE = 20000 };
	struct reading reading = {.backlog = backlog_new(NULL)};
	char *data = malloc(SIZE);
	pthread_t thread;
	(void)state;
	pthread_mutex_init(&reading.mutex, NULL);
	pthread_cond_init(&reading.came, NULL);
	assert_int_equal(pthread_create(&thread, NULL, read_spans, &reading), 0);
	// hundreds go back, each hundred waits for its first
	for (size_t k = JOBS; k-- > 0;) {
		struct span span;
		uint64_t lost = 0;
		size_t job = (JOBS - 1 - k) / 100 * 100 + k % 100;
		memset(data, (int)('a' + job % 26), SIZE);
		if (backlog_is_turn(reading.backlog, job)) {
			memset(data, (int)('a' + job % 26), SIZE);
		} else {
			assert_int_equal(
				backlog_append(reading.backlog, job, data, SIZE, &lost), 0);
		}
		assert_int_equal(backlog_end(reading.backlog, job, &span), 0);
		if (span.bytes) {
			pthread_mutex_lock(&reading.mutex);
			reading.spans[reading.n++] = span;
			pthread_cond_signal(&reading.came);
			pthread_mutex_unlock(&reading.mutex);
		}
	}
	pthread_mutex_lock(&reading.mutex);
	reading.over = true;
	pthread_cond_signal(&reading.came);
	pthread_mutex_unlock(&reading.mutex);
	pthread_join(thread, NULL);
	size_t at = 0;
	for (size_t i = 0; i < JOBS; i++) {
		for (size_t n = 0; i % 100 && n < SIZE; n++) {
			assert_int_equal(reading.text.data[at++], (char)('a' + i % 26));
		}
	}
	assert_int_equal(at, reading.text.len);
	buf_clear(&reading.text);
	free(data);
	backlog_free(reading.backlog);
	pthread_mutex_destroy(&reading.mutex);
	pthread_cond_destroy(&reading.came);
}

// As spool has it.
static int block_file_signal(void **state) {
	sigset_t set;
	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	return pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_jobs_wait_in_flat_memory), // first: nothing to reuse yet
		cmocka_unit_test(it_comes_in_the_order_of_the_jobs),
		cmocka_unit_test(a_job_whose_turn_comes_while_it_runs_gives_what_it_has),
		cmocka_unit_test(what_grows_after_it_was_read_ahead_comes_whole),
		cmocka_unit_test(at_the_end_all_that_waits_comes),
		cmocka_unit_test(a_little_that_waits_makes_no_file),
		cmocka_unit_test(pieces_of_all_sizes_come_whole),
		cmocka_unit_test(what_was_printed_is_given_back_to_the_disk),
		cmocka_unit_test(what_cannot_be_kept_is_counted),
		cmocka_unit_test(where_no_file_can_be_made_it_is_said),
		cmocka_unit_test(another_thread_reads_while_more_comes),
	};
	return cmocka_run_group_tests(tests, block_file_signal, NULL);
}
