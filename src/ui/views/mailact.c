/* mailact.c - actions on mail as user writes with a sentence and an undo each. */
#include "config.h"

#include "mailact.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "ui/ui_core.h"
#include "views.h"

#define DESTRUCTIVE_WAIT_S 5

struct pick_target { /* what the picker holds for us */
	enum target_kind kind;
	struct list_spec list;
	size_t n;
	int64_t ids[];
};

static void undo_text(struct buf *b, enum action a, size_t count, bool was_starred)
{
	unsigned long n = count;
	int shown = (int)count;

	switch ((int)a) {
	case ACTION_ARCHIVE:
		buf_addf(b, ngettext("Archived.", "%d archived.", n), shown);
		return;
	case ACTION_TRASH:
		buf_addf(b, ngettext("Moved to the trash.", "%d moved to the trash.", n), shown);
		return;
	case ACTION_SPAM:
		buf_addf(b, ngettext("Moved to spam.", "%d moved to spam.", n), shown);
		return;
	case ACTION_MOVE:
		buf_addf(b, ngettext("Moved.", "%d moved.", n), shown);
		return;
	case ACTION_READ:
		buf_addf(b, ngettext("Marked as read.", "%d marked as read.", n), shown);
		return;
	case ACTION_UNREAD:
		buf_addf(b, ngettext("Marked as unread.", "%d marked as unread.", n), shown);
		return;
	case ACTION_STAR:
		buf_addstr(b, was_starred ? _("Star removed.") : _("Star set."));
		return;
	default:
		return;
	}
}

static void announce(struct ui *ui, enum action a, size_t n, bool was_starred, int64_t group)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);

	undo_text(&b, a, n, was_starred);
	ui_set_undo(ui, group, 0, a == ACTION_TRASH ? DESTRUCTIVE_WAIT_S : 0, b.p);
	ui_kick(ui, 0);
}

bool mailact_leaves_list(enum action a)
{
	return a == ACTION_ARCHIVE || a == ACTION_TRASH || a == ACTION_SPAM;
}

static enum folder_role role_of_list(struct ui *ui, const struct list_spec *l)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *f = NULL;
	struct err e = ERR_INIT;

	if (l->kind == LIST_ROLE)
		return l->role;
	if (l->kind != LIST_FOLDER || folder_get(ui->reader, &a, l->folder, &f, &e) || !f)
		return FOLDER_OTHER;
	return f->role;
}

/* What lies there already stays, and no row goes away. */
static bool is_there(struct ui *ui, const struct mailact *m)
{
	enum folder_role role = role_of_list(ui, &m->target.list);

	if (m->action == ACTION_ARCHIVE && role == FOLDER_ARCHIVE)
		ui_info(ui, "%s", _("It is in the archive already; v moves it elsewhere."));
	else if (m->action == ACTION_TRASH && role == FOLDER_TRASH)
		ui_info(ui, "%s", _("It is in the trash already; v moves it out of there."));
	else if (m->action == ACTION_SPAM && role == FOLDER_JUNK)
		ui_info(ui, "%s", _("It is in the spam folder already; v moves it elsewhere."));
	else
		return false;
	return true;
}

enum mailact_result mailact_do(struct ui *ui, const struct mailact *m)
{
	struct store *s = ui->o.store;
	int64_t group = 0;

	if (is_there(ui, m))
		return MAILACT_NOTHING;
	switch ((int)m->action) {
	case ACTION_ARCHIVE:
		action_move_role(s, &m->target, FOLDER_ARCHIVE, &group);
		break;
	case ACTION_TRASH:
		action_move_role(s, &m->target, FOLDER_TRASH, &group);
		break;
	case ACTION_SPAM:
		action_move_role(s, &m->target, FOLDER_JUNK, &group);
		break;
	case ACTION_READ:
		action_flags(s, &m->target, MSG_SEEN, 0, &group);
		break;
	case ACTION_UNREAD:
		action_flags(s, &m->target, 0, MSG_SEEN, &group);
		break;
	case ACTION_STAR:
		action_flags(s, &m->target, m->is_starred ? 0 : MSG_FLAGGED,
			m->is_starred ? MSG_FLAGGED : 0, &group);
		break;
	default:
		return MAILACT_UNKNOWN;
	}
	announce(ui, m->action, m->target.n, m->is_starred, group);
	return MAILACT_DONE;
}

