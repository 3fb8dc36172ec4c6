/*
 * fuzz_message.c - any bytes as a message: everything a reader takes out of it, and the drafts made
 * from it, which must read back. Rendering has a target of its own.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/compose.h"
#include "crmail/mail/report.h"
#include "crmail/mail/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool claim)
{
	if (!claim)
		abort();
}

static void need_text(const char *s)
{
	need(!s || utf8_is_valid(s, strlen(s)));
}

static void check_addrs(const struct addr_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		need(l->v[i].addr && l->v[i].addr[0]);
		need_text(l->v[i].addr);
		need_text(l->v[i].name);
		need(addr_same(l->v[i].addr, l->v[i].addr));
	}
}

/* Each part lies inside the bytes of the one around it, unless that was decoded first. */
static void check_tree(const struct message *m, const uint8_t *data, size_t size)
{
	const struct mime_part *p = m->root;
	while (p) {
		const char *base = (const char *)data;
		if (p->raw.p >= base && p->raw.p <= base + size)
			need(p->raw.p + p->raw.len <= base + size);
		need(p->body.p >= p->raw.p && p->body.p + p->body.len <= p->raw.p + p->raw.len);
		need_text(p->filename);
		need_text(p->charset);
		if (p->child) {
			p = p->child;
			continue;
		}
		while (p && !p->next)
			p = p->parent;
		p = p ? p->next : NULL;
	}
}

static void check_bodies(struct arena *a, const struct message *m)
{
	static const char *const types[] = {"text/plain", "text/html"};
	struct message_attachment *v;
	unsigned warnings = 0;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
		message_text(m, types[i], &text, &warnings);
		need(text.failed || utf8_is_valid(text.p, text.len));
		need(!memchr(text.p, '\r', text.len) && !memchr(text.p, 0, text.len));
	}
	size_t n = message_attachments(a, m, &v);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(v[i].part->body.len + 1);
		mime_part_decode(v[i].part, &bytes, &warnings);
		size_t len = strlen(v[i].save_as);
		need(!bytes.failed && len >= 1 && len <= 200);
		need(!strchr(v[i].save_as, '/') && v[i].save_as[0] != '.');
		need_text(v[i].save_as);
	}
}

static void check_report(struct arena *a, const struct message *m)
{
	struct report r;
	if (!report_parse(a, m, &r))
		return;
	need(r.n > 0 && r.n <= REPORT_MAX_RECIPIENTS);
	for (size_t i = 0; i < r.n; i++)
		need(r.v[i].addr && *r.v[i].addr);
}

/* A draft has no other fields than ours, whatever the original holds. */
static void check_draft(struct arena *a, struct compose *c, size_t max)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(max);
	struct err e = ERR_INIT;
	struct message m;
	c->message_id = "id@b.example";
	c->boundary_seed = "0123456789abcdef";
	if (compose_write(c, &out, &e))
		return;
	message_parse(a, out.p, out.len, &m);
	need(m.headers.n <= 11);
	need(header_count(&m.headers, "Subject") == 1 && header_count(&m.headers, "Bcc") == 0);
	need(!(m.warnings & (WARN_NO_CLOSING_BOUNDARY | WARN_DUPLICATE_HEADER | WARN_BAD_DATE)));
	for (size_t i = 0; i < out.len; i++) {
		/* An address may hold UTF-8, a body may not. */
		need(out.p[i] && ((unsigned char)out.p[i] < 127 || i < m.headers.body_offset));
		need(out.p[i] != '\n' || (i > 0 && out.p[i - 1] == '\r'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf base = BUF_INIT(1 << 20);
	const struct addr from = {"Jane", "jane@b.example"};
	struct message m;
	struct compose c;
	char key[72];
	message_parse(&a, (const char *)data, size, &m);
	need_text(m.subject);
	need_text(m.message_id);
	check_addrs(&m.from);
	check_addrs(&m.to);
	check_addrs(&m.cc);
	check_tree(&m, data, size);
	check_bodies(&a, &m);
	subject_base(&base, m.subject, NULL, NULL);
	message_equal_key(&m, (const char *)data, size, key);
	message_fallback_id(&m, key);
	need_text(message_one_click(&a, &m));
	check_report(&a, &m);
	compose_reply(&a, &m, &from, NULL, 0, REPLY_ALL, &c);
	check_draft(&a, &c, (size_t)4 << 20);
	compose_forward(&a, &m, &from, &c);
	check_draft(&a, &c, (size_t)4 << 20);
	return 0;
}
