/* url.c - taking an http URL apart with libcurl's own parser, so that what is judged is what is
 * connected to. */
#include "config.h"

#include "url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "crmail/base/i18n.h"
#include "crmail/base/late.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

static void free_handle(CURLU **u)
{
	curl_url_cleanup(*u);
}

/* One part as our own memory; NULL when absent. */
static char *part(CURLU *u, CURLUPart what, unsigned flags)
{
	char *theirs = NULL;

	if (curl_url_get(u, what, &theirs, flags) != CURLUE_OK)
		return NULL;
	char *ours = xstrdup(theirs);
	curl_free(theirs);
	return ours;
}

static char *without_brackets(char *host)
{
	size_t n = strlen(host);

	if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	return host;
}

int url_parse(const char *text, struct url *out, struct err *e)
{
	int64_t port;
	if (late_load_curl(e))
		return -1;
	CLEANUP(free_handle) CURLU *u = curl_url();
	BUG_ON(!u);

	if (curl_url_set(u, CURLUPART_URL, text, CURLU_DISALLOW_USER) != CURLUE_OK)
		return err_set(e, ERR_USAGE, _("This is not a web address that can be used."));
	CLEANUP(free_str) char *scheme = part(u, CURLUPART_SCHEME, 0);
	CLEANUP(free_str) char *port_text = part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	CLEANUP(free_str) char *host = part(u, CURLUPART_HOST, 0);
	if (!scheme || (strcmp(scheme, "http") && strcmp(scheme, "https")) || !host || !*host ||
		!str_to_i64(port_text, 1, 65535, &port))
		return err_set(e, ERR_USAGE, _("This is not a web address that can be used."));
	*out = (struct url){without_brackets(host), (int)port, !strcmp(scheme, "https")};
	host = NULL;
	return 0;
}

void url_release(struct url *u)
{
	free(u->host);
	u->host = NULL;
}

bool url_is_loopback(const struct url *u)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (!str_casecmp(u->host, "localhost"))
		return true;
	if (inet_pton(AF_INET, u->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, u->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
