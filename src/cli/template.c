/*
 * template.c - `crmail template`: the templates of mails as files, one of them filled in, those
 * that crmail brings, and earlier texts of one.
 */
#include "config.h"

#include "verbs.h"

#include <string.h>
#include <time.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/addr.h"
#include "crmail/mail/line_diff.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/store/template.h"

#include "args.h"
#include "print.h"

#define DIFF_MOST ((size_t)1 << 20)
#define KEY_MOST 80

struct template_verb {
	struct cli *c;
	const struct cli_verb *v;
	char *dir;
	struct cli_list rest, set;
	const char *to, *account;
	bool as_json;
	struct arena a;
	struct store_reader *r; /* of the parts that read the store; NULL = not open */
};

/* With or without the ending. */
static int read_named(struct template_verb *t, const char *name, struct template_file *out)
{
	struct err e = ERR_INIT;
	const char *path = str_ends(name, ".md") ? name : arena_printf(&t->a, "%s.md", name);
	return template_file_read(t->dir, path, &t->a, out, &e) ? cli_fail(t->c, &e) : CLI_OK;
}

static int read_list(struct template_verb *t, struct template_list *out)
{
	struct err e = ERR_INIT;
	return template_folder_read(t->dir, &t->a, out, &e) ? cli_fail(t->c, &e) : CLI_OK;
}

/* ---- list and check ---------------------------------------------------------------------------*/

static cJSON *file_json(const struct template_file *f)
{
	cJSON *o = cJSON_CreateObject();
	json_add_str(o, "path", f->path);
	json_add_str(o, "name", f->name);
	json_add_str(o, "folder", *f->folder ? f->folder : NULL);
	if (f->t) {
		json_add_str(o, "about", f->t->about);
		json_add_str(o, "subject", f->t->subject);
		json_add_str(o, "lang", f->t->lang);
		json_add_str(o, "crm", f->t->crm);
	}
	json_add_str(o, "error", f->why);
	return o;
}

static int run_list(struct template_verb *t)
{
	struct template_list l;
	int code = read_list(t, &l);
	if (code != CLI_OK)
		return code;
	cJSON *doc = t->as_json ? cJSON_CreateObject() : NULL;
	cJSON *list = doc ? cJSON_AddArrayToObject(doc, "templates") : NULL;
	for (size_t i = 0; i < l.n; i++) {
		const struct template_file *f = &l.v[i];
		if (doc) {
			cJSON_AddItemToArray(list, file_json(f));
			continue;
		}
		fprintf(t->c->out, "%-30s %s%s\n", f->path, f->name, f->t ? "" : _("  (broken)"));
	}
	if (doc)
		return cli_print_json(t->c, doc);
	if (!l.n)
		fprintf(t->c->err,
			_("crmail: no templates yet; \"crmail template install en\" brings ten to "
			  "begin with.\n"));
	return CLI_OK;
}

static int run_check(struct template_verb *t)
{
	struct template_list l;
	int code = read_list(t, &l);
	for (size_t i = 0; code != CLI_FAILED && i < l.n; i++) {
		if (l.v[i].t)
			continue;
		fprintf(t->c->out, "%s: %s\n", l.v[i].path, l.v[i].why);
		code = CLI_PARTLY;
	}
	return code;
}

/* ---- show -------------------------------------------------------------------------------------*/

/* The one that is named, else the first. */
static int find_account(struct template_verb *t, struct account_row **out, struct err *e)
{
	struct account_row *v = NULL;
	size_t n = 0;
	*out = NULL;
	if (t->account) {
		if (account_find(t->r, &t->a, t->account, out, e))
			return -1;
		return *out ? 0
			    : err_set(e, ERR_NOTFOUND, _("There is no account \"%s\"."),
				      t->account);
	}
	if (account_list(t->r, &t->a, &v, &n, e))
		return -1;
	if (n)
		*out = &v[0];
	return 0;
}

static int known_values(struct template_verb *t, struct mail_template_values *out, struct err *e)
{
	struct template_about who = {.name = NULL};
	struct account_row *account;
	struct addr_list to;
	if (find_account(t, &account, e))
		return -1;
	if (account) {
		who.account = account->id;
		who.me_name = account->real_name;
		who.me_addr = account->email;
	}
	if (t->to) {
		addr_parse(&t->a, t->to, strlen(t->to), &to);
		if (to.n != 1 || to.bad)
			return err_set(e, ERR_USAGE, _("--to takes one address."));
		who.name = to.v[0].name;
		who.addr = to.v[0].addr;
	}
	return template_values_read(t->r, &t->a, &who, out, e);
}

