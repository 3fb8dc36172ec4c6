/* peopletest.c - see peopletest.h. */
#include "config.h"

#include "peopletest.h"

#include <string.h>

#include "../unit.h"

static void say(struct buf *b, const char *key, const char *value)
{
	if (value)
		buf_addf(b, " %s=%s", key, value);
}

static void say_all(struct buf *b, const char *key, const struct people_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		say(b, key, l->v[i]);
}

static int on_person(void *ctx, const struct person *p, struct err *e)
{
	struct buf *b = ctx;
	(void)e;
	buf_addf(b, "%lld", (long long)p->line);
	say(b, "name", p->name);
	say(b, "first", p->first_name);
	say(b, "last", p->last_name);
	say_all(b, "mail", &p->emails);
	say_all(b, "tel", &p->phones);
	say(b, "org", p->company);
	say_all(b, "web", &p->domains);
	say(b, "title", p->title);
	say(b, "owner", p->owner);
	say(b, "note", p->note);
	buf_addstr(b, p->is_group ? " group" : "");
	buf_addstr(b, p->has_bad_address ? " bad\n" : "\n");
	return 0;
}

static void on_passed(void *ctx, int64_t line, const char *why)
{
	assert_true(*why);
	buf_addf(ctx, "%lld passed\n", (long long)line);
}

void people_told(struct buf *out, const char *bytes, size_t n, size_t piece, const char *charset,
	char separator)
{
	struct people_probe probe = PEOPLE_PROBE_INIT;
	struct people_options o = {.separator = separator};
	const struct people_handler h = {.person = on_person, .passed = on_passed, .ctx = out};
	struct people_reader *r = NULL;
	struct err e = ERR_INIT;
	for (size_t at = 0; at < n; at += piece)
		people_probe_add(&probe, bytes + at, n - at < piece ? n - at : piece);
	people_probe_end(&probe, &o.format);
	if (charset)
		o.format.charset = charset;
	assert_int_equal(people_reader_open(&r, &o, &h, &e), 0);
	int rc = 0;
	for (size_t at = 0; !rc && at < n; at += piece)
		rc = people_reader_add(r, bytes + at, n - at < piece ? n - at : piece, &e);
	if (rc || people_reader_end(r, &e))
		buf_addstr(out, "error\n");
	people_reader_close(r);
}

void assert_people(const char *bytes, size_t n, const char *expected)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 1 << 20};
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
		people_told(&b, bytes, n, pieces[i], NULL, 0);
		assert_string_equal(b.p, expected);
	}
}
