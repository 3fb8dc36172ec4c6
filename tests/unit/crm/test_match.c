/* test_match.c - who a mail has to do with, and to whom it is logged (formats.md). */
#include "config.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/crm/match.h"
#include "src/crm/match_list.h"
#include "tests/unit/unit.h"

struct row {
	const char *key;
	int64_t id, partner;
};

static const struct row contacts[] = {
	{"laura@alpha.example", 1, 11},
	{"bob@beta.example", 2, 0},
	{"both@gamma.example", 3, 13},
	{"both@gamma.example", 4, 13},
	{"info@alpha.example", 5, 11},
	{"anna@gmail.com", 6, 0},
};
static const struct row partners[] = {
	{"alpha.example", 11, 0},
	{"beta.example", 12, 0},
	{"gamma.example", 13, 0},
	{"gmail.com", 14, 0},
	{"deep.alpha.example", 15, 0},
	{"twice.example", 16, 0},
	{"twice.example", 17, 0},
	{"ourfirm.example", 18, 0},
};
static const struct row leads[] = {
	{"lead@nowhere.example", 21, 0},
	{"bob@beta.example", 22, 0},
	{"pair@nowhere.example", 23, 0},
	{"pair@nowhere.example", 24, 0},
};

static int find(const struct row *rows, size_t n, const char *key, struct match_hit *out,
	size_t max)
{
	int found = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if ((size_t)found < max)
			out[found] = (struct match_hit){rows[i].id, rows[i].partner};
		found++;
	}
	return found;
}

static int find_contacts(void *c, const char *k, struct match_hit *o, size_t max, struct err *e)
{
	(void)c;
	(void)e;
	return find(contacts, ARRAY_SIZE(contacts), k, o, max);
}

static int find_partners(void *c, const char *k, struct match_hit *o, size_t max, struct err *e)
{
	(void)c;
	(void)e;
	return find(partners, ARRAY_SIZE(partners), k, o, max);
}

static int find_leads(void *c, const char *k, struct match_hit *o, size_t max, struct err *e)
{
	(void)c;
	(void)e;
	return find(leads, ARRAY_SIZE(leads), k, o, max);
}

/* What the user chose; empty unless a test says otherwise. */
struct choice {
	const char *word;
	struct match_chosen means;
};

static int find_chosen(void *c, const char *word, struct match_chosen *out, struct err *e)
{
	(void)e;
	for (const struct choice *v = c; v && v->word; v++)
		if (!strcmp(v->word, word)) {
			*out = v->means;
			return 1;
		}
	return 0;
}

static const struct match_lookup look = {.contacts = find_contacts,
	.leads = find_leads,
	.partners = find_partners,
	.chosen = find_chosen};
static const char *const own[] = {"me@ourfirm.example", NULL};
static const char *const internal[] = {"ourfirm.example", NULL};
static const char *const never[] = {"bob@beta.example", "@secret.example", NULL};
static const struct match_rules rules = {.own = own, .internal_domains = internal};

static struct arena arena;

static struct match_result run(const struct match_rules *r, const struct match_mail *m)
{
	struct match_result out;
	struct err e = ERR_INIT;
	assert_int_equal(match_mail(m, r, &look, &arena, &out, &e), 0);
	return out;
}

static struct match_result incoming(const char *from, const char *cc)
{
	struct match_party p[] = {
		{MATCH_FROM, from}, {MATCH_TO, "me@ourfirm.example"}, {MATCH_CC, cc ? cc : ""}};
	struct match_mail m = {.parties = p, .n = cc ? 3 : 2};
	return run(&rules, &m);
}

/* "c1 p11" with targets in upper case. */
static const char *links(const struct match_result *r)
{
	struct buf b = BUF_INIT(1000);
	for (size_t i = 0; i < r->n; i++) {
		static const char kinds[] = " cpldCPLD";
		buf_addf(&b, "%s%c%d", i ? " " : "",
			kinds[(int)r->links[i].kind + (r->links[i].is_target ? 4 : 0)],
			(int)r->links[i].id);
	}
	const char *text = arena_strdup(&arena, b.p);
	buf_release(&b);
	return text;
}

