/* mbox.c - the mbox format, reading only. */
#include "config.h"

#include "crmail/mail/mbox.h"

#include <string.h>

#include "crmail/base/buf.h"

bool mbox_is(const char *p, size_t n)
{
	return n >= 5 && memcmp(p, "From ", 5) == 0;
}

static size_t line_end(struct span s, size_t from)
{
	const char *nl = from < s.len ? memchr(s.p + from, '\n', s.len - from) : NULL;
	return nl ? (size_t)(nl - s.p) + 1 : s.len;
}

static bool is_blank_line(struct span s, size_t start, size_t end)
{
	size_t n = end - start;
	return n == 0 || (n == 1 && s.p[start] == '\n') ||
	       (n == 2 && s.p[start] == '\r' && s.p[start + 1] == '\n');
}

bool mbox_next(struct span *rest, struct span *message)
{
	struct span s = *rest;
	if (!s.len)
		return false;
	size_t start = mbox_is(s.p, s.len) ? line_end(s, 0) : 0;
	size_t at = start, end = s.len;
	bool after_blank = false;
	while (at < s.len) {
		size_t next = line_end(s, at);
		if (after_blank && mbox_is(s.p + at, s.len - at)) {
			end = at;
			break;
		}
		after_blank = is_blank_line(s, at, next);
		at = next;
	}
	*message = (struct span){s.p + start, end - start};
	*rest = (struct span){s.p + end, s.len - end};
	if (message->len && end < s.len) { /* the separating empty line is not the message's */
		size_t cut = message->len - 1;
		if (cut && message->p[cut - 1] == '\r')
			cut--;
		message->len = cut;
	}
	return true;
}

void mbox_unquote(struct buf *out, struct span message)
{
	for (size_t at = 0; at < message.len;) {
		size_t next = line_end(message, at), q = at;
		while (q < next && message.p[q] == '>')
			q++;
		if (q > at && mbox_is(message.p + q, next - q))
			at++;
		buf_add(out, message.p + at, next - at);
		at = next;
	}
}
