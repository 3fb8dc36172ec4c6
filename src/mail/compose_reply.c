/*
 * compose_reply.c - drafts made from a message: replies and forwards. Who gets it, what it is
 * called, which ids it names, and the quoted text (formats.md "reply").
 */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/compose.h"
#include "crmail/mail/render.h"
#include "crmail/mail/subject.h"

#include "strset.h"

#define QUOTE_MAX_BYTES ((size_t)16 << 20) /* of quoted text */
#define ADDR_MAX_BYTES 2000

/* ---- recipients ---- */

struct recipients {
	struct arena *a;
	struct strset seen; /* own addresses and those already there, normalised */
};

/* True when the address was not there yet. */
static bool take_addr(struct recipients *r, const char *addr)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(ADDR_MAX_BYTES);
	addr_normalise(&key, addr, false);
	const char *copy = arena_strndup(r->a, key.p, key.len);
	return copy && strset_add(&r->seen, copy);
}

static bool is_own(const char *addr, const struct addr *from, const char *const *own, size_t n)
{
	bool found = addr_same(addr, from->addr);
	for (size_t i = 0; i < n && !found; i++)
		found = addr_same(addr, own[i]);
	return found;
}

/* Adds those of `l` that are not there yet. */
static void add_addrs(struct recipients *r, const struct addr_list *l, struct addr_list *out)
{
	struct addr *v = arena_array(r->a, out->n + l->n + 1, sizeof(*v));
	if (!v)
		return;
	if (out->n > 0)
		memcpy(v, out->v, out->n * sizeof(*v));
	for (size_t i = 0; i < l->n; i++) {
		if (take_addr(r, l->v[i].addr))
			v[out->n++] = l->v[i];
	}
	out->v = v;
}

static const struct addr_list *pick_primary(const struct message *m, const struct addr *from,
	const char *const *own, size_t n_own)
{
	const struct addr_list *l = m->reply_to.n > 0 ? &m->reply_to : &m->from;
	/* A reply to an own mail goes to whom that went. */
	if (l->n > 0 && is_own(l->v[0].addr, from, own, n_own) && m->to.n > 0)
		return &m->to;
	return l;
}

static void set_recipients(struct arena *a, const struct message *m, const char *const *own,
	size_t n_own, unsigned flags, struct compose *out)
{
	struct recipients to = {.a = a, .seen = STRSET_INIT(a)};
	add_addrs(&to, pick_primary(m, &out->from, own, n_own), &out->to);
	if (!(flags & REPLY_ALL))
		return;
	take_addr(&to, out->from.addr);
	for (size_t i = 0; i < n_own; i++)
		take_addr(&to, own[i]);
	add_addrs(&to, &m->to, &out->cc);
	add_addrs(&to, &m->cc, &out->cc);
}

/* ---- ids ---- */

static void set_ids(struct arena *a, const struct message *m, struct compose *out)
{
	const char *const *from = m->n_references > 0 ? m->references : m->in_reply_to;
	size_t n = m->n_references > 0 ? m->n_references : m->n_in_reply_to;
	const char **ids = arena_array(a, n + 1, sizeof(*ids));
	if (!ids)
		return;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (!m->message_id || strcmp(from[i], m->message_id) != 0)
			ids[kept++] = from[i];
	}
	if (m->message_id) {
		ids[kept++] = m->message_id;
		out->in_reply_to = &ids[kept - 1];
		out->n_in_reply_to = 1;
	}
	out->references = ids;
	out->n_references = kept;
}

/* ---- text ---- */

/* The plain text to quote, harmless and in UTF-8; of mail with HTML alone what is shown of it. */
static void read_text(struct arena *a, const struct message *m, struct buf *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(QUOTE_MAX_BYTES);
	unsigned ignored = 0; /* whoever shows the message says so */
	message_text(m, "text/plain", &text, &ignored);
	if (span_trim((struct span){text.p, text.len}).len > 0) {
		utf8_sanitise(out, text.p, text.len, SANITISE_KEEP_ZW);
		return;
	}
	struct render_doc d;
	render_message(a, m, RENDER_AUTO, &d);
	buf_add(out, d.text.p, d.text.len);
}

static void quote_lines(struct buf *out, struct span text)
{
	struct span line;
	while (span_next(&text, '\n', &line)) {
		buf_addch(out, '>');
		if (line.len > 0 && line.p[0] != '>')
			buf_addch(out, ' ');
		buf_add(out, line.p, line.len);
		buf_rtrim(out);
		buf_addch(out, '\n');
	}
}

/* Everything but signatures, quoted; blank lines at the end left out. */
static void quote_text(struct arena *a, struct span text, struct buf *out)
{
	const struct render_block *blocks;
	size_t n;
	CLEANUP(buf_release) struct buf kept = BUF_INIT(QUOTE_MAX_BYTES);
	render_blocks(a, text, &blocks, &n);
	for (size_t i = 0; i < n; i++) {
		if (blocks[i].kind == BLOCK_SIGNATURE)
			continue;
		buf_add(&kept, blocks[i].text.p, blocks[i].text.len);
		buf_addch(&kept, '\n');
	}
	buf_rtrim(&kept);
	quote_lines(out, (struct span){kept.p, kept.len});
}

