/*
 * test_crm_write.c - what the user wrote into records, against a CRM in memory that outlives us:
 * order, conflicts, refusals, lost answers, and a process killed around every commit.
 */
#include "config.h"

#include "tests/unit/store/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/json.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/activity.h"
#include "crmail/store/ingest.h"
#include "crmail/store/record.h"
#include "crmail/sync/crm_sync.h"

#define JWT "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyLTEifQ."

enum { MAX_ROWS = 12, MAX_LOG = 60, KILLS_MIN = 12 };

/* The CRM's tables; shared with the processes that are killed. */
struct remote {
	size_t n, n_log, revision;
	struct {
		char table[24], id[40], json[2000];
	} rows[MAX_ROWS];
	char log[MAX_LOG][40]; /* what was written: "POST ce_contacts" */
	bool is_down;
	char swallow[24]; /* table whose next POST or DELETE is taken and never answered */
	char refuse[24];  /* table whose POSTs are refused */
	int refuse_with;  /* that status */
};

struct scene {
	struct fixture *f;
	struct remote *remote;
	struct crm_http http;
	int64_t crm, account, folder;
};

/* ---- the CRM ----------------------------------------------------------------------------------*/

static int answer(struct crm_response *rs, int status, const char *text)
{
	rs->status = status;
	buf_addstr(rs->body, text);
	return 0;
}

static size_t find_row(const struct remote *r, const char *table, const char *id)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->rows[i].table, table) && !strcmp(r->rows[i].id, id))
			return i;
	return r->n;
}

/* Lays the body's members over the row's. */
static void merge(struct remote *r, size_t at, const char *body)
{
	cJSON *row = cJSON_Parse(r->rows[at].json);
	cJSON *in = cJSON_Parse(body);
	char stamp[40];
	row = row ? row : cJSON_CreateObject();
	for (cJSON *one = in->child; one; one = one->next) {
		cJSON_DeleteItemFromObjectCaseSensitive(row, one->string);
		cJSON_AddItemToObject(row, one->string, cJSON_Duplicate(one, true));
	}
	snprintf(stamp, sizeof(stamp), "2026-11-21T11:00:%02zuZ", ++r->revision % 60);
	cJSON_DeleteItemFromObjectCaseSensitive(row, "updated_at");
	cJSON_AddStringToObject(row, "updated_at", stamp);
	cJSON_DeleteItemFromObjectCaseSensitive(row, "created_at");
	cJSON_AddStringToObject(row, "created_at", stamp);
	char *text = cJSON_PrintUnformatted(row);
	snprintf(r->rows[at].json, sizeof(r->rows[at].json), "%s", text);
	cJSON_free(text);
	cJSON_Delete(row);
	cJSON_Delete(in);
}

static size_t put_row(struct remote *r, const char *table, const char *id, const char *body)
{
	size_t at = find_row(r, table, id);
	if (at == r->n) {
		BUG_ON(r->n == MAX_ROWS);
		snprintf(r->rows[r->n].table, sizeof(r->rows[0].table), "%s", table);
		snprintf(r->rows[r->n].id, sizeof(r->rows[0].id), "%s", id);
		r->rows[r->n++].json[0] = '\0';
	}
	merge(r, at, body);
	return at;
}

static int tell_row(const struct remote *r, size_t at, struct crm_response *rs)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	if (at < r->n)
		buf_addf(&text, "[%s]", r->rows[at].json);
	else
		buf_addstr(&text, "[]");
	return answer(rs, 200, text.p);
}

static int tell_table(const struct remote *r, const char *table, struct crm_response *rs)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	buf_addch(&text, '[');
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->rows[i].table, table))
			buf_addf(&text, "%s%s", text.len > 1 ? "," : "", r->rows[i].json);
	buf_addch(&text, ']');
	return answer(rs, 200, text.p);
}

static void note(struct remote *r, const char *method, const char *table)
{
	BUG_ON(r->n_log == MAX_LOG);
	snprintf(r->log[r->n_log++], sizeof(r->log[0]), "%s %s", method, table);
}

