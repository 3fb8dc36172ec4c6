/* sidebar.c - builds the places from accounts, folders and counters; paints them. */
#include "config.h"

#include "sidebar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/store/account.h"
#include "crmail/store/decide.h"
#include "crmail/store/draft.h"
#include "crmail/store/outbox.h"
#include "crmail/store/saved_search.h"
#include "ui/ui_core.h"

enum {
	STRANGERS_MAX = 999, /* counted */
	PARTS_MOST = 32,     /* of a folder's name, each with a row of its own */
	DEPTH_MOST = 4       /* deeper folders stand as deep, lest nothing of their names be seen */
};

void sidebar_init(struct sidebar *s)
{
	*s = (struct sidebar){.arena = ARENA_INIT};
	search_counts_init(&s->counts);
}

void sidebar_release(struct sidebar *s)
{
	arena_release(&s->arena);
	search_counts_release(&s->counts);
}

static struct sidebar_entry *add(struct sidebar *s, const char *label)
{
	s->v = arena_grow(&s->arena, s->v, &s->cap, s->n + 1, sizeof(*s->v));
	s->v[s->n] = (struct sidebar_entry){.label = label};
	return &s->v[s->n++];
}

static void count_outbox(struct sidebar *s, struct ui *ui, int64_t *waiting, int64_t *drafts)
{
	struct outbox_row *v = NULL;
	struct draft_row *theirs = NULL;
	size_t n = 0;
	struct err e = ERR_INIT;

	*waiting = *drafts = 0;
	if (outbox_list(ui->reader, &s->arena, &v, &n, &e))
		return; /* the outbox screen says what is wrong */
	for (size_t i = 0; i < n; i++) {
		if (v[i].state == OUTBOX_DRAFT)
			++*drafts;
		else if (v[i].state != OUTBOX_SENT && v[i].state != OUTBOX_CANCELLED)
			++*waiting;
	}
	if (draft_list(ui->reader, &s->arena, &theirs, &n, &e) == 0)
		*drafts += (int64_t)n;
}

/* Shown while somebody waits for a decision. */
static void count_strangers(struct sidebar *s, struct ui *ui)
{
	int64_t ambiguous = 0, unknown = 0;
	struct sidebar_entry *p;
	struct err e = ERR_INIT;

	if (!ui->has_crm || stranger_count(ui->reader, STRANGERS_MAX, &ambiguous, &unknown, &e) ||
		ambiguous + unknown == 0)
		return; /* what is wrong its own screen says */
	p = add(s, _("Who is this?"));
	p->action = ACTION_GO_MATCH;
	p->count = ambiguous + unknown;
}

static int add_unified(struct sidebar *s, struct ui *ui, struct err *e)
{
	struct sidebar_entry *p = add(s, _("Inbox"));
	int64_t threads, waiting, drafts;

	p->spec = (struct list_spec){.kind = LIST_ROLE, .role = FOLDER_INBOX};
	if (thread_list_count(ui->reader, &p->spec, &threads, &p->count, e))
		return -1;
	count_outbox(s, ui, &waiting, &drafts);
	add(s, _("Starred"))->spec.kind = LIST_STARRED;
	add(s, _("Sent"))->spec = (struct list_spec){.kind = LIST_ROLE, .role = FOLDER_SENT};
	p = add(s, _("Drafts"));
	p->action = ACTION_GO_DRAFTS;
	p->count = drafts;
	p = add(s, _("Outbox"));
	p->action = ACTION_GO_OUTBOX;
	p->count = waiting;
	count_strangers(s, ui);
	add(s, _("Archive"))->spec = (struct list_spec){.kind = LIST_ROLE, .role = FOLDER_ARCHIVE};
	add(s, _("Trash"))->spec = (struct list_spec){.kind = LIST_ROLE, .role = FOLDER_TRASH};
	add(s, _("All mail"))->spec.kind = LIST_ALL;
	return 0;
}

