/* test_imap_pull.c - what changed in a folder, told by QRESYNC, by CONDSTORE or by neither; and
 * what a server says that is not true. The store has UIDs 1 (unread), 2 (read) and 5 (unread). */
#include "config.h"

#include "imap_script.h"

#include <string.h>

#include "crmail/base/clock.h"

#define SELECTED(exists, modseq)                                                                   \
	"* " #exists " EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n"               \
	"* OK [HIGHESTMODSEQ " #modseq "] ok\r\n"
#define DONE "%T OK [READ-WRITE] done\r\n"
#define CURSOR "v1 7 9 10 3 0 0" /* UIDNEXT 9, MODSEQ 10, three messages */
#define QRESYNC "CONDSTORE ENABLE QRESYNC"

struct pulled {
	struct imap_script sc;
	struct arena a;
	struct prov_page page;
	struct err err;
	int rc;
};

static void pull(struct pulled *p, const char *caps, const char *cursor,
	const struct imap_step *steps, size_t n)
{
	*p = (struct pulled){.a = ARENA_INIT, .err = ERR_INIT};
	imap_script_open(&p->sc, caps, steps, n);
	p->rc = p->sc.s->base.ops->pull(&p->sc.s->base, "INBOX", cursor, &p->a, &p->page, &p->err);
}

static void done(struct pulled *p)
{
	imap_script_close(&p->sc);
	arena_release(&p->a);
}

static void expect_gone(const struct pulled *p, const char *id)
{
	assert_int_equal(p->rc, 0);
	assert_int_equal(p->page.n_gone, id != NULL);
	if (id)
		assert_string_equal(p->page.gone[0], id);
}

static void expect_flags(const struct pulled *p, const char *id, uint32_t flags)
{
	assert_int_equal(p->page.n_flags, 1);
	assert_string_equal(p->page.flags[0].id, id);
	assert_int_equal(p->page.flags[0].flags, flags);
}

static void qresync__tells__all_with_select(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (QRESYNC (7 10))",
			SELECTED(2, 12) "* VANISHED (EARLIER) 2:4,6\r\n"
					"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (11))\r\n"
					"* 2 FETCH (UID 5 FLAGS () MODSEQ (12))\r\n" DONE},
	};
	(void)state;
	pull(&p, QRESYNC, "v1 7 9 10 6 0 0", steps, ARRAY_SIZE(steps));
	expect_gone(&p, "2");
	expect_flags(&p, "1", MSG_SEEN); /* 5 is as it was */
	assert_string_equal(p.page.cursor, "v1 7 9 12 2 0 0");
	done(&p);
}

/* The count of messages does not bear the claim out: the list of all UIDs decides. */
static void qresync__is_not_believed__against_the_count(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (QRESYNC (7 10))",
			SELECTED(2, 12) "* VANISHED (EARLIER) 1:4294967295\r\n" DONE},
		{"UID SEARCH ALL", "* SEARCH 1 5\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, QRESYNC, CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, "2");
	done(&p);
}

