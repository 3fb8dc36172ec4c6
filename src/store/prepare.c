/*
 * prepare.c - from raw bytes to what is stored: facts of the headers, folded text for the index,
 * compressed bytes. On the worker's thread, outside every transaction; pure but for zstd.
 */
#include "config.h"

#include "ingest_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/hash.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/message.h"
#include "crmail/mail/render.h"
#include "crmail/mail/subject.h"

#include "hash64.h"

static void add_ref(struct prepared *p, const char *id)
{
	int64_t h = hash64(id, strlen(id));
	for (size_t i = 0; i < p->n_refs; i++)
		if (p->refs[i] == h)
			return;
	if (p->n_refs < REFS_MAX && h != p->mid_hash)
		p->refs[p->n_refs++] = h;
}

/* Nearest ancestor first: References from the end, then In-Reply-To. The root is kept even of a
 * list that is longer than what is stored: conversations hang together by it. */
static void take_refs(struct arena *a, const struct message *m, struct prepared *p)
{
	size_t n = m->n_references;
	size_t room = n + m->n_in_reply_to + 1;
	p->refs = arena_array(a, room < REFS_MAX ? room : REFS_MAX, sizeof *p->refs);
	size_t from = n > REFS_MAX / 2 ? n - REFS_MAX / 2 : 0;
	for (size_t i = n; i-- > from;)
		add_ref(p, m->references[i]);
	if (from)
		add_ref(p, m->references[0]);
	for (size_t i = 0; i < m->n_in_reply_to && i < REFS_MAX / 4; i++)
		add_ref(p, m->in_reply_to[i]);
}

static void take_parties(struct arena *a, struct prepared *p, enum party_role role,
	const struct addr_list *l)
{
	for (size_t i = 0; i < l->n && p->n_parties < PARTIES_MAX; i++) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1024);
		addr_normalise(&norm, l->v[i].addr, true);
		const char *n = arena_strndup(a, norm.p, norm.len);
		p->parties[p->n_parties++] = (struct prepared_party){
			.role = role,
			.addr = l->v[i].addr,
			.name = l->v[i].name ? l->v[i].name : "",
			.norm = n,
			.domain = addr_domain(n),
		};
	}
}

static void take_all_parties(struct arena *a, const struct message *m, struct prepared *p)
{
	size_t room = m->from.n + m->to.n + m->cc.n + m->bcc.n + m->reply_to.n + m->sender.n + 1;
	p->parties = arena_array(a, room < PARTIES_MAX ? room : PARTIES_MAX, sizeof *p->parties);
	take_parties(a, p, PARTY_FROM, &m->from);
	take_parties(a, p, PARTY_TO, &m->to);
	take_parties(a, p, PARTY_CC, &m->cc);
	take_parties(a, p, PARTY_BCC, &m->bcc);
	take_parties(a, p, PARTY_REPLY_TO, &m->reply_to);
	take_parties(a, p, PARTY_SENDER, &m->sender);
}

static void take_subject(const struct message *m, struct prepared *p)
{
	bool is_reply = false, is_forward = false;
	CLEANUP(buf_release) struct buf base = BUF_INIT(HEAD_MAX);
	p->subject = m->subject;
	if (!m->subject)
		return;
	subject_base(&base, m->subject, &is_reply, &is_forward);
	p->base_hash = base.len ? hash64(base.p, base.len) : 0;
	p->is_joiner = p->base_hash && (is_reply || is_forward) && !p->n_refs;
}

/* Without a Message-ID the body tells what is equal, so headers alone cannot. */
static void take_equal_key(struct arena *a, const struct message *m, const char *raw, size_t n,
	struct prepared *p)
{
	char hex[65];
	if (!m->message_id && !p->is_whole)
		return;
	message_equal_key(m, raw, n, hex);
	char *key = arena_alloc(a, 32);
	for (size_t i = 0; i < 32; i++) {
		char two[3] = {hex[2 * i], hex[2 * i + 1], 0};
		key[i] = (char)strtoul(two, NULL, 16);
	}
	p->equal_key = key;
}