/* What is given counts before what is known. */
static int all_values(struct template_verb *t, struct mail_template_values *out, struct err *e)
{
	struct mail_template_values known;
	if (known_values(t, &known, e))
		return -1;
	struct mail_template_value *v = arena_array(&t->a, known.n + t->set.n + 1, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < t->set.n; i++) {
		char key[KEY_MOST];
		const char *value;
		if (!cli_split_setting(t->set.v[i], key, sizeof(key), &value) ||
			!mail_template_is_name(span_of(key)))
			return err_set(e, ERR_USAGE, _("--set takes VARIABLE=TEXT, not \"%s\"."),
				t->set.v[i]);
		v[n++] = (struct mail_template_value){
			arena_strdup(&t->a, key), value, MAIL_TEMPLATE_TEXT};
	}
	if (known.n)
		memcpy(v + n, known.v, known.n * sizeof(*v));
	*out = (struct mail_template_values){.v = v, .n = n + known.n};
	return 0;
}

static int zone_at(int64_t t)
{
	struct tm tm;
	time_t when = (time_t)t;
	tzset();
	return localtime_r(&when, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

static int fill(struct template_verb *t, const struct mail_template *m, struct buf *subject,
	struct buf *text, struct mail_template_gaps *gaps, struct err *e)
{
	struct mail_template_values values;
	if (all_values(t, &values, e))
		return -1;
	values.now = clock_now(t->c->clock);
	values.utc_offset_min = zone_at(values.now);
	values.lang = m->lang;
	if (m->subject && mail_template_fill(m->subject, &values, subject, gaps, e))
		return -1;
	return mail_template_fill(m->body, &values, text, gaps, e);
}

static int print_filled(struct template_verb *t, const struct template_file *f)
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT(MAIL_TEMPLATE_FILLED);
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_TEMPLATE_FILLED);
	struct mail_template_gaps gaps = {.n = 0};
	struct err e = ERR_INIT;
	if (fill(t, f->t, &subject, &text, &gaps, &e))
		return cli_fail(t->c, &e);
	if (f->t->subject)
		fprintf(t->c->out, "Subject: %s\n\n", subject.p);
	fputs(text.p, t->c->out);
	for (size_t i = 0; i < gaps.n; i++)
		fprintf(t->c->err, _("crmail: \"%s\" has no value; --set %s=TEXT gives it one.\n"),
			gaps.v[i].name, gaps.v[i].name);
	return gaps.n ? CLI_PARTLY : CLI_OK;
}

static int run_show(struct template_verb *t, const char *name)
{
	struct template_file f;
	int code = read_named(t, name, &f);
	if (code != CLI_OK)
		return code;
	if (!f.t) {
		fprintf(t->c->err, "crmail: %s: %s\n", f.path, f.why);
		return CLI_FAILED;
	}
	code = cli_open_reader(t->c, &t->r);
	return code == CLI_OK ? print_filled(t, &f) : code;
}

/* ---- install ----------------------------------------------------------------------------------*/

static int install_one(struct template_verb *t, const char *from, const char *lang)
{
	struct template_installed done;
	struct err e = ERR_INIT;
	if (template_install(t->dir, from, lang, &done, &e))
		return cli_fail(t->c, &e);
	fprintf(t->c->out,
		ngettext("%s: %zu template installed", "%s: %zu templates installed",
			(unsigned long)done.n_new),
		lang, done.n_new);
	if (done.n_there)
		fprintf(t->c->out,
			ngettext(", %zu was there and stays as it is",
				", %zu were there and stay as they are",
				(unsigned long)done.n_there),
			done.n_there);
	fputs(".\n", t->c->out);
	return CLI_OK;
}

static int run_install(struct template_verb *t)
{
	CLEANUP(free_str) char *from = fsx_join(t->c->share_dir, "templates");
	struct template_list l;
	struct err e = ERR_INIT;
	int code = CLI_OK;
	for (size_t i = 1; i < t->rest.n && code == CLI_OK; i++)
		code = install_one(t, from, t->rest.v[i]);
	if (code != CLI_OK)
		return code;
	code = cli_open_store(t->c);
	if (code == CLI_OK)
		code = read_list(t, &l);
	if (code != CLI_OK)
		return code;
	if (store_reader_open(t->c->store, &t->r, &e) ||
		template_keep_all(t->c->store, t->r, &l, &e))
		return cli_fail(t->c, &e);
	return CLI_OK;
}

/* ---- versions ---------------------------------------------------------------------------------*/

/* The path of a file that may be gone. */
static const char *path_of(struct template_verb *t, const char *name)
{
	return str_ends(name, ".md") ? name : arena_printf(&t->a, "%s.md", name);
}

static int print_versions(struct template_verb *t, const struct template_version *v, size_t n)
{
	cJSON *doc = t->as_json ? cJSON_CreateObject() : NULL;
	cJSON *list = doc ? cJSON_AddArrayToObject(doc, "versions") : NULL;
	for (size_t i = 0; i < n; i++) {
		char at[40];
		if (doc) {
			cJSON *o = cJSON_CreateObject();
			json_add_id(o, "id", v[i].id);
			json_add_time(o, "at", v[i].at);
			json_add_i64(o, "size", (int64_t)v[i].len);
			cJSON_AddItemToArray(list, o);
			continue;
		}
		fprintf(t->c->out, "%lld  %s  %zu\n", (long long)v[i].id,
			clock_rfc3339(v[i].at, at, sizeof(at)), v[i].len);
	}
	return doc ? cli_print_json(t->c, doc) : CLI_OK;
}

