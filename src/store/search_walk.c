/*
 * search_walk.c - walks the hits of a query, newest first, without collecting them.
 *
 * Every term is a set of cursors that give ids in descending order and can be moved on to "at most
 * this id"; a term stands at the largest of its cursors. The terms of a group are moved on in turn
 * until they agree. So a rare word costs little beside a common one, and the first page costs no
 * more than the first page. Only ids of first copies that lie in a folder are hits: the cursor over
 * these is part of every group.
 */
#include "config.h"

#include "search_private.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/utf8.h"

enum {
	/* Before a cursor is placed anew instead of stepped on. In a b-tree that costs a few steps;
	 * in the full-text index every word is looked for again in every segment. */
	STEPS_MAX = 24,
	STEPS_TEXT_MAX = 256,
	TEXT_BYTES = 4096,
	TRIGRAM = 3,
};

/* Cursors: ?1 the largest id wanted. */
static const char SQL_LISTED[] = "SELECT id FROM message WHERE listed & 1 AND id <= ?1"
				 " ORDER BY id DESC";
static const char SQL_UNREAD[] = "SELECT id FROM message WHERE listed & 2 AND id <= ?1"
				 " ORDER BY id DESC";
static const char SQL_STARRED[] = "SELECT id FROM message WHERE listed & 4 AND id <= ?1"
				  " ORDER BY id DESC";
static const char SQL_FILES[] = "SELECT id FROM message WHERE files > 0 AND id <= ?1"
				" ORDER BY id DESC";
static const char SQL_FOLDER[] = "SELECT message FROM placement WHERE folder = ?2"
				 " AND message <= ?1 AND is_shown ORDER BY message DESC";
static const char SQL_FOLDER_COPIES[] =
	"SELECT copy_of FROM message m WHERE copy_of <> id AND copy_of <= ?1 AND EXISTS"
	" (SELECT 1 FROM placement p WHERE p.message = m.id AND p.folder = ?2 AND p.is_shown)"
	" ORDER BY copy_of DESC";
static const char SQL_BODY[] = "SELECT rowid FROM cache.fts WHERE fts MATCH ?2 AND rowid <= ?1"
			       " ORDER BY rowid DESC";
static const char SQL_HEAD[] = "SELECT rowid FROM cache.fts_head WHERE fts_head MATCH ?2"
			       " AND rowid <= ?1 ORDER BY rowid DESC";
static const char SQL_TRIGRAMS[] = "SELECT rowid FROM cache.tri WHERE tri MATCH ?2"
				   " AND rowid <= ?1 ORDER BY rowid DESC";
static const char SQL_SHORT[] =
	"SELECT message FROM cache.head WHERE message <= ?1 AND message > ?4"
	" AND ((?3 & 1 AND subject LIKE ?2 ESCAPE '\\') OR (?3 & 2 AND sender LIKE ?2 ESCAPE '\\')"
	" OR (?3 & 4 AND rcpt LIKE ?2 ESCAPE '\\') OR (?3 & 8 AND cc LIKE ?2 ESCAPE '\\')"
	" OR (?3 & 16 AND files LIKE ?2 ESCAPE '\\')) ORDER BY message DESC";
static const char SQL_IN_ACCOUNT[] = /* it, or a copy of it */
	"SELECT 1 FROM message WHERE id = ?1 AND account = ?2 UNION ALL"
	" SELECT 1 FROM message WHERE copy_of = ?1 AND copy_of <> id AND account = ?2 LIMIT 1";

struct cursor {
	sqlite3_stmt *stmt; /* NULL: ids in memory */
	const struct id_list *ids;
	int64_t at; /* 0 before the first and after the last */
	bool is_started, is_done;
	bool is_text;
	bool is_scan;       /* compares row by row: asked only for what no other cursor has */
	int64_t none_above; /* is_scan with at 0: nothing is left above this id */
};

struct walk_term {
	const struct search_term *term;
	struct cursor *v;
	size_t n, cap;
	struct id_list accounts; /* TERM_ACCOUNT: tested, not walked */
	struct walk_term *next;
};

