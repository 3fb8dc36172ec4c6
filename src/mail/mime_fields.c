/* mime_fields.c - what the fields of one part say: type, charset, file name, encoding. */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "mime.h"
#include "param.h"

#define TYPE_MAX_BYTES 200
#define BOUNDARY_MAX_BYTES 1000

bool mime_is_multipart(const struct mime_part *p)
{
	return str_starts(p->type, "multipart/");
}

bool mime_is_message(const struct mime_part *p)
{
	return strcmp(p->type, "message/rfc822") == 0 || strcmp(p->type, "message/global") == 0;
}

static bool is_type_char(char c)
{
	return ascii_isalnum(c) || (c && strchr("!#$&^_.+-%'*{}~|`", c));
}

/* The "a/b" at the front of the value, lower case; NULL when it is none (RFC 2045 §5.2: then the
 * default counts). */
static const char *read_type(struct arena *a, struct span value)
{
	size_t i = 0, slashes = 0;
	while (i < value.len && (is_type_char(value.p[i]) || value.p[i] == '/'))
		slashes += value.p[i++] == '/';
	bool ends_well = i == value.len || ascii_isspace(value.p[i]) || strchr("(;,\"", value.p[i]);
	if (!ends_well || slashes != 1 || i < 3 || i > TYPE_MAX_BYTES || value.p[0] == '/' ||
		value.p[i - 1] == '/')
		return NULL;
	char *type = arena_strndup(a, value.p, i);
	if (type)
		str_lower_inplace(type);
	return type;
}

static void read_content_type(struct arena *a, struct arena *scratch, const struct header_block *h,
	struct mime_part *part, const char **boundary)
{
	const struct header_field *f = header_find(h, "Content-Type");
	if (!f)
		return;
	struct param_list l;
	param_parse(scratch, f->value, &l);
	const char *type = read_type(a, l.value);
	if (!type) {
		part->type = "text/plain";
		return;
	}
	part->type = type;
	part->charset = arena_strdup(a, param_text(scratch, &l, "charset"));
	part->filename = arena_strdup(a, param_text(scratch, &l, "name"));
	part->method = arena_strdup(a, param_text(scratch, &l, "method"));
	const char *format = param_text(scratch, &l, "format");
	const char *delsp = param_text(scratch, &l, "delsp");
	part->flowed =
		format && str_casecmp(format, "flowed") == 0 && strcmp(type, "text/plain") == 0;
	part->delsp = part->flowed && delsp && str_casecmp(delsp, "yes") == 0;
	const char *mark = mime_is_multipart(part) ? param_text(scratch, &l, "boundary") : NULL;
	if (!mark)
		return;
	size_t len = strlen(mark);
	while (len > 0 && ascii_isspace(mark[len - 1]))
		len--;
	if (len > 0 && len <= BOUNDARY_MAX_BYTES)
		*boundary = arena_strndup(a, mark, len);
}

static void read_disposition(struct arena *a, struct arena *scratch, const struct header_block *h,
	struct mime_part *part)
{
	const struct header_field *f = header_find(h, "Content-Disposition");
	if (!f)
		return;
	struct param_list l;
	param_parse(scratch, f->value, &l);
	const char *blank = l.value.len > 0 ? memchr(l.value.p, ' ', l.value.len) : NULL;
	if (blank)
		l.value.len = (size_t)(blank - l.value.p);
	if (span_caseeq(l.value, "inline"))
		part->disposition = DISP_INLINE;
	else if (l.value.len > 0 && !memchr(l.value.p, '=', l.value.len))
		part->disposition = DISP_ATTACHMENT; /* RFC 2183 §2.8: unknown ones too */
	const char *name = param_text(scratch, &l, "filename");
	if (name && name[0])
		part->filename = arena_strdup(a, name);
}

static enum message_encoding read_encoding(struct arena *scratch, const struct header_block *h)
{
	const struct header_field *f = header_find(h, "Content-Transfer-Encoding");
	if (!f)
		return ENC_IDENTITY;
	struct span s = header_unfold(scratch, f->value);
	if (s.len > 2 && s.p[0] == '"')
		s = (struct span){s.p + 1, s.len - 1};
	size_t n = 0;
	while (n < s.len && (ascii_isalnum(s.p[n]) || s.p[n] == '-'))
		n++;
	s.len = n;
	if (span_caseeq(s, "base64"))
		return ENC_BASE64;
	return span_caseeq(s, "quoted-printable") ? ENC_QP : ENC_IDENTITY;
}

static const char *read_content_id(struct arena *a, struct arena *scratch,
	const struct header_block *h)
{
	const struct header_field *f = header_find(h, "Content-ID");
	if (!f)
		return NULL;
	const char *text = header_text(scratch, h, "Content-ID");
	struct span s = span_trim(span_of(text));
	if (s.len > 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		s = (struct span){s.p + 1, s.len - 2};
	return s.len > 0 ? arena_strndup(a, s.p, s.len) : NULL;
}

void mime_read_fields(struct arena *a, struct arena *scratch, const struct header_block *h,
	const char *type, struct mime_part *part, const char **boundary)
{
	*boundary = NULL;
	part->type = type;
	read_content_type(a, scratch, h, part, boundary);
	read_disposition(a, scratch, h, part);
	if (part->filename && !part->filename[0])
		part->filename = NULL;
	part->encoding = mime_is_multipart(part) ? ENC_IDENTITY : read_encoding(scratch, h);
	part->content_id = read_content_id(a, scratch, h);
}
