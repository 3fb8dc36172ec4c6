/*
 * attach_text.c - what an attachment says, as text for the screen: text of any kind, a calendar's
 * event as a card, a message as mail. Nothing is drawn here.
 */
#include "config.h"

#include "attach.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/calendar.h"
#include "crmail/mail/render.h"
#include "ui/when.h"

#define DECODE_MAX ((size_t)32 << 20)
#define SHOWN_MAX ((size_t)1 << 20)
#define TAB_CELLS 8

/* One line of a stranger's text, without line ends. */
static void add_line_of(struct buf *out, const char *s)
{
	utf8_sanitise(out, s, strlen(s), SANITISE_LINE);
}

static void add_field(struct buf *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(out, "%s: ", label);
	add_line_of(out, value);
	buf_addch(out, '\n');
}

static void add_untabbed(struct buf *out, const char *p, size_t n)
{
	size_t col = 0;

	for (size_t i = 0; i < n;) {
		size_t start = i;

		while (i < n && p[i] != '\t' && p[i] != '\n')
			i++;
		buf_add(out, p + start, i - start);
		if (i == n)
			break;
		if (p[i++] == '\n') {
			buf_addch(out, '\n');
			col = 0;
			continue;
		}
		col += cell_width(p + start, i - 1 - start);
		do
			buf_addch(out, ' ');
		while (++col % TAB_CELLS != 0);
	}
}

/* Valid UTF-8 up to the ceiling, harmless. */
static void add_plain(struct buf *out, const struct buf *text, struct attach_text *t)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT(4 * SHOWN_MAX);
	size_t n = text->len < SHOWN_MAX ? text->len : SHOWN_MAX;

	while (n > 0 && n < text->len && ((unsigned char)text->p[n] & 0xC0) == 0x80)
		n--;
	t->is_cut = text->failed || n < text->len;
	utf8_sanitise(&clean, text->p, n, 0);
	add_untabbed(out, clean.p, clean.len);
}

static void add_doc(struct buf *out, const struct render_doc *doc, struct attach_text *t)
{
	size_t n = doc->text.len < SHOWN_MAX ? doc->text.len : SHOWN_MAX;

	while (n > 0 && n < doc->text.len && ((unsigned char)doc->text.p[n] & 0xC0) == 0x80)
		n--;
	t->is_cut = doc->cut || n < doc->text.len;
	buf_add(out, doc->text.p, n);
	for (size_t i = 0; i < doc->n_links && i < 200; i++) {
		buf_addf(out, "%s[%zu] ", i == 0 ? "\n\n" : "\n", i + 1);
		add_line_of(out, doc->links[i].url);
	}
}

/* A time with a zone of its own stands as it was written; UTC becomes the reader's time. */
static void add_time(struct buf *out, const char *label, const struct calendar_time *t)
{
	char text[64];
	int64_t at;
	time_t seconds;
	struct tm tm;

	if (!t->is_set)
		return;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:00Z", t->year, t->month, t->day,
		t->hour, t->minute);
	if (!clock_parse_rfc3339(text, &at))
		return;
	seconds = (time_t)at;
	if (!(t->is_utc ? localtime_r(&seconds, &tm) : gmtime_r(&seconds, &tm)))
		return;
	buf_addf(out, "%s: ", label);
	when_full(out, &tm, !t->is_date);
	if (t->zone) {
		buf_addstr(out, " (");
		add_line_of(out, t->zone);
		buf_addch(out, ')');
	} else if (t->is_utc) {
		/* TRANSLATORS: behind a time that was turned into the reader's zone */
		buf_addf(out, " %s", _("(your time)"));
	}
	buf_addch(out, '\n');
}

static void add_person(struct buf *out, const struct calendar_person *p)
{
	static const struct {
		const char *word, *text;
	} answers[] = {{"ACCEPTED", N_("accepted")}, {"DECLINED", N_("declined")},
		{"TENTATIVE", N_("tentative")}};

	if (p->name) {
		add_line_of(out, p->name);
		buf_addstr(out, " <");
	}
	add_line_of(out, p->addr);
	buf_addstr(out, p->name ? ">" : "");
	for (size_t i = 0; p->answer && i < ARRAY_SIZE(answers); i++)
		if (str_casecmp(p->answer, answers[i].word) == 0)
			buf_addf(out, " · %s", _(answers[i].text));
	buf_addch(out, '\n');
}

static const char *kind_of(const struct calendar_event *e)
{
	const char *method = e->method ? e->method : "";

	if (str_casecmp(method, "CANCEL") == 0 ||
		(e->status && str_casecmp(e->status, "CANCELLED") == 0))
		return _("Cancelled event");
	if (str_casecmp(method, "REQUEST") == 0)
		return _("Invitation");
	if (str_casecmp(method, "REPLY") == 0)
		return _("Answer to an invitation");
	return _("Event");
}

