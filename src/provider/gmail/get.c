/*
 * get.c - many messages in few requests: batches of up to fifty, and alone what a batch did not
 * answer. Each part of a batch has a state of its own: one that asks to slow down asks it of all,
 * any other refusal is the message's own as long as the service answers for another.
 */
#include "config.h"

#include "gmail.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"

#define BOUNDARY "crmail_batch"

static const char *path_of(struct arena *a, const char *id, const char *format)
{
	return arena_printf(a, GMAIL_ME "/messages/%s?format=%s", id, format);
}

/* A part or an answer of its own, which was 2xx. */
static void take(struct arena *a, const char *id, const char *p, size_t n, struct gmail_answer *out)
{
	struct err why = ERR_INIT;
	out->got = GMAIL_GOT_GARBAGE;
	if (gmail_read_item(a, p, n, &out->item, &why) == 0 && strcmp(out->item.id, id) == 0)
		out->got = GMAIL_GOT_ITEM;
}

/* What the answer says of the message; GMAIL_GOT_NOTHING: it says something of the account. */
static enum gmail_got judge(const struct err *why)
{
	if (why->code == ERR_RATE || why->code == ERR_CANCELLED || why->sys == 401)
		return GMAIL_GOT_NOTHING;
	if (why->sys == 404)
		return GMAIL_GOT_GONE;
	if (why->code == ERR_TOOBIG || (why->code == ERR_PROTO && why->sys >= 400))
		return GMAIL_GOT_GARBAGE;
	return why->sys >= 400 ? GMAIL_GOT_REFUSED : GMAIL_GOT_NOTHING;
}

int gmail_get_one(struct web *w, const char *id, const char *format, struct arena *a,
	struct gmail_answer *out, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(arena_release) struct arena mine = ARENA_INIT;
	const struct web_request rq = {.method = "GET",
		.path = path_of(&mine, id, format),
		.max_body = GMAIL_MESSAGE_BYTES,
		.is_long = true};
	struct err why = ERR_INIT;
	*out = (struct gmail_answer){.got = GMAIL_GOT_NOTHING};
	if (web_do(w, &rq, &r, &why) == 0) {
		take(a, id, r.body.p, r.body.len, out);
		return 0;
	}
	out->got = judge(&why);
	if (out->got != GMAIL_GOT_NOTHING)
		return 0;
	*e = why;
	return -1;
}

static void write_batch(struct buf *body, struct arena *a, const char *const *ids, size_t n,
	const char *format)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(body,
			"--" BOUNDARY "\r\nContent-Type: application/http\r\n"
			"Content-ID: <item%zu>\r\n\r\nGET %s HTTP/1.1\r\n\r\n",
			i, path_of(a, ids[i], format));
	buf_addstr(body, "--" BOUNDARY "--\r\n");
}

/* What else it may be, the request of its own that follows tells better; a part that cannot be read
 * may be another's. */
static void take_part(struct web *w, const struct gmail_part *p, const char *id, struct arena *a,
	struct gmail_answer *to, struct err *pace)
{
	struct err why = ERR_INIT;
	if (p->status == 404)
		to->got = GMAIL_GOT_GONE;
	else if (web_judge(p->status, p->retry_after_ms, p->body, p->len, web_host(w), &why) == 0)
		take(a, id, p->body, p->len, to);
	else if (why.code == ERR_RATE && why.after_ms >= pace->after_ms)
		*pace = why;
	if (to->got == GMAIL_GOT_GARBAGE)
		to->got = GMAIL_GOT_NOTHING;
}

/* *pace: the most that one of the parts asked to wait; ERR_NONE = none did. */
static int run_batch(struct web *w, const char *const *ids, size_t n, const char *format,
	struct arena *a, struct gmail_answer *v, struct err *pace, struct err *e)
{
	CLEANUP(http_response_release) struct http_response r = HTTP_RESPONSE_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf type = BUF_INIT(1000);
	CLEANUP(arena_release) struct arena mine = ARENA_INIT;
	struct gmail_part *parts = NULL;
	size_t n_parts = 0;
	write_batch(&body, &mine, ids, n, format);
	const struct web_request rq = {.method = "POST",
		.path = "/batch/gmail/v1",
		.type = "multipart/mixed; boundary=" BOUNDARY,
		.body = body.p,
		.body_len = body.len,
		.max_body = GMAIL_BATCH_BYTES,
		.is_long = true};
	if (web_do(w, &rq, &r, e))
		return -1;
	http_header(&r, "Content-Type", &type);
	gmail_split_batch(&mine, type.p, r.body.p, r.body.len, n, &parts, &n_parts);
	for (size_t i = 0; i < n_parts; i++) {
		size_t at = parts[i].index;
		take_part(w, &parts[i], ids[at], a, &v[at], pace);
	}
	return 0;
}

