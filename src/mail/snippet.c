/* snippet.c - render_snippet(): the one line of a mail that a list shows. */
#include "config.h"

#include "crmail/mail/render.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "render_limits.h"

#define BYTES_PER_CELL 16 /* read at most: marks over letters included */

/* "[12]" behind a link, with what follows it: the number says nothing in a list. Returns how much
 * of the word to leave out. */
static size_t number_len(struct span word, const struct render_doc *d)
{
	struct span digits = {word.p + 1, 0};
	int64_t n;

	if (!d->from_html || word.len < 3 || *word.p != '[')
		return 0;
	while (1 + digits.len < word.len && ascii_isdigit(word.p[1 + digits.len]))
		digits.len++;
	if (1 + digits.len >= word.len || word.p[1 + digits.len] != ']' ||
		!span_to_i64(digits, 1, (int64_t)d->n_links, &n))
		return 0;
	return digits.len + 2;
}

static bool is_rule(struct span word)
{
	return word.len >= 6 && memcmp(word.p, RENDER_RULE RENDER_RULE, 6) == 0;
}

/* Words of the span on one line, single blanks between them. */
static void add_words(struct buf *out, struct span s, const struct render_doc *d)
{
	for (size_t i = 0; i < s.len && !out->failed;) {
		struct span word = {s.p + i, 0};
		while (i < s.len && !ascii_isspace(s.p[i])) {
			word.len++;
			i++;
		}
		size_t number = number_len(word, d);
		if (word.len && !number && !is_rule(word)) {
			if (out->len)
				buf_addch(out, ' ');
			buf_add(out, word.p, word.len < out->max ? word.len : out->max);
		} else {
			buf_add(out, word.p + number, number ? word.len - number : 0);
		}
		i++;
	}
}

static void add_kind(struct buf *out, const struct render_doc *d, enum block_kind kind)
{
	for (size_t i = 0; i < d->n_blocks && !out->failed; i++) {
		if (d->blocks[i].kind == kind)
			add_words(out, d->blocks[i].text, d);
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
