/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_path - which configuration a verb means, and where its server listens.
 *
 * A server goes on when its file was broken since, and must still be found:
 * then the two paths in it count, whatever else is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conf_file.h"
#include "common/conf_lex.h"
#include "common/conf_paths.h"
#include "master/cli/cli.h"
#include "master/cli/conf_path.h"

const char *
cli_conf_default(void)
{
	static const char installed[] = BELAY_SYSCONFDIR "/belay/belay.conf";

	/* One that is there but not readable is an error to be told, not a
	 * reason to serve something else. */
	return access(installed, F_OK) == 0 ? installed : NULL;
}

struct conf *
cli_conf_load(const char *path)
{
	struct conf_errors errors = { 0 };
	struct conf *conf;

	if (path == NULL)
		path = cli_conf_default();
	conf = conf_load(path, main_sections(), &errors);
	if (conf == NULL) {
		(void)fflush(stdout);
		fputs(errors.text != NULL ? errors.text : "out of memory\n",
		    stderr);
	}
	conf_errors_free(&errors);
	return conf;
}

/* What key = "..." says where it stands first, outside of comments, however
 * wrong the rest is.  malloc'd; NULL: nothing. */
static char *
scan_key(const struct conf_toks *t, const char *key)
{
	for (size_t i = 0; i + 2 < t->n; i++)
		if (t->v[i].kind == CONF_T_WORD &&
		    strcmp(conf_toks_text(t, i), key) == 0 &&
		    t->v[i + 1].kind == CONF_T_SET &&
		    conf_tok_has_text(&t->v[i + 2]))
			return strdup(conf_toks_text(t, i + 2));
	return NULL;
}

/* Sets *value to what the file says, or to a name in the folder that a server
 * with a configuration file uses if it does not say. */
static int
scan_path(const struct conf_toks *t, const char *key, const char *name,
    char **value)
{
	char *text = scan_key(t, key), dir[CONF_PATH_MAX];

	if (text == NULL && (conf_paths_dir(false, dir) == -1 ||
	    asprintf(&text, "%s/%s", dir, name) == -1))
		return -1;
	free(*value);
	*value = text;
	return 0;
}

/* Makes conf name the files of the server whose configuration this was. */
static int
scan_file(const char *path, struct conf *conf)
{
	struct conf_errors dropped = { 0 };
	struct conf_toks t = { 0 };
	char why[CONF_WHY_MAX];
	struct conf_file f;
	size_t mark;
	int rc;

	if (conf_file_read(path, &f, why) == 0) {
		mark = f.len >= 3 && memcmp(f.text, "\xef\xbb\xbf", 3) == 0 ?
		    3 : 0;
		(void)conf_lex(path, f.text + mark, strnlen(f.text + mark,
		    f.len - mark), &t, &dropped);
		free(f.text);
	} else
		fprintf(stderr, "belay: %s: %s\n", path, why);
	rc = scan_path(&t, "control_socket", "control.sock",
	    &conf->control_socket);
	if (rc == 0)
		rc = scan_path(&t, "pid_file", "belay.pid", &conf->pid_file);
	conf_errors_free(&dropped);
	conf_toks_free(&t);
	return rc;
}

struct conf *
cli_conf_load_server(const char *path)
{
	struct conf_errors dropped = { 0 };
	struct conf *conf;

	if (path == NULL)
		path = cli_conf_default();
	conf = conf_load(path, main_sections(), &dropped);
	if (conf == NULL && path != NULL) {
		conf = conf_load(NULL, main_sections(), &dropped);
		if (conf != NULL && scan_file(path, conf) == -1)
			conf_free(&conf);
	}
	if (conf == NULL)
		fputs("belay: out of memory\n", stderr);
	conf_errors_free(&dropped);
	return conf;
}

char *
cli_control_path(const char *conf_path)
{
	struct conf *conf = cli_conf_load_server(conf_path);
	char *path = NULL;

	if (conf != NULL) {
		path = strdup(conf->control_socket);
		if (path == NULL)
			fputs("belay: out of memory\n", stderr);
	}
	conf_free(&conf);
	return path;
}
