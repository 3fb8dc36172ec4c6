/*
 * people_write.c - people as CSV and as vCard 4.0, in the form that crmail reads back unchanged.
 */
#include "config.h"

#include "crmail/mail/people.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"

#define FOLD_BYTES 75 /* RFC 6350 §3.2 */

/* A cell that a spreadsheet could take for a formula stays as it is: what is imported again must
 * be what was exported. */
static void add_cell(struct buf *out, const char *text)
{
	if (!text || !strpbrk(text, ",;\t\"\r\n ")) {
		buf_addstr(out, text ? text : "");
		return;
	}
	buf_addch(out, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			buf_addch(out, '"');
		buf_addch(out, *p);
	}
	buf_addch(out, '"');
}

/* Several in one cell, as Google writes them. */
static void add_cells(struct buf *out, const struct people_list *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = 0; i < l->n; i++)
		buf_addf(&b, "%s%s", i ? " ::: " : "", l->v[i]);
	add_cell(out, b.p);
}

void people_write_csv_head(struct buf *out)
{
	buf_addstr(out, "Name,First Name,Last Name,Email,Phone,Company,Website,Job Title,Owner,"
			"Notes\r\n");
}

void people_write_csv(struct buf *out, const struct person *p)
{
	add_cell(out, p->name);
	buf_addch(out, ',');
	add_cell(out, p->first_name);
	buf_addch(out, ',');
	add_cell(out, p->last_name);
	buf_addch(out, ',');
	add_cells(out, &p->emails);
	buf_addch(out, ',');
	add_cells(out, &p->phones);
	buf_addch(out, ',');
	add_cell(out, p->company);
	buf_addch(out, ',');
	add_cells(out, &p->domains);
	buf_addch(out, ',');
	add_cell(out, p->title);
	buf_addch(out, ',');
	add_cell(out, p->owner);
	buf_addch(out, ',');
	add_cell(out, p->note);
	buf_addstr(out, "\r\n");
}

static void escape(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\n') {
			buf_addstr(b, "\\n");
			continue;
		}
		if (strchr("\\,;", *p))
			buf_addch(b, '\\');
		buf_addch(b, *p);
	}
}

/* A line of at most 75 bytes; the rest goes on in indented ones, cut between characters. */
static void add_line(struct buf *out, const char *line)
{
	size_t left = strlen(line);
	size_t room = FOLD_BYTES;
	while (left > room) {
		size_t n = room;
		while (n && ((unsigned char)line[n] & 0xC0) == 0x80)
			n--;
		n = n ? n : room;
		buf_add(out, line, n);
		buf_addstr(out, "\r\n ");
		line += n;
		left -= n;
		room = FOLD_BYTES - 1;
	}
	buf_add(out, line, left);
	buf_addstr(out, "\r\n");
}

static void add_property(struct buf *out, const char *name, const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	if (!text || !*text)
		return;
	buf_addf(&b, "%s:", name);
	escape(&b, text);
	add_line(out, b.p);
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static void add_name(struct buf *out, const struct person *p)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	if (!p->first_name && !p->last_name)
		return;
	buf_addstr(&b, "N:");
	escape(&b, or_none(p->last_name));
	buf_addch(&b, ';');
	escape(&b, or_none(p->first_name));
	buf_addstr(&b, ";;;");
	add_line(out, b.p);
}

void people_write_vcard(struct buf *out, const struct person *p)
{
	const char *name = p->name ? p->name : p->emails.n ? p->emails.v[0] : "";
	buf_addstr(out, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
	/* FN must be there (RFC 6350 §6.2.1). */
	if (*name)
		add_property(out, "FN", name);
	else
		buf_addstr(out, "FN:\r\n");
	add_name(out, p);
	add_property(out, "ORG", p->company);
	add_property(out, "TITLE", p->title);
	for (size_t i = 0; i < p->emails.n; i++)
		add_property(out, i ? "EMAIL" : "EMAIL;PREF=1", p->emails.v[i]);
	for (size_t i = 0; i < p->phones.n; i++)
		add_property(out, "TEL", p->phones.v[i]);
	for (size_t i = 0; i < p->domains.n; i++)
		add_property(out, "URL", p->domains.v[i]);
	add_property(out, "NOTE", p->note);
	add_property(out, "X-CRMAIL-OWNER", p->owner);
	buf_addstr(out, "END:VCARD\r\n");
}
