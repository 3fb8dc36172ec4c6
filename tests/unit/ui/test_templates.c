/*
 * test_templates.c - templates on the screen: choosing one, what it becomes in the mail, the form
 * for what is not known, files that are broken, and that no variable is ever sent.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/store.h"
#include "crmail/store/template.h"
#include "flow.h"
#include "ui/views/compose.h"

static const struct {
	const char *path, *text;
} files[] = {
	{"en/offer.md",
		"---\nname: Offer sent\nabout: After an offer went out\n"
		"subject: Offer {{offer}} for {{partner.name|default:you}}\nlang: en\n"
		"ask.offer: Number of the offer\n---\n\n"
		"Hi {{contact.first_name|default:there}},\n\nhere is offer {{offer}}"
		"{{if deal.name}} for \"{{deal.name}}\"{{end}}.\nIt holds until {{date+2w}}.\n\n"
		"{{closing_words}}\n{{me.name}}\n"},
	{"en/thanks.md", "---\nname: Thanks\nlang: en\nask.what: What they did for you, in words "
			 "that do not "
			 "end soon\n---\nThank you, {{contact.name|first}}, for {{what}}!\n"},
	{"first.md", "---\nname: First contact\nabout: To somebody who does not know us\n"
		     "subject: {{partner.name|default:Your team}} and us\nlang: en\n---\n"
		     "Hello {{contact.name|first|default:there}},\n\n"
		     "may I call you on {{date+3b|weekday}}?\n\n{{me.name}}\n"},
	{"theirs.md", "---\nname: Of another CRM\ncrm: elsewhere\n---\nNot for this mail.\n"},
	{"bad.md", "---\nname: Broken\n---\nHello {{contact.frist_name}},\n"},
};

static void put(const struct flow *f, const char *path, const char *text)
{
	CLEANUP(free_str) char *dir = store_path(&f->store, "templates");
	struct err e = ERR_INIT;

	if (template_file_write(dir, path, text, strlen(text), &e))
		fail_msg("%s", e.msg);
}

static void remove_files(struct flow *f)
{
	CLEANUP(free_str) char *dir = store_path(&f->store, "templates");
	CLEANUP(free_str) char *folder = fsx_join(dir, "en");
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct template_list l;
	struct err e = ERR_INIT;

	assert_int_equal(template_folder_read(dir, &a, &l, &e), 0);
	for (size_t i = 0; i < l.n; i++) {
		CLEANUP(free_str) char *path = fsx_join(dir, l.v[i].path);

		unlink(path);
	}
	rmdir(folder);
	rmdir(dir);
}

static void fill(struct flow *f)
{
	remove_files(f);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(f, files[i].path, files[i].text);
}

static void fill_nothing(struct flow *f)
{
	remove_files(f);
}

/* ---- scenes ---- */

static void see_two_versions(struct flow *f)
{
	screen_keys(&f->s, "w Esc Esc");
	put(f, "first.md",
		"---\nname: First contact\nsubject: {{partner.name|default:Your team}} and us\n"
		"lang: en\n---\nDear {{contact.name}},\n\nmay I call you on "
		"{{date+3b|weekday}}?\n\n"
		"{{me.name}}\n");
	screen_keys(&f->s, "w 'first Alt-V");
}

static const struct scene scenes[] = {
	{"templates", "w", NULL, NULL,
		{"Templates", "Template:", "First contact", "en/Offer sent", "broken",
			"Hello Laura,", "may I call you on Wednesday?", NULL}},
	{"templates-search", "w 'off", NULL, NULL,
		{"Template: off", "Subject  stays as it is", "After an offer went out",
			"here is offer {{offer}} for \"Q1 frame contract\".",
			"It holds until 4 December 2026.", NULL}},
	{"templates-subject", "c 'laura Enter Tab Ctrl-T 'off", NULL, NULL,
		{"Subject  Offer {{offer}} for Dafaneto", NULL}},
	{"templates-broken", "w 'bad", NULL, NULL,
		{"bad.md", "Line 4: There is no variable \"contact.frist_name\".", NULL}},
	{"templates-none", "w 'zzz", NULL, NULL, {"No template of that name.", NULL}},
	{"templates-empty", "w", NULL, fill_nothing, {"No templates yet.", NULL}},
	{"templates-install", "w Alt-I", NULL, fill_nothing,
		{"Ten templates to begin with: in which language?", "English", "Deutsch",
			"Tiếng Việt", NULL}},
	{"template-edit", "w 'first Alt-E", NULL, NULL,
		{"Template  first.md", "name: First contact",
			"may I call you on {{date+3b|weekday}}?", NULL}},
	{"template-edit-wrong", "w 'first Alt-E '{{", NULL, NULL,
		{"{{---", "Line 1: A \"{{\" is not closed on its line.", "not saved yet", NULL}},
	{"template-versions", NULL, see_two_versions, NULL,
		{"Versions  first.md", "2 versions",
			"- Hello {{contact.name|first|default:there}},", "+ Dear {{contact.name}},",
			"  {{me.name}}", NULL}},
	{"template-form", "w 'off Enter '2026-17 Tab", NULL, NULL,
		{"crmail  Template", "Offer sent", "Number of the offer", "2026-17",
			"Closing words", NULL}},
	{"template-filled", "w Enter", NULL, NULL,
		{"Subject  Re: Deadline order", "Hello Laura,", "may I call you on Wednesday?",
			" > Hi Minh,", NULL}},
	{"template-gap", "w Enter '{{price}} Alt-S", NULL, NULL,
		{"Line 6: {{price}} is not filled in.", "Esc back to the message", NULL}},
};