static void match__contact__folds_case_and_plus_tag(void **state)
{
	(void)state;
	struct match_result r = incoming("Laura+crm@ALPHA.Example", NULL);
	assert_string_equal(links(&r), "C1 p11");
	assert_int_equal(r.why, MATCH_OK);
	assert_int_equal(r.peer_contact, 1);
	assert_int_equal(r.peer_partner, 11);
}

static void match__every_contact_is_a_target__partners_are_not(void **state)
{
	(void)state;
	struct match_result r = incoming("laura@alpha.example", "bob@beta.example");
	assert_string_equal(links(&r), "C1 C2 p11 p12 l22");
}

static void match__partner__longest_suffix(void **state)
{
	(void)state;
	struct match_result r = incoming("x@mail.deep.alpha.example", NULL);
	assert_string_equal(links(&r), "P15");
	assert_true(r.is_peer_unknown);
	r = incoming("x@alpha.example", "y@beta.example");
	assert_string_equal(links(&r), "P11 P12");
}

static void match__partner__never_by_free_mail_or_own_domain(void **state)
{
	(void)state;
	struct match_result r = incoming("somebody@gmail.com", NULL);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.why, MATCH_UNKNOWN);
	r = incoming("anna@gmail.com", NULL);
	assert_string_equal(links(&r), "C6");
	r = incoming("colleague@ourfirm.example", NULL);
	assert_int_equal(r.why, MATCH_INTERNAL);
	assert_int_equal(r.n, 0);
	r = incoming("x@twice.example", NULL);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.why, MATCH_AMBIGUOUS);
}

static void match__lead__when_nothing_else(void **state)
{
	(void)state;
	struct match_result r = incoming("lead@nowhere.example", NULL);
	assert_string_equal(links(&r), "L21");
	assert_false(r.is_peer_unknown);
}

static void match__role__never_a_contact_but_a_partner(void **state)
{
	(void)state;
	struct match_result r = incoming("info@alpha.example", NULL);
	assert_int_equal(r.why, MATCH_ROLE_SENDER);
	assert_string_equal(links(&r), "p11");
	assert_int_equal(r.peer_partner, 11);
	assert_false(r.is_peer_unknown);
	r = incoming("me@ourfirm.example", "sales+de@alpha.example");
	assert_string_equal(links(&r), "P11");
}

static void match__ambiguous__is_not_guessed(void **state)
{
	(void)state;
	struct match_result r = incoming("both@gamma.example", NULL);
	assert_int_equal(r.why, MATCH_AMBIGUOUS);
	assert_string_equal(links(&r), "p13");
	r = incoming("both@gamma.example", "laura@alpha.example");
	assert_string_equal(links(&r), "C1 p13 p11");
}

static struct match_result chosen(const struct choice *v, const char *from)
{
	struct match_party p[] = {{MATCH_FROM, from}, {MATCH_TO, "me@ourfirm.example"}};
	const struct match_mail m = {.parties = p, .n = 2};
	struct match_lookup with = look;
	struct match_result out;
	struct err e = ERR_INIT;
	with.ctx = (void *)v;
	assert_int_equal(match_mail(&m, &rules, &with, &arena, &out, &e), 0);
	return out;
}

