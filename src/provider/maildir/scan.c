/*
 * scan.c - reading a Maildir: file names to ids and flags. Changes nothing.
 */
#include "config.h"

#include "maildir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

struct flag_letter {
	char letter;
	uint32_t flag;
};

static const struct flag_letter flag_letters[] = {
	/* in the order names carry them */
	{'D', MSG_DRAFT},
	{'F', MSG_FLAGGED},
	{'P', MSG_FORWARDED},
	{'R', MSG_ANSWERED},
	{'S', MSG_SEEN},
	{'T', MSG_DELETED},
};

char *maildir_folder_path(const struct maildir *m, const char *server_name)
{
	if (strcmp(server_name, "INBOX") == 0)
		return xstrdup(m->conf->maildir);
	return xasprintf("%s/.%s", m->conf->maildir, server_name);
}

static uint32_t flag_of(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_letters); i++)
		if (flag_letters[i].letter == letter)
			return flag_letters[i].flag;
	return 0;
}

char *maildir_flag_name(struct arena *a, const char *base, uint32_t flags, const char *info)
{
	char letters['z' - 'A' + 2];
	size_t n = 0;
	for (char c = 'A'; c <= 'z'; c++) /* names carry them in this order */
		if (flag_of(c) ? flags & flag_of(c) : strchr(info, c) != NULL)
			letters[n++] = c;
	letters[n] = '\0';
	return arena_printf(a, "%s:2,%s", base, letters);
}

const char *maildir_id_of(struct arena *a, const char *base)
{
	const char *u = strstr(base, ",U=");
	size_t digits = u ? strspn(u + 3, "0123456789") : 0;
	if (!digits || (u[3 + digits] && u[3 + digits] != ','))
		return base;
	return arena_printf(a, "%.*s%s", (int)(u - base), base, u + 3 + digits);
}

static uint32_t flags_of(const char *letters)
{
	uint32_t flags = 0;
	for (const char *p = letters; *p; p++)
		flags |= flag_of(*p);
	return flags;
}

static void fill_file(struct arena *a, const char *dir, const char *name, struct maildir_file *out)
{
	const char *info = strstr(name, ":2,");
	out->path = arena_printf(a, "%s/%s", dir, name);
	out->base = info ? arena_strndup(a, name, (size_t)(info - name)) : arena_strdup(a, name);
	out->id = maildir_id_of(a, out->base);
	out->info = arena_strdup(a, info ? info + 3 : "");
	out->flags = flags_of(out->info);
}

typedef void (*name_fn)(void *ctx, const char *dir, const char *name);

static int each_name(const char *dir, name_fn fn, void *ctx, struct err *e)
{
	DIR *d = opendir(dir);
	if (!d)
		return err_sys(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, errno,
			_("Cannot read the folder %s"), dir);
	for (;;) {
		errno = 0;
		const struct dirent *ent = readdir(d);
		if (!ent)
			break;
		if (ent->d_name[0] != '.')
			fn(ctx, dir, ent->d_name);
	}
	int sys = errno;
	closedir(d);
	return sys ? err_sys(e, ERR_IO, sys, _("Cannot read the folder %s"), dir) : 0;
}

struct file_list {
	struct arena *a;
	struct maildir_file *v;
	size_t n, cap;
};

static void add_file(void *ctx, const char *dir, const char *name)
{
	struct file_list *l = ctx;
	l->v = arena_grow(l->a, l->v, &l->cap, l->n + 1, sizeof *l->v);
	fill_file(l->a, dir, name, &l->v[l->n++]);
}

static int by_id(const void *x, const void *y)
{
	const struct maildir_file *a = x, *b = y;
	int c = strcmp(a->id, b->id);
	return c ? c : strcmp(a->path, b->path); /* of two, cur/ has the flags */
}

/* Files go from new/ to cur/, so this order misses none on its way. */
static const char *const subs[] = {"new", "cur"};

static int list_all(const char *dir, struct file_list *l, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++)
		if (each_name(arena_printf(l->a, "%s/%s", dir, subs[i]), add_file, l, e))
			return -1;
	return 0;
}

int maildir_scan(struct arena *a, const char *dir, struct maildir_file **out, size_t *n,
	struct err *e)
{
	struct file_list l = {.a = a};
	if (list_all(dir, &l, e))
		return -1;
	if (l.n)
		qsort(l.v, l.n, sizeof *l.v, by_id);
	size_t kept = 0; /* a file moved from new to cur meanwhile is seen twice */
	for (size_t i = 0; i < l.n; i++)
		if (!kept || strcmp(l.v[kept - 1].id, l.v[i].id) != 0)
			l.v[kept++] = l.v[i];
	*out = l.v;
	*n = kept;
	return 0;
}

struct file_search {
	struct arena *a;
	const char *id;
	size_t shared; /* of its bytes stand in every name it may have */
	struct maildir_file *found;
};

static void match_file(void *ctx, const char *dir, const char *name)
{
	struct file_search *s = ctx;
	struct maildir_file f;
	if (s->found || strncmp(name, s->id, s->shared) != 0)
		return;
	fill_file(s->a, dir, name, &f);
	if (strcmp(f.id, s->id) != 0)
		return;
	s->found = arena_alloc(s->a, sizeof *s->found);
	*s->found = f;
}

int maildir_find_file(struct arena *a, const char *dir, const char *id, struct maildir_file **out,
	struct err *e)
{
	struct file_search s = {.a = a, .id = maildir_id_of(a, id)};
	s.shared = strcspn(s.id, ",");
	for (size_t i = 0; i < ARRAY_SIZE(subs) && !s.found; i++) {
		const char *sub = arena_printf(a, "%s/%s", dir, subs[i]);
		if (each_name(sub, match_file, &s, e))
			return -1;
	}
	*out = s.found;
	return 0;
}

int maildir_make(const char *dir, struct err *e)
{
	static const char *const all[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		CLEANUP(free_str) char *sub = fsx_join(dir, all[i]);
		if (fsx_mkdir_p(sub, e))
			return -1;
	}
	return 0;
}
