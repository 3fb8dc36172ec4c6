/*
 * welcome_form.c - the fields of the form that connects an account: which of them there are,
 * whether they can be ordered, and the order that comes of them.
 */
#include "config.h"

#include "welcome.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/mail/render.h"
#include "ui/ui_core.h"
#include "views.h"

static const struct form_choice tls_choices[] = {
	{N_("as the port says"), NULL},
	{N_("TLS from the start"), "implicit"},
	{N_("STARTTLS"), "starttls"},
	{N_("none (insecure)"), "insecure-none"},
};
/* Values: a provider (crmail-config(5)), and the kind of an account that does without IMAP. */
static const struct form_choice how_choices[] = {
	{N_("with a password"), NULL},
	{N_("at Google, in the browser"), "google/gmail"},
	{N_("at Microsoft, in the browser"), "microsoft/graph"},
	{N_("at Google, mail over IMAP"), "google"},
	{N_("at Microsoft, mail over IMAP"), "microsoft"},
};
static const struct form_choice history_choices[] = {
	{N_("30 days"), "30"},
	{N_("90 days"), "90"},
	{N_("all mail"), "all"},
	{N_("7 days"), "7"},
};

static const struct form_field fields[W_COUNT] = {
	[W_EMAIL] = {FORM_TEXT, N_("Work email"),
		.hint = N_("Your address, then Enter: your mailbox is looked for.")},
	[W_REAL_NAME] = {FORM_TEXT, N_("Your name"), .hint = N_("As recipients see it.")},
	[W_HOW] = {FORM_CHOICE, N_("Sign in"), .choices = how_choices,
		.n_choices = ARRAY_SIZE(how_choices),
		.hint = N_(
			"Mailboxes at Google and Microsoft are signed in to in the browser. Left "
			"and Right choose.")},
	[W_IMAP] = {FORM_TEXT, N_("Reading (IMAP)"),
		.hint = N_("HOST:PORT of the server your mail is read from.")},
	[W_SMTP] = {FORM_TEXT, N_("Sending (SMTP)"),
		.hint = N_("HOST:PORT of the server your mail is handed to.")},
	[W_TLS] = {FORM_CHOICE, N_("Encryption"), .choices = tls_choices,
		.n_choices = ARRAY_SIZE(tls_choices),
		.hint = N_("993 and 465 mean TLS, 143 and 587 STARTTLS. Left and Right choose.")},
	[W_USER] = {FORM_TEXT, N_("User"), .hint = N_("Most servers want the whole address.")},
	[W_PASSWORD] = {FORM_SECRET, N_("Password"),
		.hint = N_("Kept in an encrypted file of this computer.")},
	[W_COMMAND] = {FORM_TEXT, N_("or its command"),
		.hint = N_("Instead of a password: a command that prints it, "
			   "as \"pass show work\".")},
	[W_PASSPHRASE] = {FORM_SECRET, N_("Passphrase"),
		.hint = N_("Locks the file of saved passwords; asked for once in each session. "
			   "Nobody can recover it.")},
	[W_REPEAT] = {FORM_SECRET, N_("Passphrase again")},
	[W_HISTORY] = {FORM_CHOICE, N_("Mail of"), .choices = history_choices,
		.n_choices = ARRAY_SIZE(history_choices),
		.hint = N_("How far back mail is fetched, the newest first. "
			   "Left and Right choose.")},
	[W_NAME] = {FORM_TEXT, N_("Account's name"), .hint = N_("A word of your choosing.")},
	[W_CLIENT] = {FORM_TEXT, N_("Client id")},
	[W_CLIENT_SECRET] = {FORM_SECRET, N_("Client secret"),
		.hint = N_("Stands beside the client id at Google. Leave it empty with the path of "
			   "Google's file, which has both.")},
	[W_TENANT] = {FORM_TEXT, N_("Tenant"),
		.hint = N_("The directory (tenant) id of your organisation, or one of its domains; "
			   "empty for an app that is registered for every directory.")},
	[W_ADD] = {FORM_BUTTON, N_("Test and add")},
	[W_MORE] = {FORM_BUTTON, N_("Use IMAP and SMTP instead"),
		.hint = N_("Shows the mail servers, to be filled in; and further ways to sign "
			   "in.")},
	[W_DEMO] = {FORM_BUTTON, N_("Look around with demo data first"),
		.hint = N_("A made-up mailbox in a folder of its own; nothing is connected.")},
};

