/*
 * look.c - which folders are as they were, told in one round trip by LIST with STATUS (RFC 5819);
 * without it every folder costs a SELECT.
 */
#include "config.h"

#include "session.h"

#include <stdlib.h>
#include <string.h>

struct look {
	struct prov_look **v; /* by name */
	size_t n;
	struct arena names; /* of one answer */
};

static int by_folder(const void *x, const void *y)
{
	struct prov_look *const *a = x, *const *b = y;
	return strcmp((*a)->folder, (*b)->folder);
}

static struct prov_look *find(const struct look *l, const char *name)
{
	struct prov_look key = {.folder = name}, *wanted = &key;
	struct prov_look **at = bsearch(&wanted, l->v, l->n, sizeof *l->v, by_folder);
	return at ? *at : NULL;
}

/* "(MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 10)", at its parenthesis, in any order. */
static struct imap_selected read_status(struct imap_lex *lex)
{
	struct imap_selected now = {.folder = NULL};
	while (imap_lex_next(lex) && lex->kind == TOKEN_ATOM) {
		struct span item = lex->text;
		uint64_t n = 0;
		if (!imap_lex_next(lex) || !imap_lex_number(lex, INT64_MAX, &n))
			break;
		if (span_caseeq(item, "HIGHESTMODSEQ"))
			now.modseq = n;
		else if (n > UINT32_MAX)
			continue;
		else if (span_caseeq(item, "MESSAGES"))
			now.exists = (uint32_t)n;
		else if (span_caseeq(item, "UIDNEXT"))
			now.uidnext = (uint32_t)n;
		else if (span_caseeq(item, "UIDVALIDITY"))
			now.uidvalidity = (uint32_t)n;
	}
	return now;
}

static void on_status(void *ctx, const struct imap_untagged *u)
{
	struct look *l = ctx;
	struct imap_lex *lex = u->lex;
	if (strcmp(u->word, "STATUS") != 0 || !imap_lex_next(lex) ||
		(lex->kind != TOKEN_ATOM && lex->kind != TOKEN_STRING))
		return;
	arena_reset(&l->names);
	struct prov_look *at = find(l, imap_lex_string(lex, &l->names));
	if (!at || !imap_lex_next(lex) || lex->kind != TOKEN_OPEN)
		return;
	const struct imap_selected now = read_status(lex);
	at->is_same = imap_cursor_holds(at->cursor, &now);
}

int imap_look(struct provider *p, struct prov_look *v, size_t n, struct err *e)
{
	struct imap_session *s = imap_of(p);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct look l = {.n = n, .names = ARENA_INIT};
	l.v = arena_array(&a, n ? n : 1, sizeof *l.v);
	for (size_t i = 0; i < n; i++) {
		v[i].is_same = false;
		l.v[i] = &v[i];
	}
	qsort(l.v, n, sizeof *l.v, by_folder);
	struct imap_command c = imap_command(s, "LIST");
	imap_add(&c,
		"LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))");
	int rc = imap_run(&c, on_status, &l, e);
	arena_release(&l.names);
	if (!rc || !imap_is_refusal(e))
		return rc;
	s->caps &= ~(unsigned)CAP_LIST_STATUS; /* promised, and not kept */
	err_clear(e);
	return 0;
}
