/*
 * party_key.c - how addresses and domains are written for matching: normalised, and as keys that
 * put a domain and all below it into one range.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/str.h"
#include "crmail/mail/addr.h"

#include "crm_private.h"

void party_key(struct buf *out, const char *norm)
{
	const char *at = strrchr(norm, '@');
	const char *domain = at ? at + 1 : norm;
	for (const char *end = domain + strlen(domain); end > domain;) {
		const char *label = end;
		while (label > domain && label[-1] != '.')
			label--;
		buf_add(out, label, (size_t)(end - label));
		buf_addch(out, '.');
		end = label > domain ? label - 1 : label;
	}
	if (at) {
		buf_addch(out, '@');
		buf_add(out, norm, (size_t)(at - norm));
	}
}

void party_norm(struct buf *out, const char *addr)
{
	struct span s = span_trim(span_of(addr));
	CLEANUP(buf_release) struct buf text = BUF_INIT(1000);
	buf_add(&text, s.p, s.len);
	const char *at = strrchr(text.p, '@');
	if (text.failed || !at || at == text.p || !at[1] || strpbrk(text.p, " \t\r\n<>,;"))
		return;
	addr_normalise(out, text.p, true);
}

void party_domain(struct buf *out, const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme ? scheme + 3 : text;
	size_t len = strcspn(host, "/:?# \t\r\n");
	CLEANUP(buf_release) struct buf addr = BUF_INIT(1000);
	if (len > 4 && !str_ncasecmp(host, "www.", 4)) {
		host += 4;
		len -= 4;
	}
	buf_addstr(&addr, "x@");
	buf_add(&addr, host, len);
	if (!len || !memchr(host, '.', len) || memchr(host, '@', len) || addr.failed)
		return;
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	addr_normalise(&norm, addr.p, false);
	if (!norm.failed && norm.len > 2)
		buf_add(out, norm.p + 2, norm.len - 2);
}
