/*
 * fuzz_profile.c - profiles and the answers of CRMs. Input: a profile, a line "---", and what
 * every request is answered with; with an empty profile part the whole input is a template that is
 * put into every sink. Whatever is rendered must be fit to be sent.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/crm/crm.h"
#include "crmail/crm/profile.h"
#include "crmail/crm/write.h"
#include "src/crm/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answer {
	const char *p;
	size_t len;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_line(const char *s, bool blanks_too)
{
	for (; *s; s++)
		require((unsigned char)*s >= 0x20 && *s != 0x7f && (!blanks_too || *s != ' '));
}

static void check_request(void *ctx, const char *what, const struct crm_request *rq)
{
	(void)ctx;
	(void)what;
	check_line(rq->method, true);
	check_line(rq->url, true);
	for (size_t i = 0; i < rq->n_headers; i++) {
		check_line(rq->headers[i].name, true);
		check_line(rq->headers[i].value, false);
	}
	if (!rq->body)
		return;
	cJSON *j = NULL;
	struct err e = ERR_INIT;
	require(rq->body_len == strlen(rq->body) && !json_parse(rq->body, rq->body_len, &j, &e));
	cJSON_Delete(j);
}

static int perform(void *ctx, const struct crm_request *rq, struct crm_response *rs, struct err *e)
{
	const struct answer *a = ctx;
	check_request(NULL, "", rq);
	if (a->len && a->p[0] == '!')
		return err_set(e, ERR_NET, "cut");
	rs->status = a->len && a->p[0] == '4' ? 401 : a->len && a->p[0] == '9' ? 409 : 200;
	rs->retry_after_ms = -1;
	buf_add(rs->body, a->p, a->len);
	return 0;
}

static int get_secret(void *ctx, const char *name, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)name;
	(void)e;
	buf_addstr(out, "secret\"\\");
	return 0;
}

static int put_secret(void *ctx, const char *name, const char *value, size_t len, struct err *e)
{
	(void)ctx;
	(void)e;
	require(*name && len == strlen(value));
	return 0;
}

static void pull_all(struct crm *c)
{
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct crm_page page = {.cursor = NULL, .more = true};
		struct err e = ERR_INIT;
		for (int i = 0; i < 3 && page.more && crm_has(c, (enum crm_object)o); i++) {
			if (crm_pull(c, (enum crm_object)o, page.cursor, &a, &page, &e))
				break;
			for (size_t k = 0; k < page.n; k++)
				require(page.v[k].id && *page.v[k].id);
		}
	}
}

static void look_all(struct crm *c)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_maker_found found;
	struct crm_ids ids;
	struct err e = ERR_INIT;
	IGNORE_RESULT(crm_look_for_maker(c, &found, &e), "may be refused");
	for (int o = 0; o < CRM_OBJECT_COUNT; o++)
		if (crm_reconcile_days(c, (enum crm_object)o) &&
			!crm_list_ids(c, (enum crm_object)o, "C\"1", &a, &ids, &e))
			for (size_t i = 0; i < ids.n; i++)
				require(ids.v[i] && *ids.v[i]);
}

/* Every verb with every field there is, whatever object it belongs to. */
static void write_all(struct crm *c, const struct crm_attempt *st, struct arena *a)
{
	static const struct crm_field fields[] = {{"name", "N"}, {"email", "a@x.example"},
		{"other_emails", "b@x.example, \"\\"}, {"amount", "1.5"}, {"subject", NULL},
		{"partner_id", "P\"1"}, {"contact_id", "C\r\n1"}};
	for (int o = 0; o < CRM_OBJECT_COUNT; o++) {
		const char *id = NULL;
		const struct crm_record *now = NULL;
		for (size_t n = 0; n <= ARRAY_SIZE(fields); n++) {
			const struct crm_write w = {.object = (enum crm_object)o,
				.key = "K",
				.id = "I/&",
				.updated = "2026",
				.fields = fields + n,
				.n_fields = n < ARRAY_SIZE(fields) ? 1 : 0};
			struct err e = ERR_INIT;
			if (!crm_create(c, a, &w, st, &id, &e))
				require(id != NULL);
			IGNORE_RESULT(crm_update(c, a, &w, st, &e), "may be refused");
			IGNORE_RESULT(crm_delete(c, a, &w, st, &e), "may be refused");
			if (!crm_read_one(c, w.object, w.id, a, &now, &e) && now)
				IGNORE_RESULT(crm_record_field(a, w.object, now, "email"),
					"may be empty");
		}
	}
}

static void run_profile(const struct crm_profile *p, struct answer *answer)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_config config[40] = {{"url", "http://crm.test"}};
	struct crm_profile_key key;
	struct err e = ERR_INIT;
	size_t n = 1;
	for (size_t i = 0; n < ARRAY_SIZE(config) && crm_profile_key_at(p, i, &key); i++)
		if (!key.is_secret)
			config[n++] = (struct crm_config){key.name, "v\"w"};
	struct clock_src *clock = clock_new(NULL);
	const struct crm_env env = {
		.http = {perform, answer},
		.secrets = {get_secret, put_secret, NULL},
		.clock = clock,
		.config = config,
		.n_config = n,
	};
	struct crm *c = NULL;
	if (!crm_open(&c, p, &env, &e)) {
		struct crm_identity me;
		const struct crm_log_item item = {.key = "K", .subject = "S\r\n\"", .is_out = true};
		const struct crm_attempt st = {.is_doubtful = true, .journal = answer->p};
		const char *id = NULL;
		IGNORE_RESULT(crm_show_requests(c, check_request, NULL, &e), "may be refused");
		IGNORE_RESULT(crm_whoami(c, &me, &e), "may be refused");
		pull_all(c);
		if (!crm_log(c, &a, &item, &st, &id, &e))
			require(id != NULL);
		write_all(c, &st, &a);
		look_all(c);
	}
	crm_close(c);
	clock_free(clock);
}

static bool is_known(const void *ctx, const char *name)
{
	(void)ctx;
	return *name != '\0';
}

static void run_template(const char *text)
{
	static const struct var vars[] = {
		{.name = "a", .type = VAR_TEXT, .text = "x\r\n\"\\ \xff"},
		{.name = "n", .type = VAR_INT, .number = INT64_MAX},
	};
	const struct var_scope scope = {.v = vars, .n = ARRAY_SIZE(vars)};
	const struct template_ctx t = {.scope = &scope, .hide_secrets = true};
	static const enum template_sink sinks[] = {SINK_URL, SINK_PATH, SINK_QUERY, SINK_HEADER};
	struct err e = ERR_INIT;
	if (template_check(text, is_known, NULL, &e))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		bool is_absent;
		if (template_render(&t, text, sinks[i], &out, &is_absent, &e))
			continue;
		require(strlen(out.p) == out.len);
		if (sinks[i] != SINK_PATH)
			check_line(out.p, sinks[i] == SINK_QUERY);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char *text = arena_strndup(&a, (const char *)data, size);
	char *cut = strstr(text, "\n---\n");
	size_t profile_len = cut ? (size_t)(cut - text) : strlen(text);
	struct answer answer = {cut ? cut + 5 : "", cut ? strlen(cut + 5) : 0};
	struct crm_profile *p = NULL;
	struct err e = ERR_INIT;
	run_template(cut && !profile_len ? answer.p : text);
	if (!crm_profile_parse("fuzz", text, profile_len, &p, &e))
		run_profile(p, &answer);
	crm_profile_free(p);
	return 0;
}
