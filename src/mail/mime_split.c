/*
 * mime_split.c - takes a message apart along its boundaries: one walk over the lines with a stack
 * of open parts, so that neither depth nor broken nesting costs more than the bytes. Which lines
 * end a part: the boundary of any open multipart, the innermost first.
 */
#include "config.h"

#include <string.h>

#include "codec.h"
#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "lines.h"
#include "mime.h"

struct open_part {
	struct mime_part *part, *last; /* last child so far */
	struct span boundary;          /* len 0 = no multipart, or its end was seen */
	const char *child_type;        /* default type of children */
};

struct splitter {
	struct arena *a;
	struct arena scratch; /* of one part's fields */
	struct open_part stack[MESSAGE_MAX_DEPTH];
	size_t depth; /* parts open; stack[depth - 1] is the innermost */
	size_t base;  /* parts around stack[0]: of messages that were sent encoded */
	size_t parts;
	unsigned warnings;
	const char *header_at;      /* where the header being read began; NULL = body or epilogue */
	struct mime_part **encoded; /* messages in messages that were sent encoded, to be split */
	size_t n_encoded, cap_encoded;
};

static struct open_part *top(struct splitter *s)
{
	return &s->stack[s->depth - 1];
}

static struct mime_part *add_part(struct splitter *s, struct open_part *parent, const char *at)
{
	struct mime_part *part =
		s->parts < MESSAGE_MAX_PARTS ? arena_alloc(s->a, sizeof(*part)) : NULL;
	if (!part) {
		s->warnings |= WARN_TOO_MANY_PARTS;
		return NULL;
	}
	s->parts++;
	part->type = "text/plain";
	part->raw.p = part->body.p = at;
	if (parent) {
		part->parent = parent->part;
		if (parent->last)
			parent->last->next = part;
		else
			parent->part->child = part;
		parent->last = part;
	}
	return part;
}

static void push(struct splitter *s, struct mime_part *part, const char *header_at)
{
	s->stack[s->depth++] = (struct open_part){.part = part, .child_type = "text/plain"};
	s->header_at = header_at;
}

/* The header of the innermost part is over. For a message in a message the next header begins. */
static void end_header(struct splitter *s, const struct header_block *h, const char *body)
{
	struct open_part *o = top(s);
	const char *boundary;
	const char *type = s->depth > 1 ? s->stack[s->depth - 2].child_type : "text/plain";
	mime_read_fields(s->a, &s->scratch, h, type, o->part, &boundary);
	if (h->cut)
		s->warnings |= WARN_HEADER_TOO_LONG;
	arena_reset(&s->scratch);
	o->part->body.p = body;
	s->header_at = NULL;
	bool nested = mime_is_message(o->part) && o->part->encoding == ENC_IDENTITY;
	if (s->base + s->depth >= MESSAGE_MAX_DEPTH && (boundary || nested)) {
		s->warnings |= WARN_TOO_DEEP;
		return;
	}
	o->boundary = span_of(boundary);
	if (strcmp(o->part->type, "multipart/digest") == 0)
		o->child_type = "message/rfc822";
	if (!nested)
		return;
	struct mime_part *child = add_part(s, o, body);
	if (child)
		push(s, child, body);
}

/* Ends the header that is being read at `stop`: behind its blank line, or where the part ends. */
static void close_header(struct splitter *s, const char *stop)
{
	struct header_block h;
	const char *at = s->header_at;
	header_split(&s->scratch, at, (size_t)(stop - at), &h);
	end_header(s, &h, at + h.body_offset);
}

/* The line end in front of a boundary belongs to the boundary. */
static const char *before_line_end(const char *p, const char *floor)
{
	if (p > floor && p[-1] == '\n')
		p--;
	if (p > floor && p[-1] == '\r')
		p--;
	return p;
}

static void remember_encoded(struct splitter *s, struct mime_part *part)
{
	struct mime_part **v = arena_grow(s->a, s->encoded, &s->cap_encoded, s->n_encoded + 1,
		sizeof(struct mime_part *));
	if (!v)
		return;
	s->encoded = v;
	s->encoded[s->n_encoded++] = part;
}

/* Ends the innermost part at `at`. */
static void pop(struct splitter *s, const char *at)
{
	while (s->header_at)
		close_header(s, at); /* may open a part of a message without a body */
	struct open_part *o = top(s);
	struct mime_part *part = o->part;
	bool unclosed = o->boundary.len > 0 || (mime_is_multipart(part) && !part->child);
	if (unclosed && !(s->warnings & (WARN_TOO_MANY_PARTS | WARN_TOO_DEEP)))
		s->warnings |= WARN_NO_CLOSING_BOUNDARY;
	part->body.len = (size_t)(at - part->body.p);
	part->raw.len = (size_t)(at - part->raw.p);
	if (mime_is_message(part) && part->encoding != ENC_IDENTITY)
		remember_encoded(s, part);
	s->depth--;
}

/* Ends everything inside stack[level] at `at`. */
static void pop_to(struct splitter *s, size_t level, const char *at)
{
	while (s->header_at)
		close_header(s, at);
	while (s->depth > level + 1)
		pop(s, at);
}