struct walk_group {
	struct walk_term *terms;
	struct walk_term base; /* what can be a hit at all */
	int64_t at;            /* hit it stands at; 0 = none left */
	bool is_started;
	struct walk_group *next;
};

struct search_walk {
	struct store_reader *r;
	struct arena *a;
	struct walk_group *groups;
};

/* ---- cursors --------------------------------------------------------------------------------- */

static struct cursor *add_cursor(struct search_walk *w, struct walk_term *t)
{
	t->v = arena_grow(w->a, t->v, &t->cap, t->n + 1, sizeof *t->v);
	t->v[t->n] = (struct cursor){.stmt = NULL};
	return &t->v[t->n++];
}

static int add_statement(struct search_walk *w, struct walk_term *t, const char *sql,
	sqlite3_stmt **out, struct err *e)
{
	struct db *d = reader_db(w->r);
	struct cursor *c = add_cursor(w, t);
	int rc = sqlite3_prepare_v2(d->h, sql, -1, &c->stmt, NULL);
	if (out)
		*out = c->stmt;
	return rc == SQLITE_OK ? 0 : db_fail(d, rc, e);
}

static int add_text(struct search_walk *w, struct walk_term *t, const char *sql, const char *text,
	struct err *e)
{
	sqlite3_stmt *s;
	if (add_statement(w, t, sql, &s, e))
		return -1;
	t->v[t->n - 1].is_text = true;
	int rc = sqlite3_bind_text(s, 2, text, -1, SQLITE_TRANSIENT);
	return rc == SQLITE_OK ? 0 : db_fail(reader_db(w->r), rc, e);
}

static int add_id(struct search_walk *w, struct walk_term *t, const char *sql, int64_t id,
	struct err *e)
{
	sqlite3_stmt *s;
	if (add_statement(w, t, sql, &s, e))
		return -1;
	int rc = sqlite3_bind_int64(s, 2, id);
	return rc == SQLITE_OK ? 0 : db_fail(reader_db(w->r), rc, e);
}

static int step(struct search_walk *w, struct cursor *c, struct err *e)
{
	int rc = sqlite3_step(c->stmt);
	if (rc == SQLITE_ROW) {
		c->at = sqlite3_column_int64(c->stmt, 0);
		return 0;
	}
	c->at = 0;
	c->is_done = true;
	sqlite3_reset(c->stmt);
	return rc == SQLITE_DONE ? 0 : db_fail(reader_db(w->r), rc, e);
}

static void move_in_memory(struct cursor *c, int64_t max)
{
	size_t low = 0, high = c->ids->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->ids->v[middle] <= max)
			low = middle + 1;
		else
			high = middle;
	}
	c->at = low ? c->ids->v[low - 1] : 0;
}

/* On to the largest id of at most `max`. Near ones are reached by steps, far ones by asking anew:
 * the index then skips what lies between. */
static int move(struct search_walk *w, struct cursor *c, int64_t max, struct err *e)
{
	if (c->is_done || (c->is_started && c->at <= max))
		return 0;
	if (!c->stmt) {
		move_in_memory(c, max);
		return 0;
	}
	int most = c->is_text ? STEPS_TEXT_MAX : STEPS_MAX;
	for (int i = 0; c->is_started && i < most; i++) {
		if (step(w, c, e))
			return -1;
		if (c->is_done || c->at <= max)
			return 0;
	}
	c->is_started = true;
	sqlite3_reset(c->stmt);
	int rc = sqlite3_bind_int64(c->stmt, 1, max);
	return rc == SQLITE_OK ? step(w, c, e) : db_fail(reader_db(w->r), rc, e);
}

/* The largest id of at most `max` and above `floor`; 0 when there is none. What was looked through
 * is not looked through again. */
static int scan(struct search_walk *w, struct cursor *c, int64_t max, int64_t floor, struct err *e)
{
	if (c->at && c->at <= max)
		return 0;
	if (!c->at && c->is_started && c->none_above < max)
		max = c->none_above;
	if (max <= floor)
		return 0;
	sqlite3_reset(c->stmt);
	int rc = sqlite3_bind_int64(c->stmt, 1, max);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(c->stmt, 4, floor);
	if (rc != SQLITE_OK)
		return db_fail(reader_db(w->r), rc, e);
	c->is_started = true;
	c->none_above = floor;
	if (step(w, c, e))
		return -1;
	sqlite3_reset(c->stmt);
	return 0;
}

