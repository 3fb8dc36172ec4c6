/*
 * maildir.c - the Maildir provider: folders, pages, bodies. Changes stand in apply.c.
 *
 * Cursor: "v1 CUR NEW" with the modification times (ns) of cur/ and new/ when the listing began.
 * Unchanged times mean nothing happened; a time younger than two seconds is not trusted, because
 * another program may write within the same tick.
 */
#include "config.h"

#include "maildir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"

#include "crmail/provider/roles.h"

#define PAGE_MESSAGES 200
#define PAGE_BYTES ((size_t)16 << 20)
#define MESSAGE_MAX ((size_t)100 << 20)
#define LOOKS_AGAIN 2               /* for files that a listing did not show */
#define HUGE_HEAD ((size_t)1 << 20) /* of a larger one: enough for its header */

static int maildir_open(struct provider **out, const struct account_conf *c, struct err *e)
{
	if (!c->maildir || !fsx_is_dir(c->maildir))
		return err_set(e, ERR_NOTFOUND, _("There is no Maildir at %s."),
			c->maildir ? c->maildir : "");
	struct maildir *m = xcalloc(1, sizeof *m);
	m->base.ops = &maildir_provider_ops;
	m->conf = c;
	m->scan = ARENA_INIT;
	if (maildir_make(c->maildir, e)) {
		free(m);
		return -1;
	}
	*out = &m->base;
	return 0;
}

static void maildir_close(struct provider *p)
{
	struct maildir *m = container_of(p, struct maildir, base);
	arena_release(&m->scan);
	free(m);
}

static uint32_t maildir_caps(const struct provider *p)
{
	(void)p;
	return PROV_BODY_CHEAP;
}

static void add_folder(struct arena *a, struct folder_list *l, size_t *cap, const char *server_name)
{
	l->v = arena_grow(a, l->v, cap, l->n + 1, sizeof *l->v);
	char *name = arena_strdup(a, server_name);
	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '/';
	bool is_inbox = strcmp(server_name, "INBOX") == 0;
	l->v[l->n++] = (struct prov_folder){
		.name = name,
		.server_name = arena_strdup(a, server_name),
		.role = is_inbox ? FOLDER_INBOX : role_by_name(name),
	};
}

/* Two folders may look like Sent; the one whose name is the default keeps the role. */
static void settle_roles(struct folder_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = i + 1; k < l->n; k++) {
			if (l->v[i].role == FOLDER_OTHER || l->v[i].role != l->v[k].role)
				continue;
			const char *best = role_default_name(l->v[i].role);
			bool second = best && strcmp(l->v[k].name, best) == 0;
			l->v[second ? i : k].role = FOLDER_OTHER;
		}
}

static int maildir_folders(struct provider *p, struct arena *a, struct folder_list *out,
	struct err *e)
{
	const struct maildir *m = container_of(p, struct maildir, base);
	size_t cap = 0;
	DIR *d = opendir(m->conf->maildir);
	if (!d)
		return err_sys(e, ERR_IO, errno, _("Cannot read the folder %s"), m->conf->maildir);
	*out = (struct folder_list){0};
	add_folder(a, out, &cap, "INBOX");
	for (const struct dirent *ent; (ent = readdir(d));) {
		if (ent->d_name[0] != '.' || ent->d_name[1] == '.' || !ent->d_name[1])
			continue;
		CLEANUP(free_str) char *cur = xasprintf("%s/%s/cur", m->conf->maildir, ent->d_name);
		if (!fsx_is_dir(cur))
			continue;
		/* ".INBOX" is a folder like others; the slash tells it from the Maildir itself */
		bool is_twin = strcmp(ent->d_name, ".INBOX") == 0;
		add_folder(a, out, &cap, is_twin ? "INBOX/" : ent->d_name + 1);
	}
	closedir(d);
	settle_roles(out);
	return 0;
}