enum { NO_BOUNDARY, BOUNDARY_OPENS, BOUNDARY_CLOSES };

static int match_boundary(struct span line, struct span boundary)
{
	size_t i = 2 + boundary.len;
	if (boundary.len == 0 || line.len < i || memcmp(line.p + 2, boundary.p, boundary.len) != 0)
		return NO_BOUNDARY;
	bool closes = line.len >= i + 2 && memcmp(line.p + i, "--", 2) == 0;
	for (i += closes ? 2 : 0; i < line.len; i++) {
		if (line.p[i] != ' ' && line.p[i] != '\t')
			return NO_BOUNDARY;
	}
	return closes ? BOUNDARY_CLOSES : BOUNDARY_OPENS;
}

/* True when the line is a boundary of an open multipart, which then was acted upon. */
static bool take_boundary(struct splitter *s, struct span line, const char *after)
{
	if (line.len < 3 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	for (size_t level = s->depth; level-- > 0;) {
		int kind = match_boundary(line, s->stack[level].boundary);
		if (kind == NO_BOUNDARY)
			continue;
		struct open_part *o = &s->stack[level];
		const char *floor = s->header_at ? s->header_at : top(s)->part->body.p;
		pop_to(s, level, before_line_end(line.p, floor));
		if (kind == BOUNDARY_CLOSES) {
			o->boundary.len = 0;
			return true;
		}
		struct mime_part *part = add_part(s, o, after);
		if (part)
			push(s, part, after);
		return true;
	}
	return false;
}

/* A line that begins like a boundary but is none ends a header too (header_split agrees). */
static bool ends_header(struct span line)
{
	return line.len == 0 || (line.len > 2 && line.p[0] == '-' && line.p[1] == '-' &&
					!memchr(line.p, ':', line.len));
}

static void walk(struct splitter *s, const char *from, const char *end)
{
	struct line_scan scan = line_scan_of(from, (size_t)(end - from));
	struct span line;
	while (!(s->warnings & WARN_TOO_MANY_PARTS) && line_next(&scan, &line)) {
		if (take_boundary(s, line, scan.p) || !s->header_at)
			continue;
		if (line.len == 0) {
			close_header(s, scan.p);
		} else if (ends_header(line)) {
			close_header(s, line.p);
			take_boundary(s, line, scan.p); /* of the multipart just learnt */
		}
	}
}

/* Splits one message; `h` is its header. */
static void split_message(struct splitter *s, struct mime_part *root, struct span bytes,
	const struct header_block *h)
{
	const char *body = bytes.p + h->body_offset, *end = bytes.p + bytes.len;
	root->raw = bytes;
	push(s, root, bytes.p);
	end_header(s, h, body);
	walk(s, body, end);
	while (s->depth > 0)
		pop(s, end);
}

/* A message that was sent in base64 or quoted-printable, against RFC 2046 §5.2.1, but it happens.
 * Each is shorter than what it came in, so that all together stay bounded by the input. */
static void split_encoded(struct splitter *s, struct mime_part *part)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(part->body.len + 1);
	unsigned ignored = 0; /* whoever decodes the attachment is told */
	mime_part_decode(part, &bytes, &ignored);
	char *copy = arena_alloc(s->a, bytes.len + 1);
	if (copy)
		memcpy(copy, bytes.p, bytes.len);
	s->base = 1;
	for (const struct mime_part *p = part->parent; p; p = p->parent)
		s->base++;
	if (s->base >= MESSAGE_MAX_DEPTH)
		s->warnings |= WARN_TOO_DEEP;
	struct mime_part *root =
		!copy || s->base >= MESSAGE_MAX_DEPTH ? NULL : add_part(s, NULL, copy);
	if (!root)
		return;
	root->parent = part;
	part->child = root;
	struct arena headers = ARENA_INIT;
	struct header_block h;
	header_split(&headers, copy, bytes.len, &h);
	split_message(s, root, (struct span){copy, bytes.len}, &h);
	arena_release(&headers);
}

unsigned mime_split(struct arena *a, const char *p, size_t n, const struct header_block *headers,
	struct mime_part **root)
{
	struct splitter s = {.a = a, .scratch = ARENA_INIT};
	struct span bytes = {n > 0 ? p : "", n};
	*root = add_part(&s, NULL, bytes.p);
	if (*root)
		split_message(&s, *root, bytes, headers);
	for (size_t i = 0; i < s.n_encoded; i++)
		split_encoded(&s, s.encoded[i]);
	arena_release(&s.scratch);
	return s.warnings;
}

const struct mime_part *mime_next_leaf(const struct mime_part *root, const struct mime_part *p)
{
	const struct mime_part *at = p;
	do {
		bool enter = at && at->child && !mime_is_message(at);
		if (!at)
			at = root;
		else if (enter)
			at = at->child;
		else {
			while (at != root && !at->next)
				at = at->parent;
			at = at == root ? NULL : at->next;
		}
	} while (at && at->child && !mime_is_message(at));
	return at;
}
