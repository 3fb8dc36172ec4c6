/*
 * compose.c - writes the bytes of an outgoing message. Header fields come from fixed names and
 * from writers that let no line end through; bodies are 7bit or quoted-printable, attachments
 * base64, so that no line is longer than RFC 5322 allows and no transport changes a byte.
 */
#include "config.h"

#include "crmail/mail/compose.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#include "codec.h"
#include "mime.h"

#define LINE_MAX_7BIT 998 /* RFC 5322 §2.1.1 */
#define FOLD_COLUMNS 76
#define BASE64_COLUMNS 76
#define SEED_MAX_BYTES 60 /* of a boundary, which may have 70 characters */

struct writer {
	const struct compose *c;
	struct buf *out;
	unsigned boundaries; /* given out */
};

/* ---- header ---- */

static void write_addrs(struct buf *out, const char *name, const struct addr_list *l)
{
	if (l->n == 0)
		return;
	buf_addf(out, "%s: ", name);
	size_t line = out->len - strlen(name) - 2; /* where the line being written begins */
	for (size_t i = 0; i < l->n; i++) {
		size_t before = out->len;
		CLEANUP(buf_release) struct buf one = BUF_INIT(out->max);
		addr_write(&one, &l->v[i]);
		if (i > 0)
			buf_addch(out, ',');
		if (i > 0 && out->len - line + one.len + 1 > FOLD_COLUMNS) {
			buf_addstr(out, "\r\n ");
			line = out->len - 1;
		} else if (i > 0) {
			buf_addch(out, ' ');
		}
		buf_add(out, one.p, one.len);
		if (out->len == before)
			break; /* the ceiling */
	}
	buf_addstr(out, "\r\n");
}

/* Printable ASCII without brackets and blanks: what can stand in a header as it is. */
static bool is_clean_id(const char *id)
{
	const char *p = id;
	while (*p > 32 && *p < 127 && *p != '<' && *p != '>')
		p++;
	return *p == 0 && p > id;
}

/* Ids of others that cannot be written are left out: mended, they would name nothing. */
static void write_ids(struct buf *out, const char *name, const char *const *ids, size_t n)
{
	size_t written = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_clean_id(ids[i]))
			continue;
		if (written++ == 0)
			buf_addf(out, "%s: <%s>", name, ids[i]);
		else
			buf_addf(out, "\r\n <%s>", ids[i]);
	}
	if (written > 0)
		buf_addstr(out, "\r\n");
}

static void write_header(const struct writer *w)
{
	const struct compose *c = w->c;
	const struct addr_list from = {.v = &c->from, .n = 1};
	write_addrs(w->out, "From", &from);
	write_addrs(w->out, "To", &c->to);
	write_addrs(w->out, "Cc", &c->cc);
	if (c->is_draft)
		write_addrs(w->out, "Bcc", &c->bcc);
	else if (c->to.n == 0 && c->cc.n == 0) /* RFC 5322 §3.4: blind copies alone */
		buf_addstr(w->out, "To: undisclosed-recipients:;\r\n");
	buf_addstr(w->out, "Subject: ");
	rfc2047_encode(w->out, c->subject ? c->subject : "", strlen("Subject: "));
	buf_addstr(w->out, "\r\nDate: ");
	date_write(w->out, c->date, c->date_offset_min);
	buf_addstr(w->out, "\r\n");
	write_ids(w->out, "Message-ID", &c->message_id, 1);
	write_ids(w->out, "In-Reply-To", c->in_reply_to, c->n_in_reply_to);
	write_ids(w->out, "References", c->references, c->n_references);
	buf_addstr(w->out, "MIME-Version: 1.0\r\n");
}

/* ---- parts ---- */

/* Can these lines (LF) go as they are? None may look like a boundary either. */
static bool is_7bit(const char *p, size_t n)
{
	size_t column = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		column = c == '\n' ? 0 : column + 1;
		if (c > 126 || (c < 32 && c != '\n' && c != '\t') || column > LINE_MAX_7BIT)
			return false;
		if (column == 4 && memcmp(p + i - 3, "--=_", 4) == 0)
			return false;
	}
	return true;
}

static void write_crlf(struct buf *out, const char *p, size_t n)
{
	struct span rest = {p, n}, line;
	while (span_next(&rest, '\n', &line)) {
		buf_add(out, line.p, line.len);
		buf_addstr(out, "\r\n");
	}
}

static void write_text(struct buf *out, const char *type, const struct buf *text)
{
	bool plain = is_7bit(text->p, text->len);
	buf_addf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
		plain ? "7bit" : "quoted-printable");
	if (plain)
		write_crlf(out, text->p, text->len);
	else
		codec_qp_encode(out, text->p, text->len);
}

/* The user's text: valid UTF-8, LF. */
static void clean_text(struct buf *out, const char *text)
{
	CLEANUP(buf_release) struct buf valid = BUF_INIT(out->max);
	utf8_add_valid(&valid, text, strlen(text));
	for (size_t i = 0; i < valid.len; i++) {
		if (valid.p[i] == '\r') {
			i += valid.p[i + 1] == '\n';
			buf_addch(out, '\n');
		} else {
			buf_addch(out, valid.p[i]);
		}
	}
}

static void write_plain(const struct writer *w)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(w->out->max);
	CLEANUP(buf_release) struct buf flowed = BUF_INIT(w->out->max);
	clean_text(&text, w->c->text ? w->c->text : "");
	flowed_split(&flowed, text.p, text.len);
	write_text(w->out, "text/plain; charset=utf-8; format=flowed", &flowed);
}

static void write_html(const struct writer *w)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(w->out->max);
	clean_text(&html, w->c->html);
	write_text(w->out, "text/html; charset=utf-8", &html);
}

