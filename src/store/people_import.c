/*
 * people_import.c - files of people into contacts, batch by batch: read twice (what it is, who is
 * in it), planned person by person, each batch one commit. Who is who is people_plan.c's.
 */
#include "config.h"

#include "people_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

#define BATCH_PEOPLE 500
#define BATCH_BYTES ((size_t)4 << 20)
#define PIECE_BYTES ((size_t)64 << 10)

static const char SQL_LOCAL[] = "SELECT id FROM crm WHERE url IS NULL LIMIT 2";
static const char SQL_NAMED[] = "SELECT id, url IS NULL FROM crm WHERE name = ?";

struct people_importer {
	struct store *store;
	struct store_reader *reader; /* with only_look */
	struct people_import_options o;
	struct people_run run;
	struct people_counts counts;
	struct arena batch;
	struct person *people; /* in `batch` */
	size_t n;
	int64_t done, total; /* bytes of the file */
};

const char *people_outcome_name(enum people_outcome o)
{
	static const char *const names[PEOPLE_OUTCOME_COUNT] = {[PEOPLE_NEW] = "new",
		[PEOPLE_UPDATED] = "updated",
		[PEOPLE_SAME] = "same",
		[PEOPLE_REPEATED] = "repeated",
		[PEOPLE_SKIPPED] = "skipped"};
	return names[o];
}

int people_importer_open(struct people_importer **out, struct store *s,
	const struct people_import_options *o, struct err *e)
{
	struct people_importer *im = xcalloc(1, sizeof(*im));
	im->store = s;
	im->o = *o;
	im->batch = ARENA_INIT;
	im->run = (struct people_run){.crm = o->crm, .is_freemail = o->is_freemail};
	if (o->only_look && store_reader_open(s, &im->reader, e)) {
		people_importer_close(im);
		return -1;
	}
	*out = im;
	return 0;
}

void people_importer_close(struct people_importer *im)
{
	if (!im)
		return;
	if (im->reader)
		store_reader_close(im->reader);
	people_seen_release(&im->run.seen);
	arena_release(&im->batch);
	free(im);
}

const struct people_counts *people_importer_counts(const struct people_importer *im)
{
	return &im->counts;
}

/* ---- a batch ---------------------------------------------------------------------------------*/

static void tell(struct people_importer *im, const struct person *p, const struct people_plan *plan)
{
	im->counts.n[plan->outcome]++;
	im->counts.partners += plan->is_new_partner;
	if (plan->outcome == PEOPLE_SKIPPED && im->o.skipped)
		im->o.skipped(im->o.ctx, p->line, plan->why);
}

static int look_at_batch(struct people_importer *im, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	for (size_t i = 0; i < im->n; i++) {
		struct people_plan plan;
		arena_reset(&a);
		if (people_plan(&im->run, reader_db(im->reader), &a, &im->people[i], &plan, e))
			return -1;
		people_plan_note(&im->run, &im->people[i], &plan);
		tell(im, &im->people[i], &plan);
	}
	return 0;
}

struct batch_args {
	struct people_importer *im;
	struct people_plan *plans;
};

static int write_batch(struct write *w, void *arg, struct err *e)
{
	struct batch_args *b = arg;
	struct people_importer *im = b->im;
	for (size_t i = 0; i < im->n; i++)
		if (people_plan(&im->run, w->db, &w->arena, &im->people[i], &b->plans[i], e) ||
			people_plan_apply(&im->run, w, &im->people[i], &b->plans[i], e))
			return -1;
	write_event(w, EV_CONTACTS, 0, 0, im->run.crm, (uint32_t)im->n);
	return 0;
}

/* What was planned is told only once it stands; a batch that fails ends the import, so that what
 * the run believes to have written of it does no harm. */
static int write_people(struct people_importer *im, struct err *e)
{
	struct batch_args b = {im, arena_array(&im->batch, im->n, sizeof(*b.plans))};
	if (writer_call(&im->store->main, 0, write_batch, &b, e))
		return -1;
	for (size_t i = 0; i < im->n; i++)
		tell(im, &im->people[i], &b.plans[i]);
	im->counts.has_written = im->run.id != 0;
	return 0;
}

static int finish_batch(struct people_importer *im, struct err *e)
{
	int rc = 0;
	if (im->n)
		rc = im->o.only_look ? look_at_batch(im, e) : write_people(im, e);
	arena_reset(&im->batch);
	im->people = NULL;
	im->n = 0;
	if (rc)
		return -1;
	if (im->o.progress && im->o.progress(im->o.ctx, im->done, im->total))
		return err_set(e, ERR_CANCELLED, _("Stopped."));
	return 0;
}

static struct people_list keep_list(struct arena *a, const struct people_list *l)
{
	const char **v = arena_array(a, l->n + 1, sizeof(*v));
	for (size_t i = 0; i < l->n; i++)
		v[i] = arena_strdup(a, l->v[i]);
	return (struct people_list){v, l->n};
}

static struct person keep_person(struct arena *a, const struct person *p)
{
	struct person copy = *p;
	copy.name = arena_strdup(a, p->name);
	copy.first_name = arena_strdup(a, p->first_name);
	copy.last_name = arena_strdup(a, p->last_name);
	copy.title = arena_strdup(a, p->title);
	copy.company = arena_strdup(a, p->company);
	copy.note = arena_strdup(a, p->note);
	copy.owner = arena_strdup(a, p->owner);
	copy.emails = keep_list(a, &p->emails);
	copy.phones = keep_list(a, &p->phones);
	copy.domains = keep_list(a, &p->domains);
	return copy;
}

