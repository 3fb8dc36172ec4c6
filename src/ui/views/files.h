/*
 * files.h - files of this machine to attach: paths as people paste them, reading them, and a picker
 * that walks through folders. Disks may be slow, so that all of it is done on the reader thread.
 */
#ifndef CRMAIL_UI_FILES_H
#define CRMAIL_UI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crmail/base/arena.h"
#include "crmail/base/str.h"

#include "ui/jobs.h"
#include "ui/view.h"

#define FILES_MAX 50                        /* of one message */
#define FILES_BYTES_MAX ((size_t)45 << 20)  /* of one message: as base64 below 64 MB */
#define FILES_BYTES_WARN ((size_t)18 << 20) /* as base64 25 MB: what many servers take */
#define FOLDER_ENTRIES_MAX 5000             /* shown of one folder */

/* ---- paths: files_path.c, pure but for HOME ---- */
/* The files that a pasted text names: one path, or several, each absolute, below "~/", or a file
 * URI; quoted or escaped as terminals do it when a file is dropped on them. 0: it is other text.
 * Caller frees each path with free(). */
size_t files_parse(const char *p, size_t n, char *out[], size_t max);
char *files_home(void);                                  /* caller frees */
void files_add_short(struct buf *out, const char *path); /* with ~ for the home folder */

/* ---- reading: files_job.c ---- */
enum files_kind { FILES_LOOK = 1, FILES_READ }; /* job.kind; 0 is left to the view */
struct file_found {
	char *path;
	const char *name; /* in path */
	size_t len;
	char *data; /* FILES_READ: whoever takes it sets NULL; free() */
};
struct files_job {
	struct job job;
	struct file_found v[FILES_MAX];
	size_t n;
	size_t room;    /* bytes that may be read */
	size_t n_found; /* the first so many are files (FILES_LOOK), were read (FILES_READ) */
};
/* Paths are taken over. FILES_READ that fails has one sentence in job.err. */
struct files_job *files_job_new(enum files_kind kind, char *const paths[], size_t n, size_t room,
	int64_t generation);

struct folder_entry {
	const char *name;  /* as on disk */
	const char *label; /* valid UTF-8; a folder's ends with "/" */
	bool is_dir;
	int64_t size, changed_at;
};
struct folder_job {
	struct job job;
	char *dir;
	struct arena arena;
	struct folder_entry *v; /* folders first, then by name */
	size_t n;
};
struct folder_job *folder_job_new(const char *dir, int64_t generation);

/* ---- the picker: files_view.c ---- */
extern const struct view_ops files_view_ops;
struct files_args {
	const char *dir; /* to begin in; copied */
	/* Called after the picker closed. */
	void (*chosen)(struct ui *ui, const char *path);
	const char *hint; /* N_(): what the keys do; NULL = that a file is attached */
};

#endif
