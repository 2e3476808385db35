/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of common/log: what a caller sees.  The log is a pipe; its records are
 * read back with jansson.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "common/log.h"

static struct log_batch batch;
static int fds[2];

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0);
	batch.len = 0;
	log_role(LOG_R_WORKER, 3);
	log_open(fds[1], LOG_K_FD, LOG_F_JSON, LOG_L_INFO);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_use_batch(NULL);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* What came into the pipe since the last call. */
static const char *
logged(void)
{
	static char text[1 << 18];
	ssize_t k;
	size_t len = 0;

	while ((k = read(fds[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)k;
	text[len] = '\0';
	return text;
}

/* The one record that came; the caller puts it. */
static json_t *
record(void)
{
	const char *text = logged();
	json_t *got;

	assert_non_null(strchr(text, '\n'));
	assert_string_equal(strchr(text, '\n'), "\n");
	got = json_loads(text, 0, NULL);
	assert_non_null(got);
	return got;
}

static void
expect_text(json_t *rec, const char *key, const char *want)
{
	assert_string_equal(json_string_value(json_object_get(rec, key)), want);
}

static void
expect_int(json_t *rec, const char *key, json_int_t want)
{
	assert_true(json_is_integer(json_object_get(rec, key)));
	assert_int_equal(json_integer_value(json_object_get(rec, key)), want);
}

static void
test_record(void **state)
{
	static const char *const order[] = {
		"ts", "level", "event", "msg", "pid", "role", "slot",
		"service", "data", "bytes_in", "left", "errno",
	};
	struct log_rec r;
	const char *key;
	json_t *got, *value;
	size_t i = 0;

	(void)state;
	log_begin(&r, LOG_L_WARN, LOG_CONN_CLOSE, "closed %d of %s", 2, "x");
	log_str(&r, "service", "echo");
	log_bytes(&r, "data", "abcdef", 6, 3);
	log_uint(&r, "bytes_in", INT64_MAX);
	log_int(&r, "left", INT64_MIN);
	log_errno(&r, ECONNRESET);
	log_end(&r);
	log_end(&r);			/* a second end is harmless */
	got = record();
	json_object_foreach(got, key, value)
		if (i < sizeof(order) / sizeof(order[0]))
			assert_string_equal(key, order[i++]);
	assert_int_equal(strlen(json_string_value(json_object_get(got, "ts"))),
	    27);
	expect_text(got, "level", "warn");
	expect_text(got, "event", "conn.close");
	expect_text(got, "msg", "closed 2 of x");
	expect_int(got, "pid", getpid());
	expect_text(got, "role", "worker");
	expect_int(got, "slot", 3);
	expect_text(got, "data", "abc\xe2\x80\xa6");
	expect_int(got, "bytes_in", INT64_MAX);
	expect_int(got, "left", INT64_MIN);
	expect_text(got, "errno", "Connection reset by peer");
	assert_true(json_is_true(json_object_get(got, "cut")));
	json_decref(got);
}

/* Names are a contract; the list is INTERFACE section 6, and one more. */
static void
test_event_names(void **state)
{
	static const char names[] =
	    "master.ready master.state master.stop reload.begin reload.done "
	    "reload.failed upgrade.begin upgrade.done upgrade.failed "
	    "worker.start worker.ready worker.exit worker.crash worker.hang "
	    "worker.backoff worker.adopted worker.moved master.restart "
	    "listener.open listener.close listener.overflow conn.open "
	    "conn.close conn.reject client.quarantine limit.reached "
	    "log.reopen config.warning service.message ";
	char all[sizeof(names) + 100] = "";
	int i;

	(void)state;
	for (i = 0; i < LOG_NEVENTS; i++) {
		assert_non_null(log_event_name[i]);
		strcat(strcat(all, log_event_name[i]), " ");
	}
	assert_string_equal(all, names);
}

static void
test_levels(void **state)
{
	int least, level;

	(void)state;
	for (least = 0; least < LOG_NLEVELS; least++) {
		log_open(fds[1], LOG_K_FD, LOG_F_JSON, (enum log_level)least);
		for (level = 0; level < LOG_NLEVELS; level++) {
			log_line((enum log_level)level, LOG_CONN_OPEN, "m");
			assert_int_equal(logged()[0] != '\0', level >= least);
			assert_int_equal(log_on((enum log_level)level),
			    level >= least);
		}
	}
}

static void
test_roles(void **state)
{
	char want[64];
	json_t *got;
	int role;

	(void)state;
	for (role = 0; role < LOG_NROLES; role++) {
		log_role((enum log_role)role, -1);
		log_line(LOG_L_INFO, LOG_MASTER_STATE, "m");
		got = record();
		expect_text(got, "role", log_role_name[role]);
		assert_null(json_object_get(got, "slot"));
		json_decref(got);
	}
	log_role(LOG_R_KEEPER, 0);
	log_open(fds[1], LOG_K_FD, LOG_F_LOGFMT, LOG_L_INFO);
	log_line(LOG_L_INFO, LOG_MASTER_STATE, "m");
	snprintf(want, sizeof(want), " pid=%d role=keeper slot=0\n",
	    (int)getpid());
	assert_non_null(strstr(logged(), want));
}

/* A descriptor that is no terminal gets no colours. */
static void
test_pretty(void **state)
{
	const char *text;

	(void)state;
	log_open(fds[1], LOG_K_FD, LOG_F_PRETTY, LOG_L_INFO);
	log_line(LOG_L_ERROR, LOG_WORKER_CRASH, "it crashed");
	text = logged();
	assert_string_equal(text + 12,
	    " error worker.crash  slot 3: it crashed\n");
}

static void
test_errno_is_kept(void **state)
{
	struct log_rec r;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	log_open(full, LOG_K_FD, LOG_F_JSON, LOG_L_INFO);
	errno = EXDEV;
	log_begin(&r, LOG_L_INFO, LOG_CONN_OPEN, "%s", "m");
	log_str(&r, "k", "v");
	log_errno(&r, errno);
	log_end(&r);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
	log_use_batch(&batch);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
	log_role(LOG_R_WORKER, 1);
	assert_int_equal(errno, EXDEV);
	close(full);
}

static void
test_long_msg_is_cut(void **state)
{
	static char big[3000];
	const char *msg;
	json_t *got;
	size_t n;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	log_line(LOG_L_INFO, LOG_CONFIG_WARNING, "%s", big);
	got = record();
	msg = json_string_value(json_object_get(got, "msg"));
	n = strlen(msg);
	assert_in_range(n, 1000, 1100);
	assert_string_equal(msg + n - 3, "\xe2\x80\xa6");
	assert_true(json_is_true(json_object_get(got, "cut")));
	json_decref(got);
}

static void
test_batch_waits_for_flush(void **state)
{
	const char *text;

	(void)state;
	log_use_batch(&batch);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "one");
	log_line(LOG_L_DEBUG, LOG_CONN_OPEN, "off");
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "two");
	assert_string_equal(logged(), "");
	assert_true(batch.len > 0);
	assert_int_equal(batch.buf[batch.len - 1], '\n');
	assert_int_equal(log_flush(), 0);
	assert_int_equal(batch.len, 0);
	text = logged();
	assert_non_null(strstr(text, "\"one\""));
	assert_non_null(strstr(text, "\"two\""));
	assert_null(strstr(text, "\"off\""));
	assert_int_equal(log_flush(), 0);
	assert_string_equal(logged(), "");
}

/* Records never wait in vain: a full batch is written by the one that does not
 * fit, and the order is kept. */
static void
test_full_batch_flushes_itself(void **state)
{
	static char big[2000];
	const char *p;
	int i, n = 50, conn;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	log_use_batch(&batch);
	for (i = 0; i < n; i++) {
		struct log_rec r;

		log_begin(&r, LOG_L_INFO, LOG_CONN_OPEN, "m");
		log_int(&r, "conn", i);
		log_str(&r, "big", big);
		log_end(&r);
		assert_true(batch.len <= LOG_BATCH_MAX);
	}
	assert_int_equal(log_flush(), 0);
	p = logged();
	for (i = 0; i < n; i++) {
		p = strstr(p, "\"conn\":");
		assert_non_null(p);
		assert_int_equal(sscanf(p, "\"conn\":%d", &conn), 1);
		assert_int_equal(conn, i);
		p++;
	}
}

/* A new process must not write into the batch of the one it was cloned from. */
static void
test_role_forgets_the_batch(void **state)
{
	(void)state;
	log_use_batch(&batch);
	log_role(LOG_R_WORKER, 4);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "direct");
	assert_int_equal(batch.len, 0);
	assert_non_null(strstr(logged(), "direct"));
}

