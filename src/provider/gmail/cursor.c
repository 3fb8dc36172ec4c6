/*
 * cursor.c - where a listing of Gmail's mail stands, in words (gmail.h), and whether one that goes
 * on and on ever ends.
 */
#include "config.h"

#include "gmail.h"

#include <inttypes.h>
#include <string.h>

#include "crmail/base/hash.h"
#include "crmail/base/str.h"

#define EMPTY_MOST 50 /* pages in a row with nothing on them: Gmail has such, but few */

static const char *const words[] = {
	[GMAIL_AT] = "at", [GMAIL_LIST] = "list", [GMAIL_AGAIN] = "again"};

/* ---- words ----------------------------------------------------------------------------------- */

static bool read_word(struct span piece, enum gmail_word *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		*out = (enum gmail_word)i;
		if (span_eq(piece, words[i]))
			return true;
	}
	return false;
}

/* "ID,ID", or "-" for none. */
static bool read_later(struct arena *a, struct span text, struct gmail_cursor *out)
{
	struct span one;
	if (span_eq(text, "-"))
		return true;
	while (span_next(&text, ',', &one)) {
		char *id = arena_strndup(a, one.p, one.len);
		if (out->n_later == GMAIL_LATER_MOST || !gmail_is_id(id))
			return false;
		out->later[out->n_later++] = id;
	}
	return true;
}

static bool read_listing(struct arena *a, struct span rest, struct gmail_cursor *out)
{
	struct span total, done, later;
	if (!rest.len) /* of a crmail that began anew each time */
		return true;
	if (!span_next(&rest, ' ', &total) || !span_to_i64(total, -1, INT64_MAX, &out->total) ||
		!span_next(&rest, ' ', &done) || !span_to_i64(done, 0, INT64_MAX, &out->done) ||
		!span_next(&rest, ' ', &later) || !read_later(a, later, out))
		return false;
	if (rest.len > GMAIL_TOKEN_MOST)
		return false;
	out->token = rest.len ? arena_strndup(a, rest.p, rest.len) : NULL;
	return true;
}

bool gmail_cursor_read(struct arena *a, const char *text, struct gmail_cursor *out)
{
	struct span rest = span_of(text), version, word, history;
	*out = (struct gmail_cursor){.total = -1};
	if (!span_next(&rest, ' ', &version) || !span_eq(version, "v1") ||
		!span_next(&rest, ' ', &word) || !read_word(word, &out->word) ||
		!span_next(&rest, ' ', &history))
		return false;
	out->history = arena_strndup(a, history.p, history.len);
	if (!gmail_is_id(out->history))
		return false;
	return out->word == GMAIL_AT ? !rest.len || read_later(a, rest, out)
				     : read_listing(a, rest, out);
}

const char *gmail_cursor_write(struct arena *a, const struct gmail_cursor *c)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	buf_addf(&b, "v1 %s %s", words[c->word], c->history);
	if (c->word != GMAIL_AT)
		buf_addf(&b, " %" PRId64 " %" PRId64, c->total, c->done);
	if (c->n_later || c->word != GMAIL_AT)
		buf_addch(&b, ' ');
	for (size_t i = 0; i < c->n_later; i++)
		buf_addf(&b, "%s%s", i ? "," : "", c->later[i]);
	if (!c->n_later && c->word != GMAIL_AT)
		buf_addch(&b, '-');
	if (c->word != GMAIL_AT && c->token)
		buf_addf(&b, " %s", c->token);
	return arena_strdup(a, b.p);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static bool is_marked(const char *mark, const char *hash)
{
	return *mark && strcmp(mark, hash) == 0;
}

/* One step behind us is kept, at 1, 2, 4, 8 ... pages: whoever goes round comes by it (Brent). */
bool gmail_walk_goes_on(struct gmail_walk *w, const char *token, const char *first_id)
{
	char hash[65], id[65] = "";
	sha256_hex(token, strlen(token), hash);
	if (first_id)
		sha256_hex(first_id, strlen(first_id), id);
	w->n_empty = first_id ? 0 : w->n_empty + 1;
	if (is_marked(w->token, hash) || is_marked(w->id, id) || w->n_empty > EMPTY_MOST)
		return false;
	if (++w->n >= w->next_mark) {
		memcpy(w->token, hash, sizeof w->token);
		memcpy(w->id, id, sizeof w->id);
		w->next_mark = 2 * w->n;
	}
	return true;
}