static int64_t dir_time(const char *dir, const char *sub)
{
	CLEANUP(free_str) char *path = fsx_join(dir, sub);
	struct stat st;
	if (stat(path, &st))
		return 0;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now); /* the file system's clock, not ours */
	if (now.tv_sec - st.st_mtim.tv_sec < 2)
		return 0; /* too young to be trusted; 0 never equals a listing's time */
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static const char *make_cursor(struct arena *a, const char *dir)
{
	return arena_printf(a, "v1 %" PRId64 " %" PRId64, dir_time(dir, "cur"),
		dir_time(dir, "new"));
}

/* 0 in a cursor means "was not trusted": never equal. */
static bool is_unchanged(const char *cursor, const char *now)
{
	return cursor && strcmp(cursor, now) == 0 && !strstr(cursor, " 0");
}

static int by_flag_id(const void *x, const void *y)
{
	const struct prov_flag *a = x, *b = y;
	return strcmp(a->id, b->id);
}

/* Compares listing and store, both sorted by id: what is new is kept for pages, flags and gone
 * go into the first page. */
static void compare(struct maildir *m, struct arena *a, struct maildir_file *files, size_t n,
	struct prov_flag *known, size_t n_known, struct prov_page *out)
{
	size_t i = 0, k = 0;
	out->flags = arena_array(a, n_known ? n_known : 1, sizeof *out->flags);
	out->gone = arena_array(a, n_known ? n_known : 1, sizeof *out->gone);
	m->n_files = m->next_file = 0;
	while (i < n || k < n_known) {
		int c = i == n ? 1 : k == n_known ? -1 : strcmp(files[i].id, known[k].id);
		if (c < 0) {
			m->files[m->n_files++] = files[i++];
		} else if (c > 0) {
			out->gone[out->n_gone++] = known[k++].id;
		} else {
			if (files[i].flags != known[k].flags)
				out->flags[out->n_flags++] = (struct prov_flag){
					.id = known[k].id, .flags = files[i].flags};
			i++;
			k++;
		}
	}
}

static bool is_listed(const struct maildir_file *files, size_t n, const char *id)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t at = low + (high - low) / 2;
		int c = strcmp(files[at].id, id);
		if (c == 0)
			return true;
		if (c < 0)
			low = at + 1;
		else
			high = at;
	}
	return false;
}

/* readdir() may miss a file that is renamed meanwhile, as every change of a flag does (POSIX leaves
 * it open): gone is what later listings do not show either. Flags of one that turns up again come
 * with the next scan, for the folder has changed. */
static int confirm_gone(const char *dir, struct prov_page *out, struct err *e)
{
	for (int i = 0; i < LOOKS_AGAIN && out->n_gone; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct maildir_file *files = NULL;
		size_t n = 0, left = 0;
		if (maildir_scan(&a, dir, &files, &n, e))
			return -1;
		for (size_t k = 0; k < out->n_gone; k++)
			if (!is_listed(files, n, out->gone[k]))
				out->gone[left++] = out->gone[k];
		out->n_gone = left;
	}
	return 0;
}

static int start_scan(struct maildir *m, const char *folder, const char *dir, const char *cursor,
	struct arena *a, struct prov_page *out, struct err *e)
{
	struct maildir_file *files = NULL;
	const struct prov_flag *known = NULL;
	size_t n = 0, n_known = 0;
	arena_reset(&m->scan);
	m->scan_folder = arena_strdup(&m->scan, folder);
	m->cursor_after = make_cursor(&m->scan, dir);
	m->n_files = m->next_file = 0;
	if (is_unchanged(cursor, m->cursor_after))
		return 0;
	if (maildir_scan(&m->scan, dir, &files, &n, e) ||
		m->conf->known(m->conf->known_ctx, folder, NULL, 0, a, &known, &n_known, e))
		return -1;
	struct prov_flag *sorted = arena_array(a, n_known ? n_known : 1, sizeof *sorted);
	if (n_known) {
		memcpy(sorted, known, n_known * sizeof *sorted);
		qsort(sorted, n_known, sizeof *sorted, by_flag_id);
	}
	m->files = arena_array(&m->scan, n ? n : 1, sizeof *m->files);
	compare(m, a, files, n, sorted, n_known, out);
	return confirm_gone(dir, out, e);
}