int people_importer_add(struct people_importer *im, const struct person *p, struct err *e)
{
	if (im->o.person)
		im->o.person(im->o.ctx, p);
	if (!im->people)
		im->people = arena_array(&im->batch, BATCH_PEOPLE, sizeof(*im->people));
	im->people[im->n++] = keep_person(&im->batch, p);
	bool is_full = im->n == BATCH_PEOPLE || im->batch.used >= BATCH_BYTES;
	return is_full ? finish_batch(im, e) : 0;
}

int people_importer_end(struct people_importer *im, struct err *e)
{
	return finish_batch(im, e);
}

static int on_person(void *ctx, const struct person *p, struct err *e)
{
	return people_importer_add(ctx, p, e);
}

static void on_passed(void *ctx, int64_t line, const char *why)
{
	struct people_importer *im = ctx;
	im->counts.n[PEOPLE_SKIPPED]++;
	if (im->o.skipped)
		im->o.skipped(im->o.ctx, line, why);
}

static void on_columns(void *ctx, const struct people_column *v, size_t n)
{
	const struct people_importer *im = ctx;
	if (im->o.columns)
		im->o.columns(im->o.ctx, v, n);
}

/* ---- a file ----------------------------------------------------------------------------------*/

typedef int (*piece_fn)(void *ctx, const char *p, size_t n, struct err *e);

static int each_piece(struct people_importer *im, int fd, const char *path, piece_fn fn, void *ctx,
	struct err *e)
{
	CLEANUP(free_str) char *piece = xmalloc(PIECE_BYTES);
	ssize_t n;
	im->done = 0;
	while ((n = read(fd, piece, PIECE_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, ERR_IO, errno, _("Cannot read %s"), path);
		im->done += n;
		if (fn(ctx, piece, (size_t)n, e))
			return -1;
	}
	return 0;
}

static int probe_piece(void *ctx, const char *p, size_t n, struct err *e)
{
	(void)e;
	people_probe_add(ctx, p, n);
	return 0;
}

static int read_piece(void *ctx, const char *p, size_t n, struct err *e)
{
	return people_reader_add(ctx, p, n, e);
}

static int read_people(struct people_importer *im, int fd, const char *path,
	const struct people_format *format, struct err *e)
{
	const struct people_options o = {.format = *format,
		.separator = im->o.separator,
		.map = im->o.map,
		.n_map = im->o.n_map};
	const struct people_handler h = {
		.person = on_person, .passed = on_passed, .columns = on_columns, .ctx = im};
	struct people_reader *r = NULL;
	if (people_reader_open(&r, &o, &h, e))
		return -1;
	int rc = each_piece(im, fd, path, read_piece, r, e) || people_reader_end(r, e) ? -1 : 0;
	people_reader_close(r);
	return rc ? -1 : finish_batch(im, e);
}

/* A pipe would wait for its writer, and cannot be read twice. */
static int open_file(struct people_importer *im, const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot read %s"), path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_IO, _("%s is no file that can be imported."), path);
	}
	im->total = st.st_size;
	return fd;
}

int people_importer_file(struct people_importer *im, const char *path, struct err *e)
{
	struct people_probe probe = PEOPLE_PROBE_INIT;
	struct people_format format;
	int fd = open_file(im, path, e);
	if (fd < 0)
		return -1;
	int rc = each_piece(im, fd, path, probe_piece, &probe, e);
	people_probe_end(&probe, &format);
	if (im->o.charset)
		format.charset = im->o.charset;
	if (!rc && lseek(fd, 0, SEEK_SET) < 0)
		rc = err_sys(e, ERR_IO, errno, _("Cannot read %s"), path);
	if (!rc && im->o.file)
		im->o.file(im->o.ctx, &format);
	if (!rc)
		rc = read_people(im, fd, path, &format, e);
	close(fd);
	return rc;
}

/* ---- where to --------------------------------------------------------------------------------*/

static int find_named(struct db *d, const char *name, int64_t *crm, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(d, &q, e, SQL_NAMED, "t", name))
		return -1;
	int rc = db_step(d, q, e);
	if (rc <= 0)
		return rc ? -1 : err_set(e, ERR_NOTFOUND, _("There is no CRM %s."), name);
	int64_t id = sqlite3_column_int64(q, 0);
	bool is_local = sqlite3_column_int(q, 1);
	sqlite3_reset(q);
	if (!is_local)
		return err_set(e, ERR_USAGE,
			_("%s lives on its server: import the file there, and crmail pulls it."),
			name);
	*crm = id;
	return 0;
}

int people_find_crm(struct store_reader *r, const char *name, int64_t *crm, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int64_t found[2] = {0, 0};
	int n = 0;
	int rc;
	if (name)
		return find_named(d, name, crm, e);
	if (db_query(d, &q, e, SQL_LOCAL, ""))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		if (n < 2)
			found[n++] = sqlite3_column_int64(q, 0);
	if (rc < 0)
		return -1;
	if (n > 1)
		return err_set(e, ERR_USAGE,
			_("There are several CRMs without a server: name one with --crm."));
	*crm = found[0];
	return 0;
}

int people_make_crm(struct store *s, const char *name, int64_t *crm, struct err *e)
{
	const struct crm_row row = {.name = name ? name : "local", .profile = "local"};
	return crm_add(s, &row, NULL, 0, crm, e);
}
