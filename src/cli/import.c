/*
 * import.c - `crmail import PATH...`: Maildirs, mbox files, folders of messages, single messages.
 * A copy of each message goes to a Maildir in the data folder, so that the cache can be rebuilt
 * when the original is gone. Importing again changes nothing.
 */
#include "config.h"

#include "verbs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/mail/header.h"
#include "crmail/mail/mbox.h"
#include "crmail/mail/message.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"
#include "crmail/store/store.h"

#include "args.h"
#include "contacts.h"
#include "print.h"

#define FILE_MAX ((size_t)2 << 30)
#define PAGE_MESSAGES 100
#define PAGE_BYTES ((size_t)16 << 20)
#define SUBFOLDERS_MAX 1000

struct import {
	struct cli *c;
	const char *email; /* --email, or learnt from the mail */
	int64_t account, folder;
	char *keep_dir;              /* the Maildir that keeps the copies */
	struct arena page, flying;   /* what is collected, and what is being written */
	struct ingest_writing *rest; /* of the page before; NULL = nothing */
	struct ingest_msg *msgs;
	size_t n, bytes;
	bool is_in_maildir;
	int64_t done, fresh, unreadable; /* the last: no message, too */
};

static int land_page(struct import *im, struct err *e)
{
	int rc = im->rest ? ingest_finish(im->rest, e) : 0;
	im->rest = NULL;
	arena_release(&im->flying);
	return rc;
}

/* Its bodies are written while the next page is read. */
static int flush_page(struct import *im, struct err *e)
{
	struct ingest_result res = {0};
	const struct ingest_page p = {
		.account = im->account, .folder = im->folder, .msgs = im->msgs, .n = im->n};
	if (land_page(im, e) ||
		(im->n && ingest_start_page(im->c->store, &im->page, &p, &res, &im->rest, e)))
		return -1;
	im->fresh += res.n_new;
	im->flying = im->page;
	im->page = ARENA_INIT;
	im->msgs = NULL;
	im->n = im->bytes = 0;
	return 0;
}

/* The own address when nobody named one: whom the mail was delivered to. */
static char *learn_email(const char *raw, size_t len)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct message m;
	message_parse_headers(&a, raw, len, &m);
	const struct header_field *f = header_find(&m.headers, "Delivered-To");
	struct addr_list l = m.to;
	if (f)
		addr_parse(&a, f->value.p, f->value.len, &l);
	return xstrdup(l.n ? l.v[0].addr : "unknown@invalid");
}

static int find_account(struct import *im, const char *raw, size_t len, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *row = NULL;
	if (store_reader_open(im->c->store, &r, e))
		return -1;
	int rc = account_find(r, &a, "import", &row, e);
	store_reader_close(r);
	if (rc)
		return -1;
	if (row) {
		im->account = row->id;
		return 0;
	}
	CLEANUP(free_str) char *learnt = im->email ? xstrdup(im->email) : learn_email(raw, len);
	const struct account_row fresh = {.name = "import",
		.kind = "import",
		.email = learnt,
		.status = ACCOUNT_OFFLINE,
		.added_at = clock_now(im->c->clock)};
	return account_add(im->c->store, &fresh, NULL, 0, &im->account, e);
}

static int find_folder(struct import *im, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct folder_row *row = NULL;
	static const struct folder_in inbox = {"Imported", "Imported", FOLDER_INBOX};
	if (folder_put_list(im->c->store, im->account, &inbox, 1, e) ||
		store_reader_open(im->c->store, &r, e))
		return -1;
	int rc = folder_by_role(r, &a, im->account, FOLDER_INBOX, &row, e);
	store_reader_close(r);
	if (rc || !row)
		return rc ? -1 : err_set(e, ERR_BUG, _("The folder for imported mail is missing."));
	im->folder = row->id;
	return 0;
}

static int keep_copy(struct import *im, const char *hex, const char *p, size_t n, struct err *e)
{
	CLEANUP(free_str) char *path = xasprintf("%s/cur/%s:2,", im->keep_dir, hex);
	return fsx_exists(path) ? 0 : fsx_write_file(path, p, n, false, e);
}

static uint32_t flags_of_name(const char *name)
{
	const char *info = strstr(name, ":2,");
	uint32_t flags = 0;
	for (const char *p = info ? info + 3 : ""; *p; p++)
		flags |= *p == 'S'   ? MSG_SEEN
			 : *p == 'F' ? MSG_FLAGGED
			 : *p == 'R' ? MSG_ANSWERED
			 : *p == 'P' ? MSG_FORWARDED
			 : *p == 'D' ? MSG_DRAFT
			 : *p == 'T' ? MSG_DELETED
				     : 0;
	return flags;
}