static size_t count_got(const struct gmail_answer *v, size_t n, bool is_refused_too)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += v[i].got != GMAIL_GOT_NOTHING &&
			 (is_refused_too || v[i].got != GMAIL_GOT_REFUSED);
	return count;
}

/* Whether a refusal is the message's own: the service answers for others, or for itself. */
static int need_health(struct web *w, const struct gmail_answer *v, size_t n, bool *is_well,
	struct err *e)
{
	if (*is_well || count_got(v, n, false))
		return 0;
	*is_well = true;
	return web_json(w, "GET", GMAIL_ME "/profile", NULL, NULL, e);
}

static int get_alone(struct web *w, const char *const *ids, size_t n, const char *format,
	struct arena *a, struct gmail_answer *v, struct err *e)
{
	bool is_well = false;
	for (size_t i = 0; i < n; i++) {
		if (v[i].got != GMAIL_GOT_NOTHING)
			continue;
		if (gmail_get_one(w, ids[i], format, a, &v[i], e))
			return -1; /* the rest would fail the same way */
		if (v[i].got != GMAIL_GOT_REFUSED || need_health(w, v, n, &is_well, e) == 0)
			continue;
		v[i].got = GMAIL_GOT_NOTHING;
		return -1;
	}
	return 0;
}

int gmail_get_many(struct web *w, const char *const *ids, size_t n, const char *format,
	struct arena *a, struct gmail_answer *v, struct err *held_up, struct err *e)
{
	struct err why = ERR_INIT;
	*held_up = ERR_INIT;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct gmail_answer){.got = GMAIL_GOT_NOTHING};
	if (n > 1 && run_batch(w, ids, n, format, a, v, &why, e))
		return -1;
	if (why.code == ERR_NONE)
		IGNORE_RESULT(get_alone(w, ids, n, format, a, v, &why), "why tells");
	if (why.code != ERR_NONE && !count_got(v, n, true)) {
		*e = why;
		return -1;
	}
	*held_up = why;
	return 0;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static int hand_over(const struct gmail_answer *x, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e)
{
	if (x->got != GMAIL_GOT_ITEM || !x->item.raw)
		return 0;
	bool is_whole = x->item.raw_len <= max_bytes;
	size_t n = is_whole ? x->item.raw_len : (size_t)max_bytes;
	return one(ctx, x->item.id, x->item.raw, n, is_whole)
		       ? err_set(e, ERR_CANCELLED, _("Cancelled."))
		       : 0;
}

/* One after the other where a batch of them is too much. */
static int fetch_some(struct gmail *g, const char *const *ids, size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_answer *v = arena_array(&a, n, sizeof *v);
	struct err held_up = ERR_INIT;
	if (gmail_get_many(g->web, ids, n, "raw", &a, v, &held_up, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (hand_over(&v[i], max_bytes, one, ctx, e))
			return -1;
	if (held_up.code == ERR_NONE)
		return 0;
	*e = held_up;
	return -1;
}

int gmail_fetch(struct provider *p, const char *folder, const char *cursor, const char *const *ids,
	size_t n, uint64_t max_bytes,
	int (*one)(void *ctx, const char *id, const char *data, size_t len, bool is_whole),
	void *ctx, struct err *e)
{
	struct gmail *g = gmail_of(p);
	(void)folder;
	(void)cursor; /* ids are those of the account, for ever */
	for (size_t i = 0, take_n; i < n; i += take_n) {
		struct err why = ERR_INIT;
		take_n = n - i < g->batch ? n - i : g->batch;
		if (fetch_some(g, ids + i, take_n, max_bytes, one, ctx, &why) == 0)
			continue;
		if (why.code != ERR_TOOBIG || take_n == 1) {
			*e = why;
			return -1;
		}
		g->batch = take_n / 2;
		take_n = 0;
	}
	return 0;
}
