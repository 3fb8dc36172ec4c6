/* fake_desk.c - the hooks of orders, without a thread or a store. */
#include "config.h"

#include "fake_desk.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/event.h"

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

static int64_t take(void *desk, const struct desk_order *o)
{
	struct fake_desk *d = desk;

	d->number++;
	d->kind = o->kind;
	d->account = o->account;
	d->is_withdrawn = false;
	for (size_t i = 0; i < DESK_FIELD_COUNT; i++)
		snprintf(d->v[i], sizeof(d->v[i]), "%s", o->v[i] ? o->v[i] : "");
	if (!d->is_slow)
		d->answer.step = DESK_DONE;
	tell(d);
	return d->number;
}

static bool look(void *desk, int64_t number, struct desk_answer *out)
{
	struct fake_desk *d = desk;

	*out = d->answer;
	return number == d->number;
}

static void withdraw(void *desk, int64_t number)
{
	struct fake_desk *d = desk;

	d->is_withdrawn = number == d->number;
}

static enum desk_secrets secrets(void *desk)
{
	return ((struct fake_desk *)desk)->secrets;
}

void fake_desk_hook(struct fake_desk *d, struct event_set *events, struct ui_hooks *hooks)
{
	*d = (struct fake_desk){
		.events = events, .secrets = DESK_SECRETS_OPEN, .answer = {.field = DESK_NO_FIELD}};
	hooks->order = take;
	hooks->look = look;
	hooks->withdraw = withdraw;
	hooks->secrets = secrets;
	hooks->desk = d;
}
