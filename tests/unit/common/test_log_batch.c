/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of batches that outlive their writer: crash images, real kills, and
 * memory that a hostile process has written.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/log_batch.h"

static struct log_batch batch;
static int log_file;

static int
setup(void **state)
{
	char path[] = "/tmp/test_log_batch.XXXXXX";

	(void)state;
	log_file = mkostemp(path, O_APPEND);
	assert_int_not_equal(log_file, -1);
	unlink(path);
	memset(&batch, 0, sizeof(batch));
	log_open(log_file, LOG_K_FD, LOG_F_JSON, LOG_L_INFO);
	log_role(LOG_R_WORKER, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_use_batch(NULL);
	close(log_file);
	return 0;
}

/* What the log holds now, as a string that lives until the next call. */
static const char *
logged(void)
{
	static char *text;
	struct stat st;

	free(text);
	assert_int_equal(fstat(log_file, &st), 0);
	text = calloc(1, (size_t)st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(pread(log_file, text, (size_t)st.st_size, 0),
	    st.st_size);
	if (st.st_size == 0) {
		free(text);
		text = NULL;
		return "";
	}
	return text;
}

static void
put(const char *text, size_t n)
{
	memcpy(batch.buf, text, n);
	batch.len = (uint32_t)n;
}

/* A writer that dies while it copies the third record: the memory at each of
 * these moments holds two. */
static void
test_crash_image(void **state)
{
	static struct log_batch whole;
	size_t two, three, k;

	(void)state;
	log_use_batch(&whole);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "one");
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "two");
	two = whole.len;
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "three");
	three = whole.len;
	for (k = two; k <= three; k++) {
		memset(&batch, 0, sizeof(batch));
		memcpy(batch.buf, whole.buf, k);
		batch.len = (uint32_t)two;
		assert_int_equal(log_flush_batch(&batch), 0);
		assert_int_equal(batch.len, 0);
		assert_int_equal(strlen(logged()), two);
		assert_memory_equal(logged(), whole.buf, two);
		assert_int_equal(ftruncate(log_file, 0), 0);
	}
	whole.len = 0;
}

/*
 * The same for real: the writer dies of a page that is not there, in the very
 * copying of a record.  Until it was whole it was not published.
 */
static void
test_death_while_copying(void **state)
{
	long page = sysconf(_SC_PAGESIZE);
	struct log_batch *b;
	const char *text;
	int status;
	pid_t pid;

	(void)state;
	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(b, MAP_FAILED);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		mprotect((char *)b + page, (size_t)page, PROT_NONE);
		log_use_batch(b);
		for (;;)
			log_line(LOG_L_INFO, LOG_CONN_OPEN, "conn");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_in_range(b->len, page / 2, page);
	assert_int_equal(log_flush_batch(b), 0);
	text = logged();
	assert_string_equal(text + strlen(text) - 2, "}\n");
	munmap(b, sizeof(*b));
}

struct shared {
	struct log_batch batch;
	_Atomic int done;		/* records whose log_end() returned */
};

static void
log_forever(struct shared *s)
{
	struct log_rec r;
	int i;

	log_role(LOG_R_WORKER, 1);
	log_use_batch(&s->batch);
	for (i = 0;; i++) {
		log_begin(&r, LOG_L_INFO, LOG_CONN_OPEN, "open");
		log_int(&r, "conn", i);
		log_end(&r);
		s->done = i + 1;
	}
}

/* Every record up to the last promised one is there and each line is whole; a
 * record may be there twice. */
static void
check_log(int promised)
{
	const char *p = logged(), *end = p + strlen(p), *nl, *colon;
	long next = 0, conn;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		assert_non_null(nl);
		if (nl == p || nl[-1] != '}' || p[0] != '{')
			continue;	/* torn, ended; it comes again whole */
		colon = memrchr(p, ':', (size_t)(nl - p));
		conn = atol(colon + 1);
		assert_true(conn <= next);
		next = conn == next ? next + 1 : next;
	}
	assert_true(next >= promised);
}

static void
test_killed_writers_lose_nothing(void **state)
{
	struct shared *s;
	int i, status;
	pid_t pid;

	(void)state;
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(s, MAP_FAILED);
	for (i = 0; i < 20; i++) {
		s->done = 0;
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (pid == 0)
			log_forever(s);
		while (s->done < 500 + 37 * i)
			sched_yield();
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(log_flush_batch(&s->batch), 0);
		check_log(s->done);
		assert_int_equal(ftruncate(log_file, 0), 0);
	}
	munmap(s, sizeof(*s));
}

/* A literal with its length, which may hold NULs. */
#define TEXT(s)	(s), sizeof(s) - 1