static int run_versions(struct template_verb *t, const char *name)
{
	struct template_version *v = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;
	int code = cli_open_reader(t->c, &t->r);
	if (code != CLI_OK)
		return code;
	if (template_versions(t->r, &t->a, path_of(t, name), &v, &n, &e))
		return cli_fail(t->c, &e);
	if (!n) {
		err_set(&e, ERR_NOTFOUND, _("No version of \"%s\" is kept."), name);
		return cli_fail(t->c, &e);
	}
	return print_versions(t, v, n);
}

/* That version; without one, the newest that is not the text of the file. */
static int pick_version(struct template_verb *t, const char *path, const char *text, const char *id,
	struct template_version *out, struct err *e)
{
	struct template_version *v = NULL;
	int64_t number;
	size_t n = 0;
	if (id && !str_to_i64(id, 1, INT64_MAX, &number))
		return err_set(e, ERR_USAGE,
			_("A version is a number that \"crmail template versions\" prints."));
	if (id)
		return template_version_get(t->r, &t->a, path, number, out, e);
	if (template_versions(t->r, &t->a, path, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (template_version_get(t->r, &t->a, path, v[i].id, out, e))
			return -1;
		if (strcmp(out->text, text) != 0)
			return 0;
	}
	return err_set(e, ERR_NOTFOUND, _("No other version of \"%s\" is kept."), path);
}

static int run_diff(struct template_verb *t, const char *name, const char *id)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(DIFF_MOST);
	CLEANUP(buf_release) struct buf clean = BUF_INIT(DIFF_MOST);
	struct template_version v;
	struct template_file f;
	struct err e = ERR_INIT;
	int code = read_named(t, name, &f);
	if (code == CLI_OK)
		code = cli_open_reader(t->c, &t->r);
	if (code != CLI_OK)
		return code;
	if (pick_version(t, f.path, f.text, id, &v, &e))
		return cli_fail(t->c, &e);
	line_diff(v.text, f.text, &out);
	utf8_sanitise(&clean, out.p, out.len, 0);
	fputs(clean.p, t->c->out);
	return CLI_OK;
}

static int run_restore(struct template_verb *t, const char *name, const char *id)
{
	struct err e = ERR_INIT;
	int64_t number;
	if (!str_to_i64(id, 1, INT64_MAX, &number))
		return cli_usage(t->c, t->v,
			_("A version is a number that \"crmail template versions\" prints."));
	int code = cli_open_store(t->c);
	if (code != CLI_OK)
		return code;
	if (store_reader_open(t->c->store, &t->r, &e) ||
		template_restore(t->c->store, t->r, t->dir, path_of(t, name), number, &e))
		return cli_fail(t->c, &e);
	return CLI_OK;
}

/* ---- the verb ---------------------------------------------------------------------------------*/

static int run(struct template_verb *t)
{
	const char *what = t->rest.n ? t->rest.v[0] : "";
	const char *const *arg = t->rest.v + 1;
	size_t n = t->rest.n ? t->rest.n - 1 : 0;
	if (!strcmp(what, "list") && n == 0)
		return run_list(t);
	if (!strcmp(what, "check") && n == 0)
		return run_check(t);
	if (!strcmp(what, "show") && n == 1)
		return run_show(t, arg[0]);
	if (!strcmp(what, "install") && n > 0)
		return run_install(t);
	if (!strcmp(what, "versions") && n == 1)
		return run_versions(t, arg[0]);
	if (!strcmp(what, "diff") && (n == 1 || n == 2))
		return run_diff(t, arg[0], n == 2 ? arg[1] : NULL);
	if (!strcmp(what, "restore") && n == 2)
		return run_restore(t, arg[0], arg[1]);
	return cli_usage(t->c, t->v, NULL);
}

int cli_template(struct cli *c, int argc, char **argv)
{
	struct template_verb t = {.c = c, .v = cli_verb_find("template"), .a = ARENA_INIT};
	const struct cli_arg table[] = {
		{.name = "--json", .flag = &t.as_json},
		{.name = "--to", .value = &t.to},
		{.name = "--account", .value = &t.account},
		{.name = "--set", .list = &t.set},
		{.name = NULL},
	};
	struct err e = ERR_INIT;
	if (cli_args_parse(argc, argv, table, &t.rest, &e))
		return cli_usage(c, t.v, e.msg);
	t.dir = fsx_join(c->data_dir, "templates");
	int code = run(&t);
	store_reader_close(t.r);
	arena_release(&t.a);
	free_str(&t.dir);
	return code;
}
