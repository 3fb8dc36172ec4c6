/*
 * import_contacts.c - `crmail import contacts FILE...`: people out of CSV files and vCards into the
 * CRM of this machine, with --from ACCOUNT out of that account's address book; what would be done
 * with --dry-run, and the last import taken back with --undo.
 */
#include "config.h"

#include "contacts.h"

#include <string.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/crm/match.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/people.h"
#include "crmail/store/store.h"
#include "crmail/sync/contacts.h"

#include "args.h"
#include "print.h"
#include "verbs.h"

#define FIRST_PEOPLE 3
#define SKIPPED_MAX 1000 /* named one by one */

struct importing {
	struct cli *c;
	const char *crm_name, *charset, *separator;
	const char *from; /* account whose address book is read instead of files; NULL = files */
	int64_t from_id;
	const char *from_secret; /* name of its sign-in, in `names`; NULL = none */
	struct arena names;
	int64_t n_gone;
	bool only_look, as_json, is_undo;
	struct cli_list accounts, map, files;
	struct people_column columns[CLI_LIST_MAX];
	char titles[CLI_LIST_MAX][256];
	int64_t crm;
	bool is_new_crm;
	const char *path; /* of the file that is read */
	cJSON *doc, *file;
	int n_first, n_skipped;
	bool is_shown; /* a progress line stands on the terminal */
};

/* ---- what is told while it goes --------------------------------------------------------------*/

static void on_file(void *ctx, const struct people_format *f)
{
	struct importing *im = ctx;
	im->file = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_GetObjectItem(im->doc, "files"), im->file);
	json_add_str(im->file, "file", im->path);
	json_add_str(im->file, "kind", f->kind == PEOPLE_CSV ? "csv" : "vcard");
	json_add_str(im->file, "charset", f->charset);
	cJSON_AddArrayToObject(im->file, "first");
	cJSON_AddArrayToObject(im->file, "skipped");
	im->n_first = 0;
}

static void on_book(struct importing *im)
{
	im->path = im->from;
	im->file = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_GetObjectItem(im->doc, "files"), im->file);
	json_add_str(im->file, "account", im->from);
	cJSON_AddArrayToObject(im->file, "first");
	cJSON_AddArrayToObject(im->file, "skipped");
}

static void on_columns(void *ctx, const struct people_column *v, size_t n)
{
	const struct importing *im = ctx;
	cJSON *list = cJSON_AddArrayToObject(im->file, "columns");
	for (size_t i = 0; i < n; i++) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddItemToArray(list, o);
		json_add_str(o, "title", v[i].title);
		if (v[i].field != PEOPLE_NONE)
			json_add_str(o, "field", people_field_name(v[i].field));
	}
}

static void add_list(cJSON *o, const char *key, const struct people_list *l)
{
	if (!l->n)
		return;
	cJSON *list = cJSON_AddArrayToObject(o, key);
	for (size_t i = 0; i < l->n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(l->v[i]));
}

static void on_person(void *ctx, const struct person *p)
{
	struct importing *im = ctx;
	if (im->n_first++ >= FIRST_PEOPLE)
		return;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_GetObjectItem(im->file, "first"), o);
	json_add_i64(o, "line", p->line);
	json_add_str(o, "name", p->name);
	json_add_str(o, "first_name", p->first_name);
	json_add_str(o, "last_name", p->last_name);
	add_list(o, "emails", &p->emails);
	add_list(o, "phones", &p->phones);
	json_add_str(o, "company", p->company);
	add_list(o, "domains", &p->domains);
	json_add_str(o, "title", p->title);
	json_add_str(o, "owner", p->owner);
	json_add_str(o, "note", p->note);
}

static void on_skipped(void *ctx, int64_t line, const char *why)
{
	struct importing *im = ctx;
	if (im->n_skipped++ >= SKIPPED_MAX)
		return;
	if (!im->as_json) {
		fprintf(im->c->err, "%s%s:%lld: %s\n", im->is_shown ? "\n" : "", im->path,
			(long long)line, why);
		im->is_shown = false;
		return;
	}
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_GetObjectItem(im->file, "skipped"), o);
	json_add_i64(o, "line", line);
	json_add_str(o, "reason", why);
}