/* *at: the largest id of at most `max` that the term has, of those above `floor`. */
static int move_term(struct search_walk *w, struct walk_term *t, int64_t max, int64_t floor,
	int64_t *at, struct err *e)
{
	*at = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct cursor *c = &t->v[i];
		int64_t low = *at > floor ? *at : floor;
		if (c->is_scan ? scan(w, c, max, low, e) : move(w, c, max, e))
			return -1;
		if (c->at > *at && c->at <= max)
			*at = c->at;
	}
	return 0;
}

/* ---- terms ----------------------------------------------------------------------------------- */

/* "a \"b\"" as FTS5 wants a phrase, with its columns before it. */
static void make_phrase(struct buf *out, unsigned columns, const char *text, size_t n, bool prefix)
{
	static const char *const names[] = {"subject", "sender", "rcpt", "cc", "files"};
	if (columns && (columns & COL_ANY) != COL_ANY) {
		buf_addch(out, '{');
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (columns & 1u << i)
				buf_addf(out, " %s", names[i]);
		buf_addstr(out, " } : ");
	}
	buf_addch(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			buf_addch(out, '"');
		buf_addch(out, text[i]);
	}
	buf_addstr(out, prefix ? "\" *" : "\"");
}

static int add_short(struct search_walk *w, struct walk_term *t, const struct buf *text,
	struct err *e)
{
	CLEANUP(buf_release) struct buf like = BUF_INIT(TEXT_BYTES);
	sqlite3_stmt *s;
	buf_addch(&like, '%');
	for (size_t i = 0; i < text->len; i++) {
		if (strchr("%_\\", text->p[i]))
			buf_addch(&like, '\\');
		buf_addch(&like, text->p[i]);
	}
	buf_addch(&like, '%');
	if (add_statement(w, t, SQL_SHORT, &s, e))
		return -1;
	t->v[t->n - 1].is_scan = true;
	int rc = sqlite3_bind_text(s, 2, like.p, -1, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int(s, 3, (int)t->term->columns);
	return rc == SQLITE_OK ? 0 : db_fail(reader_db(w->r), rc, e);
}

static size_t count_characters(const struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->len; i++)
		n += ((unsigned char)b->p[i] & 0xc0) != 0x80;
	return n;
}

/* Letters of which each is a word of its own (fold.h) and which SQLite's tokenizer takes for
 * letters: where they stand in a row is a phrase, and nothing has to be compared. */
static bool is_word_each(const struct buf *b)
{
	static const uint32_t ranges[][2] = {{0x3041, 0x3096}, {0x30A1, 0x30FA}, {0x3400, 0x4DB5},
		{0x4E00, 0x9FA5}, {0xAC00, 0xD7A3}};
	for (size_t at = 0; at < b->len;) {
		uint32_t cp;
		bool is_one = false;
		at += utf8_decode(b->p + at, b->len - at, &cp);
		for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
			is_one = is_one || (cp >= ranges[i][0] && cp <= ranges[i][1]);
		if (!is_one)
			return false;
	}
	return true;
}

/* Words in the body; words and, from three characters, any part of head fields; shorter parts by
 * comparing. CJK characters are words of one character, so that two of them are a phrase. */
