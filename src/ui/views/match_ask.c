/* match_ask.c - see match.h. */
#include "config.h"

#include "match.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "question.h"
#include "ui/ui_core.h"

#define LINE_BYTES 1000

enum { ANSWER_ALWAYS, ANSWER_HERE, ANSWER_ADDRESS, ANSWER_DOMAIN, ANSWER_ALLOW };

static void set_text(char *out, size_t size, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(size - 1);
	text_add(&b, text);
	memcpy(out, b.p, b.len + 1);
}

void match_set_addr(struct match_asking *a, const char *addr)
{
	set_text(a->addr, sizeof(a->addr), addr);
}

const char *match_kind_text(enum link_kind k)
{
	switch (k) {
	case LINK_CONTACT:
		return _("contact");
	case LINK_PARTNER:
		return _("partner");
	case LINK_LEAD:
		return _("lead");
	case LINK_DEAL:
		return _("deal");
	}
	return "";
}

void match_say(struct ui *ui, const struct decision_in *d, const char *text)
{
	int64_t id = decide(ui->o.store, d);

	ui_kick(ui, 0);
	ui_set_undo_decision(ui, id, text);
}

void match_add_candidate(const struct candidate_row *c, struct buf *out)
{
	text_add(out, c->name && *c->name ? c->name : _("(no name)"));
	if (c->partner) {
		text_add(out, " · ");
		text_add(out, c->partner);
	}
	if (c->kind != LINK_CONTACT) {
		text_add(out, " · ");
		text_add(out, match_kind_text(c->kind));
	}
}

static struct match_asking *asking_of(struct ui *ui)
{
	return ui_top(ui)->data; /* the question is closed by now */
}

static void said_who(struct ui *ui, int64_t answer, int64_t about)
{
	const struct match_asking *a = asking_of(ui);
	const struct decision_in d = {.what = DECIDE_CHOOSE,
		.scope = answer == ANSWER_ALWAYS ? DECIDE_ADDRESS : DECIDE_THREAD,
		.message = a->message,
		.crm = a->crm,
		.kind = a->kind,
		.target = a->target,
		.addr = a->addr};
	CLEANUP(buf_release) struct buf text = BUF_INIT(100);

	(void)about;
	text_add(&text, a->name);
	match_say(ui, &d, text.p);
}

void match_ask_who(struct ui *ui, struct match_asking *a, const struct candidate_row *c)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_BYTES);
	struct question_args q = {.chosen = said_who, .detail = a->addr};

	a->kind = c->kind;
	a->target = c->id;
	set_text(a->name, sizeof(a->name), c->name ? c->name : "");
	text_add(&line, a->name);
	q.question = line.p;
	q.choices[q.n++] = (struct question_choice){
		'a', _("always: whatever this address writes or gets"), ANSWER_ALWAYS};
	if (a->message)
		q.choices[q.n++] =
			(struct question_choice){'t', _("in this conversation alone"), ANSWER_HERE};
	question_ask(ui, &q);
}

static void said_never(struct ui *ui, int64_t answer, int64_t about)
{
	const struct match_asking *a = asking_of(ui);
	const char *at = strrchr(a->addr, '@');
	struct decision_in d = {.what = answer == ANSWER_ALLOW ? DECIDE_ALLOW : DECIDE_NEVER,
		.scope = DECIDE_ADDRESS,
		.crm = a->crm,
		.addr = answer == ANSWER_DOMAIN && at ? at : a->addr};

	(void)about;
	match_say(ui, &d,
		answer == ANSWER_ALLOW ? _("Logged again.") : _("Never logged from now on."));
}

void match_ask_never(struct ui *ui, struct match_asking *a, bool is_never)
{
	struct question_args q = {.question = a->addr, .chosen = said_never};

	if (is_never)
		q.choices[q.n++] = (struct question_choice){'l', _("log it again"), ANSWER_ALLOW};
	if (a->addr[0] != '@')
		q.choices[q.n++] =
			(struct question_choice){'a', _("never log this address"), ANSWER_ADDRESS};
	q.choices[q.n++] =
		(struct question_choice){'d', _("never log anybody of this domain"), ANSWER_DOMAIN};
	question_ask(ui, &q);
}
