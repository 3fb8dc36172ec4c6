/*
 * test_match.c - the match inbox and "why logged": what each key decides, and golden screens of
 * both, also empty.
 */
#include "config.h"

#include <string.h>

#include "crmail/store/decide.h"
#include "crmail/store/why.h"
#include "flow.h"
#include "golden.h"

static const struct stranger_row strangers[] = {
	{.crm = 1,
		.addr = "desk@dafaneto.example",
		.name = "Dafaneto Front Desk",
		.kind = STRANGER_CONTACTS,
		.count = 4,
		.newest = FAKE_NOW - 3600,
		.message = 8,
		.thread = 3,
		.subject = "Delivery on Thursday"},
	{.crm = 1,
		.addr = "new.person@acme.example",
		.name = "Nora Person",
		.count = 1,
		.newest = FAKE_NOW - 5 * 86400,
		.message = 5,
		.thread = 5,
		.subject = "Can we talk about pricing?"},
	{.crm = 1,
		.addr = "@shared.example",
		.name = "",
		.kind = STRANGER_PARTNERS,
		.count = 12,
		.newest = FAKE_NOW - 39 * 86400,
		.message = 2,
		.thread = 2,
		.subject = ""},
};
static const struct candidate_row candidates[] = {
	{LINK_CONTACT, 1, "Laura Palmer", "Dafaneto", "laura@dafaneto.example", true},
	{LINK_CONTACT, 2, "Юлия Смирнов", "Lebo JSC", "yulia@lebo.example", true},
};

static const struct why_person people[] = {
	{.field = "from",
		.addr = "laura@dafaneto.example",
		.rule = "address",
		.kind = LINK_CONTACT,
		.target = 1,
		.who = "Laura Palmer"},
	{.field = "to", .addr = "minh@ourfirm.example", .rule = "own"},
	{.field = "cc",
		.addr = "desk@dafaneto.example",
		.rule = "several",
		.several = STRANGER_CONTACTS},
	{.field = "cc",
		.addr = "denis@tolabe.example",
		.rule = "domain",
		.domain = "tolabe.example",
		.kind = LINK_PARTNER,
		.target = 2,
		.who = "Tolabe",
		.is_never = true},
};
static const struct why_entry entries[] = {
	{.id = 70,
		.kind = LINK_CONTACT,
		.target = 1,
		.who = "Laura Palmer",
		.deal = "Q1 frame contract",
		.state = LOG_LOGGED,
		.is_wanted = true},
	{.id = 71, .kind = LINK_PARTNER, .target = 2, .who = "Tolabe", .state = LOG_LOGGED},
};
static const struct why_link links[] = {
	{.kind = LINK_DEAL, .target = 1, .who = "Q1 frame contract", .decision = 9}};
static const struct why logged = {.thread = 3,
	.crm = 1,
	.crm_name = "supabase",
	.people = people,
	.n_people = ARRAY_SIZE(people),
	.entries = entries,
	.n_entries = ARRAY_SIZE(entries),
	.links = links,
	.n_links = ARRAY_SIZE(links)};
static const struct why unknown = {.crm = 1,
	.crm_name = "supabase",
	.word = "private",
	.is_private = true,
	.people = people + 1,
	.n_people = 2};

static void fill(struct flow *f)
{
	struct store *s = &f->store;

	s->strangers = strangers;
	s->n_strangers = ARRAY_SIZE(strangers);
	s->candidates = candidates;
	s->n_candidates = ARRAY_SIZE(candidates);
	s->why = &logged;
}

static void open_flow(struct flow *f, const char *keys)
{
	flow_open(f, fill, 40, 120, keys);
}

/* ---- what is decided ------------------------------------------------------------------------- */

static const struct {
	const char *keys, *wrote;
} decisions[] = {
	{"g u 1 a", "choose address desk@dafaneto.example contact:1\n"},
	{"g u 2 t", "choose thread of 8 desk@dafaneto.example contact:2\n"},
	{"g u Enter a z", "choose address desk@dafaneto.example contact:1\nundo decision 1\n"},
	{"g u 3", ""},
	{"g u 1 Esc", ""},
	{"g u G 1 a", "choose address @shared.example contact:1\n"},
	{"g u j 1", ""},
	{"g u x a", "never address desk@dafaneto.example\n"},
	{"g u x d", "never address @dafaneto.example\n"},
	{"g u G x d", "never address @shared.example\n"},
	{"g u j s", "later address new.person@acme.example\n"},
	{"W u y", "unlink thread of 8 contact:1\nwithdraw 5:70\n"},
	{"W u n z", "unlink thread of 8 contact:1\nundo decision 1\n"},
	{"W p n", "private thread of 8\n"},
	{"W p y", "private thread of 8\nwithdraw 5:70\nwithdraw 5:71\n"},
	{"W a", "log mail of 8\n"},
	{"W d n", "not mail of 8\n"},
	{"W x a", "never address laura@dafaneto.example\n"},
	{"W j j j x l", "allow address denis@tolabe.example\n"},
	{"W j j Enter Enter a", "choose address desk@dafaneto.example contact:1\n"},
	{"W j Enter", ""},
	{"W l 'frame Enter", "link thread of 8 deal:1\n"},
	{"W G Enter", "link thread of 8 deal:1\n"},
	{"W j j j j w", ""},
	{"W j j j j j w y", "withdraw 5:71\n"},
	{"W j j j j j j u", "unlink thread of 8 deal:1\n"},
};

