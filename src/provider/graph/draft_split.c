/* draft_split.c - which attachments of a message do not go along with it, and the message without
 * them. */
#include "config.h"

#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/mail/message.h"

struct cut {
	const struct mime_part *part;
	const char *from, *to; /* with its delimiter line, without the next one */
};

/* "--boundary" CRLF, the part, CRLF "--": what stands there exactly, as crmail writes it. */
static bool find_cut(const char *mime, size_t len, const struct mime_part *p, struct cut *out)
{
	const char *line = p->raw.p, *end = p->raw.p + p->raw.len;
	if (line - mime < 2 || line[-1] != '\n')
		return false;
	for (line--; line > mime && line[-1] != '\n'; line--)
		;
	if (end < mime + len && *end == '\r')
		end++;
	if (end < mime + len && *end == '\n')
		end++;
	*out = (struct cut){p, line, end};
	return strncmp(line, "--", 2) == 0 && mime + len - end > 2 && strncmp(end, "--", 2) == 0;
}

static int by_size(const void *x, const void *y)
{
	const struct cut *a = x, *b = y;
	ptrdiff_t m = a->to - a->from, n = b->to - b->from;
	return m > n ? -1 : m < n;
}

static int by_place(const void *x, const void *y)
{
	const struct cut *a = x, *b = y;
	return a->from < b->from ? -1 : a->from > b->from;
}

static size_t find_cuts(struct arena *a, const char *mime, size_t len, struct cut **out)
{
	struct message *m = arena_alloc(a, sizeof *m);
	struct cut *v = NULL;
	size_t n = 0, cap = 0;
	message_parse(a, mime, len, m);
	bool is_mixed = strcmp(m->root->type, "multipart/mixed") == 0;
	for (const struct mime_part *p = is_mixed ? m->root->child : NULL; p; p = p->next) {
		struct cut c;
		if (p->child || !p->filename || !find_cut(mime, len, p, &c))
			continue;
		v = arena_grow(a, v, &cap, n + 1, sizeof *v);
		v[n++] = c;
	}
	*out = v;
	return n;
}

static void join_rest(struct arena *a, const char *mime, size_t len, struct cut *v, size_t n,
	struct draft_split *out)
{
	char *rest = arena_alloc(a, len + 1), *to = rest;
	const char *from = mime;
	qsort(v, n, sizeof *v, by_place);
	out->parts = arena_array(a, n + 1, sizeof *out->parts);
	for (size_t i = 0; i < n; i++) {
		memcpy(to, from, (size_t)(v[i].from - from));
		to += v[i].from - from;
		from = v[i].to;
		out->parts[i] = v[i].part;
	}
	memcpy(to, from, (size_t)(mime + len - from));
	to += mime + len - from;
	out->rest = (struct span){rest, (size_t)(to - rest)};
	out->n = n;
}

int draft_split(struct arena *a, const char *mime, size_t len, size_t most, struct draft_split *out,
	struct err *e)
{
	struct cut *v = NULL;
	size_t n = 0, take = 0, left = len;
	*out = (struct draft_split){.rest = {mime, len}};
	if (len <= most)
		return 0;
	n = find_cuts(a, mime, len, &v);
	if (n)
		qsort(v, n, sizeof *v, by_size);
	while (take < n && left > most)
		left -= (size_t)(v[take].to - v[take].from), take++;
	if (left > most)
		return err_set(e, ERR_TOOBIG,
			_("The text of the mail alone is larger than Microsoft takes."));
	join_rest(a, mime, len, v, take, out);
	return 0;
}
