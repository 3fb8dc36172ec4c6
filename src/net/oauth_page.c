/* oauth_page.c - the page that the browser ends at: plain, without anything from elsewhere. */
#include "config.h"

#include "crmail/net/oauth.h"

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	default:
		return "Bad Request";
	}
}

static void add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '<')
			buf_addstr(out, "&lt;");
		else if (*s == '>')
			buf_addstr(out, "&gt;");
		else if (*s == '&')
			buf_addstr(out, "&amp;");
		else if (*s == '"')
			buf_addstr(out, "&quot;");
		else
			buf_addch(out, *s);
	}
}

void oauth_page(struct buf *out, int status, const char *title, const char *text)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(16384);
	buf_addstr(&body, "<!doctype html>\n<html><head><meta charset=\"utf-8\">"
			  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
	add_escaped(&body, title);
	buf_addstr(&body, "</title><style>body{font:1.1em/1.5 sans-serif;max-width:32em;"
			  "margin:15vh auto;padding:0 1em}</style></head><body><h1>");
	add_escaped(&body, title);
	buf_addstr(&body, "</h1><p>");
	add_escaped(&body, text);
	buf_addstr(&body, "</p></body></html>\n");
	buf_addf(out,
		"HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
		"%zu\r\n"
		"Connection: close\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
		"frame-ancestors 'none'\r\n\r\n",
		status, reason(status), body.len);
	buf_add(out, body.p, body.len);
}
