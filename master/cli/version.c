/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * version - what this binary is and what it runs with.
 *
 * Library versions are those loaded, not those of the build: what a bug report
 * needs.  libbsd does not tell its own, but the file it was loaded from does.
 */
#include <link.h>
#include <confuse.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "master/cli/args.h"
#include "master/cli/cli.h"

enum { VERSION_MAX = 32 };

static const char bsd_soname[] = "libbsd.so.";

/* dl_iterate_phdr(3): copies what follows libbsd.so. in the real file name. */
static int
find_bsd(struct dl_phdr_info *info, size_t size, void *arg)
{
	char *path, *name;
	int found = 0;

	(void)size;
	if (info->dlpi_name == NULL ||
	    strstr(info->dlpi_name, bsd_soname) == NULL)
		return 0;
	path = realpath(info->dlpi_name, NULL);
	name = path != NULL ? strstr(path, bsd_soname) : NULL;
	if (name != NULL) {
		snprintf(arg, VERSION_MAX, "%s", name + strlen(bsd_soname));
		found = 1;
	}
	free(path);
	return found;
}

int
cli_version(int argc, char **argv)
{
	static const struct args_option none[] = { { .name = NULL } };
	char bsd[VERSION_MAX] = "built in";
	struct utsname u;

	if (args_parse_only(argc, argv, none, NULL) != CLI_DONE)
		return CLI_USAGE;
	dl_iterate_phdr(find_bsd, bsd);
	printf("belay %s\n", BELAY_VERSION);
	main_print_features(stdout);
	printf("libraries: libconfuse %s, libbsd %s, jansson %s\n",
	    strncmp(confuse_version, "libConfuse ", 11) == 0 ?
	    confuse_version + 11 : confuse_version, bsd, jansson_version_str());
	if (uname(&u) == 0)
		printf("system: %s %s %s\n", u.sysname, u.release, u.machine);
	printf("configuration: %s/belay/belay.conf\n", BELAY_SYSCONFDIR);
	return cli_finish(argv[0], CLI_DONE);
}
