/*
 * message_body.c - what of a message is text to read and what is an attachment (formats.md
 * "parse"). How text is shown is the business of render.h.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "mime.h"
#include "strset.h"

#define SAVE_AS_MAX_BYTES 200
#define CID_MAX_BYTES 500
#define NUMBERS_TRIED 30
#define HTML_LOOK_BYTES ((size_t)16 << 20) /* of HTML in which cid: links are looked for */

/* A multipart without parts is shown as the text that it holds: nothing is swallowed. */
static bool is_attachment(const struct mime_part *p)
{
	if (mime_is_multipart(p))
		return false;
	return p->disposition == DISP_ATTACHMENT || p->filename || !str_starts(p->type, "text/");
}

static bool is_displayed(const struct mime_part *p, const char *type)
{
	if (p->child || is_attachment(p))
		return false;
	return strcmp(mime_is_multipart(p) ? "text/plain" : p->type, type) == 0;
}

static bool has_displayed_member(const struct mime_part *p, const char *type)
{
	for (const struct mime_part *c = p->child; c; c = c->next) {
		if (is_displayed(c, type))
			return true;
	}
	return false;
}

/* Of an alternative that offers this type itself, only the members themselves count; else what
 * its members hold, such as HTML inside multipart/related. */
static bool is_entered(const struct mime_part *p, const char *type)
{
	if (!p->child || mime_is_message(p))
		return false;
	return !p->parent || strcmp(p->parent->type, "multipart/alternative") != 0 ||
	       !has_displayed_member(p->parent, type);
}

static const struct mime_part *next_part(const struct mime_part *p, const char *type)
{
	if (is_entered(p, type))
		return p->child;
	while (p && !p->next)
		p = p->parent;
	return p ? p->next : NULL;
}

void message_text(const struct message *m, const char *type, struct buf *out, unsigned *warnings)
{
	bool first = true;
	for (const struct mime_part *p = m->root; p; p = next_part(p, type)) {
		if (!is_displayed(p, type))
			continue;
		if (!first)
			buf_addch(out, '\n');
		first = false;
		mime_part_text(p, out, warnings);
	}
}

/* ---- attachments ---- */

static const char *fallback_name(const struct mime_part *p)
{
	static const struct {
		const char *type, *name;
	} names[] = {{"message/rfc822", "message.eml"}, {"message/global", "message.eml"},
		{"message/delivery-status", "delivery-status.txt"}, {"text/calendar", "invite.ics"},
		{"text/plain", "text.txt"}, {"text/html", "page.html"}, {"text/csv", "table.csv"},
		{"application/pdf", "document.pdf"}, {"image/png", "image.png"},
		{"image/jpeg", "image.jpg"}, {"image/gif", "image.gif"},
		{"application/pgp-signature", "signature.asc"},
		{"application/pkcs7-signature", "smime.p7s"}};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(p->type, names[i].type) == 0)
			return names[i].name;
	}
	return "attachment.bin";
}

/* "name (2).ext", cut so that it stays short enough. */
static void number_name(struct buf *out, const char *name, unsigned number)
{
	const char *dot = strrchr(name, '.');
	size_t stem = dot && dot > name && strlen(dot) <= 20 ? (size_t)(dot - name) : strlen(name);
	char mark[16];
	snprintf(mark, sizeof(mark), " (%u)", number);
	size_t rest = strlen(mark) + strlen(name + stem);
	size_t len = stem;
	while (len > 1 &&
		(len + rest > SAVE_AS_MAX_BYTES || ((unsigned char)name[len] & 0xC0) == 0x80))
		len--; /* never inside a character */
	buf_reset(out);
	buf_add(out, name, len);
	buf_addf(out, "%s%s", mark, name + stem);
}

/* Names that differ in ASCII case only would be one file on some disks. */
static bool take_name(struct strset *taken, const char *name)
{
	char *key = arena_strdup(taken->a, name);
	if (key)
		str_lower_inplace(key);
	return !key || strset_add(taken, key);
}

static const char *give_name(struct arena *a, struct strset *taken, const struct mime_part *p)
{
	CLEANUP(free_str)
	char *safe = fsx_safe_name(p->filename ? p->filename : "", fallback_name(p));
	CLEANUP(buf_release) struct buf name = BUF_INIT(4 * SAVE_AS_MAX_BYTES);
	buf_addstr(&name, safe);
	/* 2, 3, ... where few have the name; hundreds of them must not try each number. */
	for (unsigned number = 2; !take_name(taken, name.p); number++) {
		if (number == NUMBERS_TRIED && taken->n > number)
			number = (unsigned)taken->n;
		number_name(&name, safe, number);
	}
	return arena_strdup(a, name.p);
}

static int by_content_id(const void *a, const void *b)
{
	const struct message_attachment *const *x = a, *const *y = b;
	return strcmp((*x)->part->content_id, (*y)->part->content_id);
}

static void mark_inline(struct message_attachment **v, size_t n, const char *id)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (strcmp(v[mid]->part->content_id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	/* Several may have one id; once marked they are not walked over again. */
	for (; low < n && strcmp(v[low]->part->content_id, id) == 0 && !v[low]->is_inline; low++)
		v[low]->is_inline = true;
}

/* Marks what the HTML shows by `cid:`. v: attachments with a Content-ID. */
static void mark_used(const struct message *m, struct message_attachment **v, size_t n)
{
	CLEANUP(buf_release) struct buf html = BUF_INIT(HTML_LOOK_BYTES);
	CLEANUP(buf_release) struct buf id = BUF_INIT(CID_MAX_BYTES);
	unsigned ignored = 0; /* the text itself is read, and warned about, elsewhere */
	message_text(m, "text/html", &html, &ignored);
	qsort(v, n, sizeof(struct message_attachment *), by_content_id);
	const char *p = html.p, *end = html.p + html.len;
	while ((p = mem_casefind(p, (size_t)(end - p), "cid:"))) {
		p += strlen("cid:");
		const char *start = p;
		while (p < end && !ascii_isspace(*p) && !strchr("\"'<>)", *p))
			p++;
		buf_reset(&id);
		codec_percent(&id, start, (size_t)(p - start));
		mark_inline(v, n, id.p);
	}
}

static size_t count_attachments(const struct message *m)
{
	size_t n = 0;
	for (const struct mime_part *p = NULL; (p = mime_next_leaf(m->root, p));)
		n += is_attachment(p);
	return n;
}

size_t message_attachments(struct arena *a, const struct message *m,
	struct message_attachment **out)
{
	size_t n = count_attachments(m), i = 0, with_id = 0;
	struct arena scratch = ARENA_INIT;
	struct strset taken = STRSET_INIT(&scratch);
	struct message_attachment **ids = xcalloc(n + 1, sizeof(*ids));
	struct message_attachment *v = arena_array(a, n + 1, sizeof(*v));
	for (const struct mime_part *p = NULL; v && (p = mime_next_leaf(m->root, p));) {
		if (!is_attachment(p))
			continue;
		v[i] = (struct message_attachment){.part = p,
			.filename = p->filename,
			.save_as = give_name(a, &taken, p),
			.is_inline = p->disposition == DISP_INLINE};
		if (p->content_id)
			ids[with_id++] = &v[i];
		i++;
	}
	if (with_id > 0)
		mark_used(m, ids, with_id);
	free(ids);
	arena_release(&scratch);
	*out = v;
	return i;
}