static void match__chosen__is_whom_the_user_named(void **state)
{
	static const struct choice v[] = {
		{"both@gamma.example", {MATCH_CONTACT, {4, 13}}},
		{"@twice.example", {MATCH_PARTNER, {17, 0}}},
		{"pair@nowhere.example", {MATCH_LEAD, {24, 0}}},
		{"private@gmail.com", {MATCH_CONTACT, {1, 11}}},
		{"info@alpha.example", {MATCH_CONTACT, {5, 11}}},
		{NULL, {MATCH_CONTACT, {0, 0}}},
	};
	(void)state;
	assert_string_equal(links((struct match_result[]){chosen(v, "both@gamma.example")}),
		"C4 p13");
	assert_string_equal(links((struct match_result[]){chosen(v, "x@mail.twice.example")}),
		"P17");
	assert_string_equal(links((struct match_result[]){chosen(v, "pair@nowhere.example")}),
		"L24");
	struct match_result r = chosen(v, "Private+x@gmail.com");
	assert_string_equal(links(&r), "C1 p11");
	assert_int_equal(r.people[0].rule, MATCH_BY_CHOICE);
	assert_false(r.is_peer_unknown);
	r = chosen(v, "info@alpha.example"); /* a role address is still no sender to log */
	assert_string_equal(links(&r), "c5 p11");
	assert_int_equal(chosen(NULL, "pair@nowhere.example").why, MATCH_AMBIGUOUS);
}

/* ---- decisions by hand ----------------------------------------------------------------------- */

#define LINK(kind, id, partner)                                                                    \
	{                                                                                          \
		MATCH_LINKED, kind, {id, partner}, 0                                               \
	}
#define UNLINK(kind, id)                                                                           \
	{                                                                                          \
		MATCH_UNLINKED, kind, {id, 0}, 0                                                   \
	}
#define SAID(verdict)                                                                              \
	{                                                                                          \
		verdict, MATCH_CONTACT, {0, 0}, 0                                                  \
	}

static void match__decided_by_hand__always_wins(void **state)
{
	static const struct {
		const char *from, *cc;
		bool is_auto, is_kept_apart;
		struct match_decision d[3];
		size_t n;
		const char *links;
		enum match_why why;
	} rows[] = {
		{"who@knows.example", NULL, false, false, {LINK(MATCH_CONTACT, 1, 11)}, 1, "C1",
			MATCH_OK},
		{"laura@alpha.example", NULL, false, false, {LINK(MATCH_PARTNER, 16, 0)}, 1,
			"P16 C1 p11", MATCH_OK},
		{"laura@alpha.example", NULL, false, false, {UNLINK(MATCH_CONTACT, 1)}, 1, "p11",
			MATCH_TAKEN_AWAY},
		{"laura@alpha.example", NULL, false, false,
			{UNLINK(MATCH_CONTACT, 1), UNLINK(MATCH_PARTNER, 11)}, 2, "",
			MATCH_TAKEN_AWAY},
		{"laura@alpha.example", "bob@beta.example", false, false,
			{UNLINK(MATCH_CONTACT, 1)}, 1, "C2 p11 p12 l22", MATCH_OK},
		{"both@gamma.example", NULL, false, false, {UNLINK(MATCH_CONTACT, 3)}, 1, "C4 p13",
			MATCH_OK},
		{"both@gamma.example", NULL, false, false, {LINK(MATCH_CONTACT, 3, 13)}, 1,
			"C3 p13", MATCH_OK},
		{"laura@alpha.example", NULL, true, false, {LINK(MATCH_CONTACT, 1, 11)}, 1,
			"C1 p11", MATCH_OK},
		{"laura@alpha.example", NULL, true, false, {SAID(MATCH_LOG_ANYWAY)}, 1, "C1 p11",
			MATCH_OK},
		{"laura@alpha.example", NULL, false, true, {SAID(MATCH_LOG_ANYWAY)}, 1, "C1 p11",
			MATCH_OK},
		{"info@alpha.example", NULL, false, false, {SAID(MATCH_LOG_ANYWAY)}, 1, "P11",
			MATCH_OK},
		{"who@knows.example", NULL, false, false, {SAID(MATCH_LOG_ANYWAY)}, 1, "",
			MATCH_UNKNOWN},
		{"laura@alpha.example", NULL, false, true, {LINK(MATCH_CONTACT, 1, 11)}, 0,
			"c1 p11", MATCH_FOLDER},
		{"laura@alpha.example", NULL, false, false, {SAID(MATCH_KEPT_OUT)}, 1, "c1 p11",
			MATCH_PRIVATE},
		{"laura@alpha.example", NULL, false, false,
			{SAID(MATCH_KEPT_OUT), LINK(MATCH_CONTACT, 2, 0)}, 2, "c2 c1 p11",
			MATCH_PRIVATE},
		{"laura@alpha.example", NULL, false, false,
			{SAID(MATCH_KEPT_OUT), SAID(MATCH_LOG_ANYWAY)}, 2, "C1 p11", MATCH_OK},
		{"laura@alpha.example", NULL, false, false,
			{SAID(MATCH_NOT_THIS), SAID(MATCH_LOG_ANYWAY)}, 2, "c1 p11", MATCH_SKIPPED},
		{"laura@alpha.example", NULL, false, false, {LINK(MATCH_DEAL, 9, 0)}, 1,
			"C1 d9 p11", MATCH_OK},
		{"who@knows.example", NULL, false, false, {{MATCH_LINKED, MATCH_DEAL, {9, 11}, 1}},
			1, "C1 d9", MATCH_OK},
		{"who@knows.example", NULL, false, false, {{MATCH_LINKED, MATCH_DEAL, {9, 11}, 0}},
			1, "P11 d9", MATCH_OK},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct match_party p[] = {{MATCH_FROM, rows[i].from},
			{MATCH_TO, "me@ourfirm.example"}, {MATCH_CC, rows[i].cc ? rows[i].cc : ""}};
		const struct match_mail m = {.parties = p,
			.n = 3,
			.is_auto = rows[i].is_auto,
			.is_kept_apart = rows[i].is_kept_apart,
			.decisions = rows[i].d,
			.n_decisions = rows[i].n};
		struct match_result r = run(&rules, &m);
		if (strcmp(links(&r), rows[i].links) != 0 || r.why != rows[i].why)
			fail_msg("row %zu: \"%s\", %s", i, links(&r), match_why_name(r.why));
	}
}