/* Folded without blanks around CJK: substrings and words are both found in it. */
static const char *fold_column(struct arena *a, struct buf *b)
{
	CLEANUP(buf_release) struct buf folded = BUF_INIT(HEAD_MAX);
	fold_plain(&folded, b->p, b->len);
	return arena_strndup(a, folded.p, folded.len);
}

static const char *fold_parties(struct arena *a, const struct prepared *p, unsigned roles)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(HEAD_MAX);
	for (size_t i = 0; i < p->n_parties; i++) {
		const struct prepared_party *q = &p->parties[i];
		if (!(roles & 1u << q->role))
			continue;
		buf_addf(&b, "%s%s %s", b.len ? " " : "", q->name, q->addr);
	}
	return fold_column(a, &b);
}

void prepare_head(struct arena *a, struct prepared *p)
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT(HEAD_MAX);
	buf_addstr(&subject, p->subject ? p->subject : "");
	p->head[0] = fold_column(a, &subject);
	p->head[1] =
		fold_parties(a, p, 1u << PARTY_FROM | 1u << PARTY_SENDER | 1u << PARTY_REPLY_TO);
	p->head[2] = fold_parties(a, p, 1u << PARTY_TO | 1u << PARTY_BCC);
	p->head[3] = fold_parties(a, p, 1u << PARTY_CC);
	p->head[4] = "";
}

static void take_files(struct arena *a, const struct message *m, struct prepared *p)
{
	struct message_attachment *v;
	CLEANUP(buf_release) struct buf names = BUF_INIT(HEAD_MAX);
	size_t n = message_attachments(a, m, &v);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].is_inline)
			p->n_files++;
		if (v[i].filename)
			buf_addf(&names, "%s%s", names.len ? " / " : "", v[i].filename);
	}
	p->head[4] = fold_column(a, &names);
}

static void take_body(struct arena *a, const struct message *m, const char *raw, size_t n,
	struct prepared *p)
{
	struct render_doc doc;
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	render_message(a, m, RENDER_AUTO, &doc);
	p->snippet = render_snippet(a, &doc, SNIPPET_CELLS);
	fold_text(&text, doc.text.p, doc.text.len);
	p->text = arena_strndup(a, text.p, text.len);
	p->text_z.p = body_compress(a, text.p, text.len, &p->text_z.len);
	take_files(a, m, p);
	struct report *report = arena_alloc(a, sizeof *report);
	p->report = report_parse(a, m, report) ? report : NULL;
	if (n >= FILE_MIN) {
		char hex[65];
		sha256_hex(raw, n, hex);
		p->file = arena_strdup(a, hex);
	}
}

const struct prepared *ingest_prepare(struct arena *a, const char *raw, size_t n, bool is_whole)
{
	struct message m;
	struct prepared *p = arena_alloc(a, sizeof *p);
	n = n > BODY_MAX ? BODY_MAX : n;
	if (is_whole)
		message_parse(a, raw, n, &m);
	else
		message_parse_headers(a, raw, n, &m);
	p->is_whole = is_whole;
	p->mid = m.message_id;
	p->mid_hash = m.message_id ? hash64(m.message_id, strlen(m.message_id)) : 0;
	p->received = m.received;
	p->date = m.has_date ? m.date : 0;
	p->date_offset_min = m.has_date ? m.date_offset_min : 0;
	p->facts = (m.is_auto ? FACT_AUTO : 0) | (m.is_list ? FACT_LIST : 0);
	take_refs(a, &m, p);
	take_all_parties(a, &m, p);
	take_subject(&m, p);
	take_equal_key(a, &m, raw, n, p);
	prepare_head(a, p);
	if (is_whole)
		take_body(a, &m, raw, n, p);
	p->raw_len = n;
	p->raw.p = body_compress(a, raw, n, &p->raw.len);
	return p;
}
