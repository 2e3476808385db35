/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rig_step - ptrace(2), single steps, and a picture of the slot to compare.
 */
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/worker/rig_step.h"

enum {
	STEPS_ENOUGH = 1500, STEPS_SLOW = 150,
	SEEN_BUFS = 64, SEEN_ROWS = RIG_FEW
};

struct kernel_view {			/* all zero: the descriptor is closed */
	int open, state, unread;
	uint64_t received, sent;
};

struct picture {
	struct slot_head head;
	struct slot_counts counts[RIG_SERVICES];
	struct row rows[SEEN_ROWS];
	struct slot_buf bufs[SEEN_BUFS];
	uint32_t log_len;
	struct kernel_view kernel;
};

/* Two system calls: it is asked at every instruction. */
static void
kernel_look(int fd, struct kernel_view *k)
{
	struct tcp_info ti = { .tcpi_state = 0 };
	socklen_t len = sizeof ti;

	memset(k, 0, sizeof *k);
	k->open = ioctl(fd, SIOCINQ, &k->unread) == 0 || errno != EBADF;
	if (!k->open ||
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len) == -1)
		return;
	k->state = ti.tcpi_state;
	k->received = ti.tcpi_bytes_received;
	k->sent = ti.tcpi_bytes_sent + ti.tcpi_notsent_bytes;
}

/* Takes a new picture where it differs; true if it does. */
static bool
renew(void *old, const void *now, size_t n)
{
	if (memcmp(old, now, n) == 0)
		return false;
	memcpy(old, now, n);
	return true;
}

static bool
picture_changed(struct picture *p, const struct rig *r)
{
	const struct slot *s = &r->args.slot;
	struct kernel_view k;
	uint32_t log_len = s->log->len;
	bool changed;

	kernel_look(r->fd, &k);
	changed = renew(&p->kernel, &k, sizeof k);
	changed |= renew(&p->head, s->head, sizeof p->head);
	changed |= renew(p->counts, s->counts,
	    s->nservices * sizeof p->counts[0]);
	changed |= renew(p->rows, s->rows, sizeof p->rows);
	changed |= renew(p->bufs, s->bufs, sizeof p->bufs);
	changed |= renew(&p->log_len, &log_len, sizeof log_len);
	return changed;
}

static pid_t
traced(struct rig *r, void (*op)(struct rig *))
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0,
	    0);

	if (pid != 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) == -1)
		_exit(2);
	syscall(SYS_kill, syscall(SYS_getpid), SIGSTOP);
	if (op != NULL)
		op(r);
	_exit(0);
}

static bool
await_stop(pid_t pid, int *status)
{
	pid_t got;

	while ((got = waitpid(pid, status, 0)) == -1 && errno == EINTR)
		;
	return got == pid && WIFSTOPPED(*status);
}

/* Both take turns: on two processors they would wait for each other's. */
static void
stay_on_one_cpu(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : (unsigned)cpu, &set);
	sched_setaffinity(0, sizeof set, &set);
}

bool
rig_can_step(void)
{
	int status;
	pid_t pid;
	bool can;

	stay_on_one_cpu();
	pid = traced(NULL, NULL);
	can = pid != -1 && await_stop(pid, &status);

	if (can)
		can = ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == 0 &&
		    await_stop(pid, &status);
	if (can) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return can;
}

/* There under the address sanitizer, where a step costs ten times as much. */
extern void __asan_init(void) __attribute__((weak));

unsigned
rig_stride(const struct rig *r)
{
	unsigned enough = __asan_init != NULL ? STEPS_SLOW : STEPS_ENOUGH;

	return 1 + r->steps / enough;
}

bool
rig_step(struct rig *r, void (*op)(struct rig *), unsigned n)
{
	static struct picture p;
	pid_t pid;
	int status;

	r->steps = 0;
	memset(&p, 0, sizeof p);
	picture_changed(&p, r);
	pid = traced(r, op);
	assert_int_not_equal(pid, -1);
	assert_true(await_stop(pid, &status));
	for (unsigned seen = 0; seen < n; seen += picture_changed(&p, r)) {
		r->steps++;
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) == -1)
			fail_msg("ptrace: %s", strerror(errno));
		if (await_stop(pid, &status)) {
			assert_int_equal(WSTOPSIG(status), SIGTRAP);
			continue;
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	kill(pid, SIGKILL);
	assert_false(await_stop(pid, &status));
	assert_true(WIFSIGNALED(status));
	return true;
}
