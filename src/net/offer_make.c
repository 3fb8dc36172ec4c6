/* offer_make.c - puts offers together from what strangers said. */
#include "config.h"

#include "offer_make.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "crmail/base/str.h"
#include "dns.h"

bool offer_server_set(struct offer_server *out, const char *host, unsigned port, bool is_starttls)
{
	struct offer_server s = {.is_starttls = is_starttls};
	if (!dns_is_host(host) || port < 1 || port > 65535)
		return false;
	int n = snprintf(s.text, sizeof s.text, "%s:%u", host, port);
	str_lower_inplace(s.text);
	if (n < 0 || (size_t)n >= sizeof s.text)
		return false;
	*out = s;
	return true;
}

static int usual_port(const struct offer_server *s) /* 0 = not one of them */
{
	static const char *const tls[] = {":993", ":465"}, *const starttls[] = {":143", ":587"};
	for (size_t i = 0; i < ARRAY_SIZE(tls); i++) {
		if (str_ends(s->text, tls[i]))
			return 1;
		if (str_ends(s->text, starttls[i]))
			return 2;
	}
	return 0;
}

bool offer_server_read(struct offer_server *out, const char *host_port)
{
	char host[OFFER_SERVER];
	int64_t port;
	const char *colon = strrchr(host_port, ':');
	size_t n = colon ? (size_t)(colon - host_port) : 0;
	if (!n || n >= sizeof host || !str_to_i64(colon + 1, 1, 65535, &port))
		return false;
	memcpy(host, host_port, n);
	host[n] = '\0';
	if (!offer_server_set(out, host, (unsigned)port, false))
		return false;
	out->is_starttls = usual_port(out) == 2;
	return true;
}

/* One word of an account's settings is for both servers; without it, ports say it. */
bool offer_put_servers(struct offer *out, const struct offer_server *imap,
	const struct offer_server *smtp)
{
	bool by_ports = usual_port(imap) == 1 + imap->is_starttls &&
			usual_port(smtp) == 1 + smtp->is_starttls;
	if (!imap->text[0] || !smtp->text[0] ||
		(!by_ports && imap->is_starttls != smtp->is_starttls))
		return false;
	memcpy(out->imap, imap->text, sizeof out->imap);
	memcpy(out->smtp, smtp->text, sizeof out->smtp);
	snprintf(out->tls, sizeof out->tls, "%s",
		by_ports            ? ""
		: imap->is_starttls ? "starttls"
				    : "implicit");
	return true;
}

void offer_put_text(char *out, size_t size, const char *text)
{
	size_t n = 0;
	for (; *text && n + 1 < size; text++)
		if ((unsigned char)*text >= ' ' && *text != 0x7F)
			out[n++] = *text;
	out[n] = '\0';
}
