/*
 * export.c - `crmail export contacts --csv|--vcard`: the contacts of one CRM in the form that
 * `import contacts` reads back unchanged.
 */
#include "config.h"

#include "verbs.h"

#include <errno.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/store/contact.h"
#include "crmail/store/people.h"
#include "crmail/store/store.h"

#include "args.h"

#define PAGE 500

struct exporting {
	struct cli *c;
	const char *crm_name;
	bool as_csv, as_vcard;
	int64_t crm; /* 0 = all */
};

static int find_crm(struct exporting *x, struct store_reader *r, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct crm_row *v = NULL;
	size_t n = 0;
	if (!x->crm_name)
		return 0;
	if (crm_list(r, &a, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, x->crm_name))
			x->crm = v[i].id;
	return x->crm ? 0 : err_set(e, ERR_NOTFOUND, _("There is no CRM %s."), x->crm_name);
}

static int write_page(struct exporting *x, const struct person *v, size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = 0; i < n; i++) {
		if (x->as_csv)
			people_write_csv(&b, &v[i]);
		else
			people_write_vcard(&b, &v[i]);
	}
	return fwrite(b.p, 1, b.len, x->c->out) == b.len ? 0 : -1;
}

static int write_all(struct exporting *x, struct store_reader *r, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf head = BUF_INIT(1000);
	int64_t last = 0;
	if (x->as_csv)
		people_write_csv_head(&head);
	fputs(head.p, x->c->out);
	for (;;) {
		struct person *v = NULL;
		size_t n = 0;
		arena_reset(&a);
		if (people_page(r, &a, x->crm, PAGE, &last, &v, &n, e))
			return -1;
		if (!n)
			break;
		if (write_page(x, v, n))
			return err_sys(e, ERR_IO, errno, "%s", _("Cannot write the contacts"));
	}
	if (fflush(x->c->out))
		return err_sys(e, ERR_IO, errno, "%s", _("Cannot write the contacts"));
	return 0;
}

int cli_export(struct cli *c, int argc, char **argv)
{
	struct exporting x = {.c = c};
	struct cli_list words = {.n = 0};
	const struct cli_arg table[] = {
		{.name = "--csv", .flag = &x.as_csv},
		{.name = "--vcard", .flag = &x.as_vcard},
		{.name = "--crm", .value = &x.crm_name},
		{.name = NULL},
	};
	const struct cli_verb *v = cli_verb_find("export");
	struct err e = ERR_INIT;
	struct store_reader *r = NULL;
	if (cli_args_parse(argc, argv, table, &words, &e))
		return cli_usage(c, v, e.msg);
	if (words.n != 1 || strcmp(words.v[0], "contacts") != 0 || x.as_csv == x.as_vcard)
		return cli_usage(c, v, NULL);
	int code = cli_open_reader(c, &r);
	if (code != CLI_OK)
		return code;
	int rc = find_crm(&x, r, &e) || write_all(&x, r, &e);
	store_reader_close(r);
	return rc ? cli_fail(c, &e) : CLI_OK;
}
