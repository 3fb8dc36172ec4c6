/*
 * template_values.c - what the variables of a template stand for: the recipient's contact, partner
 * and deal in the CRM of the account that sends, the mail that is answered, and the sender.
 */
#include "config.h"

#include "crmail/store/template.h"

#include <string.h>
#include <time.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/subject.h"
#include "crmail/store/contact.h"
#include "crmail/store/message.h"

#define VALUES_MOST 32
#define SUBJECT_MOST ((size_t)1 << 20)
#define REPLY_PREFIX (sizeof("Re: ") - 1)

struct filling {
	struct arena *a;
	struct mail_template_value v[VALUES_MOST];
	size_t n;
};

static void add_kind(struct filling *f, const char *name, const char *text,
	enum mail_template_kind kind)
{
	if (!text || !*text || f->n == VALUES_MOST)
		return;
	f->v[f->n++] = (struct mail_template_value){name, text, kind};
}

static void add(struct filling *f, const char *name, const char *text)
{
	add_kind(f, name, text, MAIL_TEMPLATE_TEXT);
}

/* "2026-11-22" of the day, in UTC where it is a day and in the local zone where it is a moment. */
static void add_day(struct filling *f, const char *name, int64_t at, bool is_moment)
{
	time_t t = (time_t)at;
	struct tm tm;
	if (at && (is_moment ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)))
		add_kind(f, name,
			arena_printf(f->a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
				tm.tm_mday),
			MAIL_TEMPLATE_DATE);
}

static void add_deal(struct filling *f, const struct deal_row *d)
{
	add(f, "deal.name", d->name);
	add(f, "deal.number", d->number);
	add(f, "deal.amount", d->amount);
	add(f, "deal.currency", d->currency);
	add(f, "deal.stage", d->stage);
	add(f, "deal.next_step", d->next_step);
	if (d->amount && *d->amount)
		add_kind(f, "deal.value",
			d->currency && *d->currency
				? arena_printf(f->a, "%s %s", d->amount, d->currency)
				: d->amount,
			MAIL_TEMPLATE_MONEY);
	add_day(f, "deal.close_date", d->close_at, false);
}

/* The one open deal; of several nobody can tell which is meant, and the writer is asked. */
static int add_deals(struct filling *f, struct store_reader *r, const struct contact_row *c,
	struct err *e)
{
	struct deal_row *v = NULL;
	size_t n = 0, open = 0;
	if (deals_of(r, f->a, c->id, 0, &v, &n, e))
		return -1;
	while (open < n && v[open].is_open)
		open++;
	if (open == 0 && c->partner) {
		if (deals_of(r, f->a, 0, c->partner, &v, &n, e))
			return -1;
		while (open < n && v[open].is_open)
			open++;
	}
	if (open == 1)
		add_deal(f, &v[0]);
	return 0;
}

static int add_contact(struct filling *f, struct store_reader *r, const struct contact_row *c,
	struct err *e)
{
	struct partner_row *p = NULL;
	add(f, "contact.name", c->name);
	add(f, "contact.first_name", c->first_name);
	add(f, "contact.last_name", c->last_name);
	add(f, "contact.title", c->title);
	add(f, "contact.phone", c->n_phones ? c->phones[0] : NULL);
	add(f, "partner.name", c->partner_name);
	if (c->partner && partner_get(r, f->a, c->partner, &p, e))
		return -1;
	if (p && p->n_domains)
		add(f, "partner.domain", p->domains[0]);
	return add_deals(f, r, c, e);
}

static int add_thread(struct filling *f, struct store_reader *r, int64_t message, struct err *e)
{
	struct message_row *m = NULL;
	CLEANUP(buf_release) struct buf base = BUF_INIT(SUBJECT_MOST); /* "Re: ..." */
	if (!message)
		return 0;
	if (message_get(r, f->a, message, &m, e))
		return -1;
	if (!m)
		return 0;
	if (m->subject) {
		subject_reply(&base, m->subject);
		add(f, "thread.subject", arena_strdup(f->a, base.p + REPLY_PREFIX));
	}
	add_day(f, "thread.date", m->date, true);
	return 0;
}

static void add_sender(struct filling *f, const struct template_about *who)
{
	add(f, "me.email", who->me_addr);
	if (!who->me_name)
		return;
	add(f, "me.name", who->me_name);
	add(f, "me.first_name", arena_strndup(f->a, who->me_name, strcspn(who->me_name, " ")));
}

int template_values_read(struct store_reader *r, struct arena *a, const struct template_about *who,
	struct mail_template_values *out, struct err *e)
{
	struct filling f = {.a = a};
	struct contact_row *c = NULL;
	add_sender(&f, who);
	if (who->addr && contact_by_address(r, a, who->account, who->addr, &c, e))
		return -1;
	if (c && add_contact(&f, r, c, e))
		return -1;
	if (!c)
		add(&f, "contact.name", who->name);
	add(&f, "contact.email", who->addr);
	if (add_thread(&f, r, who->message, e))
		return -1;
	struct mail_template_value *v = arena_array(a, f.n + 1, sizeof(*v));
	memcpy(v, f.v, f.n * sizeof(*v));
	out->v = v;
	out->n = f.n;
	return 0;
}