static bool swallows(struct remote *r, const char *table, struct err *e)
{
	if (strcmp(r->swallow, table) != 0)
		return false;
	r->swallow[0] = '\0';
	err_set(e, ERR_NET, "the line broke");
	return true;
}

static int post_row(struct remote *r, const char *table, const char *body, struct crm_response *rs,
	struct err *e)
{
	cJSON *in = cJSON_Parse(body);
	char id[40];
	snprintf(id, sizeof(id), "%s", cJSON_GetObjectItem(in, "id")->valuestring);
	cJSON_Delete(in);
	note(r, "POST", table);
	if (!strcmp(r->refuse, table))
		return answer(rs, r->refuse_with, "{\"message\":\"Nobody wants that.\"}");
	bool is_new = find_row(r, table, id) == r->n;
	size_t at = is_new ? put_row(r, table, id, body) : r->n;
	return swallows(r, table, e) ? -1 : tell_row(r, at, rs);
}

/* "...?id=eq.X&..." */
static void word_of(const char *url, const char *key, char *out, size_t size)
{
	const char *p = strstr(url, key);
	out[0] = '\0';
	if (p)
		snprintf(out, size, "%.*s", (int)strcspn(p + strlen(key), "&"), p + strlen(key));
}

static int change_row(struct remote *r, const struct crm_request *rq, const char *table,
	const char *id, struct crm_response *rs, struct err *e)
{
	char updated[64];
	size_t at = find_row(r, table, id);
	word_of(rq->url, "updated_at=eq.", updated, sizeof(updated));
	note(r, rq->method, table);
	if (at == r->n)
		return answer(rs, 200, "[]");
	if (!strcmp(rq->method, "DELETE")) {
		if (!swallows(r, table, e))
			tell_row(r, at, rs);
		r->rows[at] = r->rows[--r->n];
		return e->code ? -1 : 0;
	}
	for (char *p = updated; (p = strstr(p, "%3A"));) {
		*p = ':';
		memmove(p + 1, p + 3, strlen(p + 3) + 1);
	}
	if (*updated && !strstr(r->rows[at].json, updated))
		return answer(rs, 200, "[]");
	merge(r, at, rq->body);
	return tell_row(r, at, rs);
}

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	struct remote *r = ctx;
	char table[24];
	char id[64];
	rs->retry_after_ms = r->refuse_with == 429 ? 3600000 : -1;
	if (r->is_down)
		return err_set(e, ERR_NET, "down");
	if (strstr(rq->url, "/token"))
		return answer(rs, 200, "{\"access_token\":\"" JWT "\"}");
	const char *rest = strstr(rq->url, "/rest/v1/");
	assert_non_null(rest);
	snprintf(table, sizeof(table), "%.*s", (int)strcspn(rest + 9, "?"), rest + 9);
	word_of(rq->url, "?id=eq.", id, sizeof(id));
	if (!*id)
		word_of(rq->url, "&id=eq.", id, sizeof(id));
	if (!strcmp(rq->method, "POST"))
		return post_row(r, table, rq->body, rs, e);
	if (strcmp(rq->method, "GET") != 0)
		return change_row(r, rq, table, id, rs, e);
	if (!strcmp(table, "ce_users"))
		return answer(rs, 200, "[{\"id\":\"U1\",\"organization_id\":\"O1\"}]");
	if (*id)
		return tell_row(r, find_row(r, table, id), rs);
	return strstr(rq->url, "&or=") ? answer(rs, 200, "[]") : tell_table(r, table, rs);
}

static const char *remote_field(struct scene *s, const char *table, const char *id,
	const char *name)
{
	size_t at = find_row(s->remote, table, id);
	assert_true(at < s->remote->n);
	cJSON *row = cJSON_Parse(s->remote->rows[at].json);
	const cJSON *v = cJSON_GetObjectItem(row, name);
	const char *text = cJSON_IsString(v)   ? arena_strdup(&s->f->arena, v->valuestring)
			   : cJSON_IsNumber(v) ? arena_printf(&s->f->arena, "%g", v->valuedouble)
					       : "-";
	cJSON_Delete(row);
	return text;
}

