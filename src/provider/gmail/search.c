/*
 * search.c - searching at Gmail, all folders at once. crmail's query language is close to Gmail's
 * own: what both have goes as it is, days are written Gmail's way, folders and accounts are the
 * store's matter, and what only the store knows (contacts, partners, deals) finds nothing there.
 */
#include "config.h"

#include "gmail.h"

#include <inttypes.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/str.h"

#define QUERY_MOST ((size_t)2000)
#define HITS_MOST 200

enum piece_kind { PIECE_SAME, PIECE_DAY, PIECE_ELSEWHERE, PIECE_NOWHERE };

static const struct {
	const char *name;
	enum piece_kind kind;
} operators[] = {{"after", PIECE_DAY}, {"before", PIECE_DAY}, {"in", PIECE_ELSEWHERE},
	{"label", PIECE_ELSEWHERE}, {"account", PIECE_ELSEWHERE}, {"contact", PIECE_NOWHERE},
	{"partner", PIECE_NOWHERE}, {"deal", PIECE_NOWHERE}};

/* One piece between blanks; a quote holds blanks together. */
static bool next_piece(const char **at, struct span *out)
{
	bool in_quotes = false;
	while (ascii_isspace(**at))
		++*at;
	const char *p = *at;
	while (*p && (in_quotes || !ascii_isspace(*p)))
		in_quotes ^= *p++ == '"';
	*out = (struct span){*at, (size_t)(p - *at)};
	*at = p;
	return out->len > 0;
}

static enum piece_kind kind_of(struct span piece, struct span *value)
{
	if (piece.len && piece.p[0] == '-')
		piece = (struct span){piece.p + 1, piece.len - 1};
	const char *colon = piece.len ? memchr(piece.p, ':', piece.len) : NULL;
	size_t n = colon ? (size_t)(colon - piece.p) : 0;
	for (size_t i = 0; n && i < ARRAY_SIZE(operators); i++) {
		if (!span_caseeq((struct span){piece.p, n}, operators[i].name))
			continue;
		*value = (struct span){colon + 1, piece.len - n - 1};
		return operators[i].kind;
	}
	return PIECE_SAME;
}

/* "2026-11-21" as "2026/11/21"; "30d" as the second that it means. */
static void add_day(struct buf *q, struct span piece, struct span value, int64_t now)
{
	int64_t days = 0;
	buf_add(q, piece.p, piece.len - value.len);
	if (value.len > 1 && ascii_lower(value.p[value.len - 1]) == 'd' &&
		span_to_i64((struct span){value.p, value.len - 1}, 0, 100000, &days)) {
		buf_addf(q, "%" PRId64, now - days * 86400);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		buf_addch(q, value.p[i] == '-' ? '/' : value.p[i]);
}

bool gmail_query(struct buf *out, const char *text, int64_t now)
{
	struct span piece, value;
	size_t before = out->len;
	while (next_piece(&text, &piece)) {
		enum piece_kind kind = kind_of(piece, &value);
		bool is_negated = piece.p[0] == '-';
		if (kind == PIECE_NOWHERE && !is_negated)
			return false;
		if (kind == PIECE_NOWHERE || kind == PIECE_ELSEWHERE)
			continue;
		if (out->len > before)
			buf_addch(out, ' ');
		if (kind == PIECE_DAY)
			add_day(out, piece, value, now);
		else
			buf_add(out, piece.p, piece.len);
	}
	return out->len > before && !out->failed;
}

static int find_ids(struct gmail *g, const char *q, size_t most, const char *token, struct arena *a,
	const char **ids, size_t *n, const char **next, struct err *e)
{
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(16384);
	const cJSON *one;
	*n = 0;
	buf_addf(&path, GMAIL_ME "/messages?maxResults=%zu&q=", most);
	http_add_escaped(&path, q);
	if (token) {
		buf_addstr(&path, "&pageToken=");
		http_add_escaped(&path, token);
	}
	if (web_json(g->web, "GET", path.p, NULL, &j, e))
		return -1;
	const cJSON *list = json_at(j, "/messages");
	cJSON_ArrayForEach(one, gmail_list(list))
	{
		const char *id = json_str(one, "/id");
		if (*n < most && gmail_is_id(id))
			ids[(*n)++] = arena_strdup(a, id);
	}
	*next = arena_strdup(a, json_str(j, "/nextPageToken"));
	return 0;
}

/* Headers alone: the text comes when one of them is opened, or with the backfill. */
static void add_hit(struct gmail *g, struct arena *a, const struct gmail_item *m,
	struct prov_page *out)
{
	const char *const *folders = gmail_folders_of(&g->labels, a, m);
	if (!folders || !m->headers) /* it lies under a label that the next pull tells of */
		return;
	out->msgs[out->n++] = (struct prov_msg){.id = m->id,
		.folders = folders,
		.thread_id = m->thread_id,
		.flags = gmail_flags(m),
		.received = m->received,
		.size = m->size,
		.headers = m->headers,
		.headers_len = strlen(m->headers)};
}

int gmail_search(struct provider *p, const struct query *q, struct arena *a, struct prov_page *out,
	struct err *e)
{
	struct gmail *g = gmail_of(p);
	CLEANUP(buf_release) struct buf text = BUF_INIT(QUERY_MOST);
	const char *ids[HITS_MOST], *next = NULL;
	size_t n = 0, most = q->max && q->max < HITS_MOST ? q->max : HITS_MOST;
	*out = (struct prov_page){.total = -1, .told = GMAIL_TOLD};
	if (strcmp(q->folder, "INBOX") != 0 ||
		!gmail_query(&text, q->text, clock_now(g->conf->clock)))
		return 0;
	if (find_ids(g, text.p, most, q->cursor, a, ids, &n, &next, e))
		return -1;
	out->msgs = arena_array(a, n + 1, sizeof *out->msgs);
	for (size_t i = 0, step; i < n; i += step) {
		struct gmail_answer v[GMAIL_BATCH_MOST];
		struct err held_up = ERR_INIT;
		step = n - i < GMAIL_BATCH_MOST ? n - i : GMAIL_BATCH_MOST;
		if (gmail_get_many(g->web, ids + i, step, "metadata", a, v, &held_up, e))
			return -1;
		for (size_t k = 0; k < step; k++)
			if (v[k].got == GMAIL_GOT_ITEM)
				add_hit(g, a, &v[k].item, out);
		if (held_up.code != ERR_NONE) {
			*e = held_up;
			return -1;
		}
	}
	out->cursor = next;
	out->more = next != NULL;
	return 0;
}
