/*
 * template_folder.c - templates as files: reading the folder, writing one, installing those that
 * crmail brings. No database.
 */
#include "config.h"

#include "crmail/store/template.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

#define PATH_MOST 300
#define LOOKED_AT_MOST 5000 /* names of a folder, whatever they are */

bool template_path_is_safe(const char *path)
{
	size_t len = strlen(path), slashes = 0;
	bool is_start = true;
	if (len < 4 || len > PATH_MOST || !str_ends(path, ".md") || !utf8_is_valid(path, len))
		return false;
	for (const char *p = path; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f ||
			(is_start && (*p == '.' || *p == '/')))
			return false;
		is_start = *p == '/';
		slashes += is_start;
	}
	return slashes <= 1;
}

/* ---- one file ---------------------------------------------------------------------------------*/

/* "offer-sent" of "de/offer-sent.md". */
static const char *name_of(struct arena *a, const char *path)
{
	const char *base = fsx_basename(path);
	return arena_strndup(a, base, strlen(base) - 3);
}

static const char *folder_of(struct arena *a, const char *path)
{
	const char *slash = strchr(path, '/');
	return slash ? arena_strndup(a, path, (size_t)(slash - path)) : "";
}

static void parse(struct arena *a, struct template_file *f)
{
	struct err e = ERR_INIT;
	struct mail_template *t = arena_alloc(a, sizeof(*t));
	if (mail_template_parse(a, f->text, f->len, t, &e)) {
		f->why = arena_strdup(a, e.msg);
		return;
	}
	f->t = t;
	if (t->name)
		f->name = t->name;
}

int template_file_read(const char *dir, const char *path, struct arena *a,
	struct template_file *out, struct err *e)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(MAIL_TEMPLATE_BYTES);
	CLEANUP(free_str) char *full = fsx_join(dir, path);
	struct stat st;
	struct err why = ERR_INIT;
	if (!template_path_is_safe(path) || stat(full, &st) || !S_ISREG(st.st_mode))
		return err_set(e, ERR_NOTFOUND, _("There is no template \"%s\"."), path);
	*out = (struct template_file){.path = arena_strdup(a, path),
		.folder = folder_of(a, path),
		.name = name_of(a, path),
		.text = ""};
	if (fsx_read_file(full, &raw, &why) == 0 && raw.len && memchr(raw.p, '\0', raw.len))
		IGNORE_RESULT(err_set(&why, ERR_PARSE, _("It is no text.")), "why tells");
	if (why.code != ERR_NONE) {
		bool is_big = why.code == ERR_TOOBIG;
		out->why = arena_strdup(a, is_big ? _("A template holds 64 KB at most.") : why.msg);
		out->is_unread = true;
		return 0;
	}
	out->text = arena_strndup(a, raw.p, raw.len);
	out->len = raw.len;
	parse(a, out);
	return 0;
}

int template_file_write(const char *dir, const char *path, const char *text, size_t len,
	struct err *e)
{
	CLEANUP(free_str) char *full = fsx_join(dir, path);
	if (!template_path_is_safe(path))
		return err_set(e, ERR_USAGE,
			_("A template is named like offer.md, or de/offer.md in a folder."));
	if (len > MAIL_TEMPLATE_BYTES)
		return err_set(e, ERR_TOOBIG, _("A template holds 64 KB at most."));
	CLEANUP(free_str) char *folder = xstrndup(full, (size_t)(fsx_basename(full) - full));
	return fsx_mkdir_p(folder, e) || fsx_write_file(full, text, len, true, e) ? -1 : 0;
}

/* ---- the folder -------------------------------------------------------------------------------*/

struct names { /* in the arena */
	struct arena *a;
	const char **v;
	size_t n, cap;
	bool is_cut;
};

static void add_name(struct names *names, const char *folder, const char *name)
{
	char *path = *folder ? arena_printf(names->a, "%s/%s", folder, name)
			     : arena_strdup(names->a, name);
	if (!template_path_is_safe(path))
		return;
	if (names->n == TEMPLATES_MOST) {
		names->is_cut = true;
		return;
	}
	names->v = arena_grow(names->a, names->v, &names->cap, names->n + 1, sizeof(*names->v));
	names->v[names->n++] = path;
}

