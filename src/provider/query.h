/*
 * query.h - crmail's query language (crmail(1), "Search") taken apart for a server that searches
 * in its own: groups of which any may hold (OR), each of terms that all have to. What a server
 * knows nothing about (contacts, partners, deals) it cannot find; folders and accounts are chosen
 * by the caller. Pure; any thread. Private to src/provider.
 */
#ifndef CRMAIL_SRC_PROVIDER_QUERY_H
#define CRMAIL_SRC_PROVIDER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "crmail/base/str.h"

#define QUERY_TERMS_MAX 64

enum query_kind {
	QUERY_TEXT, /* any text: no operator */
	QUERY_FROM,
	QUERY_TO,
	QUERY_CC,
	QUERY_SUBJECT,
	QUERY_FILENAME,
	QUERY_UNREAD,
	QUERY_STARRED,
	QUERY_ATTACHMENT,
	QUERY_AFTER, /* that day, or later */
	QUERY_BEFORE,
	QUERY_ELSEWHERE, /* the caller's: says nothing here */
	QUERY_NOWHERE,   /* no server knows */
};

struct query_term {
	enum query_kind kind;
	bool is_negated, is_prefix;
	struct span value; /* of the text given: without quotes, and without the star of a prefix */
	size_t group;      /* terms of one stand together */
};
struct query_terms {
	struct query_term v[QUERY_TERMS_MAX];
	size_t n, n_groups;
	bool is_ascii;
};

/* Further terms than there is room for are left out. */
void query_parse(const char *text, struct query_terms *out);
/* "2026-11-21", or "30d" before now; false when it is no day. */
bool query_day(struct span v, int64_t now, struct tm *out);
/* Whether a term says something to a server. */
bool query_is_said(const struct query_term *t, int64_t now);
/* Whether a group can be answered by a server, and asks it for something. */
bool query_is_answerable(const struct query_terms *q, size_t group, int64_t now);

#endif
