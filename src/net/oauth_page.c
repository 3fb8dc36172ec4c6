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

/* In the colours that the person's other pages have, and readable on a phone. */
static const char style[] =
	":root{color-scheme:light dark;--back:#f3f5f8;--card:#fff;--ink:#1b2230;--soft:#566072;"
	"--line:#dde2ea;--mark:#17794a}.no{--mark:#b4410e}"
	"@media(prefers-color-scheme:dark){:root{--back:#13161b;--card:#1c2028;--ink:#e9ecf1;"
	"--soft:#a7b0be;--line:#2f3642;--mark:#3fae79}.no{--mark:#e07b3c}}"
	"body{box-sizing:border-box;min-height:100vh;margin:0;padding:1.25em;display:flex;"
	"align-items:center;justify-content:center;background:var(--back);color:var(--ink);"
	"font:1.05em/1.55 system-ui,sans-serif}"
	"main{width:100%;max-width:27em;padding:1.75em;background:var(--card);"
	"border:1px solid var(--line);border-radius:.75em;overflow-wrap:anywhere}"
	"h1{margin:0 0 .6em;font-size:1.4em;line-height:1.3;text-wrap:balance}"
	"h1::before{content:'\\2713';display:block;width:1.6em;margin-bottom:.5em;"
	"line-height:1.6em;border-radius:50%;text-align:center;background:var(--mark);"
	"color:var(--card)}.no h1::before{content:'!'}"
	"p{margin:.6em 0 0}p+p{color:var(--soft)}";

static void add_paragraph(struct buf *out, const char *text)
{
	if (!text)
		return;
	buf_addstr(out, "<p>");
	add_escaped(out, text);
	buf_addstr(out, "</p>");
}

void oauth_page(struct buf *out, int status, const struct oauth_words *w)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(16384);
	buf_addf(&body,
		"<!doctype html>\n<html%s><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
		status == 200 ? "" : " class=\"no\"");
	add_escaped(&body, w->title);
	buf_addf(&body, " · crmail</title><style>%s</style></head><body><main><h1>", style);
	add_escaped(&body, w->title);
	buf_addstr(&body, "</h1>");
	add_paragraph(&body, w->what);
	add_paragraph(&body, w->next);
	buf_addstr(&body, "</main></body></html>\n");
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
