/*
 * message.c - the header of a message as fields that the other layers ask for, and its structure
 * from the splitter. Keys and digests of messages are in message_key.c, bodies in message_body.c.
 */
#include "config.h"

#include "crmail/mail/message.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "mime.h"

/* Fields that RFC 5322 §3.6 allows once. */
static const char *const single[] = {"Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc",
	"Message-ID", "In-Reply-To", "References", "Subject", "Content-Type",
	"Content-Transfer-Encoding", "MIME-Version"};

static const char *const warning_names[] = {"bad-date", "bad-charset", "bad-base64",
	"no-closing-boundary", "header-too-long", "too-deep", "too-many-parts", "duplicate-header",
	"bad-address", "bad-references"};

const char *message_warning_name(enum message_warning w)
{
	for (size_t i = 0; i < ARRAY_SIZE(warning_names); i++) {
		if ((unsigned)w == 1u << i)
			return warning_names[i];
	}
	return "";
}

static void read_subject(struct arena *a, struct message *m)
{
	const struct header_field *f = header_find(&m->headers, "Subject");
	if (!f)
		return;
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * HEADER_MAX_FIELD);
	struct arena scratch = ARENA_INIT;
	struct span raw = header_unfold(&scratch, f->value);
	if (!rfc2047_decode(&text, raw.p, raw.len))
		m->warnings |= WARN_BAD_CHARSET;
	arena_release(&scratch);
	struct span trimmed = span_trim((struct span){text.p, text.len});
	const char *subject = arena_strndup(a, trimmed.p, trimmed.len);
	m->subject = subject ? subject : "";
}

/* The id between brackets, else the whole value: ids without "@" exist too. */
static void read_message_id(struct arena *a, struct message *m)
{
	const struct header_field *f = header_find(&m->headers, "Message-ID");
	if (!f)
		return;
	struct arena scratch = ARENA_INIT;
	struct span s = header_unfold(&scratch, f->value);
	const char *open = s.len > 0 ? memchr(s.p, '<', s.len) : NULL;
	const char *close = open ? memchr(open, '>', s.len - (size_t)(open - s.p)) : NULL;
	if (close)
		s = (struct span){open + 1, (size_t)(close - open - 1)};
	s = span_trim(s);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * HEADER_MAX_FIELD);
	IGNORE_RESULT(!charset_decode(&text, NULL, s.p, s.len), "no name, no wrong name");
	if (text.len > 0)
		m->message_id = arena_strndup(a, text.p, text.len);
	arena_release(&scratch);
}

static size_t read_ids(struct arena *a, struct message *m, const char *name, const char ***out)
{
	const struct header_field *f = header_find(&m->headers, name);
	bool junk = false;
	size_t n = f ? header_ids(a, f->value, out, &junk) : 0;
	if (junk)
		m->warnings |= WARN_BAD_REFERENCES;
	return n;
}

static void read_addrs(struct arena *a, struct message *m, const char *name, struct addr_list *out)
{
	const struct header_field *f = header_find(&m->headers, name);
	if (!f)
		return;
	addr_parse(a, f->value.p, f->value.len, out);
	if (out->bad)
		m->warnings |= WARN_BAD_ADDRESS;
}

static void read_dates(struct message *m)
{
	const struct header_field *f = header_find(&m->headers, "Date");
	if (f) {
		m->has_date = date_parse(f->value.p, f->value.len, &m->date, &m->date_offset_min);
		if (!m->has_date)
			m->warnings |= WARN_BAD_DATE;
	}
	int64_t received;
	int ignored_offset;
	m->received = m->has_date ? m->date : 0;
	f = header_find(&m->headers, "Received");
	if (!f)
		return;
	size_t at = f->value.len; /* the date is what stands behind the last ';' */
	while (at > 0 && f->value.p[at - 1] != ';')
		at--;
	if (at > 0 && date_parse(f->value.p + at, f->value.len - at, &received, &ignored_offset))
		m->received = received;
}

static struct span raw_value(const struct message *m, const char *name)
{
	const struct header_field *f = header_find(&m->headers, name);
	return f ? span_trim(f->value) : (struct span){NULL, 0};
}

/* The first word of a value: "auto-replied (vacation)". */
static bool first_word_is(struct span s, const char *word)
{
	size_t n = 0;
	while (n < s.len && (ascii_isalnum(s.p[n]) || s.p[n] == '-'))
		n++;
	return span_caseeq((struct span){s.p, n}, word);
}

static void read_automation(struct message *m)
{
	struct span precedence = raw_value(m, "Precedence");
	struct span submitted = raw_value(m, "Auto-Submitted");
	struct span path = raw_value(m, "Return-Path");
	bool by_machine = first_word_is(precedence, "bulk") || first_word_is(precedence, "junk") ||
			  span_eq(path, "<>") ||
			  (submitted.len > 0 && !first_word_is(submitted, "no"));
	bool by_list = first_word_is(precedence, "list") || header_find(&m->headers, "List-Id");
	m->is_auto = by_machine || by_list;
	m->is_list = by_list && !by_machine;
}

static void read_header(struct arena *a, const char *p, size_t n, struct message *m)
{
	*m = (struct message){.has_date = false};
	header_split(a, p, n, &m->headers);
	if (m->headers.cut)
		m->warnings |= WARN_HEADER_TOO_LONG;
	for (size_t i = 0; i < ARRAY_SIZE(single); i++) {
		if (header_count(&m->headers, single[i]) > 1)
			m->warnings |= WARN_DUPLICATE_HEADER;
	}
	read_subject(a, m);
	read_message_id(a, m);
	const char **ids = NULL;
	m->n_in_reply_to = read_ids(a, m, "In-Reply-To", &ids);
	m->in_reply_to = ids;
	ids = NULL;
	m->n_references = read_ids(a, m, "References", &ids);
	m->references = ids;
	read_addrs(a, m, "From", &m->from);
	read_addrs(a, m, "To", &m->to);
	read_addrs(a, m, "Cc", &m->cc);
	read_addrs(a, m, "Bcc", &m->bcc);
	read_addrs(a, m, "Reply-To", &m->reply_to);
	read_addrs(a, m, "Sender", &m->sender);
	read_dates(m);
	read_automation(m);
}

/* For headers alone, and when the arena's ceiling leaves no room. */
static const struct mime_part empty_part = {.type = "text/plain", .body = {"", 0}, .raw = {"", 0}};

void message_parse_headers(struct arena *a, const char *p, size_t n, struct message *out)
{
	read_header(a, p, n, out);
	out->root = &empty_part;
}

void message_parse(struct arena *a, const char *p, size_t n, struct message *out)
{
	struct mime_part *root;
	read_header(a, p, n, out);
	out->warnings |= mime_split(a, p, n, &out->headers, &root);
	out->root = root ? root : &empty_part;
}

bool message_ends_in_text(const struct message *m)
{
	const struct mime_part *p = m->root;
	while (p->child) {
		if (strcmp(p->type, "message/rfc822") == 0)
			return false; /* an attachment */
		p = p->child;
		while (p->next)
			p = p->next;
	}
	return strncmp(p->type, "text/", 5) == 0 && p->disposition != DISP_ATTACHMENT &&
	       !p->filename;
}
