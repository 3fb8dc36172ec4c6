/* files_job.c - looking at files, reading them, listing folders; reader thread. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/fold.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "files.h"

/* ---- files ---- */

static void look(struct files_job *j)
{
	struct stat st;

	while (j->n_found < j->n && stat(j->v[j->n_found].path, &st) == 0 && S_ISREG(st.st_mode)) {
		j->v[j->n_found].len = (size_t)st.st_size;
		j->n_found++;
	}
}

static int open_regular(const char *path, struct stat *st)
{
	/* A pipe would wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	if (fd >= 0) {
		close(fd);
		errno = EISDIR;
	}
	return -1;
}

/* As many bytes as there are: the file may change under our eyes. */
static int read_bytes(int fd, struct file_found *f, size_t size)
{
	f->data = xmalloc(size + 1);
	f->len = 0;
	while (f->len < size) {
		ssize_t n = read(fd, f->data + f->len, size - f->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		f->len += (size_t)n;
	}
	return 0;
}

static int read_file(struct files_job *j, struct file_found *f)
{
	struct stat st;
	int fd = open_regular(f->path, &st), rc;

	if (fd < 0 && errno == EISDIR)
		/* TRANSLATORS: the placeholder is a file name */
		return err_set(&j->job.err, ERR_IO, _("%s is no file that can be attached."),
			f->name);
	if (fd < 0)
		return err_sys(&j->job.err, ERR_IO, errno, _("Cannot attach %s"), f->name);
	if ((size_t)st.st_size > j->room) {
		close(fd);
		return err_set(&j->job.err, ERR_TOOBIG,
			_("%s does not fit: the attachments of one mail hold 45 MB at most."),
			f->name);
	}
	rc = read_bytes(fd, f, (size_t)st.st_size);
	if (rc)
		rc = err_sys(&j->job.err, ERR_IO, errno, _("Cannot attach %s"), f->name);
	close(fd);
	if (rc == 0)
		j->room -= f->len;
	return rc;
}

static void run_files(struct job *job, struct store_reader *r)
{
	struct files_job *j = (struct files_job *)job;

	(void)r;
	if (job->kind == FILES_LOOK) {
		look(j);
		return;
	}
	while (j->n_found < j->n && read_file(j, &j->v[j->n_found]) == 0)
		j->n_found++;
}

static void free_files(struct job *job)
{
	struct files_job *j = (struct files_job *)job;

	for (size_t i = 0; i < j->n; i++) {
		free(j->v[i].path);
		free(j->v[i].data);
	}
	free(j);
}

struct files_job *files_job_new(enum files_kind kind, char *const paths[], size_t n, size_t room,
	int64_t generation)
{
	struct files_job *j = xcalloc(1, sizeof(*j));

	j->job = (struct job){.run = run_files,
		.free = free_files,
		.channel = JOB_KEEP,
		.kind = (int)kind,
		.generation = generation};
	j->room = room;
	j->n = n;
	for (size_t i = 0; i < n; i++)
		j->v[i] = (struct file_found){.path = paths[i], .name = fsx_basename(paths[i])};
	return j;
}

/* ---- folders ---- */

static int by_kind_and_name(const void *a, const void *b)
{
	const struct folder_entry *x = a, *y = b;
	CLEANUP(buf_release) struct buf fx = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf fy = BUF_INIT(4096);
	int order;

	if (x->is_dir != y->is_dir)
		return x->is_dir ? -1 : 1;
	fold_plain(&fx, x->label, strlen(x->label));
	fold_plain(&fy, y->label, strlen(y->label));
	order = strcmp(fx.p, fy.p);
	return order ? order : strcmp(x->name, y->name);
}

static void add_entry(struct folder_job *j, int dir, const char *name, size_t *cap)
{
	CLEANUP(buf_release) struct buf label = BUF_INIT(4096);
	struct stat st;

	/* What is neither file nor folder cannot be attached; a dead link neither. */
	if (fstatat(dir, name, &st, 0) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return;
	utf8_sanitise(&label, name, strlen(name), SANITISE_LINE);
	if (S_ISDIR(st.st_mode))
		buf_addch(&label, '/');
	j->v = arena_grow(&j->arena, j->v, cap, j->n + 1, sizeof(*j->v));
	j->v[j->n++] = (struct folder_entry){.name = arena_strdup(&j->arena, name),
		.label = arena_strndup(&j->arena, label.p, label.len),
		.is_dir = S_ISDIR(st.st_mode),
		.size = st.st_size,
		.changed_at = st.st_mtim.tv_sec};
}

static void run_folder(struct job *job, struct store_reader *r)
{
	struct folder_job *j = (struct folder_job *)job;
	DIR *dir = opendir(j->dir);
	const struct dirent *e;
	size_t cap = 0;

	(void)r;
	if (!dir) {
		err_sys(&job->err, ERR_IO, errno, _("Cannot open the folder %s"), j->dir);
		return;
	}
	while (j->n < FOLDER_ENTRIES_MAX && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			add_entry(j, dirfd(dir), e->d_name, &cap);
	closedir(dir);
	if (j->n > 0)
		qsort(j->v, j->n, sizeof(*j->v), by_kind_and_name);
}

static void free_folder(struct job *job)
{
	struct folder_job *j = (struct folder_job *)job;

	arena_release(&j->arena);
	free(j->dir);
	free(j);
}

struct folder_job *folder_job_new(const char *dir, int64_t generation)
{
	struct folder_job *j = xcalloc(1, sizeof(*j));

	j->job = (struct job){.run = run_folder,
		.free = free_folder,
		.channel = JOB_COMPLETE,
		.generation = generation};
	j->dir = xstrdup(dir);
	j->arena = ARENA_INIT;
	return j;
}