static int on_progress(void *ctx, int64_t done, int64_t total)
{
	struct importing *im = ctx;
	if (im->as_json || !isatty(STDERR_FILENO))
		return 0;
	im->is_shown = true;
	fprintf(im->c->err, "\r%s: %3d%%", im->path, total ? (int)(done * 100 / total) : 100);
	fflush(im->c->err);
	return 0;
}

/* ---- the import ------------------------------------------------------------------------------*/

static int read_map(struct importing *im, struct err *e)
{
	for (size_t i = 0; i < im->map.n; i++) {
		const char *field;
		struct people_column *column = &im->columns[i];
		if (!cli_split_setting(im->map.v[i], im->titles[i], sizeof(im->titles[i]),
			    &field) ||
			!people_field_of(field, &column->field))
			return err_set(e, ERR_USAGE,
				_("--map takes COLUMN=FIELD; the fields are name, first_name, "
				  "middle_name, last_name, email, phone, company, domain, title, "
				  "note, owner and - for none."));
		column->title = im->titles[i];
	}
	return 0;
}

static int separator_of(const char *text, char *out, struct err *e)
{
	*out = '\0';
	if (!text)
		return 0;
	*out = !strcmp(text, "tab") ? '\t' : text[0];
	if (*out && strchr(",;|\t", *out) && (!text[1] || *out == '\t'))
		return 0;
	return err_set(e, ERR_USAGE, _("--separator is , or ; or | or tab."));
}

static int find_accounts(struct importing *im, struct store_reader *r, struct arena *a,
	const struct account_row **out, size_t *n, struct err *e)
{
	struct account_row *v = NULL;
	size_t total = 0;
	if (account_list(r, a, &v, &total, e))
		return -1;
	struct account_row *chosen = arena_array(a, total + 1, sizeof(*chosen));
	*n = 0;
	for (size_t i = 0; i < im->accounts.n; i++) {
		size_t k = 0;
		while (k < total && strcmp(v[k].name, im->accounts.v[i]) != 0)
			k++;
		if (k == total)
			return err_set(e, ERR_NOTFOUND, _("There is no account %s."),
				im->accounts.v[i]);
		chosen[(*n)++] = v[k];
	}
	/* A new CRM belongs to the account that its people are from, or to the only one there is,
	 * unless that has one. */
	for (size_t i = 0; i < total && !im->accounts.n && im->is_new_crm; i++)
		if (!v[i].crm && (im->from ? v[i].id == im->from_id : total == 1))
			chosen[(*n)++] = v[i];
	*out = chosen;
	return 0;
}

static int find_from(struct importing *im, struct store_reader *r, struct err *e)
{
	struct account_row *row = NULL;
	if (!im->from)
		return 0;
	if (account_find(r, &im->names, im->from, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("There is no account %s."), im->from);
	im->from_id = row->id;
	im->from_secret = account_setting(r, &im->names, row->id, "secret");
	return im->from_secret ? cli_open_secrets(im->c, im->from_secret, e) : 0;
}

static int bind_accounts(struct importing *im, const struct account_row *v, size_t n, struct err *e)
{
	cJSON *list = cJSON_AddArrayToObject(im->doc, "accounts");
	for (size_t i = 0; i < n; i++) {
		if (v[i].crm != im->crm && account_bind_crm(im->c->store, v[i].id, im->crm, e))
			return -1;
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i].name));
	}
	return 0;
}