static size_t count_rows(const struct scene *s, const char *table)
{
	size_t n = 0;
	for (size_t i = 0; i < s->remote->n; i++)
		n += !strcmp(s->remote->rows[i].table, table);
	return n;
}

static void check_log(const struct scene *s, const char *const *want)
{
	size_t n = 0;
	for (; want[n]; n++) {
		if (n >= s->remote->n_log)
			fail_msg("\"%s\" was not written", want[n]);
		assert_string_equal(s->remote->log[n], want[n]);
	}
	if (n < s->remote->n_log)
		fail_msg("\"%s\" was written too", s->remote->log[n]);
}

/* ---- a scene ----------------------------------------------------------------------------------*/

static int get_secret(void *ctx, const char *name, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)name;
	(void)e;
	buf_addstr(out, "s3cret");
	return 0;
}

static void run_pass(struct scene *s, struct store *store, struct crm_report *out)
{
	static const struct crm_secrets secrets = {.get = get_secret};
	struct fixture *f = s->f;
	struct crm_sync *crm = NULL;
	const char *top = getenv("CRMAIL_SRCDIR");
	s->http = (struct crm_http){perform, s->remote};
	const struct crm_sync_options o = {.store = store,
		.clock = f->clock,
		.share_dir = arena_printf(&f->arena, "%s/share/crmail", top ? top : "."),
		.http = &s->http,
		.secrets = &secrets};
	*out = (struct crm_report){.name = "main"};
	if (crm_sync_open(&crm, &o, s->crm, &f->err))
		fail_msg("%s", f->err.msg);
	crm_sync_pass(crm, &f->arena, out);
	crm_sync_close(crm);
}

static struct crm_report pass(struct scene *s)
{
	struct crm_report out;
	run_pass(s, s->f->store, &out);
	return out;
}

static struct crm_report good_pass(struct scene *s)
{
	struct crm_report out = pass(s);
	if (out.error.code)
		fail_msg("%s", out.error.msg);
	return out;
}