/* What the words of W_HOW stand for. */
static const struct way {
	const char *word, *oauth, *kind;
	bool is_google;
} ways[] = {
	{"google/gmail", "google", "gmail", true},
	{"microsoft/graph", "microsoft", "graph", false},
	{"google", "google", NULL, true},
	{"microsoft", "microsoft", NULL, false},
};

/* NULL = with a password. */
static const struct way *way_of(const struct form *f)
{
	const char *word = form_value(f, W_HOW);

	for (size_t i = 0; word && i < ARRAY_SIZE(ways); i++)
		if (strcmp(ways[i].word, word) == 0)
			return &ways[i];
	return NULL;
}

void welcome_form_init(struct form *f)
{
	form_init(f, fields, W_COUNT);
}

/* ---- which there are ------------------------------------------------------------------------- */

const char *welcome_add_label(const struct form *f)
{
	const struct way *w = way_of(f);

	if (!w)
		return fields[W_ADD].label;
	return w->is_google ? N_("Sign in at Google, in the browser")
			    : N_("Sign in at Microsoft, in the browser");
}

const char *welcome_form_title(const struct form *f)
{
	const struct way *w = way_of(f);

	return w && w->is_google ? N_("Sign in at Google") : N_("Sign in at Microsoft");
}

static const char *client_hint(const struct way *w) /* N_() */
{
	return w->is_google
		       ? N_("At console.cloud.google.com: a project with the Gmail API, a consent "
			    "screen, and a client of type \"desktop app\". Its id, or the path of "
			    "the "
			    "file that Google hands out (~/Downloads/client_secret_....json).")
		       : N_("At entra.microsoft.com, App registrations: the application (client) "
			    "id of one for \"mobile and desktop applications\" with the redirect "
			    "address http://localhost.");
}

static void hide(struct form *f, const enum field *which, size_t n, bool is_hidden)
{
	for (size_t i = 0; i < n; i++)
		f->v[which[i]].is_hidden = is_hidden;
}

/* A command needs no file of passwords, and one that is open no passphrase; short of all fields,
 * whoever signs in is asked for it there. */
static void hide_passphrase(struct view *v, const struct way *w)
{
	const struct welcome_data *d = v->data;
	struct form_field *f = d->form.v;
	enum desk_secrets s = keyring_or_file(v->ui, NULL);
	bool is_needless = !welcome_is_whole(d) || (!w && form_value(&d->form, W_COMMAND));

	f[W_PASSPHRASE].is_hidden = is_needless || s == DESK_SECRETS_OPEN;
	f[W_REPEAT].is_hidden = is_needless || s != DESK_SECRETS_NONE;
}

void welcome_form_hide(struct view *v)
{
	static const enum field servers[] = {W_IMAP, W_SMTP, W_TLS, W_USER, W_PASSWORD, W_COMMAND};
	static const enum field rest[] = {W_HOW, W_HISTORY, W_NAME};
	struct welcome_data *d = v->data;
	struct form *f = &d->form;
	const struct way *w = way_of(f);
	bool is_whole = welcome_is_whole(d), has_client = !w || (!is_whole && !d->lacks_client);

	hide(f, servers, ARRAY_SIZE(servers), !is_whole || w);
	hide(f, rest, ARRAY_SIZE(rest), !is_whole);
	hide_passphrase(v, w);
	f->v[W_CLIENT].is_hidden = has_client;
	f->v[W_CLIENT_SECRET].is_hidden = has_client || !w->is_google;
	f->v[W_TENANT].is_hidden = has_client || w->is_google;
	f->v[W_CLIENT].hint = w ? client_hint(w) : NULL;
	f->v[W_ADD].is_hidden = !is_whole && !w;
	f->v[W_ADD].label = welcome_add_label(f);
	f->v[W_ADD].hint =
		w ? N_("Opens the browser; reading and sending are tried, and nothing is "
		       "saved unless both work.")
		  : N_("Signs in to both servers; no mail is sent, and nothing is saved "
		       "unless both work.");
	f->v[W_MORE].is_hidden = is_whole;
	f->v[W_DEMO].is_hidden = !d->is_first || !v->ui->o.wants_demo;
}