/* Names of files, or with `folders` those of the folders in it. */
static int list_names(const char *dir, const char *folder, struct names *files,
	struct names *folders, struct err *e)
{
	CLEANUP(free_str) char *at = fsx_join(dir, folder);
	DIR *d = opendir(at);
	struct dirent *entry;
	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, ERR_IO, errno, _("Cannot read %s"), at);
	for (size_t n = 0; n < LOOKED_AT_MOST && (entry = readdir(d)); n++) {
		if (entry->d_name[0] == '.')
			continue;
		CLEANUP(free_str) char *full = fsx_join(at, entry->d_name);
		if (!fsx_is_dir(full)) {
			add_name(files, folder, entry->d_name);
		} else if (folders && folders->n < TEMPLATES_MOST) {
			folders->v = arena_grow(folders->a, folders->v, &folders->cap,
				folders->n + 1, sizeof(*folders->v));
			folders->v[folders->n++] = arena_strdup(folders->a, entry->d_name);
		}
	}
	closedir(d);
	return 0;
}

static int compare_folded(const char *x, const char *y)
{
	CLEANUP(buf_release) struct buf a = BUF_INIT(MAIL_TEMPLATE_BYTES);
	CLEANUP(buf_release) struct buf b = BUF_INIT(MAIL_TEMPLATE_BYTES);
	fold_plain(&a, x, strlen(x));
	fold_plain(&b, y, strlen(y));
	return strcmp(a.p, b.p);
}

static int compare(const void *x, const void *y)
{
	const struct template_file *a = x, *b = y;
	if (!a->t != !b->t)
		return a->t ? -1 : 1;
	int by_folder = compare_folded(a->folder, b->folder);
	int by_name = by_folder ? by_folder : compare_folded(a->name, b->name);
	return by_name ? by_name : strcmp(a->path, b->path);
}

int template_folder_read(const char *dir, struct arena *a, struct template_list *out, struct err *e)
{
	struct names files = {.a = a}, folders = {.a = a};
	*out = (struct template_list){.n = 0};
	if (list_names(dir, "", &files, &folders, e))
		return -1;
	for (size_t i = 0; i < folders.n; i++)
		if (list_names(dir, folders.v[i], &files, NULL, e))
			return -1;
	out->v = arena_array(a, files.n + 1, sizeof(*out->v));
	out->is_cut = files.is_cut;
	for (size_t i = 0; i < files.n; i++) {
		struct err gone = ERR_INIT; /* deleted meanwhile, or no file */
		if (!template_file_read(dir, files.v[i], a, &out->v[out->n], &gone))
			out->n++;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare);
	return 0;
}

/* ---- those that crmail brings -----------------------------------------------------------------*/

static int install_one(const char *dir, const char *from, const char *path,
	struct template_installed *out, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_TEMPLATE_BYTES);
	CLEANUP(free_str) char *source = fsx_join(from, path);
	CLEANUP(free_str) char *target = fsx_join(dir, path);
	if (fsx_exists(target)) {
		out->n_there++;
		return 0;
	}
	if (fsx_read_file(source, &text, e) || template_file_write(dir, path, text.p, text.len, e))
		return -1;
	out->n_new++;
	return 0;
}

int template_install(const char *dir, const char *from, const char *lang,
	struct template_installed *out, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct names files = {.a = &a};
	*out = (struct template_installed){.n_new = 0};
	bool is_word = strlen(lang) < 12 && !strchr(lang, '/') && *lang != '.';
	if (is_word && *lang && list_names(from, lang, &files, NULL, e))
		return -1;
	if (!files.n)
		return err_set(e, ERR_NOTFOUND, _("There are no templates in the language \"%s\"."),
			lang);
	for (size_t i = 0; i < files.n; i++)
		if (install_one(dir, from, files.v[i], out, e))
			return -1;
	return 0;
}
