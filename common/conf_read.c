/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_read - what stands before libconfuse: files, includes, balance.
 *
 * Work is bounded in every direction (depth, files, bytes, braces), since a
 * few lines of includes could otherwise ask for any amount of it.
 */
#include <stdlib.h>
#include <string.h>

#include "common/conf_file.h"
#include "common/conf_glob.h"
#include "common/conf_read.h"

struct link {				/* one open file of the chain */
	struct link *up;
	const char *file;
	dev_t dev;
	ino_t ino;
	unsigned depth;
	struct conf_pos open[CONF_BRACE_DEPTH];
	unsigned nopen;
};

struct reader {
	struct conf_toks *out;
	struct conf_errors *e;
	unsigned files;
	size_t bytes;
	unsigned errors;		/* that there were before */
};

static int read_one(struct reader *r, struct link *up, const char *path,
    struct conf_pos at);

static void
read_include(struct reader *r, struct link *in, const char *pattern,
    struct conf_pos at)
{
	char shown[CONF_SHOW_MAX];
	struct conf_glob g;

	if (in->depth == 0) {
		conf_errors_add(r->e, at, "include works in files only; write "
		    "its content here");
		return;
	}
	if (conf_glob(in->file, pattern, &g) == -1) {
		conf_errors_add(r->e, at, "include(\"%s\"): %s",
		    conf_show(pattern, shown), g.why);
		return;
	}
	for (size_t i = 0; i < g.n; i++)
		if (read_one(r, in, g.v[i], at) == -1)
			break;
	conf_glob_free(&g);
}

/* False where going on makes no sense. */
static bool
read_brace(struct reader *r, struct link *in, const struct conf_tok *tok)
{
	if (tok->kind == CONF_T_OPEN && in->nopen == CONF_BRACE_DEPTH) {
		conf_errors_add(r->e, tok->pos,
		    "{ inside %d others; is a } missing?", CONF_BRACE_DEPTH);
		return false;
	}
	if (tok->kind == CONF_T_OPEN)
		in->open[in->nopen++] = tok->pos;
	else if (tok->kind == CONF_T_CLOSE && in->nopen > 0)
		in->nopen--;
	else if (tok->kind == CONF_T_CLOSE)
		conf_errors_add(r->e, tok->pos,
		    "} closes nothing; remove it, or add the { before it");
	return true;
}

/* At "include (": hands the file on, returns how many tokens that were. */
static size_t
read_include_at(struct reader *r, struct link *in, const struct conf_toks *t,
    size_t i)
{
	const struct conf_tok *v = t->v + i;

	if (t->n - i < 4 || !conf_tok_has_text(v + 2) ||
	    v[3].kind != CONF_T_RPAREN) {
		conf_errors_add(r->e, v->pos, "include has one pattern in "
		    "quotes; write include(\"conf.d/*.conf\")");
		return 2;
	}
	read_include(r, in, conf_toks_text(t, i + 2), v->pos);
	return 4;
}

/* Passes one file's tokens on; ends early where the list is beyond repair. */
static void
read_tokens(struct reader *r, struct link *in, const struct conf_toks *t)
{
	for (size_t i = 0; i < t->n && !conf_errors_full(r->e); i++) {
		const struct conf_tok *tok = &t->v[i];

		if (tok->kind == CONF_T_WORD && i + 1 < t->n &&
		    tok[1].kind == CONF_T_LPAREN &&
		    strcmp(conf_toks_text(t, i), "include") == 0) {
			i += read_include_at(r, in, t, i) - 1;
			continue;
		}
		if (!read_brace(r, in, tok))
			return;
		conf_toks_add(r->out, tok->kind, tok->pos,
		    conf_tok_has_text(tok) ? conf_toks_text(t, i) : NULL);
	}
	for (unsigned i = 0; i < in->nopen; i++)
		conf_errors_add(r->e, in->open[i],
		    "{ is not closed in this file; } is missing");
}

static int
read_lexed(struct reader *r, struct link *in, const char *text, size_t len)
{
	struct conf_toks t = { 0 };
	int rc = conf_lex(in->file, text, len, &t, r->e);

	/* Half a file would only give errors that are none. */
	if (rc == 0)
		read_tokens(r, in, &t);
	conf_toks_free(&t);
	return rc;
}

/* What forbids reading this file here; NULL: nothing. */
static const char *
read_refusal(const struct reader *r, const struct link *up,
    const struct conf_file *f)
{
	for (const struct link *l = up; l != NULL; l = l->up)
		if (l->dev == f->dev && l->ino == f->ino)
			return "includes itself";
	if (up != NULL && up->depth == CONF_INCLUDE_DEPTH)
		return "is nested deeper than 16 files";
	if (r->files == CONF_INCLUDE_FILES)
		return "is one more than 1000 files";
	if (r->bytes + f->len > CONF_READ_MAX)
		return "makes the whole longer than 8 MiB";
	return NULL;
}

/* at: the include that names it; .file is NULL for the first file. */
static int
read_one(struct reader *r, struct link *up, const char *path,
    struct conf_pos at)
{
	struct link in = { .up = up, .depth = up != NULL ? up->depth + 1 : 1 };
	char why[CONF_WHY_MAX];
	const char *refusal;
	struct conf_file f;

	if ((in.file = conf_toks_file(r->out, path)) == NULL)
		return -1;
	if (conf_file_read(path, &f, why) == -1) {
		if (at.file != NULL)
			conf_errors_add(r->e, at, "include: %s %s", path, why);
		else
			conf_errors_add(r->e, (struct conf_pos){ path, 0 },
			    "%s", why);
		return -1;
	}
	in.dev = f.dev;
	in.ino = f.ino;
	if ((refusal = read_refusal(r, up, &f)) != NULL)
		conf_errors_add(r->e, at, "include: %s %s", path, refusal);
	else {
		r->files++;
		r->bytes += f.len;
		(void)read_lexed(r, &in, f.text, f.len);
	}
	free(f.text);
	return refusal == NULL ? 0 : -1;
}

static int
read_end(struct reader *r, const char *name)
{
	conf_toks_add(r->out, CONF_T_END, (struct conf_pos){ name, 1 }, NULL);
	if (r->out->failed)
		conf_errors_add(r->e, (struct conf_pos){ name, 0 },
		    "out of memory");
	return r->e->count == r->errors ? 0 : -1;
}

int
conf_read_file(const char *path, struct conf_toks *out, struct conf_errors *e)
{
	struct reader r = { .out = out, .e = e, .errors = e->count };

	(void)read_one(&r, NULL, path, (struct conf_pos){ NULL, 0 });
	return read_end(&r, out->nfiles > 0 ? out->files[0] : path);
}

int
conf_read_text(const char *name, const char *text, size_t len,
    struct conf_toks *out, struct conf_errors *e)
{
	struct reader r = { .out = out, .e = e, .errors = e->count };
	struct link in = { .file = conf_toks_file(out, name) };

	if (in.file != NULL)
		(void)read_lexed(&r, &in, text, len);
	return read_end(&r, in.file != NULL ? in.file : name);
}
