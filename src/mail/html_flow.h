/*
 * html_flow.h - the text that HTML flows into: collapsed blanks, lines opened only when something
 * is written on them, quote marks, list markers, styled runs and numbered links.
 *
 * Everything written passes utf8_sanitise(). Output is bounded by RENDER_MAX_*; what is over is
 * left out and `cut` says so. Private to src/mail. Pure; one thread at a time.
 */
#ifndef CRMAIL_HTML_FLOW_H
#define CRMAIL_HTML_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"

#define FLOW_MAX_LISTS 8  /* deeper lists share the indent of the last */
#define FLOW_MAX_QUOTES 8 /* deeper quotes share the mark of the last */
#define FLOW_NONE SIZE_MAX

struct flow_ctx {       /* what an element may change and its end restores */
	uint16_t style; /* enum run_style */
	uint8_t quote, lists;
	bool pre;
	bool tiny;      /* font-size 0: inherited until set again */
	bool invisible; /* visibility: hidden, likewise */
};

struct flow_list {
	bool ordered;
	int64_t next;    /* number of the next item */
	unsigned base;   /* cells before the marker */
	unsigned indent; /* cells before the content */
};

enum flow_raw { RAW_NONE, RAW_QUOTE, RAW_SIGNATURE };

struct flow {
	struct arena *a;
	struct buf text;
	struct buf raw, clean; /* scratch of flow_text() */
	struct render_run *runs;
	size_t n_runs, cap_runs;
	struct render_link *links;
	size_t n_links, cap_links;
	struct flow_ctx ctx;
	struct flow_list lists[FLOW_MAX_LISTS];
	char marker[32];     /* of a list item nothing was written of yet */
	unsigned nl;         /* line ends owed before the next word */
	unsigned blanks;     /* blanks owed before the next word */
	bool touched;        /* the empty line holds a no-break space: it is meant to be there */
	unsigned col;        /* inside pre: cells written on this line */
	unsigned line_quote; /* quote depth of the last line written */
	size_t first;        /* where the first word since flow_mark() begins, else FLOW_NONE */
	enum flow_raw keep;  /* lines of the source are kept: see pass_source_line() */
	const char *url;     /* open link, NULL = none */
	size_t link_first;   /* where its text begins, else FLOW_NONE */
	bool cut;
};

void flow_init(struct flow *f, struct arena *a);
void flow_release(struct flow *f);

/* Raw HTML text: references decoded, sanitised, collapsed unless in pre. */
void flow_text(struct flow *f, struct span html);
/* Text of our own or of an attribute that is decoded already; one line. */
void flow_word(struct flow *f, const char *p, size_t n);
void flow_break(struct flow *f, unsigned lines); /* at least that many line ends: 2 = blank line */
void flow_br(struct flow *f);
void flow_rule(struct flow *f);
bool flow_at_start(const struct flow *f); /* nothing stands on the current line */

void flow_list_open(struct flow *f, bool ordered, int64_t start);
void flow_list_item(struct flow *f, int64_t value); /* value < 0: the next number */
void flow_indent_open(struct flow *f);              /* a list without markers: indented text */

void flow_mark(struct flow *f); /* forgets `first` */
/* Appends what starts a line at the current quote and list depth, without a marker. */
void flow_add_prefix(const struct flow *f, struct buf *out);

/* A link opens; an open one is closed. `url` lives in the arena, checked by link_check(). */
void flow_link_open(struct flow *f, const char *url);
void flow_link_close(struct flow *f); /* writes " [n]" when it had text */

#endif