/* Finds or makes the CRM and looks at the accounts, before anything is read. */
static int prepare(struct importing *im, struct store_reader *r, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct account_row *accounts = NULL;
	size_t n = 0;
	if (people_find_crm(r, im->crm_name, &im->crm, e) || find_from(im, r, e))
		return -1;
	im->is_new_crm = !im->crm;
	if (find_accounts(im, r, &a, &accounts, &n, e))
		return -1;
	if (im->only_look)
		return 0;
	if (im->is_new_crm && people_make_crm(im->c->store, NULL, &im->crm, e))
		return -1;
	return bind_accounts(im, accounts, n, e);
}

static int import_book(struct importing *im, struct people_counts *counts, struct err *e)
{
	const struct contacts_order o = {.store = im->c->store,
		.account = im->from_id,
		.import = {.crm = im->crm,
			.only_look = im->only_look,
			.is_freemail = match_is_freemail,
			.person = on_person,
			.skipped = on_skipped,
			.ctx = im},
		.secrets = im->c->secrets,
		.trust = im->c->trust,
		.clock = im->c->clock,
		.deadline_ms = im->c->deadline_ms};
	struct contacts_result r;
	on_book(im);
	int rc = contacts_import(&o, &r, e);
	*counts = r.counts;
	im->n_gone = r.n_gone;
	return rc;
}

static int import_files(struct importing *im, struct people_counts *counts, struct err *e)
{
	struct people_importer *importer = NULL;
	struct people_import_options o = {.crm = im->crm,
		.only_look = im->only_look,
		.charset = im->charset,
		.map = im->columns,
		.n_map = im->map.n,
		.is_freemail = match_is_freemail,
		.file = on_file,
		.columns = on_columns,
		.person = on_person,
		.skipped = on_skipped,
		.progress = on_progress,
		.ctx = im};
	if (separator_of(im->separator, &o.separator, e) ||
		people_importer_open(&importer, im->c->store, &o, e))
		return -1;
	int rc = 0;
	for (size_t i = 0; !rc && i < im->files.n; i++) {
		im->path = im->files.v[i];
		rc = people_importer_file(importer, im->path, e);
	}
	*counts = *people_importer_counts(importer);
	people_importer_close(importer);
	if (im->is_shown)
		fputc('\n', im->c->err);
	return rc;
}

/* ---- what is told at the end -----------------------------------------------------------------*/

static void add_counts(cJSON *doc, const struct importing *im, const struct people_counts *n)
{
	for (int i = 0; i < PEOPLE_OUTCOME_COUNT; i++)
		json_add_i64(doc, people_outcome_name((enum people_outcome)i), n->n[i]);
	json_add_i64(doc, "partners", n->partners);
	if (im->from)
		json_add_i64(doc, "removed_there", im->n_gone);
}

static void print_columns(FILE *out, const cJSON *file)
{
	const cJSON *x;
	const cJSON *columns = json_at(file, "/columns");
	if (!columns)
		return;
	fprintf(out, "%s\n", _("Columns:"));
	cJSON_ArrayForEach(x, columns)
	{
		const char *field = json_str(x, "/field");
		const char *title = json_str(x, "/title");
		fprintf(out, "  %s: %s\n", title && *title ? title : "?", field ? field : "-");
	}
}

static void print_first(FILE *out, const cJSON *file)
{
	const cJSON *x;
	fprintf(out, "%s\n", _("First people:"));
	cJSON_ArrayForEach(x, json_at(file, "/first"))
	{
		char *text = json_print(x);
		fprintf(out, "  %s\n", text);
		cJSON_free(text);
	}
}

