/*
 * template.h (store) - templates of mails (mail/mail_template.h) as files: one Markdown file each
 * in the folder `templates` of the data folder, or in a folder there ("de/offer-sent.md"). They are
 * the user's: edited with any program, and whatever is wrong with one is told beside its name and
 * keeps nobody from using the others.
 *
 * A path here is relative to that folder, with "/" and the ending ".md". Any thread; files are
 * read and written at once, so not the screen's.
 */
#ifndef CRMAIL_STORE_TEMPLATE_H
#define CRMAIL_STORE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/attrs.h"
#include "crmail/base/err.h"
#include "crmail/mail/mail_template.h"

struct arena;
struct store;
struct store_reader;

#define TEMPLATES_MOST 500 /* files that are read */

struct template_file { /* strings in the arena */
	const char *path;
	const char *folder;      /* "" = none */
	const char *name;        /* of the front matter, else of the file */
	struct mail_template *t; /* NULL: it cannot be used, and `why` says why */
	const char *why;
	const char *text; /* the file, ended by 0 */
	size_t len;
	bool is_unread;        /* its text is not here: too long, not readable or no text */
	int64_t uses, used_at; /* of template_uses_read(); 0 = never */
};
struct template_list {
	struct template_file *v; /* by folder, then by name; broken ones last */
	size_t n;
	bool is_cut; /* there are more than TEMPLATES_MOST */
};

/* A folder that is not there is an empty one. */
int template_folder_read(const char *dir, struct arena *a, struct template_list *out,
	struct err *e) NODISCARD;
/* ERR_NOTFOUND: no such file; what is wrong with it otherwise stands in *out. */
int template_file_read(const char *dir, const char *path, struct arena *a,
	struct template_file *out, struct err *e) NODISCARD;
/* At most one folder, ends in ".md", nothing hidden, nothing that leads elsewhere. */
bool template_path_is_safe(const char *path);
/* Makes folders as needed; all of the file or nothing of it. ERR_USAGE: no such path can be. */
int template_file_write(const char *dir, const char *path, const char *text, size_t len,
	struct err *e) NODISCARD;

/* Copies the templates of `from`/LANG into the folder LANG; a file that is there stays as it is.
 * ERR_NOTFOUND: there are none in that language. */
struct template_installed {
	size_t n_new, n_there;
};
int template_install(const char *dir, const char *from, const char *lang,
	struct template_installed *out, struct err *e) NODISCARD;

/* ---- what is kept in crmail.db: tables template_use and template_version ----------------------*/

/* It was put into a mail. User call: ticket. */
int64_t template_used(struct store *s, const char *path);
/* How often and when, into the list, which is put in the order that the user wants it in: what is
 * taken most, the recent counting more; then as it was; broken ones last. */
int template_uses_read(struct store_reader *r, struct template_list *list, int64_t now,
	struct err *e) NODISCARD;

/* Texts of a file, so that one can be brought back: each that was seen is kept when it differs from
 * the one before, the newest TEMPLATE_VERSIONS_MOST of a file. */
#define TEMPLATE_VERSIONS_MOST 50
struct template_version {
	int64_t id, at;
	const char *text; /* NULL in lists */
	size_t len;
};
/* Blocks until it is kept; not the screen's. */
int template_keep(struct store *s, const char *path, const char *text, size_t len,
	struct err *e) NODISCARD;
/* The same of every file of the list whose newest version is another. */
int template_keep_all(struct store *s, struct store_reader *r, const struct template_list *list,
	struct err *e) NODISCARD;
/* Newest first, in the arena. */
int template_versions(struct store_reader *r, struct arena *a, const char *path,
	struct template_version **out, size_t *n, struct err *e) NODISCARD;
/* ERR_NOTFOUND: there is no such version of that file. */
int template_version_get(struct store_reader *r, struct arena *a, const char *path, int64_t id,
	struct template_version *out, struct err *e) NODISCARD;
/* Keeps the text that the file has now, and writes the one of the version. Blocks. */
int template_restore(struct store *s, struct store_reader *r, const char *dir, const char *path,
	int64_t id, struct err *e) NODISCARD;

/* ---- filling ----------------------------------------------------------------------------------*/

/* What a mail is about to be filled with. */
struct template_about {
	int64_t account;         /* that sends */
	const char *name, *addr; /* of the recipient; NULL = none, or no name */
	int64_t message;         /* that is answered; 0 = none */
	const char *me_name, *me_addr;
};
/* The variables of mail_template_known() that have a value, of the CRM that the account is bound
 * to; in the arena. `now`, the zone and the language are the caller's. */
int template_values_read(struct store_reader *r, struct arena *a, const struct template_about *who,
	struct mail_template_values *out, struct err *e) NODISCARD;

#endif
