/*
 * decide.c - table decision: what the user said about matching, written and undone. What is said
 * takes back at once what still waits for the CRM; the worker matches the mail again.
 */
#include "config.h"

#include "crmail/store/decide.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#include "crm_private.h"

#define ANCHOR "ifnull(m.equal_key, 'm' || m.id)"

static const char SQL_THERE[] = "SELECT 1 FROM message WHERE id = ?";
static const char SQL_CRM[] = "SELECT ifnull(a.crm, 0) FROM message m JOIN account a"
			      " ON a.id = m.account WHERE m.id = ?";
static const char SQL_ADD[] =
	"INSERT INTO decision (id, crm, mail, scope, what, kind, target, addr, until, at)"
	" SELECT ?1, ?2, (SELECT " ANCHOR " FROM message m WHERE m.id = ?3), ?4, ?5, ?6, ?7, ?8,"
	" CASE WHEN ?5 = 10 THEN ifnull((SELECT newest FROM stranger WHERE crm = ?2 AND addr = ?8),"
	" 0) ELSE 0 END, ?9";
static const char SQL_GET[] =
	"SELECT d.crm, d.scope, d.addr, (SELECT m.id FROM message m WHERE m.equal_key = d.mail"
	" UNION ALL SELECT m.id FROM message m WHERE 'm' || m.id = d.mail AND m.id = CAST("
	"substr(d.mail, 2) AS INTEGER) LIMIT 1) FROM decision d WHERE d.id = ?";
static const char SQL_DROP[] = "DELETE FROM decision WHERE id = ?";
/* What a decision about a mail may change: the whole conversation, which inherits, and copies. */
#define TOUCHED                                                                                    \
	"(SELECT m.id FROM message o JOIN message m ON m.thread = o.thread"                        \
	" WHERE o.id = ?1 UNION SELECT m.id FROM message o JOIN message m"                         \
	" ON m.equal_key = o.equal_key WHERE o.id = ?1)"
static const char SQL_AGAIN[] =
	"INSERT OR IGNORE INTO match_queue SELECT m.id FROM message m"
	" JOIN account a ON a.id = m.account WHERE a.crm <> 0 AND m.id IN " TOUCHED;
static const char SQL_TAKE_BACK[] = "UPDATE activity SET state = 4 WHERE message IN " TOUCHED
				    " AND message <> 0 AND state = 1 AND doubt = 0";
/* Of mail that is in the queue anyway: what an address is about. */
static const char SQL_TAKE_BACK_DUE[] =
	"UPDATE activity SET state = 4 WHERE crm = ? AND state = 1 AND doubt = 0 AND message <> 0"
	" AND message IN (SELECT message FROM match_queue)";

struct decide_args {
	struct decision_in d;
	int64_t id;
	char addr[]; /* "" = none */
};

/* An address as matching folds it; of a domain "@domain". */
static void fold_addr(struct buf *out, const char *addr)
{
	const char *at = strchr(addr, '@');
	if (at && at != addr) {
		party_norm(out, addr);
		return;
	}
	CLEANUP(buf_release) struct buf domain = BUF_INIT(1000);
	party_domain(&domain, addr + (at == addr));
	if (domain.len) {
		buf_addch(out, '@');
		buf_add(out, domain.p, domain.len);
	}
}

static int match_again_addr(struct write *w, int64_t crm, const char *addr, struct err *e)
{
	int rc = addr[0] == '@' ? match_again_domain(w, crm, addr + 1, e)
				: match_again_key(w, crm, addr, e);
	return rc || db_run(w->db, e, SQL_TAKE_BACK_DUE, "i", crm) ? -1 : 0;
}

static int match_again_mail(struct write *w, int64_t message, struct err *e)
{
	return db_run(w->db, e, SQL_AGAIN, "i", message) ||
			       db_run(w->db, e, SQL_TAKE_BACK, "i", message)
		       ? -1
		       : 0;
}