static int add_message(struct import *im, const char *source, uint32_t flags, int64_t file_time,
	const char *p, size_t n, struct err *e)
{
	if (!im->account && (find_account(im, p, n, e) || find_folder(im, e)))
		return -1;
	char hex[65];
	sha256_hex(p, n, hex);
	if (keep_copy(im, hex, p, n, e))
		return -1;
	if (!im->msgs)
		im->msgs = arena_array(&im->page, PAGE_MESSAGES, sizeof *im->msgs);
	char *copy = arena_alloc(&im->page, n + 1);
	memcpy(copy, p, n);
	im->msgs[im->n++] = (struct ingest_msg){
		/* two folders may hold different messages under one name */
		.server_id = arena_printf(&im->page, "%s\n%.16s", source, hex),
		.flags = flags,
		.file_time = file_time,
		.size = n,
		.p = ingest_prepare(&im->page, copy, n, true),
	};
	im->bytes += n;
	im->done++;
	return im->n == PAGE_MESSAGES || im->bytes >= PAGE_BYTES ? flush_page(im, e) : 0;
}

static int add_mbox(struct import *im, const char *source, int64_t file_time,
	const struct buf *text, struct err *e)
{
	struct span rest = {text->p, text->len}, one;
	for (int64_t i = 1; mbox_next(&rest, &one); i++) {
		CLEANUP(buf_release) struct buf plain = BUF_INIT(FILE_MAX);
		CLEANUP(free_str) char *name = xasprintf("%s#%lld", source, (long long)i);
		mbox_unquote(&plain, one);
		if (add_message(im, name, 0, file_time, plain.p, plain.len, e))
			return -1;
	}
	return 0;
}

/* Pictures and tables that lie beside mail are no mail; in a Maildir everything is. */
static bool is_mail(const struct import *im, const struct buf *text)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct header_block head;
	if (im->is_in_maildir)
		return true;
	header_split(&a, text->p, text->len, &head);
	return head.n > 0;
}

/* A file that cannot be read, or is no message, is counted and said; the others go on. */
static int add_file(struct import *im, const char *path, const char *source, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	struct err unreadable = ERR_INIT;
	struct stat st;
	if (stat(path, &st) || fsx_read_file(path, &text, &unreadable)) {
		im->unreadable++;
		fprintf(im->c->err, _("crmail: cannot read %s\n"), path);
		return 0;
	}
	if (mbox_is(text.p, text.len))
		return add_mbox(im, source, (int64_t)st.st_mtime, &text, e);
	if (!is_mail(im, &text)) {
		im->unreadable++;
		fprintf(im->c->err, _("crmail: %s is not a mail\n"), path);
		return 0;
	}
	const char *info = strstr(source, ":2,"); /* Maildir: the name up to the flags */
	CLEANUP(free_str)
	char *id = info ? xstrndup(source, (size_t)(info - source)) : xstrdup(source);
	return add_message(im, id, flags_of_name(source), (int64_t)st.st_mtime, text.p, text.len,
		e);
}

/* Names of a folder, sorted, so that the same folder gives the same ids. */
static int names_of(const char *dir, char ***out, size_t *n, struct err *e)
{
	struct dirent **ents = NULL;
	int count = scandir(dir, &ents, NULL, alphasort);
	if (count < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot read the folder %s"), dir);
	*out = xcalloc((size_t)count + 1, sizeof **out);
	*n = 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(ents[i]->d_name, ".") != 0 && strcmp(ents[i]->d_name, "..") != 0)
			(*out)[(*n)++] = xstrdup(ents[i]->d_name);
		free(ents[i]);
	}
	free(ents);
	return 0;
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

typedef int (*entry_fn)(struct import *im, const char *path, const char *name, struct err *e);

static int each_entry(struct import *im, const char *dir, entry_fn fn, struct err *e)
{
	char **names = NULL;
	size_t n = 0;
	int rc = names_of(dir, &names, &n, e);
	for (size_t i = 0; !rc && i < n; i++) {
		CLEANUP(free_str) char *path = fsx_join(dir, names[i]);
		rc = fn(im, path, names[i], e);
	}
	free_names(names, n);
	return rc;
}

static bool is_maildir(const char *dir)
{
	CLEANUP(free_str) char *cur = fsx_join(dir, "cur");
	CLEANUP(free_str) char *fresh = fsx_join(dir, "new");
	return fsx_is_dir(cur) && fsx_is_dir(fresh);
}

