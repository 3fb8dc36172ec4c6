/* fake_match.c - who waits for a decision and why mail is logged, as a test wants it; what is
 * decided is noted line by line. */
#include "config.h"

#include "fake_store.h"

#include "crmail/base/arena.h"
#include "crmail/store/decide.h"
#include "crmail/store/record.h"
#include "crmail/store/why.h"

static const char *const whats[] = {"", "link", "unlink", "choose", "never", "allow", "private",
	"public", "log", "not", "later"};
static const char *const scopes[] = {"", "mail", "thread", "address"};

int64_t decide(struct store *s, const struct decision_in *d)
{
	buf_addf(&s->written, "%s %s", whats[d->what], scopes[d->scope]);
	if (d->scope != DECIDE_ADDRESS)
		buf_addf(&s->written, " of %lld", (long long)d->message);
	if (d->addr)
		buf_addf(&s->written, " %s", d->addr);
	if (d->target)
		buf_addf(&s->written, " %s:%lld", link_kind_name(d->kind), (long long)d->target);
	buf_addch(&s->written, '\n');
	return ++s->n_written;
}

void decide_undo(struct store *s, int64_t id)
{
	buf_addf(&s->written, "undo decision %lld\n", (long long)id);
}

int64_t record_withdraw(struct store *s, enum record_kind k, int64_t row)
{
	buf_addf(&s->written, "withdraw %d:%lld\n", (int)k, (long long)row);
	return ++s->n_written;
}

int stranger_page(struct store_reader *r, struct arena *a, const struct stranger_row *after,
	size_t limit, struct stranger_row **out, size_t *n, struct err *e)
{
	const struct store *s = fake_store_of(r);

	(void)after;
	(void)e;
	*n = s->n_strangers < limit ? s->n_strangers : limit;
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = s->strangers[i];
	return 0;
}

int stranger_count(struct store_reader *r, size_t max, int64_t *ambiguous, int64_t *unknown,
	struct err *e)
{
	const struct store *s = fake_store_of(r);

	(void)max;
	(void)e;
	*ambiguous = *unknown = 0;
	for (size_t i = 0; i < s->n_strangers; i++)
		++*(s->strangers[i].kind == STRANGER_UNKNOWN ? unknown : ambiguous);
	return 0;
}

int stranger_candidates(struct store_reader *r, struct arena *a, const struct stranger_row *who,
	size_t limit, struct candidate_row **out, size_t *n, struct err *e)
{
	const struct store *s = fake_store_of(r);

	(void)e;
	*n = who->kind == STRANGER_UNKNOWN || s->n_candidates > limit ? 0 : s->n_candidates;
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = s->candidates[i];
	return 0;
}

int suggestions_of(struct store_reader *r, struct arena *a, int64_t crm, int64_t message,
	size_t limit, struct suggestion **out, size_t *n, struct err *e)
{
	static const struct suggestion one = {LINK_DEAL, 1, "Q1 frame contract", SUGGEST_NUMBER};

	(void)r;
	(void)crm;
	(void)message;
	(void)limit;
	(void)e;
	*out = arena_array(a, 1, sizeof(**out));
	**out = one;
	*n = 1;
	return 0;
}

int link_choices(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct link_choice **out, size_t *n, struct err *e)
{
	static const struct link_choice all[] = {
		{LINK_CONTACT, 1, "Laura Palmer", "laura@dafaneto.example"},
		{LINK_DEAL, 1, "Q1 frame contract", "Dafaneto"}, {LINK_PARTNER, 2, "Tolabe", NULL}};

	(void)r;
	(void)crm;
	(void)limit;
	(void)e;
	*n = ARRAY_SIZE(all);
	*out = arena_array(a, *n, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = all[i];
	return 0;
}

int fake_explain(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
	struct err *e)
{
	const struct store *s = fake_store_of(r);

	(void)e;
	*out = NULL;
	if (!s->why)
		return 0;
	*out = arena_alloc(a, sizeof(**out));
	**out = *s->why;
	(*out)->message = message;
	return 0;
}
