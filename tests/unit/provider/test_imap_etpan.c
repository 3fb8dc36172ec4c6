/* test_imap_etpan.c - changes at a server that says what servers do say: what libetpan is told, and
 * what the account is told. */
#include "config.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"

#include "src/provider/imap/session.h"

/* A server in memory: answers each line that it gets with the next of its lines; "%" in them stands
 * for the tag. After those it answers "% OK done". */
struct server {
	const char *const *says;
	size_t next;
	struct buf got, out;
	size_t at, line; /* in out: given; in got: where the last line began */
	size_t literal;  /* bytes still to come */
	char tag[16];    /* of the running command */
	struct account_conf conf;
	struct err err;
};

static void answer(struct server *v)
{
	const char *what = v->says && v->says[v->next] ? v->says[v->next++] : "% OK done\r\n";
	for (const char *p = what; *p; p++)
		if (*p == '%')
			buf_addstr(&v->out, v->tag);
		else
			buf_addch(&v->out, *p);
}

/* A whole line, which a literal may follow. What stands behind a literal ends its command. */
static void take_line(struct server *v, const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n), *open = strrchr(line, '{');
	if (blank && blank < line + sizeof v->tag)
		snprintf(v->tag, sizeof v->tag, "%.*s", (int)(blank - line), line);
	if (n > 3 && line[n - 3] == '}' && open)
		v->literal = strtoul(open + 1, NULL, 10);
	answer(v);
}

static int write_server(void *ctx, const void *p, size_t n, struct err *e)
{
	struct server *v = ctx;
	(void)e;
	for (size_t i = 0; i < n; i++) {
		buf_addch(&v->got, ((const char *)p)[i]);
		if (v->literal > 0) {
			v->literal--;
			v->line = v->got.len;
			continue;
		}
		if (((const char *)p)[i] == '\n') {
			take_line(v, v->got.p + v->line, v->got.len - v->line);
			v->line = v->got.len;
		}
	}
	return 0;
}

static int read_server(void *ctx, void *p, size_t max, size_t *got, struct err *e)
{
	struct server *v = ctx;
	size_t n = v->out.len - v->at;
	if (n == 0)
		return err_set(e, ERR_NET, "The server went away.");
	*got = n < max ? n : max;
	memcpy(p, v->out.p + v->at, *got);
	v->at += *got;
	return 0;
}

static int no_password(void *ctx, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_addstr(out, "x");
	return 0;
}

static struct imap_session *open_session(struct server *v)
{
	struct imap_session *s = NULL;
	*v = (struct server){.got = BUF_INIT(BUF_UNLIMITED),
		.out = BUF_INIT(BUF_UNLIMITED),
		.conf = {.host = "mail.test",
			.email = "me@own.test",
			.user = "me",
			.tls = TLS_INSECURE_NONE,
			.password = no_password},
		.err = ERR_INIT};
	buf_addstr(&v->out, "* PREAUTH ready\r\n");
	static const char *const caps[] = {"* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\n% OK caps\r\n",
		"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 9] n\r\n"
		"* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Deleted)] f\r\n% OK [READ-WRITE] in\r\n",
		NULL};
	v->says = caps;
	assert_int_equal(imap_open_over(&s, &v->conf,
				 (struct imap_io){read_server, write_server, v}, &v->err),
		0);
	assert_int_equal(imap_select(s, "INBOX", &v->err), 0);
	buf_reset(&v->got);
	v->line = 0;
	v->says = NULL;
	v->next = 0;
	return s;
}

static void close_session(struct server *v, struct imap_session *s)
{
	imap_close(&s->base);
	buf_release(&v->got);
	buf_release(&v->out);
}

static int apply(struct server *v, struct imap_session *s, const struct op *op, const char **id)
{
	static struct arena a = ARENA_INIT;
	const char *new_id = NULL;
	int rc = imap_apply(&s->base, op, &a, &new_id, &v->err);
	if (id)
		*id = new_id ? strdup(new_id) : NULL;
	arena_release(&a);
	return rc;
}

static const struct op seen = {
	.kind = OP_FLAGS, .folder = "INBOX", .server_id = "5", .flags_add = MSG_SEEN | MSG_JUNK};

static void store__survives__what_servers_say_beside(void **state)
{
	static const char *const says[] = {
		"* XFOO (a (b {3}\r\nxyz) \"\\\"\")\r\n* OK\r\n* 2 EXISTS\r\n"
		"* LIST (\\X) \"/\" a (\"CHILDINFO\" (\"S\"))\r\n"
		"* 1 FETCH (FLAGS (\\Seen (nested)) EMAILID (M1) PREVIEW {2}\r\nhi)\r\n% OK\r\n",
		"* SEARCH 5\r\n% OK found\r\n", NULL};
	struct server v;
	struct imap_session *s = open_session(&v);
	(void)state;
	v.says = says;
	assert_int_equal(apply(&v, s, &seen, NULL), 0);
	assert_int_equal(s->selected.exists, 2);
	assert_non_null(strstr(v.got.p, " UID STORE 5 +FLAGS.SILENT (\\Seen)\r\n"));
	assert_null(strstr(v.got.p, "Junk")); /* the folder does not keep it */
	close_session(&v, s);
}