static int touch(struct write *w, int64_t crm, enum decide_scope scope, int64_t message,
	const char *addr, struct err *e)
{
	write_event(w, EV_CRM, crm, 0, 1, 1); /* 1: something may be due */
	write_event(w, EV_CONTACTS, 0, 0, crm, 1);
	if (scope == DECIDE_ADDRESS)
		return addr && crm ? match_again_addr(w, crm, addr, e) : 0;
	return message ? match_again_mail(w, message, e) : 0;
}

/* 0 = of every CRM: what is private is private. */
static bool is_for_all(enum decide_what what)
{
	return what == DECIDE_PRIVATE || what == DECIDE_PUBLIC || what == DECIDE_NOT ||
	       what == DECIDE_LOG;
}

static int write_decision(struct write *w, void *arg, struct err *e)
{
	const struct decide_args *a = arg;
	const struct decision_in *d = &a->d;
	int64_t there = d->scope == DECIDE_ADDRESS;
	int64_t crm = d->crm;
	if (!there && db_value(w->db, &there, e, SQL_THERE, "i", d->message))
		return -1;
	if (!there)
		return err_set(e, ERR_NOTFOUND, _("This message is not there any more."));
	if (!crm && !is_for_all(d->what) && db_value(w->db, &crm, e, SQL_CRM, "i", d->message))
		return -1;
	if (db_run(w->db, e, SQL_ADD, "iiiiiiiti", a->id, crm,
		    d->scope == DECIDE_ADDRESS ? 0 : d->message, (int64_t)d->scope,
		    (int64_t)d->what, (int64_t)d->kind, d->target, a->addr[0] ? a->addr : NULL,
		    w->now))
		return -1;
	return touch(w, crm, d->scope, d->message, a->addr[0] ? a->addr : NULL, e);
}

static struct decide_args *prepare(struct store *s, const struct decision_in *d)
{
	CLEANUP(buf_release) struct buf addr = BUF_INIT(1000);
	if (d->addr)
		fold_addr(&addr, d->addr);
	struct decide_args *a = xcalloc(1, sizeof(*a) + addr.len + 1);
	a->d = *d;
	a->d.addr = NULL;
	memcpy(a->addr, addr.p, addr.len + 1);
	a->id = store_new_id(s);
	return a;
}

int64_t decide(struct store *s, const struct decision_in *d)
{
	struct decide_args *a = prepare(s, d);
	int64_t id = a->id;
	writer_post(&s->main, WRITE_USER | WRITE_FULL, write_decision, a, free);
	return id;
}

int decide_wait(struct store *s, const struct decision_in *d, int64_t *id, struct err *e)
{
	struct decide_args *a = prepare(s, d);
	int rc = writer_call(&s->main, WRITE_USER | WRITE_FULL, write_decision, a, e);
	*id = a->id;
	free(a);
	return rc;
}

static int write_undo(struct write *w, void *arg, struct err *e)
{
	int64_t id = *(const int64_t *)arg;
	sqlite3_stmt *q;
	if (db_query(w->db, &q, e, SQL_GET, "i", id))
		return -1;
	int rc = db_step(w->db, q, e);
	if (rc <= 0)
		return rc;
	int64_t crm = sqlite3_column_int64(q, 0);
	enum decide_scope scope = (enum decide_scope)sqlite3_column_int(q, 1);
	const char *addr = db_text(&w->arena, q, 2);
	int64_t message = sqlite3_column_int64(q, 3);
	sqlite3_reset(q);
	return db_run(w->db, e, SQL_DROP, "i", id) || touch(w, crm, scope, message, addr, e) ? -1
											     : 0;
}

void decide_undo(struct store *s, int64_t id)
{
	int64_t *arg = xcalloc(1, sizeof(*arg));
	*arg = id;
	writer_post(&s->main, WRITE_USER | WRITE_FULL, write_undo, arg, free);
}

int decide_undo_wait(struct store *s, int64_t id, struct err *e)
{
	return writer_call(&s->main, WRITE_USER | WRITE_FULL, write_undo, &id, e);
}
