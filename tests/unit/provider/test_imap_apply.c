/* test_imap_apply.c - changes on servers that can do more or less: which commands they get, and
 * what comes back. */
#include "config.h"

#include "imap_script.h"

#include <string.h>

#define SELECTED                                                                                   \
	"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n%T OK [READ-WRITE] "      \
	"done\r\n"
#define IN_INBOX                                                                                   \
	{                                                                                          \
		"SELECT \"INBOX\"", SELECTED                                                       \
	}
#define IN_ARCHIVE                                                                                 \
	{                                                                                          \
		"SELECT \"Archive\"", SELECTED                                                     \
	}
#define UID_5_IS_THERE                                                                             \
	{                                                                                          \
		"UID SEARCH UID 5", "* SEARCH 5\r\n%T OK done\r\n"                                 \
	}
#define LOOKED_FOR                                                                                 \
	{                                                                                          \
		"UID SEARCH HEADER Message-ID \"m@x.test\"", "* SEARCH\r\n%T OK done\r\n"          \
	}

#define FOUND_2                                                                                    \
	{                                                                                          \
		"UID SEARCH HEADER Message-ID \"m@x.test\"", "* SEARCH 2\r\n%T OK done\r\n"        \
	}
#define READ(uid, text)                                                                            \
	{                                                                                          \
		"UID FETCH " uid " (UID BODY.PEEK[]<0.67108864>)",                                 \
			"* 1 FETCH (UID " uid " BODY[]<0> \"" text "\")\r\n%T OK done\r\n"         \
	}
#define MARKED                                                                                     \
	{                                                                                          \
		"UID STORE 5 +FLAGS.SILENT (\\Deleted)", "%T OK done\r\n"                          \
	}
#define EXPUNGED                                                                                   \
	{                                                                                          \
		"UID EXPUNGE 5", "* 3 EXPUNGE\r\n%T OK done\r\n"                                   \
	}

static const struct op flags_of_5 = {.kind = OP_FLAGS,
	.folder = "INBOX",
	.cursor = "v1 7 9 0 3 0 0",
	.server_id = "5",
	.flags_add = MSG_SEEN | MSG_FORWARDED};
static const struct op move_5 = {.kind = OP_MOVE,
	.folder = "INBOX",
	.server_id = "5",
	.to_folder = "Archive",
	.message_id = "m@x.test"};

static void expect(const char *caps, const struct op *op, const struct imap_step *steps, size_t n,
	enum err_code code, const char *new_id)
{
	struct imap_script sc;
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	const char *got = NULL;
	imap_script_open(&sc, caps, steps, n);
	assert_int_equal(sc.s->base.ops->apply(&sc.s->base, op, &a, &got, &e), code ? -1 : 0);
	assert_int_equal(e.code, code);
	assert_int_equal(got == NULL, new_id == NULL);
	if (new_id)
		assert_string_equal(got, new_id);
	imap_script_close(&sc);
	arena_release(&a);
}

static void flags__go__as_additions(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX,
		{"UID STORE 5 +FLAGS.SILENT (\\Seen $Forwarded)", "%T OK done\r\n"},
		UID_5_IS_THERE};
	(void)state;
	expect("", &flags_of_5, steps, ARRAY_SIZE(steps), ERR_NONE, NULL);
}

/* PERMANENTFLAGS without "\*": the server would refuse the whole STORE, or forget the keyword. */
static void flags__leave_out__what_the_server_cannot_keep(void **state)
{
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\"", "* OK [PERMANENTFLAGS (\\Seen \\Deleted)] ok\r\n" SELECTED},
		{"UID STORE 5 +FLAGS.SILENT (\\Seen)", "%T OK done\r\n"}, UID_5_IS_THERE};
	static const struct imap_step none[] = {
		{"SELECT \"INBOX\"", "* OK [PERMANENTFLAGS (\\Seen)] ok\r\n" SELECTED},
		UID_5_IS_THERE};
	struct op forwarded = flags_of_5;
	(void)state;
	forwarded.flags_add = MSG_FORWARDED;
	expect("", &flags_of_5, steps, ARRAY_SIZE(steps), ERR_NONE, NULL);
	expect("", &forwarded, none, ARRAY_SIZE(none), ERR_NONE, NULL);
}

static void flags__of_an_old_numbering__wait(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX};
	struct op old = flags_of_5;
	(void)state;
	old.cursor = "v1 6 9 0 3 0 0";
	expect("", &old, steps, ARRAY_SIZE(steps), ERR_CONFLICT, NULL);
}

/* RFC 6851 section 4.3: COPYUID comes in an untagged OK, before the EXPUNGEs. */
static void move__learns__the_new_uid(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX, UID_5_IS_THERE,
		{"UID MOVE 5 Archive",
			"* OK [COPYUID 9 5 31] moved\r\n* 3 EXPUNGE\r\n%T OK done\r\n"}};
	(void)state;
	expect("MOVE UIDPLUS", &move_5, steps, ARRAY_SIZE(steps), ERR_NONE, "31");
}