static const struct hostile {
	const char *text;
	size_t n;
	int errnum;			/* 0: all is well */
	uint64_t dropped;
	const char *want;
} hostiles[] = {
	{ TEXT("a\nb\n"), 0, 0, "a\nb\n" },
	{ TEXT("a\nb"), EILSEQ, 1, "a\n" },
	{ TEXT("no newline"), EILSEQ, 1, "" },
	{ TEXT("a\n\nb\n"), EILSEQ, 1, "a\nb\n" },
	{ TEXT("a\nN\0L\nb\n"), EILSEQ, 1, "a\nb\n" },
	{ TEXT("\0\0\0\0"), EILSEQ, 1, "" },
	{ TEXT("a\n\033[2J\nb\n"), EILSEQ, 1, "a\nb\n" },
	{ TEXT("a\rb\nc\n"), EILSEQ, 1, "c\n" },
	{ TEXT("a\177b\nc\n"), EILSEQ, 1, "c\n" },
};

static void
test_hostile_records(void **state)
{
	const struct hostile *h;
	uint64_t before;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		h = &hostiles[i];
		before = log_dropped();
		put(h->text, h->n);
		errno = 0;
		assert_int_equal(log_flush_batch(&batch), h->errnum ? -1 : 0);
		assert_int_equal(errno, h->errnum);
		assert_int_equal(log_dropped() - before, h->dropped);
		assert_string_equal(logged(), h->want);
		assert_int_equal(batch.len, 0);
		assert_int_equal(ftruncate(log_file, 0), 0);
	}
}

static void
test_hostile_length(void **state)
{
	static const uint32_t lens[] = {
		LOG_BATCH_MAX + 1, LOG_BATCH_MAX + 65, INT32_MAX, UINT32_MAX,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		memset(batch.buf, 'x', sizeof(batch.buf));
		batch.len = lens[i];
		assert_int_equal(log_flush_batch(&batch), -1);
		assert_int_equal(errno, EBADMSG);
		assert_int_equal(batch.len, 0);
		assert_string_equal(logged(), "");

		/* the same in one's own batch, by log_end() */
		batch.len = lens[i];
		log_use_batch(&batch);
		log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
		assert_int_equal(batch.buf[batch.len - 1], '\n');
		assert_int_equal(log_flush(), 0);
		log_use_batch(NULL);
		assert_int_equal(ftruncate(log_file, 0), 0);
	}
}

/* A line longer than a record is left out to its end; what stands around it is
 * not, and a full batch is read to its last byte. */
static void
test_hostile_long_line(void **state)
{
	(void)state;
	memset(batch.buf, 'x', sizeof(batch.buf));
	memcpy(batch.buf, "first\n", 6);
	batch.buf[20000] = '\n';
	memcpy(batch.buf + LOG_BATCH_MAX - 6, "\nlast\n", 6);
	batch.len = LOG_BATCH_MAX;
	assert_int_equal(log_flush_batch(&batch), -1);
	assert_int_equal(errno, EILSEQ);
	assert_string_equal(logged(), "first\nlast\n");
}

static void
test_longest_record_passes(void **state)
{
	(void)state;
	memset(batch.buf, 'x', sizeof(batch.buf));
	batch.buf[LOG_RECORD_MAX - 1] = '\n';
	batch.buf[2 * LOG_RECORD_MAX] = '\n';	/* one byte too long */
	batch.len = 2 * LOG_RECORD_MAX + 1;
	assert_int_equal(log_flush_batch(&batch), -1);
	assert_int_equal(strlen(logged()), LOG_RECORD_MAX);
}

/* The writer died in its write(2): the file ends in a torn record. */
static void
test_torn_tail_before_a_batch(void **state)
{
	(void)state;
	assert_int_equal(write(log_file, "{\"torn", 6), 6);
	put("a\nb\n", 4);
	assert_int_equal(log_flush_batch(&batch), 0);
	assert_string_equal(logged(), "{\"torn\na\nb\n");
}

static void
test_escapes_only_with_colours(void **state)
{
	struct log_sink sink = { .fd = -1 };

	(void)state;
	log_sink_open(&sink, log_file, LOG_K_FD, LOG_F_PRETTY);
	put("\033[1mbold\033[0m\n", 13);
	assert_int_equal(log_batch_write(&batch, &sink, false), -1);
	assert_string_equal(logged(), "");
	put("\033[1mbold\033[0m\n", 13);
	assert_int_equal(log_batch_write(&batch, &sink, true), 0);
	assert_string_equal(logged(), "\033[1mbold\033[0m\n");
}

#define BATCH_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BATCH_TEST(test_crash_image),
		BATCH_TEST(test_death_while_copying),
		BATCH_TEST(test_killed_writers_lose_nothing),
		BATCH_TEST(test_hostile_records),
		BATCH_TEST(test_hostile_length),
		BATCH_TEST(test_hostile_long_line),
		BATCH_TEST(test_longest_record_passes),
		BATCH_TEST(test_torn_tail_before_a_batch),
		BATCH_TEST(test_escapes_only_with_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
