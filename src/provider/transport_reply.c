/* transport_reply.c - what goes out to a server or a command as an address, and what it says back,
 * made fit for the outbox and the screen. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "transport_kinds.h"

#define ADDR_MOST 1000 /* bytes */
#define LOOK_AT 2000   /* bytes of a reply worth cleaning: the result is far shorter */

void transport_put_reply(char *out, size_t size, const char *p, size_t n)
{
	struct buf clean = BUF_INIT(BUF_UNLIMITED);
	size_t fits = 0;

	utf8_sanitise(&clean, p, n < LOOK_AT ? n : LOOK_AT, SANITISE_LINE);
	buf_rtrim(&clean);
	while (fits < clean.len) {
		size_t len = utf8_cluster(clean.p + fits, clean.len - fits);
		if (fits + len >= size)
			break;
		fits += len;
	}
	memcpy(out, clean.p, fits);
	out[fits] = '\0';
	buf_release(&clean);
}

bool transport_addr_is_usable(const char *addr)
{
	bool is_quoted = addr[0] == '"';

	if (strlen(addr) > ADDR_MOST || addr[0] == '-')
		return false;
	for (const char *p = addr; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return false;
		if (!is_quoted && strchr(" <>", *p))
			return false;
	}
	return true;
}
