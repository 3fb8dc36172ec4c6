/* snippet.c - render_snippet(): the one line of a mail that a list shows. */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

#define BYTES_PER_CELL 16 /* read at most: marks over letters included */

/* Words of the span on one line: runs of blanks are one, rules and link numbers stay. */
static void add_words(struct buf *out, struct span s)
{
	bool blank = out->len > 0;

	for (size_t i = 0; i < s.len && !out->failed; i++) {
		if (ascii_isspace(s.p[i])) {
			blank = out->len > 0;
			continue;
		}
		if (blank)
			buf_addch(out, ' ');
		blank = false;
		buf_addch(out, s.p[i]);
	}
}

static void add_kind(struct buf *out, const struct render_doc *d, enum block_kind kind)
{
	for (size_t i = 0; i < d->n_blocks && !out->failed; i++) {
		if (d->blocks[i].kind == kind)
			add_words(out, d->blocks[i].text);
	}
}

const char *render_snippet(struct arena *a, const struct render_doc *d, size_t cells)
{
	static const enum block_kind order[] = {
		BLOCK_TEXT, BLOCK_FORWARD, BLOCK_QUOTE, BLOCK_SIGNATURE};
	CLEANUP(buf_release) struct buf words = BUF_INIT(cells * BYTES_PER_CELL + 64);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(3 * (cells * BYTES_PER_CELL + 64));
	CLEANUP(buf_release) struct buf cut = BUF_INIT(3 * (cells * BYTES_PER_CELL + 64));

	for (size_t i = 0; i < ARRAY_SIZE(order) && !words.len; i++)
		add_kind(&words, d, order[i]);
	utf8_sanitise(&clean, words.p, words.len, SANITISE_LINE);
	utf8_add_cut(&cut, clean.p, clean.len, cells);
	char *copy = arena_strndup(a, cut.p, cut.len);
	return copy ? copy : "";
}
