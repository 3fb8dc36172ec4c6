/* report.c - see report.h. */
#include "config.h"

#include "crmail/mail/report.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/header.h"
#include "crmail/mail/message.h"

static const struct {
	const char *word;
	enum report_action action;
} actions[] = {
	{"failed", REPORT_FAILED},
	{"delayed", REPORT_DELAYED},
	{"delivered", REPORT_DELIVERED},
	{"relayed", REPORT_RELAYED},
	{"expanded", REPORT_EXPANDED},
};

static const struct mime_part *child_of_type(const struct mime_part *parent, const char *type,
	const char *or_type)
{
	for (const struct mime_part *p = parent->child; p; p = p->next)
		if (span_caseeq(span_of(p->type), type) ||
			(or_type && span_caseeq(span_of(p->type), or_type)))
			return p;
	return NULL;
}

/* RFC 3461 section 4: "+2B" stands for "+". What is no xtext stays as it is. */
static const char *from_xtext(struct arena *a, struct span s)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(HEADER_MAX_FIELD);
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.len; i++) {
		const char *high = i + 2 < s.len && s.p[i] == '+' ? strchr(hex, s.p[i + 1]) : NULL;
		const char *low = high && *high ? strchr(hex, s.p[i + 2]) : NULL;
		if (!low || !*low) {
			buf_addch(&out, s.p[i]);
			continue;
		}
		buf_addch(&out, (char)((high - hex) << 4 | (low - hex)));
		i += 2;
	}
	return arena_strndup(a, out.p, out.len);
}

/* A field's value as valid UTF-8; NULL = no such field, or empty. */
static struct span value_of(struct arena *a, const struct header_block *h, const char *name)
{
	const struct header_field *f = header_find(h, name);
	return f ? span_trim(header_unfold(a, f->value)) : (struct span){NULL, 0};
}

/* "rfc822; laura@partner.test": what stands behind the type. */
static struct span behind_type(struct span s)
{
	struct span type;
	return span_next(&s, ';', &type) && s.p ? span_trim(s) : (struct span){NULL, 0};
}

static const char *text_of(struct arena *a, struct span s)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(HEADER_MAX_FIELD);
	if (!s.len)
		return NULL;
	utf8_sanitise(&out, s.p, s.len, SANITISE_LINE);
	return arena_strndup(a, out.p, out.len);
}

static const char *addr_of(struct arena *a, const struct header_block *h)
{
	struct span s = behind_type(value_of(a, h, "Original-Recipient"));
	if (s.len)
		return from_xtext(a, s);
	s = behind_type(value_of(a, h, "Final-Recipient"));
	return s.len ? arena_strndup(a, s.p, s.len) : NULL;
}

static void take_recipient(struct arena *a, const struct header_block *h, struct report *out,
	size_t *cap)
{
	struct span action = value_of(a, h, "Action");
	struct report_recipient r = {.addr = addr_of(a, h)};
	if (!r.addr || out->n == REPORT_MAX_RECIPIENTS)
		return;
	r.why = text_of(a, behind_type(value_of(a, h, "Diagnostic-Code")));
	if (!r.why)
		r.why = text_of(a, value_of(a, h, "Status"));
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!span_caseeq(action, actions[i].word))
			continue;
		r.action = actions[i].action;
		out->v = arena_grow(a, out->v, cap, out->n + 1, sizeof *out->v);
		out->v[out->n++] = r;
	}
}

static size_t skip_blank(const char *p, size_t n, size_t at)
{
	while (at < n && (p[at] == '\r' || p[at] == '\n'))
		at++;
	return at;
}

/* Blocks of fields with blank lines between: first the mail, then each recipient. */
static void take_status(struct arena *a, const char *p, size_t n, struct report *out)
{
	size_t cap = 0;
	for (size_t at = skip_blank(p, n, 0); at < n;) {
		struct header_block h;
		header_split(a, p + at, n - at, &h);
		struct span envelope = value_of(a, &h, "Original-Envelope-Id");
		if (envelope.len && !out->envelope_id)
			out->envelope_id = from_xtext(a, envelope);
		take_recipient(a, &h, out, &cap);
		if (!h.body_offset)
			return; /* no field any more */
		at = skip_blank(p, n, at + h.body_offset);
	}
}

/* The beginning of a part, decoded: as much as is looked at. */
static void decode_start(const struct mime_part *part, struct buf *out)
{
	struct mime_part start = *part;
	unsigned ignored = 0;
	if (start.body.len > REPORT_MAX_BYTES)
		start.body.len = REPORT_MAX_BYTES;
	mime_part_decode(&start, out, &ignored);
}

static const char *returned_id(struct arena *a, const struct mime_part *part)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(REPORT_MAX_BYTES);
	struct header_block h;
	const char **ids = NULL;
	if (!part)
		return NULL;
	decode_start(part, &text);
	header_split(a, text.p, text.len, &h);
	const struct header_field *f = header_find(&h, "Message-ID");
	return f && header_ids(a, f->value, &ids, NULL) ? ids[0] : NULL;
}

bool report_parse(struct arena *a, const struct message *m, struct report *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(REPORT_MAX_BYTES);
	*out = (struct report){.n = 0};
	if (!span_caseeq(span_of(m->root->type), "multipart/report"))
		return false;
	const struct mime_part *status =
		child_of_type(m->root, "message/delivery-status", "message/global-delivery-status");
	if (!status)
		return false;
	decode_start(status, &text);
	take_status(a, arena_strndup(a, text.p, text.len), text.len, out);
	const struct mime_part *mail = child_of_type(m->root, "message/rfc822", "message/global");
	if (!mail)
		mail = child_of_type(m->root, "text/rfc822-headers", "message/global-headers");
	out->message_id = returned_id(a, mail);
	return out->n > 0;
}
