/* peer.c - looks a connection's other end up in the kernel's lists of sockets (proc_net_tcp). */
#include "config.h"

#include "peer.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/str.h"

#define TRIES 3 /* a list that changes while it is read may lack a line */

enum column { COLUMN_LOCAL = 1, COLUMN_REMOTE, COLUMN_UID = 7, COLUMN_INODE = 9, COLUMNS };

struct ends { /* as the lists write addresses */
	char ours[48], theirs[48];
};

struct found {
	bool is_own_listed; /* our end is in the list: theirs has to be, too */
	bool is_listed, is_ours;
};

/* Each 32 bits as they lie in memory, read as a number. */
static void write_address(const struct sockaddr_storage *a, bool as_v6, char out[48])
{
	struct in6_addr v6 = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
	const struct sockaddr_in *in = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
	uint32_t w[4];
	unsigned port = ntohs(a->ss_family == AF_INET ? in->sin_port : in6->sin6_port);
	if (a->ss_family == AF_INET && !as_v6) {
		snprintf(out, 48, "%08X:%04X", (unsigned)in->sin_addr.s_addr, port);
		return;
	}
	if (a->ss_family == AF_INET)
		memcpy(&v6.s6_addr[12], &in->sin_addr, 4);
	else
		v6 = in6->sin6_addr;
	memcpy(w, &v6, sizeof w);
	snprintf(out, 48, "%08X%08X%08X%08X:%04X", (unsigned)w[0], (unsigned)w[1], (unsigned)w[2],
		(unsigned)w[3], port);
}

static bool split(struct span line, struct span out[COLUMNS])
{
	struct span piece;
	size_t n = 0;
	while (n < COLUMNS && span_next(&line, ' ', &piece))
		if (piece.len)
			out[n++] = piece;
	return n == COLUMNS;
}

/* An end that its process has closed already is listed as root's, without an inode. */
static bool is_owner_ours(const struct span column[COLUMNS])
{
	int64_t uid = -1, inode = 0;
	if (!span_to_i64(column[COLUMN_UID], 0, UINT32_MAX, &uid) ||
		!span_to_i64(column[COLUMN_INODE], 1, INT64_MAX, &inode))
		return false;
	return uid == 0 || uid == (int64_t)geteuid();
}

static void look(const char *path, const struct ends *e, struct found *f)
{
	FILE *list = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	while (list && !f->is_listed && (n = getline(&line, &room, list)) > 0) {
		struct span column[COLUMNS];
		if (!split(span_trim((struct span){line, (size_t)n}), column))
			continue;
		if (span_eq(column[COLUMN_LOCAL], e->ours) &&
			span_eq(column[COLUMN_REMOTE], e->theirs))
			f->is_own_listed = true;
		if (span_eq(column[COLUMN_LOCAL], e->theirs) &&
			span_eq(column[COLUMN_REMOTE], e->ours)) {
			f->is_listed = true;
			f->is_ours = is_owner_ours(column);
		}
	}
	free(line);
	if (list)
		fclose(list);
}

/* A browser's socket may be one for both kinds of addresses. */
static struct found look_everywhere(const struct sockaddr_storage *ours,
	const struct sockaddr_storage *theirs)
{
	static const char *const lists[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	struct found f = {.is_listed = false};
	for (int v6 = 0; v6 <= 1; v6++) {
		struct ends e;
		if (ours->ss_family == AF_INET6 && !v6)
			continue;
		write_address(ours, v6, e.ours);
		write_address(theirs, v6, e.theirs);
		look(lists[v6], &e, &f);
	}
	return f;
}

bool peer_is_ours(int fd)
{
	struct sockaddr_storage ours, theirs;
	socklen_t n = sizeof ours, m = sizeof theirs;
	struct found f = {.is_listed = false};
	if (getsockname(fd, (struct sockaddr *)&ours, &n) ||
		getpeername(fd, (struct sockaddr *)&theirs, &m))
		return false;
	for (int i = 0; i < TRIES && !f.is_listed; i++)
		f = look_everywhere(&ours, &theirs);
	return f.is_listed ? f.is_ours : !f.is_own_listed;
}