/* ---- flows ---- */

static const struct compose_data *composed(const struct flow *f)
{
	const struct view *v = ui_top(&f->s.ui);

	assert_string_equal(v->ops->name, "compose");
	return compose_data_of(v);
}

static const char *field(const struct flow *f, enum field which)
{
	return composed(f)->fields[which].text.p;
}

static void new_mail__takes_subject_and_text__of_a_template(struct flow *f)
{
	screen_keys(&f->s, "c 'laura Enter Tab Ctrl-T 'first Enter");
	assert_string_equal(field(f, FIELD_SUBJECT), "Dafaneto and us");
	assert_string_equal(field(f, FIELD_BODY),
		"Hello Laura,\n\nmay I call you on Wednesday?\n\nMinh Nguyễn\n");
	screen_keys(&f->s, "Ctrl-Z");
	assert_string_equal(field(f, FIELD_BODY), "");
}

static void mail__keeps_its_subject_and_text__around_a_template(struct flow *f)
{
	screen_keys(&f->s, "c 'a@b.test Tab 'Mine Tab 'Before. Ctrl-T 'first Enter 'After.");
	assert_string_equal(field(f, FIELD_SUBJECT), "Mine");
	assert_string_equal(field(f, FIELD_BODY),
		"Before.Hello there,\n\nmay I call you on Wednesday?\n\nMinh Nguyễn\nAfter.");
}

static void template__is_sent_filled_in(struct flow *f)
{
	screen_keys(&f->s, "w 'off Enter '2026-17 Enter 'Yours, Enter Alt-S Enter");
	flow_shows(f, "Sending to 1 person.");
	assert_int_equal(f->store.n_outbox, 1);
	assert_non_null(strstr(f->store.raw[0], "\r\nhere is offer 2026-17 for \"Q1 frame"));
	assert_non_null(strstr(f->store.raw[0], "\r\nYours,"));
	assert_null(strstr(f->store.raw[0], "{{"));
}

static void form__wants_every_answer(struct flow *f)
{
	screen_keys(&f->s, "w 'off Enter Alt-S");
	flow_shows(f, "it needs an answer.");
	screen_keys(&f->s, "'2026-17 Enter Space Enter");
	flow_shows(f, "it needs an answer.");
	screen_keys(&f->s, "'Yours, Enter");
	assert_non_null(strstr(field(f, FIELD_BODY), "offer 2026-17"));
}

static void form__leads_back__to_the_choice(struct flow *f)
{
	screen_keys(&f->s, "w 'off Enter Esc");
	flow_shows(f, "Template: off");
	screen_keys(&f->s, "Esc");
	assert_null(strstr(field(f, FIELD_BODY), "here is offer"));
}

/* An answer is no template either. */
static void answer__is_not_filled_again__and_not_sent(struct flow *f)
{
	screen_keys(&f->s, "w 'off Enter '{{me.name}} Enter 'x Enter Alt-S");
	flow_shows(f, "Line 3: {{me.name}} is not filled in.");
	screen_keys(&f->s, "Enter Alt-S");
	assert_int_equal(f->store.n_outbox, 0);
}

