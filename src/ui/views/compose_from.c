/*
 * compose_from.c - who a message is from: every address of every account that can send, and the
 * signature that goes with it. Read with the draft, on the reader thread; another sender brings its
 * own signature.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "crmail/store/account.h"
#include "ui/ui_core.h"
#include "compose.h"

#define SIGNATURE_MAX 4096
#define LABEL_MAX 2048

/* ---- reading ---- */

/* "" = none: a file that is gone must not keep anybody from writing. */
static const char *read_signature(struct arena *a, const char *path)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(SIGNATURE_MAX);
	CLEANUP(buf_release) struct buf text = BUF_INIT(SIGNATURE_MAX * 4);
	CLEANUP(free_str) char *home = files_home();
	CLEANUP(free_str)
	char *full = str_starts(path, "~/") ? fsx_join(home, path + 2) : xstrdup(path);
	struct err e = ERR_INIT;

	if (fsx_read_file(full, &raw, &e))
		return "";
	utf8_sanitise(&text, raw.p, raw.len, SANITISE_KEEP_ZW);
	buf_rtrim(&text);
	return str_starts(text.p, "-- \n") ? arena_strdup(a, text.p + 4)
					   : arena_strndup(a, text.p, text.len);
}

static void add_sender(struct draft *d, struct arena *a, const struct account_row *row,
	const char *addr, const char *signature)
{
	for (size_t i = 0; i < d->n_senders; i++)
		if (d->senders[i].account == row->id && addr_same(d->senders[i].who.addr, addr))
			return;
	d->senders =
		arena_grow(a, d->senders, &d->cap_senders, d->n_senders + 1, sizeof(*d->senders));
	d->senders[d->n_senders++] = (struct sender){.account = row->id,
		.account_name = row->name,
		.who = {row->real_name, addr},
		.signature = signature};
}

static int add_account(struct draft *d, struct arena *a, struct store_reader *r,
	const struct account_row *row, struct err *e)
{
	const char *path = account_setting(r, a, row->id, "signature"), *signature = "";
	const char *const *own = NULL;
	size_t n = 0;

	if (strcmp(row->kind, "import") == 0 || !row->email || !*row->email)
		return 0; /* mail that was read in from files: there is no way out */
	if (path && *path)
		signature = read_signature(a, path);
	add_sender(d, a, row, row->email, signature);
	if (account_own_addresses(r, a, row->id, &own, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		add_sender(d, a, row, own[i], signature);
	return 0;
}

int compose_from_load(struct draft *d, struct arena *a, struct store_reader *r, struct err *e)
{
	struct account_row *v = NULL;
	size_t n = 0;

	if (account_list(r, a, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_account(d, a, r, &v[i], e))
			return -1;
	if (d->n_senders == 0)
		return err_set(e, ERR_NOTFOUND, "%s", _("No account is connected to send from."));
	return 0;
}

static bool is_in(const struct addr_list *l, const char *addr)
{
	for (size_t i = 0; i < l->n; i++)
		if (addr_same(l->v[i].addr, addr))
			return true;
	return false;
}

void compose_from_choose(struct draft *d, int64_t account, const char *addr,
	const struct message *answered)
{
	size_t best = 0;
	int best_rank = -1;

	for (size_t i = 0; i < d->n_senders; i++) {
		const struct sender *s = &d->senders[i];
		int rank = s->account == account ? 2 : 0;

		if (addr && addr_same(s->who.addr, addr))
			rank++;
		/* What came to this address is answered from it. */
		if (answered &&
			(is_in(&answered->to, s->who.addr) || is_in(&answered->cc, s->who.addr)))
			rank++;
		if (rank > best_rank) {
			best_rank = rank;
			best = i;
		}
	}
	d->sender = best;
}

/* Above a quotation there is no mark: programs that see one hide all that follows. */
const char *compose_from_start(const struct draft *d, struct arena *a, const char *quote)
{
	const char *s = d->senders[d->sender].signature;

	if (!quote || !*quote)
		return *s ? arena_printf(a, "\n\n-- \n%s\n", s) : "";
	return *s ? arena_printf(a, "\n\n%s\n\n%s", s, quote) : arena_printf(a, "\n\n%s", quote);
}

/* ---- changing ---- */

const struct sender *compose_sender(const struct compose_data *d)
{
	return d->draft.sender < d->draft.n_senders ? &d->draft.senders[d->draft.sender] : NULL;
}

static void swap_signature(struct compose_data *d, const char *old, const char *fresh)
{
	struct editor *e = &d->fields[FIELD_BODY];
	const char *at = *old ? strstr(e->text.p, old) : NULL;
	size_t cur = e->cur, start = at ? (size_t)(at - e->text.p) : 0;
	CLEANUP(buf_release) struct buf b = BUF_INIT(SIGNATURE_MAX * 5);

	if (strcmp(old, fresh) == 0)
		return;
	if (at) {
		editor_replace(e, start, strlen(old), fresh, strlen(fresh));
	} else if (!*old && d->kind == COMPOSE_NEW) {
		buf_addf(&b, "\n\n-- \n%s\n", fresh);
		editor_replace(e, e->text.len, 0, b.p, b.len);
	}
	e->cur = e->anchor = cur < start || !at ? cur : start;
}

static void change(struct view *v, size_t to)
{
	struct compose_data *d = compose_data_of(v);
	const char *old = d->draft.senders[d->draft.sender].signature;

	d->draft.sender = to;
	swap_signature(d, old, d->draft.senders[to].signature);
	compose_edited(v);
}

bool compose_from_key(struct view *v, const struct key *k)
{
	const struct draft *d = &compose_data_of(v)->draft;
	bool is_back = k->code == UKEY_LEFT;

	if (!is_back && k->code != UKEY_RIGHT && k->code != ' ')
		return false;
	if (d->n_senders > 0)
		change(v, (d->sender + (is_back ? d->n_senders - 1 : 1)) % d->n_senders);
	return true;
}

void compose_from_add_label(const struct compose_data *d, const struct sender *s, struct buf *out)
{
	people_add_addr(out, &s->who);
	for (size_t i = 0; i < d->draft.n_senders; i++)
		if (d->draft.senders[i].account != s->account) {
			buf_addf(out, " (%s)", s->account_name);
			return;
		}
}

static void chosen(struct ui *ui, int64_t id, void *ctx)
{
	struct view *v = ui_top(ui);

	(void)ctx;
	change(v, (size_t)id);
	view_mark(v, DIRTY_RECALC);
}

void compose_from_pick(struct view *v)
{
	const struct compose_data *d = compose_data_of(v);
	struct picker_args a = {.title = _("Send from"), .n = d->draft.n_senders, .chosen = chosen};

	a.items = xcalloc(a.n + 1, sizeof(*a.items));
	for (size_t i = 0; i < a.n; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(LABEL_MAX);

		compose_from_add_label(d, &d->draft.senders[i], &b);
		a.items[i] = (struct picker_item){buf_steal(&b, NULL), (int64_t)i};
	}
	ui_push(v->ui, &picker_view_ops, &a);
}