static void set_up(struct scene *s, struct fixture *f)
{
	*s = (struct scene){.f = f};
	s->remote = mmap(NULL, sizeof(*s->remote), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(s->remote != MAP_FAILED);
	const struct crm_row row = {
		.name = "main", .profile = "supabase", .url = "http://crm.test"};
	const struct setting words[] = {{"anon_key", "A"}, {"email", "me@ourfirm.example"}};
	assert_ok(f, crm_add(f->store, &row, words, 2, &s->crm, &f->err));
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example", .crm = s->crm};
	assert_ok(f, account_add(f->store, &account, NULL, 0, &s->account, &f->err));
	const struct folder_in in = {"INBOX", "INBOX", FOLDER_INBOX};
	assert_ok(f, folder_put_list(f->store, s->account, &in, 1, &f->err));
	struct folder_row *folders;
	size_t n;
	assert_ok(f, folder_list(f->reader, &f->arena, s->account, &folders, &n, &f->err));
	s->folder = folders[0].id;
	put_row(s->remote, "ce_contacts", "C1",
		"{\"id\":\"C1\",\"first_name\":\"Laura\",\"email\":\"l@x.example\","
		"\"title\":\"Buyer\"}");
	put_row(s->remote, "ce_deals", "D1",
		"{\"id\":\"D1\",\"name\":\"Big\",\"stage\":\"Qualified\",\"amount\":4000.5,"
		"\"contact_id\":\"C1\"}");
	good_pass(s);
}

static void tear_down(struct scene *s)
{
	munmap(s->remote, sizeof(*s->remote));
}

static void mail_to(struct scene *s, const char *to)
{
	struct fixture *f = s->f;
	const char *text = arena_printf(&f->arena,
		"From: me@ourfirm.example\r\nTo: %s\r\nSubject: Offer\r\n"
		"Message-ID: <1@ourfirm.example>\r\nDate: Sat, 21 Nov 2026 09:59:00 +0000\r\n"
		"\r\nHere it is.\r\n",
		to);
	struct ingest_msg m = {.server_id = "1",
		.received = FIXTURE_NOW - 60,
		.size = strlen(text),
		.p = ingest_prepare(&f->arena, text, strlen(text), true)};
	struct ingest_page page = {.account = s->account, .folder = s->folder, .msgs = &m, .n = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
}

static int64_t row_of(struct scene *s, enum record_kind k, const char *id)
{
	int64_t row = 0;
	assert_ok(s->f, record_by_crm_id(s->f->reader, k, id, &row, &s->f->err));
	assert_int_not_equal(row, 0);
	return row;
}

static void edit(struct scene *s, enum record_kind k, const char *id, const char *name,
	const char *value)
{
	const struct record_field v = {name, value};
	assert_ok(s->f, record_edit_wait(s->f->store, k, row_of(s, k, id), &v, 1, &s->f->err));
}

static int64_t log_call(struct scene *s, int64_t contact)
{
	int64_t row = 0;
	const struct record_field v[] = {{"kind", "call"}, {"subject", "Prices"},
		{"duration_min", "12"},
		{"contact", arena_printf(&s->f->arena, "%lld", (long long)contact)}};
	assert_ok(s->f,
		record_create_wait(s->f->store, s->crm, RECORD_ACTIVITY, v, 4, &row, &s->f->err));
	return row;
}

static int64_t make_kim(struct scene *s)
{
	int64_t row = 0;
	const struct record_field v[] = {{"first_name", "Kim"}, {"email", "kim@new.example"},
		{"other_emails", "k@new.example"}, {"partner", "new:New Firm"}};
	assert_ok(s->f,
		record_create_wait(s->f->store, s->crm, RECORD_CONTACT, v, 4, &row, &s->f->err));
	return row;
}

static struct record_write *only_write(struct scene *s)
{
	struct record_write *v = NULL;
	size_t n = 0;
	assert_ok(s->f, store_flush(s->f->store, &s->f->err));
	assert_ok(s->f,
		record_writes(s->f->reader, &s->f->arena, s->crm, 0, 0, 9, &v, &n, &s->f->err));
	assert_int_equal(n, 1);
	return v;
}

static int64_t open_items(struct scene *s)
{
	int64_t queued = 0;
	int64_t parked = 0;
	assert_ok(s->f, crm_counts(s->f->reader, s->crm, &queued, &parked, &s->f->err));
	return queued + parked;
}

/* ---- the tests --------------------------------------------------------------------------------*/

/* "Done when" 5: call logged, contact created, mail sent to that contact, deal moved. */
static void do_the_day(struct scene *s)
{
	log_call(s, row_of(s, RECORD_CONTACT, "C1"));
	int64_t kim = make_kim(s);
	mail_to(s, "kim@new.example");
	log_call(s, kim);
	edit(s, RECORD_DEAL, "D1", "stage", "Won");
	edit(s, RECORD_DEAL, "D1", "amount", "5000");
}

static const char *const day[] = {"POST ce_activities", "POST ce_partners", "POST ce_contacts",
	"POST ce_activities", "PATCH ce_deals", "POST ce_activities", NULL};

static void check_the_day(struct scene *s)
{
	assert_int_equal(count_rows(s, "ce_activities"), 3);
	assert_int_equal(count_rows(s, "ce_contacts"), 2);
	assert_int_equal(count_rows(s, "ce_partners"), 1);
	assert_string_equal(remote_field(s, "ce_deals", "D1", "stage"), "Won");
	assert_string_equal(remote_field(s, "ce_deals", "D1", "amount"), "5000");
	assert_int_equal(open_items(s), 0);
	assert_int_equal(fixture_sql(s->f, "crmail.db", "SELECT count(*) FROM contact"), 2);
	assert_int_equal(fixture_sql(s->f, "crmail.db",
				 "SELECT count(*) FROM activity WHERE kind = 1 AND state = 2 AND "
				 "crm_id = key"
				 " AND contact <> 0 AND contact_crm_id IS NOT NULL"),
		2);
	assert_int_equal(fixture_sql(s->f, "crmail.db",
				 "SELECT count(*) FROM activity WHERE kind = 0 AND state = 2"),
		1);
	assert_int_equal(fixture_sql(s->f, "crmail.db", "SELECT count(*) FROM match_queue"), 0);
}

static void crm_write__a_day_offline__arrives_in_order_once(void **state)
{
	struct scene s;
	set_up(&s, *state);
	s.remote->is_down = true;
	do_the_day(&s);
	struct crm_report r = pass(&s);
	assert_int_equal(r.error.code, ERR_NET);
	assert_int_equal(s.remote->n_log, 0);
	fixture_close(s.f);
	fixture_open(s.f);
	s.remote->is_down = false;
	r = good_pass(&s);
	assert_true(r.written == 5 && r.logged == 1);
	check_log(&s, day);
	check_the_day(&s);
	r = good_pass(&s);
	assert_true(r.written == 0 && r.logged == 0);
	check_log(&s, day);
	tear_down(&s);
}

static void crm_write__lost_answer__is_looked_for(void **state)
{
	static const char *const tables[] = {"ce_partners", "ce_contacts", "ce_activities"};
	struct scene s;
	set_up(&s, *state);
	do_the_day(&s);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		snprintf(s.remote->swallow, sizeof(s.remote->swallow), "%s", tables[i]);
		struct crm_report r = pass(&s);
		assert_int_equal(r.error.code, ERR_NET);
	}
	good_pass(&s);
	check_log(&s, day);
	check_the_day(&s);
	tear_down(&s);
}

static void crm_write__changed_in_the_crm__is_a_conflict(void **state)
{
	struct scene s;
	set_up(&s, *state);
	edit(&s, RECORD_DEAL, "D1", "stage", "Won");
	edit(&s, RECORD_DEAL, "D1", "next_step", "Invoice");
	put_row(s.remote, "ce_deals", "D1", "{\"stage\":\"Lost\"}");
	struct crm_report r = good_pass(&s);
	assert_int_equal(r.result, PASS_PARKED);
	assert_int_equal(r.n_parked, 1);
	assert_string_equal(r.parked[0].target, "deal:D1");
	struct record_write *w = only_write(&s);
	assert_int_equal(w->state, RECORD_CONFLICT);
	assert_string_equal(w->fields[1].theirs, "Lost");
	assert_int_equal(s.remote->n_log, 0);
	good_pass(&s); /* nobody has said anything: nothing is written */
	assert_int_equal(s.remote->n_log, 0);
	record_resolve(s.f->store, w->id, true);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	assert_int_equal(good_pass(&s).written, 1);
	assert_string_equal(remote_field(&s, "ce_deals", "D1", "stage"), "Won");
	assert_string_equal(remote_field(&s, "ce_deals", "D1", "next_step"), "Invoice");
	tear_down(&s);
}

static void crm_write__other_fields_changed__both_stay(void **state)
{
	struct scene s;
	set_up(&s, *state);
	edit(&s, RECORD_DEAL, "D1", "stage", "Won");
	put_row(s.remote, "ce_deals", "D1", "{\"amount\":7,\"stage\":\"Qualified\"}");
	good_pass(&s);
	assert_string_equal(remote_field(&s, "ce_deals", "D1", "stage"), "Won");
	assert_string_equal(remote_field(&s, "ce_deals", "D1", "amount"), "7");
	assert_int_equal(open_items(&s), 0);
	edit(&s, RECORD_CONTACT, "C1", "title", "CEO"); /* somebody else has said the same */
	put_row(s.remote, "ce_contacts", "C1", "{\"title\":\"CEO\"}");
	size_t before = s.remote->n_log;
	good_pass(&s);
	assert_int_equal(s.remote->n_log, before);
	assert_int_equal(open_items(&s), 0);
	tear_down(&s);
}

static void crm_write__refused_contact__parks_its_call(void **state)
{
	struct scene s;
	set_up(&s, *state);
	do_the_day(&s);
	snprintf(s.remote->refuse, sizeof(s.remote->refuse), "ce_contacts");
	s.remote->refuse_with = 400;
	struct crm_report r = good_pass(&s);
	assert_int_equal(r.result, PASS_PARKED);
	assert_int_equal(r.n_parked, 2);
	assert_non_null(strstr(r.parked[0].reason, "Nobody wants that."));
	assert_true(str_starts(r.parked[0].target, "contact:local:"));
	assert_int_not_equal(r.parked[0].write, 0);
	assert_true(str_starts(r.parked[1].target, "activity:local:"));
	assert_non_null(r.parked[1].reason);
	assert_int_equal(count_rows(&s, "ce_activities"), 1);
	assert_string_equal(remote_field(&s, "ce_deals", "D1", "stage"), "Won"); /* not held up */
	s.remote->refuse[0] = '\0';
	record_retry(s.f->store, r.parked[0].write);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	good_pass(&s);
	check_the_day(&s);
	tear_down(&s);
}

static void crm_write__record_deleted_there__is_parked_in_words(void **state)
{
	struct scene s;
	set_up(&s, *state);
	edit(&s, RECORD_DEAL, "D1", "stage", "Won");
	s.remote->rows[find_row(s.remote, "ce_deals", "D1")] = s.remote->rows[--s.remote->n];
	good_pass(&s);
	struct record_write *w = only_write(&s);
	assert_int_equal(w->state, RECORD_PARKED);
	assert_non_null(strstr(w->reason, "not in the CRM any more"));
	record_discard(s.f->store, w->id);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	assert_int_equal(open_items(&s), 0);
	tear_down(&s);
}

static void crm_write__slow_down__leaves_everything_in_order(void **state)
{
	struct scene s;
	set_up(&s, *state);
	do_the_day(&s);
	snprintf(s.remote->refuse, sizeof(s.remote->refuse), "ce_activities");
	s.remote->refuse_with = 429;
	struct crm_report r = pass(&s);
	assert_true(r.error.code == ERR_RATE && r.error.after_ms == 3600000);
	assert_int_equal(s.remote->n_log, 1);
	s.remote->refuse_with = 0;
	s.remote->refuse[0] = '\0';
	s.remote->n_log = 0;
	good_pass(&s);
	check_log(&s, day);
	check_the_day(&s);
	tear_down(&s);
}

static void crm_write__edits_of_what_was_made__follow_it(void **state)
{
	struct scene s;
	set_up(&s, *state);
	int64_t call = log_call(&s, row_of(&s, RECORD_CONTACT, "C1"));
	good_pass(&s);
	const char *id = record_crm_id(s.f->reader, &s.f->arena, RECORD_ACTIVITY, call);
	assert_non_null(id);
	edit(&s, RECORD_ACTIVITY, id, "subject", "Prices again");
	assert_int_equal(good_pass(&s).written, 1);
	assert_string_equal(remote_field(&s, "ce_activities", id, "subject"), "Prices again");
	assert_string_equal(remote_field(&s, "ce_activities", id, "duration_min"), "12");
	assert_ok(s.f, record_withdraw_wait(s.f->store, RECORD_ACTIVITY, call, &s.f->err));
	assert_int_equal(good_pass(&s).written, 1);
	assert_int_equal(count_rows(&s, "ce_activities"), 0);
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM activity"), 0);
	tear_down(&s);
}

static void crm_write__withdrawal_lost_its_answer__undo_makes_it_again(void **state)
{
	struct scene s;
	set_up(&s, *state);
	int64_t call = log_call(&s, row_of(&s, RECORD_CONTACT, "C1"));
	good_pass(&s);
	int64_t id = record_withdraw(s.f->store, RECORD_ACTIVITY, call);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	snprintf(s.remote->swallow, sizeof(s.remote->swallow), "ce_activities");
	assert_int_equal(pass(&s).error.code, ERR_NET);
	assert_int_equal(count_rows(&s, "ce_activities"), 0);
	record_undo(s.f->store, id);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	assert_int_equal(good_pass(&s).written, 1);
	assert_int_equal(count_rows(&s, "ce_activities"), 1);
	const char *again = record_crm_id(s.f->reader, &s.f->arena, RECORD_ACTIVITY, call);
	assert_non_null(again);
	assert_string_equal(remote_field(&s, "ce_activities", again, "subject"), "Prices");
	assert_string_equal(remote_field(&s, "ce_activities", again, "contact_id"), "C1");
	assert_int_equal(open_items(&s), 0);
	tear_down(&s);
}

static void crm_write__edit_of_what_was_in_doubt__arrives(void **state)
{
	struct scene s;
	set_up(&s, *state);
	int64_t call = log_call(&s, row_of(&s, RECORD_CONTACT, "C1"));
	snprintf(s.remote->swallow, sizeof(s.remote->swallow), "ce_activities");
	assert_int_equal(pass(&s).error.code, ERR_NET); /* the CRM has it */
	struct record_write *w = only_write(&s);
	assert_ok(s.f, record_park(s.f->store, w->id, true, "Given up.", &s.f->err));
	const struct record_field v = {"subject", "Prices again"};
	assert_ok(s.f, record_edit_wait(s.f->store, RECORD_ACTIVITY, call, &v, 1, &s.f->err));
	assert_int_equal(good_pass(&s).written, 2);
	const char *id = record_crm_id(s.f->reader, &s.f->arena, RECORD_ACTIVITY, call);
	assert_non_null(id);
	assert_string_equal(remote_field(&s, "ce_activities", id, "subject"), "Prices again");
	assert_int_equal(count_rows(&s, "ce_activities"), 1);
	tear_down(&s);
}

/* ---- killed -----------------------------------------------------------------------------------*/

/* One pass in a process of its own that is killed at its n-th crash point; false: it got to its
 * end. */
static bool killed_at(struct scene *s, int64_t n)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct store_options o = fixture_options(s->f);
		struct store *store = NULL;
		struct err e = ERR_INIT;
		struct crm_report out;
		o.events = NULL;
		o.crash_at = n;
		if (store_open(&store, &o, &e))
			_exit(2);
		run_pass(s, store, &out);
		store_close(store);
		_exit(out.error.code ? 3 : 0);
	}
	int status = 0;
	assert_true(waitpid(child, &status, 0) == child);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static void crm_write__killed_around_each_commit__once_each(void **state)
{
	int64_t n = 1;
	for (bool was_killed = true; was_killed; n++) {
		struct scene s;
		void *fresh = NULL;
		assert_int_equal(fixture_up(&fresh), 0);
		set_up(&s, fresh);
		do_the_day(&s);
		fixture_close(s.f);
		was_killed = killed_at(&s, n);
		fixture_open(s.f);
		good_pass(&s);
		check_the_day(&s);
		assert_true(s.remote->n_log <= ARRAY_SIZE(day) - 1 + 1); /* at most one again */
		tear_down(&s);
		fixture_down(&fresh);
	}
	(void)state;
	assert_true(n > KILLS_MIN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(crm_write__a_day_offline__arrives_in_order_once),
		TEST(crm_write__lost_answer__is_looked_for),
		TEST(crm_write__changed_in_the_crm__is_a_conflict),
		TEST(crm_write__other_fields_changed__both_stay),
		TEST(crm_write__refused_contact__parks_its_call),
		TEST(crm_write__record_deleted_there__is_parked_in_words),
		TEST(crm_write__slow_down__leaves_everything_in_order),
		TEST(crm_write__edits_of_what_was_made__follow_it),
		TEST(crm_write__withdrawal_lost_its_answer__undo_makes_it_again),
		TEST(crm_write__edit_of_what_was_in_doubt__arrives),
		cmocka_unit_test(crm_write__killed_around_each_commit__once_each),
	};
	return cmocka_run_group_tests_name("sync/crm_write", tests, NULL, NULL);
}