static int open_text(struct search_walk *w, struct walk_term *t, struct err *e)
{
	const struct search_term *term = t->term;
	CLEANUP(buf_release) struct buf words = BUF_INIT(TEXT_BYTES);
	CLEANUP(buf_release) struct buf plain = BUF_INIT(TEXT_BYTES);
	CLEANUP(buf_release) struct buf phrase = BUF_INIT(4 * TEXT_BYTES);
	fold_text(&words, term->text, strlen(term->text));
	fold_plain(&plain, term->text, strlen(term->text));
	/* The first letters of a word begin so many words that nobody would wait for them. */
	bool is_short = count_characters(&plain) < TRIGRAM;
	bool is_prefix = term->is_prefix && !(term->is_typed && is_short);
	unsigned head = term->columns & ~(unsigned)COL_BODY;
	if (term->columns & COL_BODY) {
		make_phrase(&phrase, 0, words.p, words.len, is_prefix);
		if (add_text(w, t, SQL_BODY, phrase.p, e))
			return -1;
		head = 0; /* all columns of head: none has to be named */
	}
	buf_reset(&phrase);
	make_phrase(&phrase, head, words.p, words.len, is_prefix);
	if (add_text(w, t, SQL_HEAD, phrase.p, e))
		return -1;
	if (is_short)
		return is_word_each(&plain) ? 0 : add_short(w, t, &plain, e);
	buf_reset(&phrase);
	make_phrase(&phrase, head, plain.p, plain.len, false);
	return add_text(w, t, SQL_TRIGRAMS, phrase.p, e);
}

static int open_folders(struct search_walk *w, struct walk_term *t, struct err *e)
{
	struct id_list folders = {NULL, 0, 0};
	if (search_find_folders(reader_db(w->r), w->a, t->term->text, &folders, e))
		return -1;
	for (size_t i = 0; i < folders.n; i++)
		if (add_id(w, t, SQL_FOLDER, folders.v[i], e) ||
			add_id(w, t, SQL_FOLDER_COPIES, folders.v[i], e))
			return -1;
	return 0;
}

static int open_linked(struct search_walk *w, struct walk_term *t, struct err *e)
{
	struct id_list *ids = arena_alloc(w->a, sizeof *ids);
	if (search_find_linked(reader_db(w->r), w->a, t->term->kind, t->term->text, ids, e))
		return -1;
	add_cursor(w, t)->ids = ids;
	return 0;
}