static void value__brings_no_header(struct flow *f)
{
	f->store.contacts[0].partner_name = "Dafaneto\r\nBcc: evil@x.test\r\n\r\n";
	screen_keys(&f->s, "c 'laura Enter Tab Ctrl-T 'first Enter Alt-S Enter");
	assert_int_equal(f->store.n_outbox, 1);
	assert_non_null(strstr(f->store.raw[0], "Subject: Dafaneto Bcc: evil@x.test and us\r\n"));
	assert_null(strstr(f->store.raw[0], "\nBcc:"));
}

static void gap__is_selected__and_typed_over(struct flow *f)
{
	screen_keys(&f->s, "c 'a@b.test Tab 'Offer Space '{{n}} Tab 'Hi Space '{{name}}, Alt-S");
	flow_shows(f, "In the subject {{n}} is not filled in.");
	screen_keys(&f->s, "Esc '17 Alt-S");
	flow_shows(f, "Line 1: {{name}} is not filled in.");
	screen_keys(&f->s, "Esc 'Jo Alt-S Enter");
	assert_int_equal(f->store.n_outbox, 1);
	assert_non_null(strstr(f->store.raw[0], "Subject: Offer 17"));
	assert_non_null(strstr(f->store.raw[0], "Hi Jo,"));
}

static void quotation__may_hold_anything(struct flow *f)
{
	screen_keys(&f->s, "c 'a@b.test Tab 'Re Tab '> Space '{{theirs}} Alt-S Enter");
	assert_int_equal(f->store.n_outbox, 1);
}

static void broken__cannot_be_chosen(struct flow *f)
{
	screen_keys(&f->s, "w 'bad Enter");
	flow_shows(f, "bad.md cannot be used: Line 4: There is no variable");
	screen_keys(&f->s, "Esc");
	assert_null(strstr(field(f, FIELD_BODY), "frist_name"));
}

static void template__of_another_crm__is_not_shown(struct flow *f)
{
	screen_keys(&f->s, "w 'another");
	flow_shows(f, "No template of that name.");
}

static void starters__are_installed__beside_what_is_there(struct flow *f)
{
	screen_keys(&f->s, "w Alt-I e");
	flow_shows(f, "10 templates installed.");
	flow_shows(f, "14 templates");
	screen_keys(&f->s, "'renewal");
	flow_shows(f, "Some weeks before a contract ends");
	screen_keys(&f->s, "Alt-I e");
	flow_shows(f, "0 templates installed.");
}

/* The list stays as it was. */
static void starters__that_are_not_there__are_told(struct flow *f)
{
	f->s.ui.o.starters = "nowhere";
	screen_keys(&f->s, "w Alt-I v");
	flow_shows(f, "There are no templates in the language \"vi\".");
	flow_shows(f, "First contact");
}

static void template__that_was_taken__stands_first(struct flow *f)
{
	screen_keys(&f->s, "w 'thanks Enter");
	flow_shows(f, "  What they did for you, in words that do not end soon");
	screen_keys(&f->s, "'all Enter");
	assert_string_equal(f->store.template_used, "en/thanks.md");
	screen_keys(&f->s, "Ctrl-T");
	assert_int_equal(screen_row_of(&f->s, "en/Thanks"), 3);
}

static void text__that_was_seen__is_kept(struct flow *f)
{
	screen_keys(&f->s, "w Esc Esc");
	assert_int_equal(f->store.n_versions, ARRAY_SIZE(files));
	put(f, "first.md", "Another text.");
	screen_keys(&f->s, "w Esc Esc w");
	assert_int_equal(f->store.n_versions, ARRAY_SIZE(files) + 1);
	assert_string_equal(f->store.versions[ARRAY_SIZE(files)].text, "Another text.");
}

static void read_file(const struct flow *f, const char *path, struct buf *out)
{
	CLEANUP(free_str) char *dir = store_path(&f->store, "templates");
	CLEANUP(free_str) char *full = fsx_join(dir, path);
	struct err e = ERR_INIT;

	buf_reset(out);
	if (fsx_read_file(full, out, &e))
		fail_msg("%s", e.msg);
}

static void file__is_edited__and_shown_as_it_is_now(struct flow *f)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);

	screen_keys(&f->s, "w 'first Alt-E Ctrl-End 'Bye! Esc");
	flow_shows(f, "first.md is saved.");
	flow_shows(f, "Template: first"); /* the choice stands where it stood */
	flow_shows(f, "Bye!");
	read_file(f, "first.md", &text);
	assert_true(str_ends(text.p, "{{me.name}}\nBye!"));
	assert_string_equal(f->store.versions[f->store.n_versions - 1].text, text.p);
}

