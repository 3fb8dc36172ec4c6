/* letters.c - see letters.h. */
#include "config.h"

#include "tests/unit/store/letters.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/search.h"

int64_t letters_account(struct fixture *f, const char *name)
{
	struct account_row a = {.name = name, .kind = "imap", .email = "me@own.example"};
	int64_t id = 0;
	assert_ok(f, account_add(f->store, &a, NULL, 0, &id, &f->err));
	return id;
}

int64_t letters_folder(struct fixture *f, int64_t account, const char *name, enum folder_role role)
{
	struct folder_row *rows;
	struct folder_in v[16];
	size_t n;
	assert_ok(f, folder_list(f->reader, &f->arena, account, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct folder_in){rows[i].name, rows[i].server_name, rows[i].role};
	v[n] = (struct folder_in){name, name, role};
	assert_ok(f, folder_put_list(f->store, account, v, n + 1, &f->err));
	assert_ok(f, folder_list(f->reader, &f->arena, account, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].name, name))
			return rows[i].id;
	fail_msg("no folder %s", name);
	return 0;
}

static void add_field(struct buf *b, const char *name, const char *value)
{
	if (value && *value)
		buf_addf(b, "%s: %s\n", name, value);
}

static const struct prepared *prepare(struct fixture *f, const struct letter *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	CLEANUP(buf_release) struct buf mid = BUF_INIT(4096);
	if (l->mid)
		buf_addf(&mid, "%s%s%s", *l->mid ? "<" : "", l->mid, *l->mid ? ">" : "");
	else
		buf_addf(&mid, "<%s@mail.example>", l->id);
	add_field(&b, "From", l->from ? l->from : "Laura <laura@client.example>");
	add_field(&b, "To", l->to ? l->to : "me@own.example");
	add_field(&b, "Subject", l->subject ? l->subject : "Offer");
	add_field(&b, "Message-ID", mid.p);
	add_field(&b, "References", l->refs);
	add_field(&b, "In-Reply-To", l->irt);
	buf_addstr(&b, l->extra ? l->extra : "");
	buf_addf(&b, "\n%s\n", l->body ? l->body : "Hello.");
	return ingest_prepare(&f->arena, b.p, b.len, !l->head_only);
}

void letters_put(struct fixture *f, int64_t account, int64_t folder, const struct letter *v,
	size_t n, int64_t *ids)
{
	struct ingest_msg *msgs = arena_array(&f->arena, n, sizeof *msgs);
	struct ingest_result result;
	for (size_t i = 0; i < n; i++)
		msgs[i] = (struct ingest_msg){.server_id = v[i].id,
			.flags = v[i].flags,
			.received = v[i].at ? v[i].at : FIXTURE_NOW - 86400 + (int64_t)i,
			.folders = v[i].folders,
			.p = prepare(f, &v[i])};
	struct ingest_page p = {.account = account,
		.folder = folder,
		.msgs = msgs,
		.n = n,
		.is_account_wide = n && v[0].folders};
	assert_ok(f, ingest_page(f->store, &f->arena, &p, &result, &f->err));
	for (size_t i = 0; ids && i < n; i++)
		ids[i] = result.ids[i];
}

void letters_page(struct fixture *f, struct ingest_page *p)
{
	struct ingest_result result;
	assert_ok(f, ingest_page(f->store, &f->arena, p, &result, &f->err));
}

int64_t letters_count_hits(struct fixture *f, const char *query)
{
	struct search_query *q;
	int64_t total;
	assert_ok(f, search_parse(&f->arena, query, FIXTURE_NOW, 0, &q, &f->err));
	assert_ok(f, search_total(f->reader, q, &total, &f->err));
	return total;
}

int64_t letters_thread(const struct fixture *f, int64_t message)
{
	char sql[96];
	snprintf(sql, sizeof sql, "SELECT thread FROM message WHERE id = %lld", (long long)message);
	return fixture_sql(f, "crmail.db", sql);
}

void letters_check_counters(const struct fixture *f)
{
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"SELECT count(*) FROM folder f WHERE"
			" (f.total, f.unread, f.threads, f.unread_threads) IS NOT"
			" (SELECT ifnull(sum(total), 0), ifnull(sum(unread), 0), count(*),"
			"  ifnull(sum(unread > 0), 0) FROM thread_list WHERE folder = f.id)"),
		0);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM folder f WHERE f.total <> (SELECT"
				 " count(DISTINCT m.copy_of) FROM placement p JOIN message m"
				 " ON m.id = p.message WHERE p.folder = f.id AND p.is_shown)"),
		0);
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"SELECT count(*) FROM (SELECT folder, count(*) n, sum(unread > 0) u"
			" FROM thread_list WHERE folder < 0 GROUP BY folder) l LEFT JOIN"
			" list_count c USING (folder)"
			" WHERE (n, u) IS NOT (c.threads, c.unread_threads)"),
		0);
}
