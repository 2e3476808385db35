/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keys - each is the same transition as its signal; a row a key.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/json.h"
#include "master/keys.h"
#include "master/status.h"
#include "master/transition.h"

enum { STATUS_MAX = 1 << 20 };

static void
key_status(struct master *m)
{
	struct json j;
	char *text;

	json_init_grow(&j, STATUS_MAX);
	status_write(m, &j);
	json_newline(&j);
	text = json_take(&j);
	if (text != NULL) {
		fputs(text, stdout);
		fflush(stdout);
	}
	free(text);
}

/* Not for --quiet: that is nothing but the log. */
static void
key_help(struct master *m)
{
	if (m->book->start.quiet)
		return;
	fprintf(stderr, "keys: q stop, r reload, s status, + and - workers, "
	    "h help\n");
}

static const struct key {
	char key;
	enum mevent event;		/* ME_NEVENTS: act instead */
	void (*act)(struct master *);
} keys[] = {
	{ 'q', ME_STOP, NULL },
	{ 'r', ME_RELOAD, NULL },
	{ '+', ME_SCALE, NULL },	/* by their sign */
	{ '-', ME_SCALE, NULL },
	{ 's', ME_NEVENTS, key_status },
	{ 'h', ME_NEVENTS, key_help },
};

void
keys_open(struct master *m)
{
	struct book *b = m->book;
	bool tty = b->start.foreground && isatty(STDIN_FILENO);
	struct termios t;

	m->keys = b->start.keys || tty;
	if (!tty)
		return;
	if (!b->tty_saved && tcgetattr(STDIN_FILENO, &b->tty) == 0)
		b->tty_saved = true;
	t = b->tty;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (b->tty_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

void
keys_close(struct master *m)
{
	if (m->book->tty_saved)
		tcsetattr(STDIN_FILENO, TCSANOW, &m->book->tty);
	m->book->tty_saved = false;
	m->keys = false;
}

void
keys_hint(struct master *m)
{
	if (m->keys)
		key_help(m);
}

static void
key_press(struct master *m, char c)
{
	struct verdict v;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (keys[i].key != c)
			continue;
		if (keys[i].act != NULL) {
			keys[i].act(m);
			return;
		}
		m->scale_to = (int)m->book->workers + (c == '+' ? 1 : -1);
		v = transition(m, keys[i].event);
		if (v.action == MA_REFUSE && !m->book->start.quiet)
			fprintf(stderr, "%c: %s\n", c, v.why);
		return;
	}
	if (isgraph((unsigned char)c))
		key_help(m);
}

void
keys_read(struct master *m)
{
	char buf[64];
	ssize_t n = read(STDIN_FILENO, buf, sizeof buf);

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		/* its end stops the keys, not the server */
		m->keys = false;
	for (ssize_t i = 0; i < n; i++)
		key_press(m, buf[i]);
}
