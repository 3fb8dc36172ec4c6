/* fake_desk.c - the hooks of orders, without a thread or a store. */
#include "config.h"

#include "fake_desk.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/event.h"

#define FIRST_FIND 1000

static void tell(struct fake_desk *d)
{
	const struct event ev = {
		.type = d->answer.step == DESK_DONE ? EV_REPLY : EV_PROGRESS, .arg = d->number};

	event_post(d->events, &ev);
}

void fake_desk_finish(struct fake_desk *d)
{
	d->answer.step = DESK_DONE;
	tell(d);
}

void fake_desk_fail(struct fake_desk *d, enum desk_field field, const char *why)
{
	d->answer = (struct desk_answer){.step = DESK_DONE, .field = field};
	err_set(&d->answer.error, ERR_NET, "%s", why);
}

void fake_desk_find(struct fake_desk *d)
{
	event_post(d->events, &(struct event){.type = EV_REPLY, .arg = d->find});
	d->finds_slowly = false;
}

static int64_t take_find(struct fake_desk *d, const char *email)
{
	d->find = d->find ? d->find + 1 : FIRST_FIND;
	d->is_find_withdrawn = false;
	snprintf(d->sought, sizeof(d->sought), "%s", email);
	if (!d->finds_slowly)
		fake_desk_find(d);
	return d->find;
}

static int64_t take(void *desk, const struct desk_order *o)
{
	struct fake_desk *d = desk;

	if (o->kind == DESK_FIND)
		return take_find(d, o->v[DESK_EMAIL]);
	d->number++;
	d->kind = o->kind;
	d->account = o->account;
	d->crm = o->crm;
	d->n_words = o->n_words;
	for (size_t i = 0; i < o->n_words; i++) {
		snprintf(d->words[i][0], sizeof(d->words[i][0]), "%s", o->words[i].key);
		snprintf(d->words[i][1], sizeof(d->words[i][1]), "%s", o->words[i].value);
	}
	d->is_withdrawn = false;
	for (size_t i = 0; i < DESK_FIELD_COUNT; i++)
		snprintf(d->v[i], sizeof(d->v[i]), "%s", o->v[i] ? o->v[i] : "");
	if (!d->is_slow)
		d->answer.step = DESK_DONE;
	if (o->v[DESK_PASSPHRASE] && d->answer.step == DESK_BROWSING)
		d->secrets = DESK_SECRETS_OPEN; /* as it is before the browser is awaited */
	tell(d);
	return d->number;
}

static bool look(void *desk, int64_t number, struct desk_answer *out)
{
	struct fake_desk *d = desk;

	*out = d->answer;
	if (number >= FIRST_FIND)
		*out = (struct desk_answer){.step = d->finds_slowly ? DESK_SAVING : DESK_DONE,
			.field = DESK_NO_FIELD,
			.offers = d->offers};
	return number == d->number || number == d->find;
}

static void withdraw(void *desk, int64_t number)
{
	struct fake_desk *d = desk;

	if (number >= FIRST_FIND)
		d->is_find_withdrawn = number == d->find;
	else
		d->is_withdrawn = number == d->number;
}

static bool paste(void *desk, int64_t number, const char *address)
{
	struct fake_desk *d = desk;

	snprintf(d->pasted, sizeof(d->pasted), "%s", address);
	return number == d->number;
}

static const struct desk_profile_key base_keys[] = {
	{"anon_key", "Publishable (anon) key", true, false},
	{"email", "Email to sign in with", true, false},
	{"organization_id", "Organisation, where the sign-in alone does not tell", false, false},
	{"password", "Password", false, true},
};
static const struct desk_profile known_profiles[] = {
	{"base", "A database with an address", true, true, "password", base_keys, 4},
	{"other", "Another CRM", true, false, "password", base_keys + 1, 1},
	{"local", "Contacts on this machine, no server", false, false, NULL, NULL, 0},
};

static int profiles(void *desk, const char *name, struct arena *a, struct desk_profile **out,
	size_t *n, struct err *e)
{
	const struct fake_desk *d = desk;

	(void)e;
	*n = 0;
	*out = arena_array(a, ARRAY_SIZE(known_profiles), sizeof(**out));
	for (size_t i = 0; d->has_profiles && i < ARRAY_SIZE(known_profiles); i++)
		if (!name || strcmp(known_profiles[i].name, name) == 0)
			(*out)[(*n)++] = known_profiles[i];
	return 0;
}

static enum desk_secrets secrets(void *desk)
{
	return ((struct fake_desk *)desk)->secrets;
}

static enum desk_keyring keyring(void *desk)
{
	return ((struct fake_desk *)desk)->keyring;
}

static bool saves_in_keyring(void *desk)
{
	return keyring(desk) != DESK_KEYRING_NONE;
}

void fake_desk_hook(struct fake_desk *d, struct event_set *events, struct ui_hooks *hooks)
{
	*d = (struct fake_desk){
		.events = events, .secrets = DESK_SECRETS_OPEN, .answer = {.field = DESK_NO_FIELD}};
	hooks->order = take;
	hooks->look = look;
	hooks->withdraw = withdraw;
	hooks->paste = paste;
	hooks->secrets = secrets;
	hooks->keyring = keyring;
	hooks->saves_in_keyring = saves_in_keyring;
	hooks->profiles = profiles;
	hooks->desk = d;
}
