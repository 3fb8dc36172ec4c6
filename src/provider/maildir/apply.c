/*
 * apply.c - changes to a Maildir: flags are names, moving is renaming, a new message goes through
 * tmp/. Every kind looks first, so that repeating is harmless.
 */
#include "config.h"

#include "maildir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/mail/header.h"

#define FIND_HEADER_BYTES ((size_t)64 << 10)

/* On the disk before it counts: the change's row goes for good then. */
static int rename_file(const char *from, const char *to, struct err *e)
{
	if (strcmp(from, to) == 0)
		return 0;
	if (rename(from, to))
		return err_sys(e, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, errno,
			_("Cannot change a message in the Maildir"));
	return fsx_sync_folder_of(to, e) || fsx_sync_folder_of(from, e) ? -1 : 0;
}

static int need_file(struct arena *a, const char *dir, const char *id, struct maildir_file **f,
	struct err *e)
{
	if (maildir_find_file(a, dir, id, f, e))
		return -1;
	return *f ? 0 : err_set(e, ERR_NOTFOUND, _("The message is no longer in the Maildir."));
}

static int apply_flags(const struct op *op, const char *dir, struct arena *a, struct err *e)
{
	struct maildir_file *f = NULL;
	if (need_file(a, dir, op->server_id, &f, e))
		return -1;
	uint32_t flags = (f->flags | op->flags_add) & ~op->flags_remove;
	const char *name = maildir_flag_name(a, f->base, flags, f->info);
	return rename_file(f->path, arena_printf(a, "%s/cur/%s", dir, name), e);
}

static int apply_move(const struct op *op, const char *dir, const char *to, bool is_copy,
	struct arena *a, const char **new_id, struct err *e)
{
	struct maildir_file *f = NULL, *there = NULL;
	*new_id = maildir_id_of(a, op->server_id);
	if (maildir_make(to, e) || maildir_find_file(a, to, *new_id, &there, e))
		return -1;
	if (there)
		return 0; /* done before */
	if (need_file(a, dir, op->server_id, &f, e))
		return -1;
	const char *dest =
		arena_printf(a, "%s/cur/%s", to, maildir_flag_name(a, *new_id, f->flags, f->info));
	if (!is_copy)
		return rename_file(f->path, dest, e);
	if (link(f->path, dest) && errno != EEXIST)
		return err_sys(e, ERR_IO, errno, _("Cannot copy a message in the Maildir"));
	return fsx_sync_folder_of(dest, e);
}

static int apply_expunge(const struct op *op, const char *dir, struct arena *a, struct err *e)
{
	struct maildir_file *f = NULL;
	if (maildir_find_file(a, dir, op->server_id, &f, e))
		return -1;
	if (!f || unlink(f->path) == 0 || errno == ENOENT)
		return 0;
	return err_sys(e, ERR_IO, errno, _("Cannot delete a message from the Maildir"));
}

/* The name is made from the Message-ID, so that a repeated APPEND finds its own file, also when
 * another program has put something behind it by then. */
static const char *append_id(const struct maildir *m, const struct op *op, struct arena *a)
{
	char hex[65];
	sha256_hex(op->message_id ? op->message_id : op->data,
		op->message_id ? strlen(op->message_id) : op->data_len, hex);
	return arena_printf(a, "%" PRId64 ".%.24s.crmail", clock_now(m->conf->clock), hex);
}

static int already_there(const char *dir, const char *id, struct arena *a, const char **found,
	struct err *e)
{
	struct maildir_file *files = NULL;
	size_t n = 0;
	const char *own = strchr(id, '.');
	*found = NULL;
	if (maildir_scan(a, dir, &files, &n, e))
		return -1;
	for (size_t i = 0; i < n && !*found; i++)
		if (strstr(files[i].id, own))
			*found = files[i].id;
	return 0;
}

static int apply_append(const struct maildir *m, const struct op *op, const char *to,
	struct arena *a, const char **new_id, struct err *e)
{
	const char *id = append_id(m, op, a);
	if (maildir_make(to, e) || already_there(to, id, a, new_id, e))
		return -1;
	if (*new_id)
		return 0;
	CLEANUP(buf_release) struct buf lf = BUF_INIT(BUF_UNLIMITED);
	for (uint64_t i = 0; i < op->data_len; i++) /* Maildir keeps LF line ends */
		if (op->data[i] != '\r' || i + 1 == op->data_len || op->data[i + 1] != '\n')
			buf_addch(&lf, op->data[i]);
	const char *tmp = arena_printf(a, "%s/tmp/%s", to, id);
	if (fsx_write_file(tmp, lf.p, lf.len, true, e))
		return -1;
	*new_id = id;
	return rename_file(tmp,
		arena_printf(a, "%s/cur/%s", to, maildir_flag_name(a, id, op->flags_add, "")), e);
}

int maildir_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e)
{
	const struct maildir *m = container_of(p, struct maildir, base);
	CLEANUP(free_str) char *dir = op->folder ? maildir_folder_path(m, op->folder) : NULL;
	CLEANUP(free_str) char *to = op->to_folder ? maildir_folder_path(m, op->to_folder) : NULL;
	*new_id = NULL;
	switch (op->kind) {
	case OP_FLAGS:
		return apply_flags(op, dir, a, e);
	case OP_MOVE:
	case OP_COPY:
		return apply_move(op, dir, to, op->kind == OP_COPY, a, new_id, e);
	case OP_EXPUNGE:
		return apply_expunge(op, dir, a, e);
	case OP_APPEND:
		return apply_append(m, op, to, a, new_id, e);
	case OP_FOLDER_CREATE:
		return maildir_make(to, e);
	case OP_NONE:
	case OP_KIND_COUNT:
		break;
	}
	return err_set(e, ERR_BUG, _("This change is unknown to the Maildir account."));
}

static bool has_message_id(const char *path, const char *message_id)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FIND_HEADER_BYTES);
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct err ignored = ERR_INIT;
	if (fsx_read_file(path, &text, &ignored) && ignored.code != ERR_TOOBIG)
		return false;
	struct header_block h;
	header_split(&a, text.p, text.len, &h);
	const struct header_field *f = header_find(&h, "Message-ID");
	const char **ids = NULL;
	return f && header_ids(&a, f->value, &ids, NULL) > 0 && strcmp(ids[0], message_id) == 0;
}

int maildir_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e)
{
	const struct maildir *m = container_of(p, struct maildir, base);
	CLEANUP(free_str) char *dir = maildir_folder_path(m, folder);
	struct maildir_file *files = NULL;
	size_t n = 0;
	*out = (struct found){0};
	if (!fsx_is_dir(dir))
		return 0;
	if (maildir_scan(a, dir, &files, &n, e))
		return -1;
	for (size_t i = n; i-- > 0 && !out->id;)
		if (has_message_id(files[i].path, message_id))
			*out = (struct found){folder, files[i].id, files[i].flags & MSG_DRAFT};
	return 0;
}