static void qresync__refused__is_done_without(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (QRESYNC (7 10))", "%T BAD what?\r\n"},
		{"SELECT \"INBOX\"", SELECTED(3, 12) DONE},
		{"UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 10)",
			"* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, QRESYNC, CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, NULL);
	expect_flags(&p, "1", MSG_FLAGGED);
	done(&p);
}

static void condstore__asks__for_changed_flags(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (CONDSTORE)", SELECTED(2, 12) DONE},
		{"UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 10)",
			"* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (11))\r\n%T OK done\r\n"},
		{"UID SEARCH ALL", "* SEARCH 1 5 (MODSEQ 12)\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, "CONDSTORE", CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, "2");
	expect_flags(&p, "1", MSG_SEEN);
	done(&p);
}

static void unchanged__costs__a_select_and_nothing_more(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (CONDSTORE)", SELECTED(3, 10) DONE},
	};
	(void)state;
	pull(&p, "CONDSTORE", CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, NULL);
	assert_string_equal(p.page.cursor, CURSOR);
	done(&p);
}

static void plain__compares__flags_and_uids(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\"",
			"* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 9]\r\n" DONE},
		{"UID FETCH 1:8 (UID FLAGS)",
			"* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (FLAGS () UID 2)\r\n%T OK\r\n"},
		{"UID SEARCH ALL", "* SEARCH 1 2\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, "", "v1 7 9 0 3 0 0", steps, ARRAY_SIZE(steps));
	expect_gone(&p, "5");
	expect_flags(&p, "2", 0);
	done(&p);
}

static void short_list__is__no_deletion(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (CONDSTORE)", SELECTED(2, 12) DONE},
		{"UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 10)", "%T OK done\r\n"},
		{"UID SEARCH ALL", "* SEARCH 5\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, "CONDSTORE", CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, NULL);
	assert_true(p.page.is_short);
	assert_string_equal(p.page.cursor, "v1 7 9 12 4294967295 0 0"); /* is looked at again */
	done(&p);
}

static void renumbered__is__a_conflict(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (QRESYNC (6 10))", SELECTED(3, 12) DONE},
	};
	(void)state;
	pull(&p, QRESYNC, "v1 6 9 10 3 0 0", steps, ARRAY_SIZE(steps));
	assert_int_equal(p.rc, -1);
	assert_int_equal(p.err.code, ERR_CONFLICT);
	done(&p);
}

static void expunged__while_listed__is_counted(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (CONDSTORE)", SELECTED(3, 12) DONE},
		{"UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 10)", "* 2 EXPUNGE\r\n%T OK done\r\n"},
		{"UID SEARCH ALL", "* SEARCH 1 5\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, "CONDSTORE", CURSOR, steps, ARRAY_SIZE(steps));
	expect_gone(&p, "2");
	assert_false(p.page.is_short);
	done(&p);
}

/* While work lasts there is no second connection yet: the inbox has its turn all the same. */
static void wait__gives__the_inbox_its_turn(void **state)
{
	struct imap_script sc;
	struct err e = ERR_INIT;
	bool has_news = false;
	int64_t start = clock_mono_ms();
	(void)state;
	imap_script_open(&sc, "IDLE", NULL, 0);
	sc.conf.idle_ms = 20;
	while (!has_news && clock_mono_ms() - start < 10000)
		assert_int_equal(sc.s->base.ops->wait(&sc.s->base, -1, 0, &has_news, &e), 0);
	assert_true(has_news);
	assert_true(clock_mono_ms() - start >= 20);
	imap_script_close(&sc);
}

/* ---- all folders at once --------------------------------------------------------------------- */

#define LOOK "LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))"
#define LOOK_CAPS "CONDSTORE LIST-STATUS"

static int look(struct imap_script *sc, struct prov_look *v, size_t n)
{
	struct err e = ERR_INIT;
	return sc->s->base.ops->look(&sc->s->base, v, n, &e);
}

static void look__tells_of_all_folders__in_one_round_trip(void **state)
{
	struct imap_script sc;
	struct prov_look v[] = {{"Same", CURSOR, false}, {"Name with blanks", CURSOR, false},
		{"Flags", CURSOR, false}, {"Renumbered", CURSOR, false}, {"Untold", CURSOR, true},
		{"Halfway", "v1 7 9 10 3 1 4", false}, {"New", NULL, false},
		{"NoModseq", "v1 7 9 0 3 0 0", false}};
	static const bool want[ARRAY_SIZE(v)] = {true, true};
	static const struct imap_step steps[] = {
		{LOOK, "* LIST () \"/\" Same\r\n* STATUS Strange\r\n* STATUS\r\n"
		       "* STATUS Same (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 10)\r\n"
		       "* STATUS \"Name with blanks\" (UIDVALIDITY 7 HIGHESTMODSEQ 10 X-SIZE 5"
		       " UIDNEXT 9 MESSAGES 3)\r\n"
		       "* STATUS Flags (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 11)\r\n"
		       "* STATUS Renumbered (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 8 HIGHESTMODSEQ 10)"
		       "\r\n"
		       "* STATUS Halfway (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 10)\r\n"
		       "* STATUS New (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 10)\r\n"
		       "* STATUS NoModseq (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\n"
		       "%T OK done\r\n"},
	};
	(void)state;
	imap_script_open(&sc, LOOK_CAPS, steps, ARRAY_SIZE(steps));
	assert_true(sc.s->base.ops->caps(&sc.s->base) & PROV_LOOK);
	assert_int_equal(look(&sc, v, ARRAY_SIZE(v)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (v[i].is_same != want[i])
			fail_msg("%s: %d", v[i].folder, v[i].is_same);
	imap_script_close(&sc);
}

static void look__refused__is_not_tried_again(void **state)
{
	struct imap_script sc;
	struct prov_look v[] = {{"Same", CURSOR, true}};
	static const struct imap_step steps[] = {{LOOK, "%T BAD what?\r\n"}};
	(void)state;
	imap_script_open(&sc, LOOK_CAPS, steps, ARRAY_SIZE(steps));
	assert_int_equal(look(&sc, v, 1), 0);
	assert_false(v[0].is_same);
	assert_false(sc.s->base.ops->caps(&sc.s->base) & PROV_LOOK);
	imap_script_close(&sc);
}

/* Who cannot tell of flags cannot tell that nothing has changed. */
static void look__needs__condstore(void **state)
{
	struct imap_script sc;
	(void)state;
	imap_script_open(&sc, "LIST-STATUS", NULL, 0);
	assert_false(sc.s->base.ops->caps(&sc.s->base) & PROV_LOOK);
	imap_script_close(&sc);
}

static void half_a_million__are_listed__as_one_range(void **state)
{
	struct pulled p;
	static const struct imap_step steps[] = {
		{"SELECT \"INBOX\" (CONDSTORE)",
			"* 500000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
			"* OK [UIDNEXT 500001] ok\r\n* OK [HIGHESTMODSEQ 9] ok\r\n" DONE},
		{"UID SEARCH RETURN (ALL) ALL",
			"* ESEARCH (TAG \"9\") UID COUNT 500000 ALL 1:499000,499001:500000\r\n"
			"%T OK done\r\n"},
		{"UID FETCH 499801:500000 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])",
			"* 1 FETCH (UID 500000 FLAGS () BODY[HEADER] {2}\r\n\r\n)\r\n%T OK\r\n"},
		{"UID SEARCH UID 499801:499999", "* SEARCH\r\n%T OK done\r\n"},
	};
	(void)state;
	pull(&p, "CONDSTORE ESEARCH", NULL, steps, ARRAY_SIZE(steps));
	assert_int_equal(p.rc, 0);
	assert_int_equal(p.page.n, 1);
	assert_true(p.page.more);
	assert_false(p.page.is_short);
	assert_int_equal(p.page.total, 499800);
	assert_string_equal(p.page.cursor, "v1 7 500001 9 500000 1 499801");
	done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qresync__tells__all_with_select),
		cmocka_unit_test(qresync__is_not_believed__against_the_count),
		cmocka_unit_test(qresync__refused__is_done_without),
		cmocka_unit_test(condstore__asks__for_changed_flags),
		cmocka_unit_test(unchanged__costs__a_select_and_nothing_more),
		cmocka_unit_test(plain__compares__flags_and_uids),
		cmocka_unit_test(short_list__is__no_deletion),
		cmocka_unit_test(renumbered__is__a_conflict),
		cmocka_unit_test(expunged__while_listed__is_counted),
		cmocka_unit_test(wait__gives__the_inbox_its_turn),
		cmocka_unit_test(look__tells_of_all_folders__in_one_round_trip),
		cmocka_unit_test(look__refused__is_not_tried_again),
		cmocka_unit_test(look__needs__condstore),
		cmocka_unit_test(half_a_million__are_listed__as_one_range),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
