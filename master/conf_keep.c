/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_keep - a memfd, written once and sealed.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/conf_keep.h"

int
conf_keep(const char *text, size_t len)
{
	int fd = memfd_create("belay-conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	if (write(fd, text, len) != (ssize_t)len || fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == -1)
		fd_close(&fd);
	return fd;
}

struct conf *
conf_kept(int fd, const struct conf_section *sections, struct conf_errors *e)
{
	off_t len = lseek(fd, 0, SEEK_END);
	struct conf *conf;
	char *text;

	if (len <= 0)
		return NULL;
	text = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	conf = conf_parse("configuration", text, (size_t)len, sections, e);
	munmap(text, (size_t)len);
	return conf;
}