static int add_searches(struct sidebar *s, struct view *view, struct err *e)
{
	const char **v = NULL;
	size_t n = 0;

	if (saved_search_list(view->ui->reader, &s->arena, &v, &n, e))
		return -1;
	if (n > 0)
		add(s, "")->is_heading = true;
	for (size_t i = 0; i < n; i++) {
		struct sidebar_entry *p = add(s, v[i]);

		p->query = v[i];
		p->count = search_counts_of(&s->counts, v[i]);
	}
	search_counts_want(&s->counts, view, v, n);
	return 0;
}

void sidebar_take_counts(struct sidebar *s, struct view *v, struct job *j)
{
	const char **queries = arena_array(&s->arena, s->n + 1, sizeof(*queries));
	bool is_done = search_counts_take(&s->counts, j);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].query)
			continue;
		s->v[i].count = search_counts_of(&s->counts, s->v[i].query);
		queries[n++] = s->v[i].query;
	}
	if (!is_done)
		search_counts_want(&s->counts, v, queries, n);
}

/* The inbox, then the others; what lies in a folder follows it, whatever else begins like it. */
static int by_path(const void *x, const void *y)
{
	const struct folder_row *a = *(struct folder_row *const *)x;
	const struct folder_row *b = *(struct folder_row *const *)y;
	const char *p = a->name, *q = b->name;

	if ((a->role == FOLDER_INBOX) != (b->role == FOLDER_INBOX))
		return a->role == FOLDER_INBOX ? -1 : 1;
	while (*p && *p == *q) {
		p++;
		q++;
	}
	int c = *p == '/' ? 1 : (unsigned char)*p, d = *q == '/' ? 1 : (unsigned char)*q;
	return c != d ? c - d : a->id < b->id ? -1 : a->id > b->id;
}

/* Whether the folder, or one in it, stands in the row above. */
static bool is_above(const char *above, const char *path, size_t len)
{
	return strncmp(above, path, len) == 0 && (above[len] == '/' || above[len] == '\0');
}

/* A row for a folder, and above it rows for what it lies in where that is no folder to go to. Of
 * a name that only a server would make up the rest stands in one row. */
static struct sidebar_entry *add_path(struct sidebar *s, const char *above, const char *path)
{
	const char *part = path;
	int depth = 1, parts = 0;

	for (const char *slash; parts++ < PARTS_MOST && (slash = strchr(part, '/')) && slash[1];
		part = slash + 1) {
		if (slash == part)
			continue;
		if (!is_above(above, path, (size_t)(slash - path))) {
			struct sidebar_entry *p =
				add(s, arena_strndup(&s->arena, part, (size_t)(slash - part)));

			p->is_heading = true;
			p->depth = depth;
		}
		depth += depth < DEPTH_MOST;
	}
	struct sidebar_entry *p = add(s, part);
	p->name = path;
	p->depth = depth;
	return p;
}

static int add_account(struct sidebar *s, struct ui *ui, const struct account_row *a, struct err *e)
{
	struct folder_row *v = NULL, **shown;
	size_t n = 0, n_shown = 0;
	const char *above = "";

	if (folder_list(ui->reader, &s->arena, a->id, &v, &n, e))
		return -1;
	shown = arena_array(&s->arena, n + 1, sizeof(*shown));
	for (size_t i = 0; i < n; i++) /* with one account its inbox is the unified one */
		if (v[i].role == FOLDER_OTHER || (ui->n_accounts > 1 && v[i].role == FOLDER_INBOX))
			shown[n_shown++] = &v[i];
	qsort(shown, n_shown, sizeof(*shown), by_path);
	if (n_shown > 0) {
		add(s, "")->is_heading = true;
		add(s, arena_strdup(&s->arena, a->name))->is_heading = true;
	}
	for (size_t i = 0; i < n_shown; i++) {
		struct sidebar_entry *p = add_path(s, above, shown[i]->name);

		p->spec = (struct list_spec){
			.kind = LIST_FOLDER, .folder = shown[i]->id, .account = a->id};
		p->count = shown[i]->unread_threads;
		above = shown[i]->name;
	}
	return 0;
}

