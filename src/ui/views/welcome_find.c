/*
 * welcome_find.c - what the welcome fills in by itself: names guessed from the address while it is
 * typed, then what discovery finds [R1]. What the user typed over stays.
 */
#include "config.h"

#include "welcome.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/event.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"
#include "ui/ui_core.h"

static void guess(struct form *f, enum field field, const char *text)
{
	if (!f->v[field].is_touched)
		form_set(f, field, text);
}

static const char *domain_of(const char *email)
{
	const char *at = email ? strrchr(email, '@') : NULL;

	return at && at != email && at[1] ? at + 1 : NULL;
}

static void forget(struct welcome_data *d, struct ui *ui)
{
	order_stop(&d->find, ui);
	d->asked[0] = d->news[0] = '\0';
	d->needs_servers = d->lacks_client = d->takes_password = false;
}

static bool is_taken(const struct ui *ui, const char *name)
{
	for (size_t i = 0; i < ui->n_accounts; i++)
		if (strcmp(ui->accounts[i].name, name) == 0)
			return true;
	return false;
}

/* The domain's first word, with a number behind it where that is an account already. */
static const char *free_name(struct welcome_data *d, const struct ui *ui, const char *domain)
{
	const char *word = arena_strndup(&d->arena, domain, strcspn(domain, ".")), *name = word;

	for (size_t i = 2; is_taken(ui, name) && i <= ui->n_accounts + 1; i++)
		name = arena_printf(&d->arena, "%s %zu", word, i);
	return name;
}

void welcome_find_typed(struct view *v)
{
	struct welcome_data *d = v->data;
	struct form *f = &d->form;
	const char *email = form_value(f, W_EMAIL), *domain = domain_of(email);

	arena_reset(&d->arena);
	forget(d, v->ui);
	if (!f->v[W_HOW].is_touched)
		form_choose(f, W_HOW, NULL);
	if (!f->v[W_TLS].is_touched)
		form_choose(f, W_TLS, NULL);
	guess(f, W_USER, domain ? email : "");
	guess(f, W_IMAP, domain ? arena_printf(&d->arena, "imap.%s:993", domain) : "");
	guess(f, W_SMTP, domain ? arena_printf(&d->arena, "smtp.%s:465", domain) : "");
	guess(f, W_NAME, domain ? free_name(d, v->ui, domain) : "");
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void say(struct welcome_data *d, struct buf *b)
{
	memcpy(d->news, b->p, b->len + 1);
}

void welcome_find_left(struct view *v)
{
	struct welcome_data *d = v->data;
	const char *email = form_value(&d->form, W_EMAIL), *domain = domain_of(email);
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->news) - 1);
	struct desk_order o = {.kind = DESK_FIND};

	if (!domain || strlen(email) >= sizeof(d->asked) || strcmp(email, d->asked) == 0 ||
		d->order.number)
		return;
	forget(d, v->ui);
	memcpy(d->asked, email, strlen(email) + 1);
	o.v[DESK_EMAIL] = email;
	if (!order_give(&d->find, v->ui, &o))
		return;
	/* TRANSLATORS: the placeholder is a domain */
	buf_addf(&b, _("Looking for the mail servers of %s… You can go on meanwhile."), domain);
	say(d, &b);
}