void mailact_move(struct ui *ui, const struct target *t, int64_t folder)
{
	int64_t group = 0;

	action_move(ui->o.store, t, folder, &group);
	announce(ui, ACTION_MOVE, t->n, false, group);
}

static void folder_chosen(struct ui *ui, int64_t folder, void *ctx)
{
	const struct pick_target *m = ctx;
	struct target t = {.kind = m->kind, .ids = m->ids, .n = m->n, .list = m->list};

	mailact_move(ui, &t, folder);
}

/* A folder that was marked comes as a negative number. */
static void label_chosen(struct ui *ui, int64_t folder, void *ctx)
{
	const struct pick_target *m = ctx;
	struct target t = {.kind = m->kind, .ids = m->ids, .n = m->n, .list = m->list};
	int64_t group = 0;

	action_label(ui->o.store, &t, folder < 0 ? -folder : folder, folder > 0, &group);
	ui_set_undo(ui, group, 0, folder < 0 ? DESTRUCTIVE_WAIT_S : 0,
		folder < 0 ? _("Label removed.") : _("Label set."));
	ui_kick(ui, 0);
}

static void push_picker(struct ui *ui, const struct target *t, struct picker_args *a)
{
	struct pick_target *m = xcalloc(1, sizeof(*m) + t->n * sizeof(m->ids[0]));

	m->kind = t->kind;
	m->list = t->list;
	m->n = t->n;
	memcpy(m->ids, t->ids, t->n * sizeof(m->ids[0]));
	a->ctx = m;
	ui_push(ui, &picker_view_ops, a);
}

void mailact_pick_folder(struct ui *ui, const struct target *t, int64_t account)
{
	struct picker_args a = {.title = _("Move to"), .chosen = folder_chosen};

	if (t->n == 0)
		return;
	a.items = go_folder_items(ui, account, &a.n);
	push_picker(ui, t, &a);
}

static bool is_one_of(int64_t id, const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == id)
			return true;
	return false;
}

static struct picker_item *label_items(struct ui *ui, struct arena *arena, int64_t account,
	int64_t message, size_t *n)
{
	struct folder_row *f = NULL;
	struct picker_item *items;
	int64_t *in = NULL;
	size_t n_folders = 0, n_in = 0;
	struct err e = ERR_INIT;

	*n = 0;
	if (folder_list(ui->reader, arena, account, &f, &n_folders, &e) ||
		message_folders(ui->reader, arena, message, &in, &n_in, &e)) {
		ui_error(ui, &e);
		n_folders = 0;
	}
	items = xcalloc(n_folders + 1, sizeof(*items));
	for (size_t i = 0; i < n_folders; i++) {
		bool is_in = is_one_of(f[i].id, in, n_in);

		/* The others are places where mail lies, not what it is about. */
		if (f[i].role != FOLDER_OTHER)
			continue;
		items[*n].id = is_in ? -f[i].id : f[i].id;
		items[(*n)++].label = xasprintf("%s %s",
			is_in ? symbol_text(&ui->grid, SYM_CHECK) : " ", f[i].name);
	}
	return items;
}

void mailact_pick_label(struct ui *ui, const struct target *t, int64_t account, int64_t message)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT;
	struct picker_args a = {.title = _("Label"), .chosen = label_chosen};

	if (t->n == 0)
		return;
	a.items = label_items(ui, &arena, account, message, &a.n);
	if (a.n == 0) {
		free(a.items);
		ui_info(ui, "%s",
			_("This account has no folders to use as labels: make one at the server."));
		return;
	}
	push_picker(ui, t, &a);
}
