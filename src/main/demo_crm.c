/*
 * demo_crm.c - the demo's contacts, partners and deals: a local CRM filled from
 * share/crmail/demo/crm.json and bound to the demo's account.
 */
#include "config.h"

#include "demo.h"

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/cli/cli.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"

#define FILE_MAX ((size_t)1 << 20)

static int put_partner(struct store *s, struct put_page *p, const cJSON *j, struct err *e)
{
	const char *domain = json_str(j, "/domain");
	const struct partner_in in = {.crm_id = json_str(j, "/id"),
		.name = json_str(j, "/name"),
		.domains = &domain,
		.n_domains = domain ? 1 : 0};
	return partner_put(s, p, &in, 1, e);
}

static int put_contact(struct store *s, struct put_page *p, const cJSON *j, struct err *e)
{
	const char *email = json_str(j, "/email"), *phone = json_str(j, "/phone");
	const struct contact_in in = {.crm_id = json_str(j, "/id"),
		.name = json_str(j, "/name"),
		.first_name = json_str(j, "/first"),
		.last_name = json_str(j, "/last"),
		.title = json_str(j, "/title"),
		.emails = &email,
		.n_emails = email ? 1 : 0,
		.phones = &phone,
		.n_phones = phone ? 1 : 0,
		.partner_crm_id = json_str(j, "/partner")};
	return contact_put(s, p, &in, 1, e);
}

static int put_deal(struct store *s, struct put_page *p, const cJSON *j, int64_t now, struct err *e)
{
	int64_t days = 0;
	if (!json_i64(j, "/close_in_days", &days))
		days = 0;
	const struct deal_in in = {.crm_id = json_str(j, "/id"),
		.name = json_str(j, "/name"),
		.number = json_str(j, "/number"),
		.amount = json_str(j, "/amount"),
		.currency = json_str(j, "/currency"),
		.stage = json_str(j, "/stage"),
		.next_step = json_str(j, "/next_step"),
		.partner_crm_id = json_str(j, "/partner"),
		.contact_crm_id = json_str(j, "/contact"),
		.close_at = days ? now + days * 86400 : 0};
	return deal_put(s, p, &in, 1, e);
}

static int put_all(struct cli *c, int64_t crm, const cJSON *doc, struct err *e)
{
	struct put_page p = {.crm = crm};
	const cJSON *j;
	int64_t now = clock_now(c->clock);
	cJSON_ArrayForEach(j,
		json_at(doc, "/partners")) if (put_partner(c->store, &p, j, e)) return -1;
	cJSON_ArrayForEach(j,
		json_at(doc, "/contacts")) if (put_contact(c->store, &p, j, e)) return -1;
	cJSON_ArrayForEach(j,
		json_at(doc, "/deals")) if (put_deal(c->store, &p, j, now, e)) return -1;
	return 0;
}

int demo_prepare_crm(struct cli *c, int64_t account, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(c->share_dir, "demo/crm.json");
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	CLEANUP(json_free) cJSON *doc = NULL;
	int64_t crm = 0;
	if (fsx_read_file(path, &text, e) || json_parse(text.p, text.len, &doc, e))
		return -1;
	const struct crm_row row = {.name = "local",
		.profile = "local",
		.log_mode = "known",
		.log_level = "snippet",
		.log_side = "activity"};
	if (crm_add(c->store, &row, NULL, 0, &crm, e) ||
		account_bind_crm(c->store, account, crm, e))
		return -1;
	return put_all(c, crm, doc, e);
}