/* The focus stays on its folder when others come above it. */
static size_t find_again(const struct sidebar *s, const struct list_spec *was)
{
	size_t at = was->kind == LIST_FOLDER ? sidebar_find(s, was) : s->n;

	if (at == s->n)
		at = s->sel;
	return at < s->n && !s->v[at].is_heading ? at : 0;
}

int sidebar_load(struct sidebar *s, struct view *v, struct err *e)
{
	struct ui *ui = v->ui;
	struct list_spec was = {.kind = LIST_ALL};

	if (s->sel < s->n)
		was = s->v[s->sel].spec;
	arena_reset(&s->arena);
	s->v = NULL;
	s->n = s->cap = 0;
	if (add_unified(s, ui, e) || add_searches(s, v, e))
		return -1;
	for (size_t i = 0; i < ui->n_accounts; i++)
		if (add_account(s, ui, &ui->accounts[i], e))
			return -1;
	s->sel = find_again(s, &was);
	return 0;
}

void sidebar_move(struct sidebar *s, int by)
{
	size_t at = s->sel;

	while (by != 0 && (by < 0 ? at > 0 : at + 1 < s->n)) {
		at = by < 0 ? at - 1 : at + 1;
		if (s->v[at].is_heading)
			continue;
		s->sel = at;
		by += by < 0 ? 1 : -1;
	}
}

static size_t top_of(const struct sidebar *s, int rows, size_t current, bool has_focus)
{
	size_t show = has_focus ? s->sel : current, top = s->top,
	       height = rows > 0 ? (size_t)rows : 1;

	if (s->n <= height)
		return 0;
	if (show < s->n && show < top)
		top = show;
	else if (show < s->n && show >= top + height)
		top = show - height + 1;
	return top < s->n - height ? top : s->n - height;
}

void sidebar_scroll(struct sidebar *s, int rows, size_t current, bool has_focus)
{
	s->top = top_of(s, rows, current, has_focus);
}

size_t sidebar_find(const struct sidebar *s, const struct list_spec *spec)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sidebar_entry *p = &s->v[i];

		if (p->is_heading || p->query || p->action != ACTION_NONE ||
			p->spec.kind != spec->kind)
			continue;
		if (p->spec.folder == spec->folder && p->spec.role == spec->role &&
			p->spec.account == spec->account)
			return i;
	}
	return s->n;
}

void sidebar_paint(const struct sidebar *s, const struct draw *d, size_t current, bool has_focus)
{
	size_t top = top_of(s, d->rows, current, has_focus);

	for (size_t i = top; i < s->n && (int)(i - top) < d->rows; i++) {
		const struct sidebar_entry *p = &s->v[i];
		int row = (int)(i - top), end = d->cols - 1;
		int col = 3 + (p->depth > 0 ? p->depth + 1 : 0);
		unsigned style = i == current ? STYLE_BOLD : STYLE_NORMAL;
		char count[24];

		if (p->is_heading) {
			col = p->depth > 0 ? col : 1;
			draw_text(d, row, col, d->cols - 1 - col, STYLE_DIM, p->label);
			continue;
		}
		if (i == current)
			draw_symbol(d, row, 1, STYLE_ACCENT | STYLE_BOLD, SYM_CURRENT);
		if (p->count > 0) {
			if (p->query && p->count >= SEARCH_COUNT_MOST)
				snprintf(count, sizeof(count), "%d+", SEARCH_COUNT_MOST - 1);
			else
				snprintf(count, sizeof(count), "%lld", (long long)p->count);
			end = draw_text_right(d, row, end, 6, style | STYLE_ACCENT, count) - 1;
		}
		draw_text(d, row, col, end - col, style, p->label);
		if (has_focus && i == s->sel)
			draw_add_style(d, row, 0, d->cols, STYLE_SELECTED);
	}
}
