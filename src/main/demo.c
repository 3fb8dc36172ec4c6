/*
 * demo.c - fills the demo's data folder: a Maildir made from share/crmail/demo/mailbox and the
 * account over it. What is shown then is the ordinary program over that account.
 *
 * The file is a run of records, "%% FOLDER FLAGS AGE" and a message without Date: FLAGS are those
 * of Maildir or "-", AGE is days, hours, minutes before now ("2d3h").
 */
#include "config.h"

#include "demo.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/cli/cli.h"
#include "crmail/mail/header.h"
#include "crmail/store/account.h"
#include "crmail/store/store.h"
#include "crmail/sync/host.h"

#define MAILBOX_MAX ((size_t)4 << 20)
#define RECORD_MARK "%% "
#define OWN_ADDRESS "minh@ourfirm.example"

struct record {
	struct span folder, flags, age;
	struct span message;
};

/* "2d3h10m" in seconds; false when it is anything else. */
static bool parse_age(struct span s, int64_t *out)
{
	int64_t sum = 0, value = 0;
	bool has_digit = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (ascii_isdigit(c) && value < 100000) {
			value = value * 10 + (c - '0');
			has_digit = true;
			continue;
		}
		int64_t unit = c == 'd' ? 86400 : c == 'h' ? 3600 : c == 'm' ? 60 : 0;
		if (!unit || !has_digit)
			return false;
		sum += value * unit;
		value = 0;
		has_digit = false;
	}
	*out = sum;
	return s.len && !has_digit;
}

/* The next record of the file; false at its end or where it is not one. */
static bool next_record(struct span *rest, struct record *out)
{
	struct span line, mark;
	if (!span_next(rest, '\n', &line) || !span_next(&line, ' ', &mark) || !span_eq(mark, "%%"))
		return false;
	if (!span_next(&line, ' ', &out->folder) || !span_next(&line, ' ', &out->flags) ||
		!span_next(&line, ' ', &out->age))
		return false;
	const char *end = rest->len ? memmem(rest->p, rest->len, "\n" RECORD_MARK, 4) : NULL;
	size_t n = end ? (size_t)(end - rest->p) + 1 : rest->len;
	out->message = (struct span){rest->p, n};
	*rest = (struct span){rest->p + n, rest->len - n};
	return true;
}

static int make_folder(const char *maildir, struct err *e)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		CLEANUP(free_str) char *dir = fsx_join(maildir, parts[i]);
		if (fsx_mkdir_p(dir, e))
			return -1;
	}
	return 0;
}

static int write_record(const char *mail, const struct record *r, int number, int64_t now,
	struct err *e)
{
	int64_t age = 0;
	if (!parse_age(r->age, &age))
		return err_set(e, ERR_PARSE, _("The demo mailbox is damaged: record %d."), number);
	bool is_inbox = span_eq(r->folder, "INBOX");
	CLEANUP(free_str)
	char *folder = is_inbox ? xstrdup(mail)
				: xasprintf("%s/.%.*s", mail, (int)r->folder.len, r->folder.p);
	struct span flags = span_eq(r->flags, "-") ? (struct span){"", 0} : r->flags;
	CLEANUP(free_str)
	char *path = xasprintf("%s/cur/%lld.demo%03d:2,%.*s", folder, (long long)(now - age),
		number, (int)flags.len, flags.p);
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAILBOX_MAX);
	buf_addstr(&text, "Received: from elsewhere.example by mail.ourfirm.example; ");
	date_write(&text, now - age, 0);
	buf_addstr(&text, "\nDate: ");
	date_write(&text, now - age, 0);
	buf_addch(&text, '\n');
	buf_add(&text, r->message.p, r->message.len);
	if (make_folder(folder, e))
		return -1;
	return fsx_write_file(path, text.p, text.len, false, e);
}

static int write_maildir(const struct cli *c, const char *mail, int64_t now, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(c->share_dir, "demo/mailbox");
	CLEANUP(buf_release) struct buf file = BUF_INIT(MAILBOX_MAX);
	if (fsx_read_file(path, &file, e))
		return -1;
	struct span rest = {file.p, file.len};
	struct record r;
	int number = 0;
	while (next_record(&rest, &r))
		if (write_record(mail, &r, ++number, now, e))
			return -1;
	if (!number || rest.len)
		return err_set(e, ERR_PARSE, _("The demo mailbox is damaged: record %d."),
			number + 1);
	return 0;
}

static int count_accounts(struct store *s, size_t *n, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *rows = NULL;
	if (store_reader_open(s, &r, e))
		return -1;
	int rc = account_list(r, &a, &rows, n, e);
	store_reader_close(r);
	return rc;
}

/* So that the first screen shows the mailbox and not that it is still empty. */
static int first_pass(struct cli *c, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct host *h = NULL;
	struct host_report report;
	const struct host_options o = {.store = c->store,
		.clock = c->clock,
		.rng = c->rng,
		.trust = c->trust,
		.program = c->program,
		.share_dir = c->share_dir,
		.data_dir = c->data_dir};
	int rc = host_open(&h, &o, e) || host_pass(h, &a, &report, e);
	host_close(h);
	return rc ? -1 : 0;
}

int demo_prepare(struct cli *c, struct err *e)
{
	size_t n = 0;
	if (count_accounts(c->store, &n, e))
		return -1;
	if (n)
		return 0;
	int64_t now = clock_now(c->clock), id = 0;
	CLEANUP(free_str) char *mail = fsx_join(c->data_dir, "Mail");
	if (write_maildir(c, mail, now, e))
		return -1;
	const struct setting settings[] = {
		{"maildir", mail},
		{"sendmail", "sh -c 'cat >/dev/null'"},
		{"history", "all"},
	};
	const struct account_row row = {
		.name = "demo",
		.kind = "maildir",
		.email = OWN_ADDRESS,
		.real_name = "Minh Nguyen",
		.status = ACCOUNT_OFFLINE,
		.added_at = now,
	};
	return account_add(c->store, &row, settings, ARRAY_SIZE(settings), &id, e) ||
			       demo_prepare_crm(c, id, e) || first_pass(c, e)
		       ? -1
		       : 0;
}