static void store__says_why__server_refuses(void **state)
{
	static const char *const says[] = {"% NO [NOPERM] not yours\r\n", NULL};
	struct server v;
	struct imap_session *s = open_session(&v);
	(void)state;
	v.says = says;
	assert_int_equal(apply(&v, s, &seen, NULL), -1);
	assert_int_equal(v.err.scope, ERR_ITEM);
	assert_string_equal(v.err.msg, "mail.test does not let you change this folder.");
	assert_false(s->is_dead);
	close_session(&v, s);
}

static void store__ends_the_connection__server_says_bye(void **state)
{
	static const char *const says[] = {"* BYE so long\r\n", NULL};
	struct server v;
	struct imap_session *s = open_session(&v);
	(void)state;
	v.says = says;
	assert_int_equal(apply(&v, s, &seen, NULL), -1);
	assert_int_equal(v.err.scope, ERR_ACCOUNT);
	assert_true(s->is_dead);
	close_session(&v, s);
}

static void move__tells_where_it_went__whichever_answer_says_so(void **state)
{
	static const struct op move = {
		.kind = OP_MOVE, .folder = "INBOX", .server_id = "5", .to_folder = "Old \"stuff\""};
	static const char *const before[] = {"* SEARCH 5\r\n% OK found\r\n",
		"* OK [COPYUID 8 5 77] x\r\n* 1 EXPUNGE\r\n% OK done\r\n", NULL};
	static const char *const in_result[] = {"* SEARCH 5\r\n% OK found\r\n",
		"* VANISHED 5\r\n% OK [COPYUID 8 5 78] moved\r\n", NULL};
	const char *const *both[] = {before, in_result};
	const char *want[] = {"77", "78"};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server v;
		struct imap_session *s = open_session(&v);
		const char *id = NULL;
		v.says = both[i];
		assert_int_equal(apply(&v, s, &move, &id), 0);
		assert_string_equal(id, want[i]);
		assert_non_null(strstr(v.got.p, "\"Old \\\"stuff\\\"\"\r\n"));
		free((char *)id);
		close_session(&v, s);
	}
}

static void append__waits_to_be_asked__or_is_refused(void **state)
{
	static const struct op append = {.kind = OP_APPEND,
		.to_folder = "Sent",
		.flags_add = MSG_SEEN,
		.data = "Subject: x\r\n\r\nhello\r\n",
		.data_len = 21};
	static const char *const full[] = {"% NO [OVERQUOTA] full\r\n", NULL};
	static const char *const asks[] = {
		"* 3 EXISTS\r\n+ ready\r\n", "% OK [APPENDUID 7 12] there\r\n", NULL};
	const char *id = NULL;
	struct server v;
	struct imap_session *s = open_session(&v);
	(void)state;
	v.says = full;
	assert_int_equal(apply(&v, s, &append, NULL), -1);
	assert_string_equal(v.err.msg, "The mailbox on mail.test is full: delete something there.");
	assert_null(strstr(v.got.p, "hello"));
	close_session(&v, s);
	s = open_session(&v);
	v.says = asks;
	assert_int_equal(apply(&v, s, &append, &id), 0);
	assert_string_equal(id, "12");
	free((char *)id);
	assert_non_null(strstr(v.got.p, "(\\Seen) {21}\r\nSubject: x\r\n\r\nhello\r\n"));
	close_session(&v, s);
}

static void folder__with_line_ends__is_never_said(void **state)
{
	static const struct op copy = {.kind = OP_COPY,
		.folder = "INBOX",
		.server_id = "5",
		.to_folder = "a\"\r\nx DELETE INBOX"};
	struct server v;
	struct imap_session *s = open_session(&v);
	(void)state;
	assert_int_equal(apply(&v, s, &copy, NULL), -1);
	assert_int_equal(v.err.code, ERR_UNSUPPORTED);
	assert_null(strstr(v.got.p, "DELETE"));
	close_session(&v, s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store__survives__what_servers_say_beside),
		cmocka_unit_test(store__says_why__server_refuses),
		cmocka_unit_test(store__ends_the_connection__server_says_bye),
		cmocka_unit_test(move__tells_where_it_went__whichever_answer_says_so),
		cmocka_unit_test(append__waits_to_be_asked__or_is_refused),
		cmocka_unit_test(folder__with_line_ends__is_never_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
