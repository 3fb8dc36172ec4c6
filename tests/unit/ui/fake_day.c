/* fake_day.c - what the day brings and what happened, for screens without a store. */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/clock.h"
#include "crmail/store/notice.h"
#include "crmail/store/reminder.h"
#include "crmail/store/today.h"
#include "fake_crm.h"
#include "fake_store.h"

int today_threads(struct store_reader *r, struct arena *a, int64_t now, int64_t no_answer_s,
	size_t max, struct today_threads *out, struct err *e)
{
	const struct fake_crm *c = r->s->crm;

	(void)a;
	(void)now;
	(void)max;
	(void)e;
	*out = (struct today_threads){.n_waiting = 0};
	if (!c || no_answer_s != 4 * 86400) /* the default */
		return 0;
	out->waiting = (struct today_thread *)(uintptr_t)c->waiting_for_me;
	out->n_waiting = c->n_waiting_for_me;
	out->unanswered = (struct today_thread *)(uintptr_t)c->unanswered;
	out->n_unanswered = c->n_unanswered;
	return 0;
}

/* One reminder; what is written about it is a line of `written`. */
static struct reminder *reminder_of(const struct store *s, struct arena *a)
{
	struct reminder *r = arena_alloc(a, sizeof(*r));

	*r = (struct reminder){
		.id = 1, .thread = s->reminded, .account = 1, .due_at = s->remind_at};
	return r;
}

int reminder_get(struct store_reader *r, struct arena *a, int64_t thread, struct reminder **out,
	struct err *e)
{
	(void)e;
	*out = r->s->reminded == thread ? reminder_of(r->s, a) : NULL;
	return 0;
}

int reminder_list_due(struct store_reader *r, struct arena *a, int64_t now, size_t max,
	struct reminder **out, size_t *n, struct err *e)
{
	(void)max;
	(void)e;
	*out = reminder_of(r->s, a);
	*n = r->s->reminded && r->s->remind_at <= now;
	return 0;
}

int reminder_next(struct store_reader *r, int64_t *due_at, struct err *e)
{
	(void)e;
	*due_at = r->s->reminded && !r->s->told ? r->s->remind_at : 0;
	return 0;
}

int64_t reminder_set(struct store *s, int64_t thread, int64_t due_at, int64_t *group)
{
	char text[32];

	clock_rfc3339(due_at, text, sizeof(text));
	buf_addf(&s->written, "remind %lld %s\n", (long long)thread, text);
	s->reminded = thread;
	s->remind_at = due_at;
	*group = ++s->next_group;
	return 1;
}

int64_t reminder_end(struct store *s, int64_t thread, int64_t *group)
{
	buf_addf(&s->written, "end reminder %lld\n", (long long)thread);
	s->reminded = 0;
	*group = ++s->next_group;
	return 1;
}

int64_t reminder_tell(struct store *s)
{
	s->told++;
	return 1;
}

static int entries_of(const struct fake_crm *c, bool is_task, struct arena *a, int64_t from,
	int64_t until, struct today_entry **out, size_t *n)
{
	*n = 0;
	*out = arena_array(a, (c ? c->n_day : 0) + 1, sizeof(**out));
	for (size_t i = 0; c && i < c->n_day; i++) {
		const struct today_entry *x = &c->day[i];
		int64_t at = x->due_at ? x->due_at : x->at;

		if ((x->due_at != 0) == is_task && at >= from && at < until)
			(*out)[(*n)++] = *x;
	}
	return 0;
}

int today_tasks(struct store_reader *r, struct arena *a, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e)
{
	(void)max;
	(void)e;
	return entries_of(r->s->crm, true, a, 0, until, out, n);
}

int today_meetings(struct store_reader *r, struct arena *a, int64_t from, int64_t until, size_t max,
	struct today_entry **out, size_t *n, struct err *e)
{
	(void)max;
	(void)e;
	return entries_of(r->s->crm, false, a, from, until, out, n);
}

/* The newest stand first in the fake, too. */
int notice_page(struct store_reader *r, struct arena *a, const int64_t *from, bool back,
	size_t limit, struct notice_row **out, size_t *n, struct err *e)
{
	const struct fake_crm *c = r->s->crm;
	size_t have = c ? c->n_notices : 0, first = 0, end = have;

	(void)e;
	while (from && !back && first < have && c->notices[first].id >= *from)
		first++;
	while (from && back && end > 0 && c->notices[end - 1].id <= *from)
		end--;
	if (end - first > limit && back)
		first = end - limit;
	*n = end - first < limit ? end - first : limit;
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++) {
		(*out)[i] = c->notices[first + i];
		if (r->s->seen == -1 || r->s->seen == (*out)[i].id)
			(*out)[i].is_seen = true;
	}
	return 0;
}

int notice_unseen(struct store_reader *r, int64_t *out, struct err *e)
{
	(void)e;
	*out = r->s->crm && r->s->seen != -1 ? r->s->crm->unseen : 0;
	return 0;
}

int64_t notice_see(struct store *s, int64_t id)
{
	s->seen = id;
	return 1;
}

int64_t notice_see_all(struct store *s)
{
	s->seen = -1;
	return 1;
}