static void match__people__say_by_which_rule(void **state)
{
	static const struct {
		const char *addr;
		const char *rule;
	} rows[] = {
		{"laura@alpha.example", "address"},
		{"who@mail.alpha.example", "domain"},
		{"info@alpha.example", "domain"},
		{"info@knows.example", "role"},
		{"lead@nowhere.example", "lead"},
		{"both@gamma.example", "several"},
		{"x@twice.example", "several"},
		{"pair@nowhere.example", "several"},
		{"who@knows.example", "unknown"},
		{"somebody@gmail.com", "free-mail"},
		{"me@ourfirm.example", "own"},
		{"you@ourfirm.example", "internal"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct match_result r = incoming(rows[i].addr, NULL);
		if (strcmp(match_rule_name(r.people[0].rule), rows[i].rule) != 0)
			fail_msg("%s: %s", rows[i].addr, match_rule_name(r.people[0].rule));
	}
}

static void match__never__takes_addresses_and_domains(void **state)
{
	static const char *const words[] = {
		"bob@beta.example", "@alpha.example", "gamma.example", "", "@", NULL};
	static const struct {
		const char *addr;
		bool is_never;
	} rows[] = {
		{"bob@beta.example", true},
		{"Bob+x@BETA.example", true},
		{"rob@beta.example", false},
		{"x@alpha.example", true},
		{"x@mail.alpha.example", true},
		{"x@notalpha.example", false},
		{"x@gamma.example", true},
		{"x@delta.example", false},
	};
	struct match_rules strict = rules;
	(void)state;
	strict.never = words;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct match_party p[] = {{MATCH_FROM, rows[i].addr}};
		const struct match_mail m = {.parties = p, .n = 1};
		if (run(&strict, &m).people[0].is_never != rows[i].is_never)
			fail_msg("%s", rows[i].addr);
	}
}

