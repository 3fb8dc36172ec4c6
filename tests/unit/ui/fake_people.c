/*
 * fake_people.c - imports of contacts for screens: the file is really read, and everybody with an
 * address counts as new; nothing is stored but how many.
 */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/people.h"

#include "fake_store.h"

struct people_importer {
	struct store *store;
	struct people_import_options o;
	struct people_counts counts;
};

int people_find_crm(struct store_reader *r, const char *name, int64_t *crm, struct err *e)
{
	(void)r;
	(void)name;
	(void)e;
	*crm = 0;
	return 0;
}

int people_make_crm(struct store *s, const char *name, int64_t *crm, struct err *e)
{
	(void)s;
	(void)name;
	(void)e;
	*crm = 7;
	return 0;
}

int account_bind_crm(struct store *s, int64_t id, int64_t crm, struct err *e)
{
	(void)s;
	(void)id;
	(void)crm;
	(void)e;
	return 0;
}

int people_importer_open(struct people_importer **out, struct store *s,
	const struct people_import_options *o, struct err *e)
{
	struct people_importer *im = xcalloc(1, sizeof(*im));
	(void)e;
	im->store = s;
	im->o = *o;
	*out = im;
	return 0;
}

static int on_person(void *ctx, const struct person *p, struct err *e)
{
	struct people_importer *im = ctx;
	(void)e;
	im->o.person(im->o.ctx, p);
	im->counts.n[p->emails.n ? PEOPLE_NEW : PEOPLE_SKIPPED]++;
	if (!p->emails.n)
		im->o.skipped(im->o.ctx, p->line, "Its address cannot be read.");
	return 0;
}

static void on_columns(void *ctx, const struct people_column *v, size_t n)
{
	const struct people_importer *im = ctx;
	im->o.columns(im->o.ctx, v, n);
}

int people_importer_file(struct people_importer *im, const char *path, struct err *e)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
	const struct people_handler h = {.person = on_person, .columns = on_columns, .ctx = im};
	struct people_options o = {.separator = 0};
	struct people_probe probe = PEOPLE_PROBE_INIT;
	struct people_reader *r = NULL;
	if (fsx_read_file(path, &text, e))
		return -1;
	people_probe_add(&probe, text.p, text.len);
	people_probe_end(&probe, &o.format);
	im->o.file(im->o.ctx, &o.format);
	if (people_reader_open(&r, &o, &h, e))
		return -1;
	int rc = people_reader_add(r, text.p, text.len, e) || people_reader_end(r, e);
	people_reader_close(r);
	im->o.progress(im->o.ctx, (int64_t)text.len, (int64_t)text.len);
	im->counts.has_written = !im->o.only_look;
	if (!im->o.only_look)
		im->store->n_imported += im->counts.n[PEOPLE_NEW];
	return rc ? -1 : 0;
}

const struct people_counts *people_importer_counts(const struct people_importer *im)
{
	return &im->counts;
}

void people_importer_close(struct people_importer *im)
{
	free(im);
}

int people_undo(struct store *s, struct people_undone *out, struct err *e)
{
	(void)e;
	*out = (struct people_undone){.removed = s->n_imported};
	s->n_imported = 0;
	return 0;
}