static void print_text(const struct importing *im, const struct people_counts *n)
{
	const cJSON *files = im->only_look ? json_at(im->doc, "/files") : NULL;
	const cJSON *file;
	cJSON_ArrayForEach(file, files)
	{
		if (im->from)
			fprintf(im->c->out, "%s\n", im->from);
		else
			fprintf(im->c->out, "%s (%s, %s)\n", json_str(file, "/file"),
				json_str(file, "/kind"), json_str(file, "/charset"));
		print_columns(im->c->out, file);
		print_first(im->c->out, file);
	}
	if (im->only_look)
		fprintf(im->c->out, "%s\n", _("Nothing was written. It would be:"));
	fprintf(im->c->out,
		_("%lld new, %lld updated, %lld unchanged, %lld repeated, %lld skipped; "
		  "%lld new companies.\n"),
		(long long)n->n[PEOPLE_NEW], (long long)n->n[PEOPLE_UPDATED],
		(long long)n->n[PEOPLE_SAME], (long long)n->n[PEOPLE_REPEATED],
		(long long)n->n[PEOPLE_SKIPPED], (long long)n->partners);
	if (im->n_gone)
		fprintf(im->c->out,
			ngettext("%lld was removed there, and stays here.\n",
				"%lld were removed there, and stay here.\n",
				(unsigned long)im->n_gone),
			(long long)im->n_gone);
	if (!im->only_look && im->is_new_crm && !cJSON_GetArraySize(json_at(im->doc, "/accounts")))
		fprintf(im->c->err, "%s\n",
			_("No account uses these contacts yet: name one with --account NAME."));
}

static int run_import(struct importing *im)
{
	struct people_counts counts = {.partners = 0};
	struct store_reader *r = NULL;
	struct err e = ERR_INIT;
	if (store_reader_open(im->c->store, &r, &e))
		return cli_fail(im->c, &e);
	im->doc = cJSON_CreateObject();
	cJSON_AddArrayToObject(im->doc, "files");
	cJSON_AddBoolToObject(im->doc, "dry_run", im->only_look);
	int rc = read_map(im, &e) || prepare(im, r, &e) ||
		 (im->from ? import_book(im, &counts, &e) : import_files(im, &counts, &e));
	store_reader_close(r);
	add_counts(im->doc, im, &counts);
	int code = counts.n[PEOPLE_SKIPPED] ? CLI_PARTLY : CLI_OK;
	if (!rc && !im->as_json)
		print_text(im, &counts);
	if (!rc && im->as_json && cli_print_json(im->c, im->doc) != CLI_OK)
		code = CLI_FAILED;
	if (rc || !im->as_json)
		cJSON_Delete(im->doc);
	return rc ? cli_fail(im->c, &e) : code;
}

static int run_undo(struct importing *im)
{
	struct people_undone n;
	struct err e = ERR_INIT;
	if (people_undo(im->c->store, &n, &e))
		return cli_fail(im->c, &e);
	if (!im->as_json) {
		fprintf(im->c->out, _("%lld removed, %lld as before, %lld kept.\n"),
			(long long)n.removed, (long long)n.restored, (long long)n.kept);
		return CLI_OK;
	}
	cJSON *doc = cJSON_CreateObject();
	json_add_i64(doc, "removed", n.removed);
	json_add_i64(doc, "restored", n.restored);
	json_add_i64(doc, "kept", n.kept);
	return cli_print_json(im->c, doc);
}

int cli_import_contacts(struct cli *c, const struct cli_verb *v, int argc, char **argv)
{
	struct importing im = {.c = c, .names = ARENA_INIT};
	const struct cli_arg table[] = {
		{.name = "--dry-run", .flag = &im.only_look},
		{.name = "--json", .flag = &im.as_json},
		{.name = "--undo", .flag = &im.is_undo},
		{.name = "--from", .value = &im.from},
		{.name = "--crm", .value = &im.crm_name},
		{.name = "--account", .list = &im.accounts},
		{.name = "--charset", .value = &im.charset},
		{.name = "--separator", .value = &im.separator},
		{.name = "--map", .list = &im.map},
		{.name = NULL},
	};
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &im.files, &e))
		return cli_usage(c, v, e.msg);
	if ((im.files.n > 0) + im.is_undo + (im.from != NULL) != 1)
		return cli_usage(c, v, NULL);
	int code = cli_open_store(c);
	if (code != CLI_OK)
		return code;
	code = im.is_undo ? run_undo(&im) : run_import(&im);
	arena_release(&im.names);
	return code;
}
