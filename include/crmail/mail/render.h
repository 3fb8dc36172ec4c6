/*
 * render.h - what the reader shows of a message's body: HTML or plain text to lines of blocks,
 * numbered links, quote structure; then wrapped to a width. Pure; any thread.
 *
 * Text in a render_doc is valid UTF-8 and already sanitised (utf8_sanitise): it may be drawn.
 */
#ifndef CRMAIL_RENDER_H
#define CRMAIL_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/str.h"
#include "crmail/mail/message.h"

struct arena;

struct render_link {
	const char *text; /* sanitised */
	const char *url;  /* as sent, checked: printable; unsanitised schemes are kept as text */
	bool mismatch;    /* the text looks like another host than the URL's */
};

enum block_kind { BLOCK_TEXT, BLOCK_QUOTE, BLOCK_ATTRIBUTION, BLOCK_SIGNATURE, BLOCK_FORWARD };

struct render_block {
	enum block_kind kind;
	struct span text; /* cut from `text` at line ends; joined by LF they equal `text` */
};

enum run_style { RUN_BOLD = 1, RUN_ITALIC = 2, RUN_HEADING = 4, RUN_LINK = 8, RUN_CODE = 16 };
struct render_run {          /* a styled stretch of `text`; ascending, not overlapping */
	uint32_t start, len; /* bytes in text */
	uint16_t style;      /* enum run_style */
	uint16_t link;       /* number of the link, 0 = none */
};

struct render_doc {
	struct span text; /* the whole body, width unlimited, links as `text [n]` */
	const struct render_link *links;
	size_t n_links;
	const struct render_block *blocks;
	size_t n_blocks;
	const struct render_run *runs;
	size_t n_runs;
	uint32_t remote_images;  /* counted, never fetched */
	uint32_t trackers;       /* of those, 1x1 or hidden */
	const char *remote_host; /* of the first tracker, else of the first image; NULL = none */
	bool from_html;
	bool cut; /* a ceiling was reached: the end is missing */
};

/* Which member of a multipart/alternative is read. AUTO: the plain one, unless it is a stub: empty;
 * or shorter than 60 words, speaking of a browser, HTML or an online version, beside an HTML part
 * of more than twice its words; or at most 5 words beside an HTML part of more than 50. Parts that
 * are no alternatives of each other follow one another. */
enum render_prefer { RENDER_AUTO, RENDER_PLAIN, RENDER_HTML };
void render_message(struct arena *a, const struct message *m, enum render_prefer p,
	struct render_doc *out);
/* HTML alone, for the index and for previews. */
void render_html(struct arena *a, const char *html, size_t n, struct render_doc *out);
/* Plain text alone (already decoded): bare URLs become links in order. */
void render_plain(struct arena *a, const char *text, size_t n, struct render_doc *out);
/* Splits any rendered text into blocks: quotes, attribution lines, signatures, forwards, by the
 * phrases of blocks_words.c. In doubt a line is text: own words are never folded. A header block
 * or "Original Message" line without marks behind it makes the rest a quote; a forward reaches to
 * the end. */
void render_blocks(struct arena *a, struct span text, const struct render_block **out, size_t *n);

/* One screen line: the mark "> " `quote` times, `indent` blanks, then bytes [start, start+len) of
 * the text, which hold neither marks nor leading blanks. */
struct wrap_line {
	uint32_t start, len;
	uint16_t indent; /* also of the lines that continue an indented one or a list item */
	uint16_t cells;  /* of the whole line: marks, indent and bytes */
	uint8_t quote;   /* quote depth; less than the text's where the width is small */
	bool hard;       /* a line end of the text follows */
};
/* Wraps at `width` cells between clusters, preferably at blanks; lines in the arena. */
size_t render_wrap(struct arena *a, struct span text, unsigned width, struct wrap_line **out);

/* One line for lists: the writer's own words first (quotes, attributions left out), sanitised,
 * at most `cells` wide. */
const char *render_snippet(struct arena *a, const struct render_doc *d, size_t cells);

#endif