/* A file that vanished or was renamed between listing and reading is left for the next scan. */
static bool read_message(struct arena *a, const struct maildir_file *f, struct prov_msg *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(MESSAGE_MAX);
	struct err gone = ERR_INIT;
	if (fsx_read_file(f->path, &text, &gone) && gone.code != ERR_TOOBIG)
		return false;
	struct stat st;
	bool is_whole = gone.code == ERR_NONE;
	if (!is_whole && text.len > HUGE_HEAD)
		text.len = HUGE_HEAD;
	char *copy = arena_alloc(a, text.len + 1);
	memcpy(copy, text.p, text.len);
	*out = (struct prov_msg){
		.id = arena_strdup(a, f->id),
		.flags = f->flags,
		.received = stat(f->path, &st) ? 0 : (int64_t)st.st_mtim.tv_sec,
		.size = text.len,
		.headers = copy,
		.headers_len = text.len,
		.is_whole = is_whole,
	};
	return true;
}

static int maildir_pull(struct provider *p, const char *folder, const char *cursor, struct arena *a,
	struct prov_page *out, struct err *e)
{
	struct maildir *m = container_of(p, struct maildir, base);
	CLEANUP(free_str) char *dir = maildir_folder_path(m, folder);
	*out = (struct prov_page){.total = -1};
	bool goes_on =
		m->scan_folder && strcmp(m->scan_folder, folder) == 0 && m->next_file < m->n_files;
	if (!goes_on && start_scan(m, folder, dir, cursor, a, out, e))
		return -1;
	size_t bytes = 0;
	out->msgs = arena_array(a, PAGE_MESSAGES, sizeof *out->msgs);
	while (m->next_file < m->n_files && out->n < PAGE_MESSAGES && bytes < PAGE_BYTES) {
		const struct maildir_file *f = &m->files[m->n_files - 1 - m->next_file++];
		if (read_message(a, f, &out->msgs[out->n]))
			bytes += out->msgs[out->n++].size;
	}
	out->more = m->next_file < m->n_files;
	out->total = (int64_t)(m->n_files - m->next_file);
	if (!out->more)
		out->cursor = arena_strdup(a, m->cursor_after);
	return 0;
}

/* 0 read (as much as there is room for: *cut says ERR_TOOBIG), 1 not there. A file that is renamed
 * between finding and opening it, or while it is looked for, is looked for again. */
static int read_file(struct arena *a, const char *dir, const char *id, struct buf *text,
	struct err *cut, struct err *e)
{
	for (int i = 0; i <= LOOKS_AGAIN; i++) {
		struct maildir_file *f = NULL;
		if (maildir_find_file(a, dir, id, &f, e))
			return -1;
		err_clear(cut);
		if (f && (fsx_read_file(f->path, text, cut) == 0 || cut->code == ERR_TOOBIG))
			return 0;
	}
	return 1;
}

static int maildir_fetch(struct provider *p, const char *folder, const char *cursor,
	const char *const *ids, size_t n, uint64_t max_bytes,
	int (*one)(void *, const char *, const char *, size_t, bool), void *ctx, struct err *e)
{
	const struct maildir *m = container_of(p, struct maildir, base);
	CLEANUP(free_str) char *dir = maildir_folder_path(m, folder);
	(void)cursor; /* a file's name is its own for ever */
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf text = BUF_INIT(max_bytes);
		struct err cut = ERR_INIT;
		int rc = read_file(&a, dir, ids[i], &text, &cut, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			continue;
		rc = cut.code == ERR_TOOBIG;
		if (one(ctx, ids[i], text.p, text.len, rc == 0))
			return err_set(e, ERR_CANCELLED, _("Cancelled."));
	}
	return 0;
}

static void maildir_cancel(struct provider *p)
{
	(void)p; /* nothing here waits */
}

const struct provider_ops maildir_provider_ops = {
	.name = "maildir",
	.open = maildir_open,
	.close = maildir_close,
	.caps = maildir_caps,
	.folders = maildir_folders,
	.pull = maildir_pull,
	.fetch = maildir_fetch,
	.apply = maildir_apply,
	.find = maildir_find,
	.cancel = maildir_cancel,
};