static void move__without_move__copies_and_expunges_one(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX, UID_5_IS_THERE, IN_ARCHIVE, LOOKED_FOR,
		IN_INBOX, {"UID COPY 5 Archive", "%T OK [COPYUID 9 5 32] done\r\n"},
		{"UID STORE 5 +FLAGS.SILENT (\\Deleted)", "%T OK done\r\n"},
		{"UID EXPUNGE 5", "* 3 EXPUNGE\r\n%T OK done\r\n"}};
	(void)state;
	expect("UIDPLUS", &move_5, steps, ARRAY_SIZE(steps), ERR_NONE, "32");
}

/* A bare EXPUNGE would take along what another client has marked. */
static void move__without_uidplus__never_expunges(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX, UID_5_IS_THERE, IN_ARCHIVE, LOOKED_FOR,
		IN_INBOX, {"UID COPY 5 Archive", "%T OK done\r\n"},
		{"UID STORE 5 +FLAGS.SILENT (\\Deleted)", "%T OK done\r\n"}};
	(void)state;
	expect("", &move_5, steps, ARRAY_SIZE(steps), ERR_NONE, NULL);
}

/* A try whose answer was lost after COPY: what lies there is the copy. */
static void move__tried_before__copies_no_more(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX, UID_5_IS_THERE, IN_ARCHIVE, FOUND_2,
		READ("2", "one"), IN_INBOX, READ("5", "one"), MARKED, EXPUNGED};
	(void)state;
	expect("UIDPLUS", &move_5, steps, ARRAY_SIZE(steps), ERR_NONE, "2");
}

/* Another message of that Message-ID, or of one that it is a part of: the source would be gone. */
static void move__of_a_namesake__copies_before_it_expunges(void **state)
{
	static const struct imap_step steps[] = {IN_INBOX, UID_5_IS_THERE, IN_ARCHIVE, FOUND_2,
		READ("2", "two"), IN_INBOX, READ("5", "one"),
		{"UID COPY 5 Archive", "%T OK [COPYUID 9 5 32] done\r\n"}, MARKED, EXPUNGED};
	(void)state;
	expect("UIDPLUS", &move_5, steps, ARRAY_SIZE(steps), ERR_NONE, "32");
}

static void copy__of_a_namesake__is_made(void **state)
{
	static const struct imap_step steps[] = {IN_ARCHIVE, FOUND_2, READ("2", "two"), IN_INBOX,
		READ("5", "one"), {"UID COPY 5 Archive", "%T OK [COPYUID 9 5 32] done\r\n"}};
	static const struct imap_step again[] = {
		IN_ARCHIVE, FOUND_2, READ("2", "one"), IN_INBOX, READ("5", "one")};
	struct op copy = move_5;
	(void)state;
	copy.kind = OP_COPY;
	expect("UIDPLUS", &copy, steps, ARRAY_SIZE(steps), ERR_NONE, "32");
	expect("UIDPLUS", &copy, again, ARRAY_SIZE(again), ERR_NONE, "2");
}

static void append__sends__the_message_once_asked(void **state)
{
	static const struct imap_step steps[] = {{"SELECT \"Sent\"", SELECTED}, LOOKED_FOR,
		{"APPEND Sent (\\Seen) {8}", "+ go on\r\n"}, {"A: b", ""}, {"", ""},
		{"", "%T OK [APPENDUID 9 77] done\r\n"}};
	static const struct imap_step full[] = {{"SELECT \"Sent\"", SELECTED}, LOOKED_FOR,
		{"APPEND Sent (\\Seen) {8}", "%T NO [OVERQUOTA] no room for Ada's mail\r\n"}};
	const struct op op = {.kind = OP_APPEND,
		.to_folder = "Sent",
		.message_id = "m@x.test",
		.flags_add = MSG_SEEN,
		.data = "A: b\r\n\r\n",
		.data_len = 8};
	(void)state;
	expect("UIDPLUS", &op, steps, ARRAY_SIZE(steps), ERR_NONE, "77");
	expect("UIDPLUS", &op, full, ARRAY_SIZE(full), ERR_PROTO, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags__go__as_additions),
		cmocka_unit_test(flags__leave_out__what_the_server_cannot_keep),
		cmocka_unit_test(flags__of_an_old_numbering__wait),
		cmocka_unit_test(move__learns__the_new_uid),
		cmocka_unit_test(move__without_move__copies_and_expunges_one),
		cmocka_unit_test(move__without_uidplus__never_expunges),
		cmocka_unit_test(move__tried_before__copies_no_more),
		cmocka_unit_test(move__of_a_namesake__copies_before_it_expunges),
		cmocka_unit_test(copy__of_a_namesake__is_made),
		cmocka_unit_test(append__sends__the_message_once_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