static void file__that_is_wrong__is_saved_and_told(struct flow *f)
{
	screen_keys(&f->s, "w 'first Alt-E Ctrl-End '{{contact.age}}");
	flow_shows(f, "There is no variable \"contact.age\".");
	screen_keys(&f->s, "Ctrl-Z");
	assert_false(screen_shows(&f->s, "There is no variable"));
	screen_keys(&f->s, "Ctrl-Y Ctrl-S");
	flow_shows(f, "first.md is saved.");
	screen_keys(&f->s, "Esc");
	flow_shows(f, "broken");
}

static void editing__leaves_a_file_alone__that_was_not_changed(struct flow *f)
{
	screen_keys(&f->s, "w 'first Alt-E Esc");
	assert_false(screen_shows(&f->s, "is saved"));
	assert_int_equal(f->store.n_versions, ARRAY_SIZE(files));
}

/* Of the words written so far, without signature and quotation; named after itself. */
static void new_one__is_made_of_what_was_written(struct flow *f)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);

	screen_keys(&f->s, "r 'Happy Space 'to Space 'help. Ctrl-T Alt-N");
	flow_shows(f, "Template  new");
	flow_shows(f, "Happy to help.");
	assert_false(screen_shows(&f->s, "> Hi Minh,"));
	screen_keys(&f->s, "Down Shift-End Ctrl-X 'name: Space 'Grüße! Esc");
	flow_shows(f, "grusse.md is saved.");
	read_file(f, "grusse.md", &text);
	assert_true(str_starts(text.p,
		"---\nname: Grüße!\nabout: \nsubject: \n---\n\nHappy to help."));
	screen_keys(&f->s, "'gr Enter");
	assert_non_null(strstr(field(f, FIELD_BODY), "Happy to help.Happy to help."));
	/* Another of that name has a file of its own. */
	screen_keys(&f->s, "Ctrl-T Alt-N Down Shift-End Ctrl-X 'name: Space 'Grüße! Esc");
	flow_shows(f, "grusse-2.md is saved.");
}

static void version__is_brought_back(struct flow *f)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);

	see_two_versions(f);
	screen_keys(&f->s, "Up");
	flow_shows(f, "This is the text of now.");
	screen_keys(&f->s, "Down Enter");
	flow_shows(f, "first.md is as it was;");
	flow_shows(f, "Hello Laura,");
	read_file(f, "first.md", &text);
	assert_non_null(strstr(text.p, "Hello {{contact.name|first|default:there}},"));
}

static void versions__lead_back(struct flow *f)
{
	screen_keys(&f->s, "w 'first Alt-V Down Down Up Up Up PgDn Esc");
	flow_shows(f, "Template: first");
}

static void long_preview__scrolls(struct flow *f)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);

	for (int i = 0; i < 100; i++)
		buf_addf(&text, "row %d\n", i);
	put(f, "first.md", text.p);
	screen_keys(&f->s, "w 'first");
	assert_false(screen_shows(&f->s, "row 26"));
	screen_keys(&f->s, "PgDn PgDn");
	flow_shows(f, "row 26");
}

static const struct scene_flow flows[] = {
	FLOW(new_mail__takes_subject_and_text__of_a_template),
	FLOW(mail__keeps_its_subject_and_text__around_a_template),
	FLOW(template__is_sent_filled_in),
	FLOW(form__wants_every_answer),
	FLOW(form__leads_back__to_the_choice),
	FLOW(answer__is_not_filled_again__and_not_sent),
	FLOW(value__brings_no_header),
	FLOW(gap__is_selected__and_typed_over),
	FLOW(quotation__may_hold_anything),
	FLOW(broken__cannot_be_chosen),
	FLOW(template__of_another_crm__is_not_shown),
	FLOW(starters__are_installed__beside_what_is_there),
	FLOW(starters__that_are_not_there__are_told),
	FLOW(template__that_was_taken__stands_first),
	FLOW(text__that_was_seen__is_kept),
	FLOW(file__is_edited__and_shown_as_it_is_now),
	FLOW(file__that_is_wrong__is_saved_and_told),
	FLOW(editing__leaves_a_file_alone__that_was_not_changed),
	FLOW(new_one__is_made_of_what_was_written),
	FLOW(version__is_brought_back),
	FLOW(versions__lead_back),
	FLOW(long_preview__scrolls),
};

int main(void)
{
	const struct scene_set set = {.name = "ui/templates",
		.fill = fill,
		.closing = remove_files,
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
