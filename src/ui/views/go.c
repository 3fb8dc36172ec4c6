/* go.c - actions that lead to another screen, from wherever they are pressed. */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/book.h"
#include "ui/ui_core.h"
#include "dossier.h"
#include "items.h"
#include "views.h"

static enum view_result show_role(struct ui *ui, enum folder_role role, const char *title)
{
	struct list_args a = {.spec = {.kind = LIST_ROLE, .role = role}, .title = title};

	list_show(ui, &a);
	return VIEW_HANDLED;
}

static enum view_result show_kind(struct ui *ui, enum list_kind kind, const char *title)
{
	struct list_args a = {.spec = {.kind = kind}, .title = title};

	list_show(ui, &a);
	return VIEW_HANDLED;
}

static enum view_result push(struct ui *ui, const struct view_ops *ops, const void *args)
{
	ui_push(ui, ops, args);
	return VIEW_HANDLED;
}

struct picker_item *go_folder_items(struct ui *ui, int64_t account, size_t *n)
{
	struct arena arena = ARENA_INIT;
	struct folder_row *v = NULL;
	struct picker_item *items;
	struct err e = ERR_INIT;

	*n = 0;
	if (folder_list(ui->reader, &arena, account, &v, n, &e)) {
		*n = 0;
		ui_error(ui, &e);
	}
	items = xcalloc(*n + 1, sizeof(*items));
	for (size_t i = 0; i < *n; i++) {
		const struct account_row *a = ui_account(ui, v[i].account);

		items[i].id = v[i].id;
		items[i].label = account || !a || ui->n_accounts == 1
					 ? xstrdup(v[i].name)
					 : xasprintf("%s · %s", a->name, v[i].name);
	}
	arena_release(&arena);
	return items;
}

static void folder_chosen(struct ui *ui, int64_t id, void *ctx)
{
	struct arena arena = ARENA_INIT;
	struct folder_row *f = NULL;
	struct err e = ERR_INIT;

	(void)ctx;
	if (folder_get(ui->reader, &arena, id, &f, &e))
		ui_error(ui, &e);
	if (f) {
		struct list_args a = {.title = f->name,
			.spec = {.kind = LIST_FOLDER, .folder = id, .account = f->account}};

		list_show(ui, &a);
	}
	arena_release(&arena);
}

static enum view_result pick_folder(struct ui *ui)
{
	struct picker_args a = {.title = _("Go to"), .chosen = folder_chosen};

	a.items = go_folder_items(ui, 0, &a.n);
	return push(ui, &picker_view_ops, &a);
}

static enum view_result show_outbox(struct ui *ui, bool only_drafts)
{
	ui_pop_to_base(ui);
	return push(ui, only_drafts ? &drafts_view_ops : &outbox_view_ops, NULL);
}

static enum view_result show_book(struct ui *ui, enum book b)
{
	ui_pop_to_base(ui);
	return push(ui, &book_view_ops, &b);
}

static enum view_result show_me(struct ui *ui)
{
	ui_pop_to_base(ui);
	dossier_show(ui, (struct dossier){TIMELINE_ME, 0});
	return VIEW_HANDLED;
}

enum view_result go_action(struct ui *ui, enum action a)
{
	static const struct compose_args new_mail = {.kind = COMPOSE_NEW};

	switch ((int)a) {
	case ACTION_GO_CONTACTS:
		return show_book(ui, BOOK_CONTACTS);
	case ACTION_GO_PARTNERS:
		return show_book(ui, BOOK_PARTNERS);
	case ACTION_GO_DEALS:
		return show_book(ui, BOOK_DEALS);
	case ACTION_GO_LEADS:
		return show_book(ui, BOOK_LEADS);
	case ACTION_GO_ME:
		return show_me(ui);
	case ACTION_GO_INBOX:
		return show_role(ui, FOLDER_INBOX, _("Inbox"));
	case ACTION_GO_SENT:
		return show_role(ui, FOLDER_SENT, _("Sent"));
	case ACTION_GO_STARRED:
		return show_kind(ui, LIST_STARRED, _("Starred"));
	case ACTION_GO_ALL:
		return show_kind(ui, LIST_ALL, _("All mail"));
	case ACTION_GO_DRAFTS:
		return show_outbox(ui, true);
	case ACTION_GO_OUTBOX:
		return show_outbox(ui, false);
	case ACTION_GO_ACCOUNTS:
		ui_pop_to_base(ui);
		return push(ui, &accounts_view_ops, NULL);
	case ACTION_GO_MATCH:
		ui_pop_to_base(ui);
		return push(ui, &match_view_ops, NULL);
	case ACTION_GO_TODAY:
		ui_pop_to_base(ui);
		return push(ui, &today_view_ops, NULL);
	case ACTION_GO_NOTICES:
		ui_pop_to_base(ui);
		return push(ui, &notices_view_ops, NULL);
	case ACTION_GO_ITEMS:
		ui_pop_to_base(ui);
		return push(ui, &items_view_ops, NULL);
	case ACTION_UNLOCK_KEYRING:
		keyring_unlock(ui);
		return VIEW_HANDLED;
	case ACTION_IMPORT_CONTACTS:
		import_contacts_open(ui);
		return VIEW_HANDLED;
	case ACTION_SHOW_LOG:
		return push(ui, &log_view_ops, NULL);
	case ACTION_CONFLICTS:
		conflict_open(ui, 0);
		return VIEW_HANDLED;
	case ACTION_GO_FOLDER:
		return pick_folder(ui);
	case ACTION_COMPOSE:
		compose_open(ui, &new_mail);
		return VIEW_HANDLED;
	case ACTION_SEARCH:
		return push(ui, &search_view_ops, NULL);
	case ACTION_HELP:
		return push(ui, &help_view_ops, NULL);
	case ACTION_PALETTE:
		return push(ui, &palette_view_ops, NULL);
	default:
		return VIEW_IGNORED;
	}
}
