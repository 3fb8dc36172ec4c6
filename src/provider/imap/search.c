/*
 * search.c - sets of UIDs, and the commands that answer with one.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

/* ---- sets ------------------------------------------------------------------------------------ */

static int by_uid(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

void imap_uids_add(struct imap_uid_list *l, uint32_t first, uint32_t last)
{
	for (uint32_t uid = first; l->n < IMAP_MAX_UIDS && uid && uid <= last; uid++) {
		l->v = arena_grow(l->a, l->v, &l->cap, l->n + 1, sizeof *l->v);
		l->v[l->n++] = uid;
	}
}

void imap_uids_sort(struct imap_uid_list *l)
{
	size_t n = 0;
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_uid);
	for (size_t i = 0; i < l->n; i++)
		if (!n || l->v[i] != l->v[n - 1])
			l->v[n++] = l->v[i];
	l->n = n;
}

void imap_uids_parse(struct span set, void (*each)(void *ctx, uint32_t lo, uint32_t hi), void *ctx)
{
	struct span range, piece;
	while (span_next(&set, ',', &range)) {
		int64_t lo = 0, hi = 0;
		if (!span_next(&range, ':', &piece) || !span_to_i64(piece, 1, UINT32_MAX, &lo))
			continue;
		hi = lo;
		if (span_next(&range, ':', &piece) && !span_to_i64(piece, 1, UINT32_MAX, &hi))
			continue;
		each(ctx, (uint32_t)(lo < hi ? lo : hi), (uint32_t)(lo < hi ? hi : lo));
	}
}

/* ---- SEARCH ---------------------------------------------------------------------------------- */

const char *imap_search_words(const struct imap_session *s)
{
	return s->caps & CAP_ESEARCH ? "UID SEARCH RETURN (ALL)" : "UID SEARCH";
}

static void add_range(void *ctx, uint32_t lo, uint32_t hi)
{
	imap_uids_add(ctx, lo, hi);
}

/* "(TAG "7") UID ALL 1:5,7": half a million UIDs in a row are one range. */
static void on_esearch(struct imap_uid_list *found, struct imap_lex *lex)
{
	while (imap_lex_next(lex)) {
		if (lex->kind == TOKEN_OPEN)
			imap_lex_skip(lex);
		else if (imap_lex_is(lex, "ALL") && imap_lex_next(lex) && lex->kind == TOKEN_ATOM)
			imap_uids_parse(lex->text, add_range, found);
	}
}

static void on_search(void *ctx, const struct imap_untagged *u)
{
	uint64_t uid = 0;
	if (strcmp(u->word, "ESEARCH") == 0)
		on_esearch(ctx, u->lex);
	if (strcmp(u->word, "SEARCH") != 0)
		return;
	while (imap_lex_next(u->lex)) /* "(MODSEQ 7)" may stand at the end */
		if (u->lex->kind == TOKEN_OPEN)
			imap_lex_skip(u->lex);
		else if (imap_lex_number(u->lex, UINT32_MAX, &uid) && uid)
			imap_uids_add(ctx, (uint32_t)uid, (uint32_t)uid);
}

int imap_run_search(struct imap_command *c, struct arena *a, uint32_t **out, size_t *n,
	struct err *e)
{
	struct imap_uid_list found = {.a = a};
	if (imap_run(c, on_search, &found, e))
		return -1;
	imap_uids_sort(&found);
	*out = found.v;
	*n = found.n;
	return 0;
}

int imap_search_all(struct imap_session *s, struct arena *a, uint32_t **out, size_t *n,
	struct err *e)
{
	struct imap_command c = imap_command(s, "SEARCH");
	imap_add(&c, "%s ALL", imap_search_words(s));
	return imap_run_search(&c, a, out, n, e);
}

int imap_find_uid(struct imap_session *s, const char *folder, const char *message_id, uint32_t *uid,
	struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint32_t *uids = NULL;
	size_t n = 0;
	*uid = 0;
	if (!message_id || imap_select(s, folder, e))
		return message_id ? -1 : 0;
	struct imap_command c = imap_command(s, "SEARCH");
	imap_add(&c, "UID SEARCH HEADER Message-ID ");
	imap_add_string(&c, message_id, strlen(message_id));
	if (imap_run_search(&c, &a, &uids, &n, e))
		return -1;
	*uid = n ? uids[n - 1] : 0;
	return 0;
}

int imap_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e)
{
	uint32_t uid = 0;
	*out = (struct found){0};
	if (imap_find_uid(imap_of(p), folder, message_id, &uid, e))
		return -1;
	if (uid)
		*out = (struct found){.folder = folder, .id = arena_printf(a, "%u", uid)};
	return 0;
}