static bool is_safe_type(const char *type)
{
	size_t slashes = 0;
	for (const char *p = type; *p; p++) {
		slashes += *p == '/';
		if (!ascii_isalnum(*p) && !strchr("/!#$&^_.+-", *p))
			return false;
	}
	return slashes == 1 && type[0] != '/' && type[strlen(type) - 1] != '/';
}

/* RFC 2231: percent escapes, cut into numbered sections where they are long. */
static void write_extended(struct buf *out, const char *name)
{
	CLEANUP(buf_release) struct buf piece = BUF_INIT(200);
	bool one = strlen(name) * 3 < 50;
	unsigned section = 0;
	buf_addstr(&piece, "UTF-8''");
	for (const char *p = name; *p; p++) {
		if (ascii_isalnum(*p) || strchr("-._", *p))
			buf_addch(&piece, *p);
		else
			buf_addf(&piece, "%%%02X", (unsigned char)*p);
		if (piece.len < 54 && p[1])
			continue;
		if (one)
			buf_addf(out, ";\r\n filename*=%s", piece.p);
		else
			buf_addf(out, ";\r\n filename*%u*=%s", section++, piece.p);
		buf_reset(&piece);
	}
}

static void write_filename(struct buf *out, const char *name)
{
	bool plain = strlen(name) < 60;
	for (const char *p = name; *p && plain; p++)
		plain = *p >= 32 && *p < 127 && *p != '"' && *p != '\\';
	if (plain && !strstr(name, "=?"))
		buf_addf(out, "; filename=\"%s\"", name);
	else
		write_extended(out, name);
}

/* Text without a charset is read as ASCII, or guessed at. */
static bool is_utf8_text(const struct compose_attachment *at)
{
	const char *p = at->data;
	bool has_high = false;
	for (size_t i = 0; i < at->len && !has_high; i++)
		has_high = (unsigned char)p[i] >= 0x80;
	return str_casestarts(at->type, "text/") && has_high && utf8_is_valid(p, at->len);
}

static void write_attachment(struct buf *out, const struct compose_attachment *at)
{
	bool safe = at->type && is_safe_type(at->type) && !str_casestarts(at->type, "multipart/") &&
		    !str_casestarts(at->type, "message/"); /* those may not be base64 */
	buf_addf(out, "Content-Type: %s%s\r\nContent-Transfer-Encoding: base64\r\n",
		safe ? at->type : "application/octet-stream",
		safe && is_utf8_text(at) ? "; charset=utf-8" : "");
	if (at->content_id)
		write_ids(out, "Content-ID", &at->content_id, 1);
	buf_addf(out, "Content-Disposition: %s", at->content_id ? "inline" : "attachment");
	if (at->filename && at->filename[0])
		write_filename(out, at->filename);
	buf_addstr(out, "\r\n\r\n");
	codec_base64_encode(out, at->data, at->len, BASE64_COLUMNS);
}

/* ---- structure ---- */

static void open_multipart(struct writer *w, const char *subtype, char boundary[80])
{
	char seed[SEED_MAX_BYTES + 1];
	size_t n = 0;
	const char *p = w->c->boundary_seed ? w->c->boundary_seed : "";
	for (; *p && n < SEED_MAX_BYTES; p++) {
		if (ascii_isalnum(*p))
			seed[n++] = *p;
	}
	seed[n] = 0;
	/* "=_" stands in no base64, in no quoted-printable, and is_7bit() looks for it. */
	snprintf(boundary, 80, "=_%s_%u", seed, ++w->boundaries);
	buf_addf(w->out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", subtype,
		boundary);
}

static bool has_attachments(const struct compose *c, bool inline_ones)
{
	for (size_t i = 0; i < c->n_attachments; i++) {
		if ((c->html && c->attachments[i].content_id) == inline_ones)
			return true;
	}
	return false;
}

static void write_attachments(const struct writer *w, bool inline_ones, const char *boundary)
{
	for (size_t i = 0; i < w->c->n_attachments; i++) {
		const struct compose_attachment *at = &w->c->attachments[i];
		if ((w->c->html && at->content_id) != inline_ones)
			continue;
		buf_addf(w->out, "--%s\r\n", boundary);
		write_attachment(w->out, at);
	}
	buf_addf(w->out, "--%s--\r\n", boundary);
}

/* HTML, with the images it shows beside it. */
static void write_related(struct writer *w)
{
	char boundary[80];
	if (!has_attachments(w->c, true)) {
		write_html(w);
		return;
	}
	open_multipart(w, "related", boundary);
	buf_addf(w->out, "--%s\r\n", boundary);
	write_html(w);
	write_attachments(w, true, boundary);
}

static void write_alternative(struct writer *w)
{
	char boundary[80];
	if (!w->c->html) {
		write_plain(w);
		return;
	}
	open_multipart(w, "alternative", boundary);
	buf_addf(w->out, "--%s\r\n", boundary);
	write_plain(w);
	buf_addf(w->out, "--%s\r\n", boundary);
	write_related(w);
	buf_addf(w->out, "--%s--\r\n", boundary);
}

int compose_write(const struct compose *c, struct buf *out, struct err *e)
{
	struct writer w = {.c = c, .out = out};
	char boundary[80];
	if (!c->from.addr || !c->message_id || !is_clean_id(c->message_id))
		return err_set(e, ERR_BUG, _("The message has no sender or no Message-ID."));
	write_header(&w);
	if (has_attachments(c, false)) {
		open_multipart(&w, "mixed", boundary);
		buf_addf(out, "--%s\r\n", boundary);
		write_alternative(&w);
		write_attachments(&w, false, boundary);
	} else {
		write_alternative(&w);
	}
	if (out->failed)
		return err_set(e, ERR_TOOBIG, _("The message is too large to be sent."));
	return 0;
}
