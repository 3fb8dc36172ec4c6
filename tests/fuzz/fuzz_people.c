/*
 * fuzz_people.c - CSV files and vCards. The same bytes in one piece and one by one must give the
 * same people, and whoever comes out is fit to be stored.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/people.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_word(const char *s, bool is_note)
{
	if (!s)
		return;
	require(*s && utf8_is_valid(s, strlen(s)));
	for (; *s; s++)
		require((unsigned char)*s >= 0x20 || (is_note && (*s == '\n' || *s == '\t')));
}

static void check_list(const struct people_list *l)
{
	require(l->n <= PEOPLE_MAX_VALUES);
	for (size_t i = 0; i < l->n; i++)
		check_word(l->v[i], false);
}

static int on_person(void *ctx, const struct person *p, struct err *e)
{
	struct buf *told = ctx;
	(void)e;
	require(p->line > 0);
	check_word(p->name, false);
	check_word(p->first_name, false);
	check_word(p->last_name, false);
	check_word(p->title, false);
	check_word(p->company, false);
	check_word(p->owner, false);
	check_word(p->note, true);
	check_list(&p->emails);
	check_list(&p->phones);
	check_list(&p->domains);
	buf_addf(told, "%lld ", (long long)p->line);
	people_write_csv(told, p);
	people_write_vcard(told, p);
	return 0;
}

static void on_passed(void *ctx, int64_t line, const char *why)
{
	buf_addf(ctx, "%lld %s\n", (long long)line, why);
}

static void read_people(const char *p, size_t n, size_t piece, struct buf *told)
{
	struct people_probe probe = PEOPLE_PROBE_INIT;
	struct people_options o = {.separator = 0};
	const struct people_handler h = {.person = on_person, .passed = on_passed, .ctx = told};
	struct people_reader *r = NULL;
	struct err e = ERR_INIT;
	int rc = 0;
	people_probe_add(&probe, p, n);
	people_probe_end(&probe, &o.format);
	if (people_reader_open(&r, &o, &h, &e))
		abort();
	for (size_t at = 0; !rc && at < n; at += piece)
		rc = people_reader_add(r, p + at, n - at < piece ? n - at : piece, &e);
	if (rc || people_reader_end(r, &e))
		buf_addf(told, "%s\n", e.msg);
	people_reader_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_release) struct buf whole = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf pieces = BUF_INIT(BUF_UNLIMITED);
	read_people((const char *)data, size, size + 1, &whole);
	read_people((const char *)data, size, 1, &pieces);
	require(whole.len == pieces.len && !memcmp(whole.p, pieces.p, whole.len));
	return 0;
}
