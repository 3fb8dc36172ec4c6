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

char *maildir_flag_name(struct arena *a, const char *id, uint32_t flags)
{
	char letters[ARRAY_SIZE(flag_letters) + 1];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(flag_letters); i++)
		if (flags & flag_letters[i].flag)
			letters[n++] = flag_letters[i].letter;
	letters[n] = '\0';
	return arena_printf(a, "%s:2,%s", id, letters);
}

static uint32_t flags_of(const char *letters)
{
	uint32_t flags = 0;
	for (const char *p = letters; *p; p++)
		for (size_t i = 0; i < ARRAY_SIZE(flag_letters); i++)
			if (*p == flag_letters[i].letter)
				flags |= flag_letters[i].flag;
	return flags;
}

static void fill_file(struct arena *a, const char *dir, const char *name, struct maildir_file *out)
{
	const char *info = strstr(name, ":2,");
	out->path = arena_printf(a, "%s/%s", dir, name);
	out->id = info ? arena_strndup(a, name, (size_t)(info - name)) : arena_strdup(a, name);
	out->flags = info ? flags_of(info + 3) : 0;
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
	return strcmp(a->id, b->id);
}

int maildir_scan(struct arena *a, const char *dir, struct maildir_file **out, size_t *n,
	struct err *e)
{
	struct file_list l = {.a = a};
	static const char *const subs[] = {"cur", "new"};
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		const char *sub = arena_printf(a, "%s/%s", dir, subs[i]);
		if (each_name(sub, add_file, &l, e))
			return -1;
	}
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
	struct maildir_file *found;
};

static void match_file(void *ctx, const char *dir, const char *name)
{
	struct file_search *s = ctx;
	size_t n = strlen(s->id);
	if (s->found || strncmp(name, s->id, n) != 0 || (name[n] && name[n] != ':'))
		return;
	s->found = arena_alloc(s->a, sizeof *s->found);
	fill_file(s->a, dir, name, s->found);
}

int maildir_find_file(struct arena *a, const char *dir, const char *id, struct maildir_file **out,
	struct err *e)
{
	struct file_search s = {.a = a, .id = id};
	static const char *const subs[] = {"cur", "new"};
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
	static const char *const subs[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		CLEANUP(free_str) char *sub = fsx_join(dir, subs[i]);
		if (fsx_mkdir_p(sub, e))
			return -1;
	}
	return 0;
}