static void add_line(struct buf *out, const char *text)
{
	utf8_sanitise(out, text, strlen(text), SANITISE_LINE | SANITISE_KEEP_ZW);
}

static void add_attribution(struct buf *out, const struct message *m)
{
	CLEANUP(buf_release) struct buf who = BUF_INIT(1000);
	CLEANUP(buf_release) struct buf when = BUF_INIT(100);
	const struct addr *a = m->from.n > 0 ? &m->from.v[0] : NULL;
	if (!a)
		return;
	add_line(&who, a->name ? a->name : a->addr);
	if (m->has_date) {
		date_write(&when, m->date, m->date_offset_min);
		/* TRANSLATORS: above a quoted text: date, then name. */
		buf_addf(out, _("On %s, %s wrote:"), when.p, who.p);
	} else {
		/* TRANSLATORS: above a quoted text without a date: name. */
		buf_addf(out, _("%s wrote:"), who.p);
	}
	buf_addch(out, '\n');
}

/* All bytes, also behind a NUL. */
static const char *copy_of(struct arena *a, const struct buf *b)
{
	char *copy = arena_alloc(a, b->len + 1);
	return copy ? memcpy(copy, b->p, b->len) : "";
}

static void set_subject(struct arena *a, const struct message *m, struct compose *out,
	void (*make)(struct buf *, const char *))
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT(8 * HEADER_MAX_FIELD);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(4 * HEADER_MAX_FIELD);
	add_line(&clean, m->subject ? m->subject : "");
	make(&subject, clean.p);
	out->subject = copy_of(a, &subject);
}

void compose_reply(struct arena *a, const struct message *m, const struct addr *from,
	const char *const *own, size_t n_own, unsigned flags, struct compose *out)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(4 * QUOTE_MAX_BYTES);
	CLEANUP(buf_release) struct buf text = BUF_INIT(QUOTE_MAX_BYTES);
	*out = (struct compose){.from = *from};
	set_recipients(a, m, own, n_own, flags, out);
	set_subject(a, m, out, subject_reply);
	set_ids(a, m, out);
	add_attribution(&body, m);
	read_text(a, m, &text);
	quote_text(a, (struct span){text.p, text.len}, &body);
	out->text = copy_of(a, &body);
}

/* ---- forward ---- */

static void add_addrs_line(struct buf *out, const char *label, const struct addr_list *l)
{
	if (l->n == 0)
		return;
	buf_addf(out, "%s ", label);
	for (size_t i = 0; i < l->n; i++) {
		if (i > 0)
			buf_addstr(out, ", ");
		if (l->v[i].name) {
			add_line(out, l->v[i].name);
			buf_addstr(out, " <");
		}
		add_line(out, l->v[i].addr);
		if (l->v[i].name)
			buf_addch(out, '>');
	}
	buf_addch(out, '\n');
}

static void add_forward_head(struct buf *out, const struct message *m)
{
	buf_addf(out, "%s\n", _("---------- Forwarded message ----------"));
	add_addrs_line(out, _("From:"), &m->from);
	if (m->has_date) {
		buf_addf(out, "%s ", _("Date:"));
		date_write(out, m->date, m->date_offset_min);
		buf_addch(out, '\n');
	}
	buf_addf(out, "%s ", _("Subject:"));
	add_line(out, m->subject ? m->subject : "");
	buf_addch(out, '\n');
	add_addrs_line(out, _("To:"), &m->to);
	add_addrs_line(out, _("Cc:"), &m->cc);
	buf_addch(out, '\n');
}

static void copy_attachments(struct arena *a, const struct message *m, struct compose *out)
{
	struct message_attachment *from;
	size_t n = message_attachments(a, m, &from);
	struct compose_attachment *v = arena_array(a, n + 1, sizeof(*v));
	for (size_t i = 0; v && i < n; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(from[i].part->body.len + 1);
		unsigned ignored = 0; /* what cannot be decoded is forwarded as far as it goes */
		mime_part_decode(from[i].part, &bytes, &ignored);
		v[i] = (struct compose_attachment){.filename = from[i].save_as,
			.type = from[i].part->type,
			.data = copy_of(a, &bytes),
			.len = bytes.len};
	}
	out->attachments = v;
	out->n_attachments = v ? n : 0;
}

void compose_forward(struct arena *a, const struct message *m, const struct addr *from,
	struct compose *out)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(4 * QUOTE_MAX_BYTES);
	*out = (struct compose){.from = *from};
	set_subject(a, m, out, subject_forward);
	set_ids(a, m, out);
	out->n_in_reply_to = 0; /* a forward answers nobody; References keep the thread together */
	add_forward_head(&body, m);
	read_text(a, m, &body);
	out->text = copy_of(a, &body);
	copy_attachments(a, m, out);
}
