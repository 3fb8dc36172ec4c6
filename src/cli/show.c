/* show.c - `crmail show FILE`: a message as text of a given width (formats.md "show"). */
#include "config.h"

#include <string.h>
#include <time.h>

#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/render.h"

#include "args.h"
#include "mail_file.h"
#include "verbs.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX 10000

struct page {
	struct cli *c;
	struct arena *a;
	unsigned width;
};

static void print_line(const struct page *p, struct buf *line)
{
	buf_rtrim(line);
	fprintf(p->c->out, "%s\n", line->p);
	buf_reset(line);
}

/* Blanks of other widths become ASCII ones that take the same cells: the page is plain text. */
static void add_printable(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_decode(p + i, n - i, &cp);
		bool narrow = cp == 0xA0 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F ||
			      cp == 0x205F;
		if (cp == 0x3000)
			buf_add(out, "  ", 2);
		else if (narrow)
			buf_addch(out, ' ');
		else
			buf_add(out, p + i, len);
		i += len;
	}
}

/* Text of render.h, or one made harmless, wrapped. */
static void print_wrapped(const struct page *p, struct span text)
{
	struct wrap_line *lines;
	size_t n = render_wrap(p->a, text, p->width, &lines);
	CLEANUP(buf_release) struct buf line = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = 0; i < n; i++) {
		for (unsigned k = 0; k < lines[i].quote; k++)
			buf_addstr(&line, "> ");
		for (unsigned k = 0; k < lines[i].indent; k++)
			buf_addch(&line, ' ');
		add_printable(&line, text.p + lines[i].start, lines[i].len);
		print_line(p, &line);
	}
}

/* TRANSLATORS: a header line: label with colon, then value. */
static void print_field(const struct page *p, const char *label, const char *value)
{
	if (!value || !value[0])
		return;
	CLEANUP(buf_release) struct buf line = BUF_INIT(BUF_UNLIMITED);
	buf_addf(&line, "%s ", label);
	utf8_sanitise(&line, value, strlen(value), SANITISE_LINE);
	print_wrapped(p, (struct span){line.p, line.len});
}

static void print_addrs(const struct page *p, const char *label, const struct addr_list *l)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	for (size_t i = 0; i < l->n; i++) {
		const char *name = l->v[i].name;
		buf_addstr(&text, i > 0 ? ", " : "");
		if (name)
			buf_addf(&text, "%s <%s>", name, l->v[i].addr);
		else
			buf_addstr(&text, l->v[i].addr);
	}
	print_field(p, label, text.p);
}

static void print_date(const struct page *p, const struct message *m)
{
	struct tm tm;
	time_t t = (time_t)m->date;
	if (!m->has_date)
		return;
	CLEANUP(buf_release) struct buf text = BUF_INIT(200);
	date_write(&text, m->date, localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0);
	print_field(p, _("Date:"), text.p);
}

static void print_links(const struct page *p, const struct render_doc *d)
{
	if (d->n_links > 0)
		fputc('\n', p->c->out);
	for (size_t i = 0; i < d->n_links; i++) {
		CLEANUP(buf_release) struct buf line = BUF_INIT(BUF_UNLIMITED);
		buf_addf(&line, "[%zu] ", i + 1);
		utf8_sanitise(&line, d->links[i].url, strlen(d->links[i].url), SANITISE_LINE);
		if (d->links[i].mismatch)
			buf_addf(&line, " %s", _("(the text names another address)"));
		print_wrapped(p, (struct span){line.p, line.len});
	}
}

static void print_attachments(const struct page *p, const struct message *m)
{
	struct message_attachment *v;
	size_t n = message_attachments(p->a, m, &v);
	if (n > 0)
		fputc('\n', p->c->out);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(v[i].part->body.len + 1);
		CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(buf_release) struct buf clean = BUF_INIT(BUF_UNLIMITED);
		CLEANUP(buf_release) struct buf line = BUF_INIT(BUF_UNLIMITED);
		unsigned ignored = 0;
		mime_part_decode(v[i].part, &bytes, &ignored);
		/* TRANSLATORS: file name, type, size in bytes. */
		buf_addf(&text, _("%s (%s, %zu bytes)"), v[i].save_as, v[i].part->type, bytes.len);
		utf8_sanitise(&clean, text.p, text.len, SANITISE_LINE);
		utf8_add_cut(&line, clean.p, clean.len, p->width);
		print_line(p, &line);
	}
}

static void print_message(const struct page *p, const struct message *m)
{
	struct render_doc d;
	render_message(p->a, m, RENDER_AUTO, &d);
	print_addrs(p, _("From:"), &m->from);
	print_addrs(p, _("To:"), &m->to);
	print_addrs(p, _("Cc:"), &m->cc);
	print_date(p, m);
	print_field(p, _("Subject:"), m->subject);
	fputc('\n', p->c->out);
	print_wrapped(p, d.text);
	const char *cut = _("(The message goes on; only its beginning is shown.)");
	if (d.cut)
		print_wrapped(p, span_of(cut));
	print_links(p, &d);
	print_attachments(p, m);
}

int cli_show(struct cli *c, int argc, char **argv)
{
	const char *width_text = NULL;
	bool plain = false; /* the only form there is; named so that scripts stay right */
	struct cli_list files = {.n = 0};
	const struct cli_arg table[] = {{.name = "--width", .value = &width_text},
		{.name = "--plain", .flag = &plain}, {.name = NULL}};
	struct err e = ERR_INIT;
	int64_t width = WIDTH_DEFAULT;
	if (cli_args_parse(argc, argv, table, &files, &e))
		return cli_usage(c, cli_verb_find(argv[0]), e.msg);
	if (width_text && !str_to_i64(width_text, 1, WIDTH_MAX, &width))
		return cli_usage(c, cli_verb_find(argv[0]), _("The width is a number of cells."));
	if (files.n != 1)
		return cli_usage(c, cli_verb_find(argv[0]), _("Name one file."));
	CLEANUP(mail_file_release) struct mail_file f;
	int code = mail_file_open(&f, c, files.v[0]);
	if (code != CLI_OK)
		return code;
	tzset();
	struct page p = {.c = c, .a = &f.a, .width = (unsigned)width};
	print_message(&p, &f.m);
	return CLI_OK;
}