static void match__keys__decide(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(decisions); i++) {
		struct flow f;
		open_flow(&f, decisions[i].keys);
		const char *wrote = f.store.written.p ? f.store.written.p : "";
		if (strcmp(wrote, decisions[i].wrote) != 0)
			fail_msg("%s wrote:\n%snot:\n%s\n%s", decisions[i].keys, wrote,
				decisions[i].wrote, screen_dump(&f.s));
		if (decisions[i].wrote[0])
			assert_true(f.s.kicks > 0);
		flow_close(&f);
	}
}

static void match__new_contact__opens_the_form(void **state)
{
	struct flow f;
	(void)state;
	open_flow(&f, "g u j n");
	flow_shows(&f, "new.person@acme.example");
	flow_shows(&f, "First name");
	flow_close(&f);
}

static void match__sidebar__counts_who_waits(void **state)
{
	struct flow f;
	(void)state;
	open_flow(&f, "");
	flow_shows(&f, "Who is this?");
	flow_close(&f);
}

static void match__mail__is_opened_and_explained(void **state)
{
	struct flow f;
	(void)state;
	open_flow(&f, "g u v");
	flow_shows(&f, "Re: Deadline order and the new terms");
	screen_keys(&f.s, "W");
	flow_shows(&f, "Why logged");
	screen_keys(&f.s, "Esc Esc W");
	flow_shows(&f, "Why logged  Delivery on Thursday");
	flow_close(&f);
}

static void why__hints__what_enter_does(void **state)
{
	struct flow f;
	(void)state;
	open_flow(&f, "W G");
	flow_shows(&f, " Enter choose  l link");
	screen_keys(&f.s, "k");
	assert_false(screen_shows(&f.s, "Enter choose"));
	flow_close(&f);
}

/* ---- goldens --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *keys;
	bool is_empty;
	const struct why *why;
	const char *says[6];
} goldens[] = {
	{"match", "g u", false, &logged,
		{"Who is this?", "several contacts", "desk@dafaneto.example  may be",
			"1  Laura Palmer · Dafaneto", NULL}},
	{"match-who", "g u 2", false, &logged,
		{"Юлия Смирнов", "always: whatever this address", "in this conversation alone",
			NULL}},
	{"match-empty", "g u", true, NULL, {"Nobody waits for a decision.", NULL}},
	{"why", "W", false, &logged,
		{"Why logged", "It is logged.", "Laura Palmer", "Logged to",
			"its number stands in the mail", NULL}},
	{"why-private", "W", false, &unknown,
		{"Not logged: the conversation is private.", "desk@dafaneto", NULL}},
	{"why-none", "W", false, NULL, {"No CRM has to do with this mail.", NULL}},
};

static void check_golden(size_t i, struct golden_size size)
{
	struct flow f = {.store = {.n_accounts = 0}};
	fake_store_fill(&f.store);
	fill(&f);
	f.store.why = goldens[i].why;
	if (goldens[i].is_empty)
		f.store.n_strangers = 0;
	screen_open(&f.s, &f.store, size.rows, size.cols);
	screen_keys(&f.s, goldens[i].keys);
	golden_check(goldens[i].name, &f.s, goldens[i].says);
	flow_close(&f);
}

static void match__goldens__at_three_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++)
		for (size_t k = 0; k < ARRAY_SIZE(golden_sizes); k++)
			check_golden(i, golden_sizes[k]);
}

static void match__any_size__is_drawn(void **state)
{
	struct flow f;
	(void)state;
	open_flow(&f, "g u");
	for (int i = 0; i < 2; i++) {
		for (int rows = 1; rows < 30; rows += 3)
			for (int cols = 1; cols < 130; cols += 13)
				screen_resize(&f.s, rows, cols);
		screen_keys(&f.s, "W");
	}
	flow_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(match__keys__decide),
		cmocka_unit_test(match__new_contact__opens_the_form),
		cmocka_unit_test(match__sidebar__counts_who_waits),
		cmocka_unit_test(match__mail__is_opened_and_explained),
		cmocka_unit_test(why__hints__what_enter_does),
		cmocka_unit_test(match__goldens__at_three_sizes),
		cmocka_unit_test(match__any_size__is_drawn),
	};
	flow_set_locale();
	return cmocka_run_group_tests_name("ui/match", tests, NULL, NULL);
}