bool welcome_is_whole(const struct welcome_data *d)
{
	return d->wants_all || d->needs_servers;
}

/* ---- what was seen --------------------------------------------------------------------------- */

/* What is filled in without the person, and says where a password or a sign-in goes. */
static const enum field places[WELCOME_PLACES] = {W_HOW, W_IMAP, W_SMTP, W_TLS};

static const char *place_text(const struct form *f, enum field field)
{
	const char *text = form_value(f, field);

	return text ? text : "";
}

void welcome_form_saw(struct welcome_data *d, int lines)
{
	for (size_t i = 0; i < WELCOME_PLACES; i++) {
		/* the button of the short form names the provider */
		enum field at = places[i] == W_HOW && !welcome_is_whole(d) ? W_ADD : places[i];

		if (form_shows(&d->form, at, lines))
			snprintf(d->seen[i], sizeof(d->seen[i]), "%s",
				place_text(&d->form, places[i]));
	}
}

static bool refuse(struct welcome_data *d, enum field field, const char *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(sizeof(d->problem) - 1);

	text_add(&b, why);
	memcpy(d->problem, b.p, b.len + 1);
	form_focus(&d->form, field);
	return false;
}

void welcome_form_refuse(struct welcome_data *d, enum field field, const char *why)
{
	refuse(d, field, why);
}

static bool check_seen(struct welcome_data *d)
{
	const struct form *f = &d->form;

	for (size_t i = 0; i < WELCOME_PLACES; i++) {
		enum field at = places[i];
		bool counts = at == W_HOW || !way_of(f);

		if (!counts || f->v[at].is_touched || strcmp(d->seen[i], place_text(f, at)) == 0)
			continue;
		return refuse(d, f->v[at].is_hidden ? W_ADD : at,
			_("This was filled in just now: look where it leads, then go on."));
	}
	return true;
}

/* ---- what is filled in ----------------------------------------------------------------------- */

static bool is_host_port(const char *s, int64_t *port)
{
	const char *colon = s ? strrchr(s, ':') : NULL;

	return colon && colon != s && str_to_i64(colon + 1, 1, 65535, port);
}

static bool says_encryption(int64_t port)
{
	return port == 993 || port == 465 || port == 143 || port == 587;
}

static bool check_servers(struct welcome_data *d)
{
	int64_t imap = 0, smtp = 0;

	if (!is_host_port(form_value(&d->form, W_IMAP), &imap))
		return refuse(d, W_IMAP, _("This needs a host and a port: imap.example.com:993"));
	if (!is_host_port(form_value(&d->form, W_SMTP), &smtp))
		return refuse(d, W_SMTP, _("This needs a host and a port: smtp.example.com:465"));
	if (!form_value(&d->form, W_TLS) && (!says_encryption(imap) || !says_encryption(smtp)))
		return refuse(d, W_TLS, _("These ports do not say how to encrypt: choose it."));
	return true;
}