static void add_people(struct buf *out, const struct calendar_event *e)
{
	if (e->organizer.addr) {
		buf_addf(out, "%s: ", _("Organizer"));
		add_person(out, &e->organizer);
	}
	if (e->n_people > 0)
		buf_addf(out, "%s:\n", _("Attendees"));
	for (size_t i = 0; i < e->n_people; i++) {
		buf_addstr(out, "  ");
		add_person(out, &e->people[i]);
	}
	if (e->n_people_all > e->n_people) {
		size_t more = e->n_people_all - e->n_people;

		buf_addf(out, ngettext("  and %zu more\n", "  and %zu more\n", more), more);
	}
}

static void add_event(struct buf *out, const struct calendar_event *e, struct attach_text *t)
{
	buf_addf(out, "%s\n", kind_of(e));
	add_field(out, _("What"), e->summary);
	add_time(out, _("Begins"), &e->start);
	add_time(out, _("Ends"), &e->end);
	if (e->repeats)
		buf_addf(out, "%s\n", _("It repeats."));
	add_field(out, _("Where"), e->location);
	add_people(out, e);
	if (e->description) {
		struct buf text = {.p = (char *)e->description, .len = strlen(e->description)};

		buf_addch(out, '\n');
		add_plain(out, &text, t);
	}
	if (e->n_events > 1)
		buf_addf(out,
			ngettext("\n\n%zu more event is in this file.",
				"\n\n%zu more events are in this file.", e->n_events - 1),
			e->n_events - 1);
}

static void add_addresses(struct buf *out, const char *label, const struct addr_list *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT((size_t)16 << 10);

	for (size_t i = 0; i < l->n && !b.failed; i++) {
		buf_addstr(&b, i > 0 ? ", " : "");
		if (l->v[i].name)
			buf_addf(&b, "%s <%s>", l->v[i].name, l->v[i].addr);
		else
			buf_addstr(&b, l->v[i].addr);
	}
	add_field(out, label, b.p);
}

static void add_message(struct arena *a, const struct mime_part *p, int64_t now, struct buf *out,
	struct attach_text *t)
{
	struct message_attachment *inner = NULL;
	struct message m;
	struct render_doc doc;
	size_t n;

	message_parse(a, p->body.p, p->body.len, &m);
	add_addresses(out, _("From"), &m.from);
	add_addresses(out, _("To"), &m.to);
	add_addresses(out, _("Cc"), &m.cc);
	if (m.has_date) {
		buf_addf(out, "%s: ", _("Date"));
		when_long(out, m.date, now);
		buf_addch(out, '\n');
	}
	add_field(out, _("Subject"), m.subject);
	buf_addch(out, '\n');
	render_message(a, &m, RENDER_AUTO, &doc);
	add_doc(out, &doc, t);
	n = message_attachments(a, &m, &inner);
	for (size_t i = 0; i < n && i < 200; i++) {
		buf_addstr(out, i == 0 ? "\n\n" : "\n");
		/* TRANSLATORS: before the file name of an attachment of an attached message */
		buf_addf(out, "%s: ", _("Attached"));
		add_line_of(out, inner[i].save_as);
	}
}

static void add_text(struct arena *a, const struct mime_part *p, struct buf *out,
	struct attach_text *t)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(DECODE_MAX);
	bool is_calendar =
		strcmp(p->type, "text/calendar") == 0 || strcmp(p->type, "application/ics") == 0;
	struct calendar_event event;
	unsigned warnings = 0;
	struct render_doc doc;

	mime_part_text(p, &text, &warnings);
	if (is_calendar && calendar_parse(a, text.p, text.len, &event)) {
		add_event(out, &event, t);
	} else if (strcmp(p->type, "text/html") == 0) {
		render_html(a, text.p, text.len, &doc);
		add_doc(out, &doc, t);
	} else {
		add_plain(out, &text, t);
	}
}

void attach_text_make(struct arena *a, const struct message_attachment *m, int64_t now,
	struct attach_text *out)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(16 * SHOWN_MAX);
	const struct mime_part *p = m->part;

	*out = (struct attach_text){.is_shown = true};
	if (strcmp(p->type, "message/rfc822") == 0 || strcmp(p->type, "message/global") == 0)
		add_message(a, p, now, &b, out);
	else if (str_starts(p->type, "text/") || strcmp(p->type, "application/ics") == 0)
		add_text(a, p, &b, out);
	else
		out->is_shown = false;
	out->is_cut |= b.failed;
	out->text = (struct span){arena_strndup(a, b.p, b.len), b.len};
}
