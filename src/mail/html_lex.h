/*
 * html_lex.h - HTML cut into tags and text: one pass, no tree, no recursion, no allocation.
 *
 * Comments (conditional ones too), doctypes, processing instructions and the whole of elements
 * that are never shown (style, script, title, svg ...) are skipped here. What is unterminated is
 * read leniently: a failed search is remembered, so that it is never made twice and the whole is
 * linear; `steps` counts the bytes that were looked at. Private to src/mail. Pure; any thread.
 */
#ifndef CRMAIL_HTML_LEX_H
#define CRMAIL_HTML_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/str.h"

struct buf;

#define HTML_NAME_MAX 12 /* longer tag names are unknown to us anyway */

enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE };

struct html_token {
	enum html_kind kind;
	struct span text;             /* HTML_TEXT: raw, character references not decoded */
	char name[HTML_NAME_MAX + 1]; /* of a tag: lower case, cut */
	struct span attrs;            /* of an opening tag: for html_attr_next() */
};

struct html_lexer {
	const char *p;
	size_t n, pos;
	uint64_t steps;
	bool lenient;      /* a quoted value never ended: quotes no longer hide ">" */
	bool no_gt;        /* no ">" follows */
	bool no_comment;   /* no "-->" follows */
	unsigned no_close; /* bit per skipped element: no closing tag follows */
};

void html_lex_init(struct html_lexer *lx, const char *p, size_t n);
/* The next token, borrowed from the input; false at the end. Each call consumes a byte or more. */
bool html_lex_next(struct html_lexer *lx, struct html_token *tok);

/* Takes the next attribute from *rest. Name and value are raw (any case, references not decoded);
 * a value that is absent is the empty span. False when nothing is left. */
bool html_attr_next(struct span *rest, struct span *name, struct span *value);

/* Appends text with character references decoded (HTML 4 names, numeric ones; 128-159 read as
 * Windows-1252). Carriage returns and form feeds become LF, soft hyphens go. Unsanitised. */
void html_decode(struct buf *out, struct span text);

#endif