static bool check_passphrase(struct welcome_data *d)
{
	const struct form *f = &d->form;
	const char *pass = form_value(f, W_PASSPHRASE), *again = form_value(f, W_REPEAT);

	if (f->v[W_PASSPHRASE].is_hidden)
		return true;
	if (!pass)
		return refuse(d, W_PASSPHRASE,
			_("The file of saved passwords needs its passphrase."));
	if (f->v[W_REPEAT].is_hidden)
		return true;
	if (strlen(pass) < DESK_PASSPHRASE_LEAST)
		return refuse(d, W_PASSPHRASE, _("Take at least eight characters."));
	if (!again || strcmp(pass, again) != 0)
		return refuse(d, W_REPEAT, _("The two passphrases differ: type it again."));
	return true;
}

static bool check_client(struct welcome_data *d)
{
	const struct form *f = &d->form;
	CLEANUP(buf_release) struct buf why = BUF_INIT(sizeof(d->problem) - 1);

	if (!d->lacks_client || f->v[W_CLIENT].is_hidden || form_value(f, W_CLIENT))
		return true;
	buf_addf(&why, "%s %s",
		_("Without a client id of your organisation this provider lets no program in."),
		_(f->v[W_CLIENT].hint));
	return refuse(d, W_CLIENT, why.p);
}

bool welcome_form_check(struct welcome_data *d)
{
	const struct form *f = &d->form;
	const char *email = form_value(f, W_EMAIL), *at = email ? strchr(email, '@') : NULL;

	if (!at || at == email || !at[1])
		return refuse(d, W_EMAIL, _("This needs an address, as you@example.com."));
	if (way_of(f))
		return (form_value(f, W_NAME) ||
			       refuse(d, W_NAME, _("The account needs a name."))) &&
		       check_client(d) && check_seen(d) && check_passphrase(d);
	if (!check_servers(d))
		return false;
	if (!form_value(f, W_USER))
		return refuse(d, W_USER, _("The servers want a user name."));
	if (form_value(f, W_PASSWORD) && form_value(f, W_COMMAND))
		return refuse(d, W_COMMAND, _("Give the password or its command, not both."));
	if (!form_value(f, W_PASSWORD) && !form_value(f, W_COMMAND))
		return refuse(d, W_PASSWORD, _("The servers want a password."));
	if (!form_value(f, W_NAME))
		return refuse(d, W_NAME, _("The account needs a name."));
	return check_seen(d) && check_passphrase(d);
}

static const struct {
	enum field field;
	enum desk_field desk;
	bool is_always; /* also when it is not shown */
} map[] = {
	{W_EMAIL, DESK_EMAIL, true},
	{W_REAL_NAME, DESK_REAL_NAME, true},
	{W_CLIENT, DESK_CLIENT, false},
	{W_CLIENT_SECRET, DESK_CLIENT_SECRET, false},
	{W_TENANT, DESK_TENANT, false},
	{W_IMAP, DESK_IMAP, false},
	{W_SMTP, DESK_SMTP, false},
	{W_TLS, DESK_TLS, false},
	{W_USER, DESK_USER, false},
	{W_PASSWORD, DESK_PASSWORD, false},
	{W_COMMAND, DESK_COMMAND, false},
	{W_PASSPHRASE, DESK_PASSPHRASE, false},
	{W_HISTORY, DESK_HISTORY, true},
	{W_NAME, DESK_NAME, true},
};

void welcome_form_order(const struct form *f, struct desk_order *out)
{
	const struct way *w = way_of(f);

	*out = (struct desk_order){.kind = DESK_ADD};
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].is_always || !f->v[map[i].field].is_hidden)
			out->v[map[i].desk] = form_value(f, map[i].field);
	if (w) {
		out->v[DESK_OAUTH] = w->oauth;
		out->v[DESK_KIND] = w->kind;
	}
}

void welcome_form_go(struct form *f, enum desk_field where)
{
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].desk == where)
			form_focus(f, map[i].field);
}

const char *welcome_form_note(const struct form *f)
{
	const struct way *w = way_of(f);

	return w && w->is_google
		       ? _("Should Google say that it has not verified the app, which is your "
			   "organisation's own: \"Advanced\" leads on.")
		       : NULL;
}