static void match__automated__is_linked_not_logged(void **state)
{
	(void)state;
	struct match_party p[] = {{MATCH_FROM, "laura@alpha.example"}};
	struct match_mail m = {.parties = p, .n = 1, .is_auto = true};
	struct match_result r = run(&rules, &m);
	assert_int_equal(r.why, MATCH_AUTOMATED);
	assert_string_equal(links(&r), "c1 p11");
}

static void match__never_list__spares_the_others(void **state)
{
	(void)state;
	struct match_rules strict = rules;
	strict.never = never;
	struct match_party p[] = {
		{MATCH_FROM, "bob@beta.example"}, {MATCH_CC, "laura@alpha.example"}};
	struct match_mail m = {.parties = p, .n = 1};
	struct match_result r = run(&strict, &m);
	assert_int_equal(r.why, MATCH_NEVER);
	assert_string_equal(links(&r), "c2 p12 l22");
	m.n = 2;
	r = run(&strict, &m);
	assert_string_equal(links(&r), "C1 c2 p12 l22 p11");
}

static void match__own_mail__peer_is_first_to(void **state)
{
	(void)state;
	struct match_party p[] = {{MATCH_FROM, "me@ourfirm.example"},
		{MATCH_TO, "bob@beta.example"}, {MATCH_TO, "laura@alpha.example"}};
	struct match_mail m = {.parties = p, .n = 3, .is_out = true};
	struct match_result r = run(&rules, &m);
	assert_int_equal(r.peer_contact, 2);
	assert_int_equal(r.peer_partner, 12);
	assert_int_equal(r.n_parties, 2);
}

static void match__garbage__is_left_out(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "@", "a@", "@b", "no at", "a b@c.example", "x@y@"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct match_result r = incoming(bad[i], NULL);
		assert_int_equal(r.n, 0);
		assert_int_equal(r.why, MATCH_INTERNAL);
	}
}

static void match__thousands_of_recipients__are_bounded(void **state)
{
	(void)state;
	size_t n = 100000;
	struct match_party *p = arena_array(&arena, n, sizeof(*p));
	for (size_t i = 0; i < n; i++)
		p[i] = (struct match_party){MATCH_TO, arena_printf(&arena, "u%zu@many.example", i)};
	struct match_mail m = {.parties = p, .n = n};
	struct match_result r = run(&rules, &m);
	assert_int_equal(r.n_parties, 256);
}

static void match__word_lists__are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < match_freemail_count; i++)
		assert_true(strcmp(match_freemail[i - 1], match_freemail[i]) < 0);
	for (size_t i = 1; i < match_roles_count; i++)
		assert_true(strcmp(match_roles[i - 1], match_roles[i]) < 0);
	assert_true(match_is_freemail("gmail.com") && !match_is_freemail("alpha.example"));
}

static int clear(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(match__contact__folds_case_and_plus_tag),
		cmocka_unit_test(match__every_contact_is_a_target__partners_are_not),
		cmocka_unit_test(match__partner__longest_suffix),
		cmocka_unit_test(match__partner__never_by_free_mail_or_own_domain),
		cmocka_unit_test(match__lead__when_nothing_else),
		cmocka_unit_test(match__role__never_a_contact_but_a_partner),
		cmocka_unit_test(match__ambiguous__is_not_guessed),
		cmocka_unit_test(match__chosen__is_whom_the_user_named),
		cmocka_unit_test(match__decided_by_hand__always_wins),
		cmocka_unit_test(match__people__say_by_which_rule),
		cmocka_unit_test(match__never__takes_addresses_and_domains),
		cmocka_unit_test(match__automated__is_linked_not_logged),
		cmocka_unit_test(match__never_list__spares_the_others),
		cmocka_unit_test(match__own_mail__peer_is_first_to),
		cmocka_unit_test(match__garbage__is_left_out),
		cmocka_unit_test(match__thousands_of_recipients__are_bounded),
		cmocka_unit_test(match__word_lists__are_sorted),
	};
	return cmocka_run_group_tests_name("crm/match", tests, NULL, clear);
}