static int open_term(struct search_walk *w, struct walk_term *t, struct err *e)
{
	switch (t->term->kind) {
	case TERM_TEXT:
		return open_text(w, t, e);
	case TERM_FILES:
		return add_statement(w, t, SQL_FILES, NULL, e);
	case TERM_UNREAD:
		return add_statement(w, t, SQL_UNREAD, NULL, e);
	case TERM_STARRED:
		return add_statement(w, t, SQL_STARRED, NULL, e);
	case TERM_FOLDER:
		return open_folders(w, t, e);
	case TERM_ACCOUNT:
		return search_find_accounts(reader_db(w->r), w->a, t->term->text, &t->accounts, e);
	case TERM_CONTACT:
	case TERM_PARTNER:
	case TERM_DEAL:
		return open_linked(w, t, e);
	case TERM_AFTER:
	case TERM_BEFORE:
		return 0;
	}
	return 0;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static bool is_tested(const struct walk_term *t)
{
	return t->term->kind == TERM_AFTER || t->term->kind == TERM_BEFORE ||
	       t->term->kind == TERM_ACCOUNT;
}

static int test_term(struct search_walk *w, const struct walk_term *t, int64_t id, bool *out,
	struct err *e)
{
	int64_t found = 0;
	*out = false;
	if (t->term->kind == TERM_AFTER)
		*out = id >> 20 >= t->term->at;
	else if (t->term->kind == TERM_BEFORE)
		*out = id >> 20 < t->term->at;
	for (size_t i = 0; i < t->accounts.n && !found; i++)
		if (db_value(reader_db(w->r), &found, e, SQL_IN_ACCOUNT, "ii", id,
			    t->accounts.v[i]))
			return -1;
	*out |= found != 0;
	return 0;
}

/* Whether a candidate that all walked terms agree on passes the rest. */
static int passes(struct search_walk *w, struct walk_group *g, int64_t id, bool *out, struct err *e)
{
	*out = true;
	for (struct walk_term *t = g->terms; t && *out; t = t->next) {
		bool is_hit;
		int64_t at;
		if (is_tested(t)) {
			if (test_term(w, t, id, &is_hit, e))
				return -1;
		} else if (t->term->is_negated) {
			if (move_term(w, t, id, id - 1, &at, e))
				return -1;
			is_hit = at == id;
		} else {
			continue;
		}
		*out = is_hit != t->term->is_negated;
	}
	return 0;
}

/* Dates bound the walk instead of being tested one by one. */
static int64_t bounded(const struct walk_group *g, int64_t max)
{
	for (const struct walk_term *t = g->terms; t; t = t->next) {
		bool is_end = t->term->kind == TERM_BEFORE && !t->term->is_negated;
		if (is_end && t->term->at < INT64_MAX >> 20 && (t->term->at << 20) - 1 < max)
			max = (t->term->at << 20) - 1;
	}
	return max;
}

static bool is_past(const struct walk_group *g, int64_t id)
{
	for (const struct walk_term *t = g->terms; t; t = t->next)
		if (t->term->kind == TERM_AFTER && !t->term->is_negated && id >> 20 < t->term->at)
			return true;
	return false;
}

/* The largest id of at most *id that all walked terms have; 0 = none. */
static int agree(struct search_walk *w, struct walk_group *g, int64_t *id, struct err *e)
{
	int64_t at, before;
	do {
		before = *id;
		for (struct walk_term *t = g->terms; t && *id > 0; t = t->next) {
			if (is_tested(t) || t->term->is_negated)
				continue;
			if (move_term(w, t, *id, 0, &at, e))
				return -1;
			*id = at;
		}
		if (*id > 0 && move_term(w, &g->base, *id, 0, &at, e))
			return -1;
		*id = *id > 0 ? at : 0;
	} while (*id > 0 && *id != before);
	return 0;
}

static int advance(struct search_walk *w, struct walk_group *g, int64_t max, struct err *e)
{
	int64_t id = bounded(g, max);
	bool is_hit = false;
	while (id > 0 && !is_hit) {
		if (agree(w, g, &id, e))
			return -1;
		if (id <= 0 || is_past(g, id))
			break;
		if (passes(w, g, id, &is_hit, e))
			return -1;
		id -= !is_hit;
	}
	g->at = is_hit ? id : 0;
	g->is_started = true;
	return 0;
}

int search_walk_next(struct search_walk *w, int64_t max, int64_t *id, struct err *e)
{
	*id = 0;
	for (struct walk_group *g = w->groups; g; g = g->next) {
		bool must_move = !g->is_started || g->at > max;
		if (must_move && advance(w, g, max, e))
			return -1;
		if (g->at > *id)
			*id = g->at;
	}
	return 0;
}

/* ---- open and close -------------------------------------------------------------------------- */

static int open_group(struct search_walk *w, const struct search_group *from, struct walk_group *g,
	struct err *e)
{
	struct walk_term **end = &g->terms;
	if (add_statement(w, &g->base, SQL_LISTED, NULL, e))
		return -1;
	for (const struct search_term *t = from->terms; t; t = t->next) {
		struct walk_term *to = arena_alloc(w->a, sizeof *to);
		to->term = t;
		*end = to;
		end = &to->next;
		if (open_term(w, to, e))
			return -1;
	}
	return 0;
}

int search_walk_open(struct store_reader *r, struct arena *a, const struct search_query *q,
	struct search_walk **out, struct err *e)
{
	struct search_walk *w = arena_alloc(a, sizeof *w);
	struct walk_group **end = &w->groups;
	w->r = r;
	w->a = a;
	for (const struct search_group *g = q->groups; g; g = g->next) {
		struct walk_group *to = arena_alloc(a, sizeof *to);
		*end = to;
		end = &to->next;
		if (open_group(w, g, to, e)) {
			search_walk_close(&w);
			return -1;
		}
	}
	*out = w;
	return 0;
}

static void close_term(struct walk_term *t)
{
	for (size_t i = 0; i < t->n; i++)
		sqlite3_finalize(t->v[i].stmt);
	t->n = 0;
}

void search_walk_close(struct search_walk **w)
{
	if (!*w)
		return;
	for (struct walk_group *g = (*w)->groups; g; g = g->next) {
		close_term(&g->base);
		for (struct walk_term *t = g->terms; t; t = t->next)
			close_term(t);
	}
	*w = NULL;
}