static int add_maildir(struct import *im, const char *dir, struct err *e)
{
	CLEANUP(free_str) char *cur = fsx_join(dir, "cur");
	CLEANUP(free_str) char *fresh = fsx_join(dir, "new");
	im->is_in_maildir = true;
	int rc = each_entry(im, cur, add_file, e) || each_entry(im, fresh, add_file, e);
	im->is_in_maildir = false;
	return rc ? -1 : 0;
}

struct todo { /* folders still to walk: paths below PATH */
	char *v[SUBFOLDERS_MAX];
	size_t n;
};

static int walk_one(struct import *im, const char *root, const char *below, struct todo *todo,
	struct err *e)
{
	CLEANUP(free_str) char *dir = *below ? fsx_join(root, below) : xstrdup(root);
	char **names = NULL;
	size_t n = 0;
	bool maildir = is_maildir(dir);
	int rc = maildir ? add_maildir(im, dir, e) : 0;
	if (!rc)
		rc = names_of(dir, &names, &n, e);
	for (size_t i = 0; !rc && i < n; i++) {
		CLEANUP(free_str) char *path = fsx_join(dir, names[i]);
		char *rel = *below ? fsx_join(below, names[i]) : xstrdup(names[i]);
		bool is_part =
			maildir && (strcmp(names[i], "cur") == 0 || strcmp(names[i], "new") == 0 ||
					   strcmp(names[i], "tmp") == 0);
		if (fsx_is_dir(path) && !is_part && todo->n < SUBFOLDERS_MAX) {
			todo->v[todo->n++] = rel;
			continue;
		}
		if (!fsx_is_dir(path) && !maildir)
			rc = add_file(im, path, rel, e);
		free(rel);
	}
	free_names(names, n);
	return rc;
}

static int add_path(struct import *im, const char *path, struct err *e)
{
	struct todo todo = {.n = 0};
	if (!fsx_exists(path))
		return err_set(e, ERR_NOTFOUND, _("There is nothing at %s."), path);
	if (!fsx_is_dir(path))
		return add_file(im, path, fsx_basename(path), e);
	todo.v[0] = xstrdup("");
	todo.n = 1;
	int rc = 0;
	while (todo.n) {
		CLEANUP(free_str) char *below = todo.v[--todo.n];
		rc = rc ? rc : walk_one(im, path, below, &todo, e);
	}
	return rc;
}

static int run(struct import *im, const struct cli_list *paths)
{
	struct err e = ERR_INIT;
	int rc = 0;
	im->keep_dir = store_path(im->c->store, "imported");
	CLEANUP(free_str) char *cur = fsx_join(im->keep_dir, "cur");
	CLEANUP(free_str) char *fresh = fsx_join(im->keep_dir, "new");
	CLEANUP(free_str) char *tmp = fsx_join(im->keep_dir, "tmp");
	rc = fsx_mkdir_p(cur, &e) || fsx_mkdir_p(fresh, &e) || fsx_mkdir_p(tmp, &e);
	for (size_t i = 0; !rc && i < paths->n; i++)
		rc = add_path(im, paths->v[i], &e);
	if (!rc)
		rc = flush_page(im, &e) || land_page(im, &e) || store_flush(im->c->store, &e);
	if (im->rest) /* what was begun is ended, whatever failed meanwhile */
		IGNORE_RESULT(land_page(im, &(struct err){ERR_NONE}), "the first error is told");
	arena_release(&im->page);
	free(im->keep_dir);
	if (rc)
		return cli_fail(im->c, &e);
	fprintf(im->c->err, _("%lld messages read, %lld of them new.\n"), (long long)im->done,
		(long long)im->fresh);
	return im->unreadable ? CLI_PARTLY : CLI_OK;
}

int cli_import(struct cli *c, int argc, char **argv)
{
	struct import im = {.c = c, .page = ARENA_INIT, .flying = ARENA_INIT};
	struct cli_list paths = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--email", .value = &im.email},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("import");
	struct err e = ERR_INIT;
	if (argc > 1 && !strcmp(argv[1], "contacts"))
		return cli_import_contacts(c, v, argc - 1, argv + 1);
	if (cli_args_parse(argc, argv, table, &paths, &e))
		return cli_usage(c, v, e.msg);
	if (!paths.n)
		return cli_usage(c, v, NULL);
	int code = cli_open_store(c);
	return code == CLI_OK ? run(&im, &paths) : code;
}
