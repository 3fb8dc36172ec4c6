/* mime_text.c - the content of one leaf: transfer encoding off, charset to UTF-8, LF line ends. */
#include "config.h"

#include <string.h>

#include "codec.h"
#include "crmail/base/buf.h"
#include "mime.h"

#define META_LOOK_BYTES 2048 /* of HTML in which a charset is looked for */

void mime_part_decode(const struct mime_part *p, struct buf *out, unsigned *warnings)
{
	switch (p->encoding) {
	case ENC_IDENTITY:
		buf_add(out, p->body.p, p->body.len);
		break;
	case ENC_QP:
		codec_qp(out, p->body.p, p->body.len);
		break;
	case ENC_BASE64:
		if (!codec_base64(out, p->body.p, p->body.len))
			*warnings |= WARN_BAD_BASE64;
		break;
	}
}

/* HTML without a charset on its part often has one of its own: `<meta charset=x>`. */
static void find_meta_charset(const struct buf *html, char *out, size_t size)
{
	size_t look = html->len < META_LOOK_BYTES ? html->len : META_LOOK_BYTES;
	const char *end = html->p + look, *p = mem_casefind(html->p, look, "charset=");
	size_t n = 0;
	if (!p)
		return;
	p += strlen("charset=");
	while (p < end && (*p == '"' || *p == '\'' || *p == ' '))
		p++;
	while (p < end && n + 1 < size && (ascii_isalnum(*p) || (*p && strchr("-_:.", *p))))
		out[n++] = *p++;
	out[n] = 0;
}

/* CRLF and lone CR to LF, in place. */
static void fix_line_ends(struct buf *b, size_t from)
{
	size_t to = from;
	for (size_t i = from; i < b->len; i++) {
		if (b->p[i] == '\r') {
			b->p[to++] = '\n';
			i += i + 1 < b->len && b->p[i + 1] == '\n';
		} else {
			b->p[to++] = b->p[i];
		}
	}
	buf_truncate(b, to);
}

void mime_part_text(const struct mime_part *p, struct buf *out, unsigned *warnings)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(p->body.len + 1);
	CLEANUP(buf_release) struct buf text = BUF_INIT(out->max);
	char meta[64] = "";
	mime_part_decode(p, &bytes, warnings);
	const char *charset = p->charset;
	if (!charset && strcmp(p->type, "text/html") == 0)
		find_meta_charset(&bytes, meta, sizeof(meta));
	if (meta[0])
		IGNORE_RESULT(!charset_decode(&text, meta, bytes.p, bytes.len), "not of the mail");
	else if (!charset_decode(&text, charset, bytes.p, bytes.len))
		*warnings |= WARN_BAD_CHARSET;
	fix_line_ends(&text, 0);
	const char *start = text.p;
	size_t n = text.len;
	if (n >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0) {
		start += 3; /* a byte order mark is no text */
		n -= 3;
	}
	if (p->flowed)
		flowed_join(out, start, n, p->delsp);
	else
		buf_add(out, start, n);
}
