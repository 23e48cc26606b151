// SPDX-License-Identifier: MIT
// Pages of a sparse file, each of which has one place in memory where it can be.
#include "report/records.h"
#include "base/fd.h"
#include "report/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RELEASE = 64 }; // pages that are given back to the disk in one call

int records_init(struct records *records, size_t size, const char *dir) {
	*records = (struct records){.dir = dir, .fd = -1, .size = size};
	records->memory = malloc((size_t)RECORDS_PAGES * RECORDS_PAGE);
	return records->memory ? 0 : -1;
}

void records_clear(struct records *records) {
	fd_close(&records->fd);
	free(records->memory);
	records->memory = NULL;
}

static char *data_of(const struct records *records, const struct records_page *page) {
	return records->memory + (size_t)(page - records->pages) * RECORDS_PAGE;
}

static int save(struct records *records, const struct records_page *page) {
	const char *data = data_of(records, page);
	if (records->fd < 0) {
		records->fd = fd_unnamed_file(records->dir);
	}
	if (records->fd < 0 ||
		store_pwrite(records->fd, data, RECORDS_PAGE, page->number * RECORDS_PAGE) < 0) {
		return -1;
	}
	if (page->number >= records->pages_written) {
		records->pages_written = page->number + 1;
	}
	return 0;
}

// A page beyond all that were written, or in a hole between them, is all zero.
static int load(struct records *records, const struct records_page *page) {
	char *data = data_of(records, page);
	uint64_t at = page->number * RECORDS_PAGE;
	memset(data, 0, RECORDS_PAGE);
	for (size_t done = 0; page->number < records->pages_written && done < RECORDS_PAGE;) {
		ssize_t n = pread(
			records->fd, data + done, RECORDS_PAGE - done, (off_t)(at + done));
		if (n == 0) {
			errno = EIO; // somebody has cut it off
		}
		if (n == 0 || (n < 0 && errno != EINTR)) {
			return -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static struct records_page *page_of(struct records *records, uint64_t number) {
	uint64_t wanted = number / (RECORDS_PAGE / records->size);
	struct records_page *page = &records->pages[wanted % RECORDS_PAGES];
	if (page->used && page->number == wanted) {
		return page;
	}
	bool stale = page->number < records->pages_released;
	if (page->used && page->dirty && !stale && save(records, page) < 0) {
		return NULL;
	}
	*page = (struct records_page){.number = wanted, .used = true};
	if (load(records, page) < 0) {
		page->used = false;
		return NULL;
	}
	return page;
}

static char *record_in(
	const struct records *records, const struct records_page *page, uint64_t number) {
	return data_of(records, page) + number % (RECORDS_PAGE / records->size) * records->size;
}

void *records_change(struct records *records, uint64_t number) {
	struct records_page *page = page_of(records, number);
	if (!page) {
		return NULL;
	}
	page->dirty = true;
	return record_in(records, page, number);
}

const void *records_look(struct records *records, uint64_t number) {
	const struct records_page *page = page_of(records, number);
	return page ? record_in(records, page, number) : NULL;
}

void records_release(struct records *records, uint64_t number) {
	uint64_t from = records->pages_given_back, to = number / (RECORDS_PAGE / records->size);
	records->pages_released = to;
	if (to < from + RELEASE) {
		return;
	}
	records->pages_given_back = to;
	if (records->fd >= 0 && from < records->pages_written) {
		fallocate(records->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			(off_t)(from * RECORDS_PAGE), (off_t)((to - from) * RECORDS_PAGE));
	}
}
