/* letters.h - small messages given to a store page by page, for tests. */
#ifndef CRMAIL_TEST_STORE_LETTERS_H
#define CRMAIL_TEST_STORE_LETTERS_H

#include "crmail/base/op.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"
#include "tests/unit/store/fixture.h"

struct letter {              /* NULL or 0 = default */
	const char *id;      /* server id */
	const char *mid;     /* Message-ID without brackets; "" = none */
	const char *refs;    /* References, as in the header */
	const char *irt;     /* In-Reply-To */
	const char *from;    /* default "Laura <laura@client.example>" */
	const char *to;      /* default "me@own.example" */
	const char *subject; /* default "Offer" */
	const char *body;    /* default "Hello." */
	const char *extra;   /* header lines, each ended by LF */
	int64_t at;          /* received; default: FIXTURE_NOW - 86400 + index */
	uint32_t flags;
	bool head_only;
	const char *const *folders; /* a page of the whole account: where it lies, NULL-ended */
};

/* An account with own address me@own.example; returns its id. */
int64_t letters_account(struct fixture *f, const char *name);
int64_t letters_folder(struct fixture *f, int64_t account, const char *name, enum folder_role role);
/* One page; ids[i] (may be NULL) get the local ids. */
void letters_put(struct fixture *f, int64_t account, int64_t folder, const struct letter *v,
	size_t n, int64_t *ids);
/* The page's other fields as given, without messages. */
void letters_page(struct fixture *f, struct ingest_page *p);
/* Messages that a query of the search field finds. */
int64_t letters_count_hits(struct fixture *f, const char *query);
int64_t letters_thread(const struct fixture *f, int64_t message);
/* The counters of every folder agree with its lists. */
void letters_check_counters(const struct fixture *f);

#endif