bool welcome_find_is_awaited(struct view *v)
{
	struct welcome_data *d = v->data;
	const struct form_field *f = d->form.v;

	if (f[W_HOW].is_touched || (f[W_IMAP].is_touched && f[W_SMTP].is_touched)) {
		order_stop(&d->find, v->ui); /* the desk does one thing after the other */
		return false;
	}
	welcome_find_left(v);
	return d->find.number != 0;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void apply_servers(struct form *f, const struct offer *o)
{
	bool is_theirs =
		f->v[W_IMAP].is_touched || f->v[W_SMTP].is_touched || f->v[W_TLS].is_touched;

	guess(f, W_IMAP, o->imap);
	guess(f, W_SMTP, o->smtp);
	guess(f, W_USER, o->user);
	if (!is_theirs)
		form_choose(f, W_TLS, o->tls[0] ? o->tls : NULL);
}

static bool is_by_hand(const struct form *f)
{
	static const enum field all[] = {
		W_HOW, W_IMAP, W_SMTP, W_TLS, W_USER, W_PASSWORD, W_COMMAND};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (f->v[all[i]].is_touched)
			return true;
	return false;
}

static bool choose_way(struct form *f, const struct offer *o)
{
	char word[OFFER_WORD + OFFER_KIND];

	snprintf(word, sizeof(word), "%s%s%s", o->oauth, o->kind[0] ? "/" : "", o->kind);
	return form_choose(f, W_HOW, word);
}

/* The first one that this form can do. Servers for a password are filled in beside a provider, for
 * whoever changes over. */
static const struct offer *apply(struct form *f, const struct offers *all)
{
	const struct offer *taken = NULL, *servers = NULL;

	for (size_t i = 0; i < all->n; i++) {
		const struct offer *o = &all->v[i];

		if (!o->oauth[0]) {
			servers = servers ? servers : o;
			taken = taken ? taken : o;
		} else if (!taken && !is_by_hand(f) && choose_way(f, o)) {
			taken = o;
		}
	}
	if (servers)
		apply_servers(f, servers);
	return taken;
}

/* What is missing, where it is to be had, and what goes without it. */
static void add_client(const struct offers *all, const struct offer *o, struct buf *b)
{
	/* TRANSLATORS: the placeholders are the name of a provider */
	buf_addf(b,
		_("This mailbox is at %s, which lets a program in by a client id that your "
		  "organisation has registered; crmail comes with none. Ask for it, or register "
		  "it: "
		  "crmail-config(5), \"%s\", says each step."),
		o->title, "PROVIDERS TO SIGN IN AT");
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].oauth[0])
			buf_addf(b, " %s",
				_("Without one: \"Use IMAP and SMTP instead\", with an app "
				  "password of yours."));
}

static void add_found(const struct offers *all, const struct offer *o, struct buf *b)
{
	if (!o->oauth[0])
		/* TRANSLATORS: the placeholders are servers */
		buf_addf(b, _("Found: reading at %s, sending at %s."), o->imap, o->smtp);
	else if (o->lacks_client)
		add_client(all, o, b);
	else
		/* TRANSLATORS: the placeholder is the name of a provider */
		buf_addf(b, _("This mailbox is at %s: Alt-S signs in there, with the browser."),
			o->title);
	if (!o->oauth[0] && o->wants_app_password)
		buf_addf(b, " %s", _("It takes an app password, which its own settings give you."));
}

static void add_end(const struct offers *all, const char *domain, struct buf *b)
{
	switch (all->end) {
	case OFFERS_NO_DOMAIN:
		buf_addf(b, _("There is no domain %s: is the address right?"), domain);
		return;
	case OFFERS_SLOW:
		buf_addf(b, _("%s did not answer in time: type its mail servers here."), domain);
		return;
	case OFFERS_OFFLINE:
		buf_addstr(b, _("Nothing could be looked up: is this computer online? The mail "
				"servers can be typed here."));
		return;
	case OFFERS_NONE:
	case OFFERS_FOUND: /* and this form can do none of it */
		break;
	}
	buf_addf(b, _("No mail servers were found for %s: type them here."), domain);
}

void welcome_find_event(struct view *v, const struct event *ev)
{
	struct welcome_data *d = v->data;
	CLEANUP(buf_release) struct buf text = BUF_INIT(2000), safe = BUF_INIT(sizeof(d->news) - 1);
	const struct offer *o;
	struct desk_answer a;

	if (!order_follow(&d->find, v->ui, ev, &a))
		return;
	if (a.error.code != ERR_NONE) {
		buf_addstr(&text, a.error.msg);
	} else if ((o = apply(&d->form, &a.offers))) {
		d->lacks_client = o->oauth[0] && o->lacks_client;
		for (size_t i = 0; i < a.offers.n; i++)
			d->takes_password = d->takes_password || !a.offers.v[i].oauth[0];
		add_found(&a.offers, o, &text);
	} else {
		add_end(&a.offers, domain_of(d->asked), &text);
	}
	d->needs_servers = !form_value(&d->form, W_HOW);
	text_add(&safe, text.p); /* names of strangers are among it */
	say(d, &safe);
	view_mark(v, DIRTY_RECALC);
}

/* Not where a field's own line is needed to fill it in. */
const char *welcome_find_says(const struct welcome_data *d)
{
	switch ((int)d->form.cur) {
	case W_EMAIL:
	case W_REAL_NAME:
	case W_IMAP:
	case W_SMTP:
	case W_USER:
	case W_PASSWORD:
	case W_ADD:
	case W_MORE:
		return d->news[0] ? d->news : NULL;
	default:
		return NULL;
	}
}