static void *
other_thread(void *arg)
{
	(void)arg;
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "from the other");
	return NULL;
}

static void
test_batch_is_of_one_thread(void **state)
{
	pthread_t thread;

	(void)state;
	log_use_batch(&batch);
	assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(batch.len, 0);
	assert_non_null(strstr(logged(), "from the other"));
}

static void
test_dropped_are_counted(void **state)
{
	uint64_t before = log_dropped();
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	log_open(full, LOG_K_FD, LOG_F_JSON, LOG_L_INFO);
	assert_int_equal(log_fd(), full);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
	assert_int_equal(log_dropped(), before + 1);
	log_use_batch(&batch);
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
	log_line(LOG_L_INFO, LOG_CONN_OPEN, "m");
	assert_int_equal(log_flush(), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(batch.len, 0);	/* a full disk stops nothing */
	assert_int_equal(log_dropped(), before + 3);
	close(full);
}

#define LOG_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(test_record),
		LOG_TEST(test_event_names),
		LOG_TEST(test_levels),
		LOG_TEST(test_roles),
		LOG_TEST(test_pretty),
		LOG_TEST(test_errno_is_kept),
		LOG_TEST(test_long_msg_is_cut),
		LOG_TEST(test_batch_waits_for_flush),
		LOG_TEST(test_full_batch_flushes_itself),
		LOG_TEST(test_role_forgets_the_batch),
		LOG_TEST(test_batch_is_of_one_thread),
		LOG_TEST(test_dropped_are_counted),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
