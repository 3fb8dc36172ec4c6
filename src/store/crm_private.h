/* crm_private.h - what the files about CRM rows share. Private to src/store; writer thread. */
#ifndef CRMAIL_STORE_CRM_PRIVATE_H
#define CRMAIL_STORE_CRM_PRIVATE_H

#include "crmail/base/buf.h"
#include "crmail/store/activity.h"
#include "crmail/store/contact.h"
#include "crmail/store/record.h"

#include "store_private.h"

/* Key of mail_party for a normalised address or a bare domain (002-crm.sql). */
void party_key(struct buf *out, const char *norm);
/* Folded for matching: lower case, without a plus-tag, IDN as ASCII; nothing for no address. */
void party_norm(struct buf *out, const char *addr);
/* Lower case host of a domain or URL, without "www."; nothing for what is none. */
void party_domain(struct buf *out, const char *text);

/* Messages to be matched again: those with this address, this domain, linked to this row. */
int match_again_key(struct write *w, int64_t crm, const char *norm, struct err *e) NODISCARD;
int match_again_domain(struct write *w, int64_t crm, const char *domain, struct err *e) NODISCARD;
int match_again_link(struct write *w, enum link_kind kind, int64_t id, struct err *e) NODISCARD;
/* The same for all that a row is known by: before its addresses or domains change, or it goes
 * away, or it becomes another row. LINK_DEAL: what is linked to it. */
int match_again_row(struct write *w, enum link_kind kind, int64_t id, struct err *e) NODISCARD;

/* Writes the i-th record of the array that the page is made of; what it changed is counted in
 * page->n_changed. */
typedef int (*put_record_fn)(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e);
/* All records in one transaction, the page's cursor with them, and tells the screen. Worker
 * thread. */
int put_page(struct store *s, struct put_page *p, put_record_fn one, const void *records, size_t n,
	struct err *e) NODISCARD;

/* A record reduced to one line, to see whether it changed. */
void digest_add(struct buf *b, const char *text);
void digest_end(struct buf *b, char out[65]);

/* A row that a page brings. Its id stays below those that the process gives out (store_new_id()):
 * one that was promised to somebody is never taken. */
#define PULLED_ID(table)                                                                           \
	"(SELECT ifnull(max(id), 0) + 1 FROM " table " WHERE id < 1125899906842624)"
#define PULLED_ROW(table)                                                                          \
	"INSERT INTO " table " (id, crm, crm_id, name) VALUES (" PULLED_ID(table) ", ?, ?, '')"

/* Binds an account to a CRM, 0 = to none for now; bound to another one than before, its mail is the
 * former one's no more. crm_setup.c */
int account_join_crm(struct write *w, int64_t account, int64_t crm, struct err *e) NODISCARD;

/* The row of a record, made empty when it is not there yet; crm_id NULL always makes one. */
struct row_sql {
	const char *find, *add;
	enum record_kind kind;
};
struct row_found {
	int64_t id;
	bool is_new;
	bool is_same; /* the digest is the one stored: nothing to write */
};
int row_open(struct write *w, int64_t crm, const char *crm_id, const char *digest,
	const struct row_sql *sql, struct row_found *out, struct err *e) NODISCARD;

/* Addresses and phones of a contact, instead of those it had; mail with them is matched again. */
int contact_put_addresses(struct write *w, int64_t crm, int64_t id, const struct contact_in *c,
	struct err *e) NODISCARD;
/* Where lists have it: after its name was written. */
int contact_sort(struct write *w, int64_t id, const char *name, struct err *e) NODISCARD;
/* The one domain of a partner; NULL = none. */
int partner_put_domain(struct write *w, int64_t id, const char *domain, struct err *e) NODISCARD;
/* Whether a stage leaves something to come. */
bool deal_stage_is_open(const char *stage);

/* The key of a name in ordered lists, folded: `sql` sets ?2 in row ?1. */
int sort_row(struct write *w, const char *sql, int64_t id, const char *name,
	struct err *e) NODISCARD;
/* Something happened between us and them at that moment; what is yet to come does not count. */
int touch_people(struct write *w, int64_t contact, int64_t partner, int64_t at,
	struct err *e) NODISCARD;

/* The row of a CRM id written as the CLI does ("local:N" too). */
int row_by_id(struct db *d, const char *id, const char *sql_crm_id, const char *sql_row,
	int64_t *out, struct err *e) NODISCARD;

/* contact.c: addresses and phones of a contact replaced; mail that they concern is matched
 * again. */
int contact_put_addresses(struct write *w, int64_t crm, int64_t id, const struct contact_in *c,
	struct err *e) NODISCARD;

#endif
