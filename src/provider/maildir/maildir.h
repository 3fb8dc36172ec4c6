/*
 * maildir.h - the Maildir provider: a folder tree as mbsync and offlineimap write it (Maildir++:
 * the root is INBOX, ".Name" are the others; cr.yp.to/proto/maildir.html). Another program may
 * change it at any time. Server id = file name up to ":2,", without the ",U=uid" that mbsync puts
 * in when it knows the UID and that counts in one folder only. Worker thread.
 */
#ifndef CRMAIL_PROVIDER_MAILDIR_H
#define CRMAIL_PROVIDER_MAILDIR_H

#include <dirent.h>

#include "crmail/base/arena.h"
#include "crmail/provider/provider.h"

extern const struct provider_ops maildir_provider_ops;

struct maildir_file {
	const char *id;
	const char *path; /* whole path */
	const char *base; /* file name up to ":2," */
	const char *info; /* the letters after ":2,", "" without */
	uint32_t flags;   /* from the letters; in new/ there are none */
};

struct maildir {
	struct provider base;
	const struct account_conf *conf;
	/* The scan that pull() is handing out page by page; one folder at a time. */
	struct arena scan;
	const char *scan_folder;    /* NULL = none running */
	struct maildir_file *files; /* new to the store, newest first */
	size_t n_files, next_file;
	const char *cursor_after; /* what the last page commits */
};

/* scan.c */
char *maildir_folder_path(const struct maildir *m, const char *server_name); /* caller frees */
/* Every file of cur/ and new/, sorted by id. A listing that breaks off is an error. */
int maildir_scan(struct arena *a, const char *dir, struct maildir_file **out, size_t *n,
	struct err *e) NODISCARD;
/* The file with that id; *out NULL when it is not there. */
int maildir_find_file(struct arena *a, const char *dir, const char *id, struct maildir_file **out,
	struct err *e) NODISCARD;
/* "base:2,FS"; letters of `info` that are not ours stay (keywords of other programs). */
char *maildir_flag_name(struct arena *a, const char *base, uint32_t flags, const char *info);
const char *maildir_id_of(struct arena *a, const char *base);
int maildir_make(const char *dir, struct err *e) NODISCARD; /* cur, new, tmp */

/* apply.c */
int maildir_apply(struct provider *p, const struct op *op, struct arena *a, const char **new_id,
	struct err *e);
int maildir_find(struct provider *p, const char *folder, const char *message_id, struct arena *a,
	struct found *out, struct err *e);

#endif
