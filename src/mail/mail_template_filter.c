/*
 * mail_template_filter.c - the filters of mail templates: pure steps from a value to a value. What
 * has no value passes through all of them but `default`.
 */
#include "config.h"

#include "mail_template_private.h"

#include <string.h>
#include <utf8proc.h>

#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#define CUT_MOST 4000

struct step {
	struct span arg;
	const char *lang;
	struct template_value *v;
};

static void set_text(struct template_value *v, const char *p, size_t n)
{
	v->is_absent = false;
	v->kind = MAIL_TEMPLATE_TEXT;
	buf_reset(v->text);
	buf_add(v->text, p, n);
}

/* "" in quotes is a value, too: it leaves nothing. */
static void filter_default(const struct step *s)
{
	if (s->v->is_absent)
		set_text(s->v, s->arg.p, s->arg.len);
}

/* The first `clusters` letters mapped, the rest as it is. */
static void map_letters(struct template_value *v, utf8proc_int32_t (*map)(utf8proc_int32_t),
	size_t most)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(v->text->max);
	size_t at = 0;
	for (size_t n = 0; at < v->text->len && n < most; n++) {
		uint32_t cp;
		at += utf8_decode(v->text->p + at, v->text->len - at, &cp);
		buf_addutf8(&out, (uint32_t)map((utf8proc_int32_t)cp));
	}
	buf_add(&out, v->text->p + at, v->text->len - at);
	set_text(v, out.p, out.len);
}

static void filter_upper(const struct step *s)
{
	map_letters(s->v, utf8proc_toupper, SIZE_MAX);
}

static void filter_lower(const struct step *s)
{
	map_letters(s->v, utf8proc_tolower, SIZE_MAX);
}

static void filter_capital(const struct step *s)
{
	map_letters(s->v, utf8proc_totitle, 1);
}

static void filter_first(const struct step *s)
{
	struct span t = span_trim((struct span){s->v->text->p, s->v->text->len});
	const char *blank = memchr(t.p, ' ', t.len);
	buf_truncate(s->v->text, blank ? (size_t)(blank - s->v->text->p) : s->v->text->len);
}

static void filter_last(const struct step *s)
{
	CLEANUP(buf_release) struct buf word = BUF_INIT(s->v->text->max);
	struct span t = span_trim((struct span){s->v->text->p, s->v->text->len});
	size_t from = t.len;
	while (from && t.p[from - 1] != ' ')
		from--;
	buf_add(&word, t.p + from, t.len - from);
	set_text(s->v, word.p, word.len);
}

/* At most so many letters as they are seen: whole clusters. */
static void filter_cut(const struct step *s)
{
	int64_t most = 0;
	size_t at = 0;
	if (!span_to_i64(s->arg, 1, CUT_MOST, &most))
		return;
	for (int64_t i = 0; i < most && at < s->v->text->len; i++)
		at += utf8_cluster(s->v->text->p + at, s->v->text->len - at);
	buf_truncate(s->v->text, at);
}

/* What is no date stays as it is: a writer who is asked for one may type "next week". */
static void as_date(const struct step *s, enum template_date_form form)
{
	int64_t day;
	CLEANUP(buf_release) struct buf out = BUF_INIT(200);
	if (!template_date_parse((struct span){s->v->text->p, s->v->text->len}, &day))
		return;
	template_date_write(&out, day, s->lang, form);
	set_text(s->v, out.p, out.len);
}

static void filter_long(const struct step *s)
{
	as_date(s, DATE_LONG);
}

static void filter_short(const struct step *s)
{
	as_date(s, DATE_SHORT);
}

static void filter_iso(const struct step *s)
{
	as_date(s, DATE_ISO);
}

static void filter_weekday(const struct step *s)
{
	as_date(s, DATE_WEEKDAY);
}

static void filter_month(const struct step *s)
{
	as_date(s, DATE_MONTH);
}

static const struct filter {
	const char *name;
	bool has_arg;
	bool takes_absent;
	bool wants_text; /* a date or an amount is written out first */
	void (*apply)(const struct step *s);
} filters[] = {
	{"default", true, true, false, filter_default},
	{"upper", false, false, true, filter_upper},
	{"lower", false, false, true, filter_lower},
	{"capital", false, false, true, filter_capital},
	{"first", false, false, true, filter_first},
	{"last", false, false, true, filter_last},
	{"cut", true, false, true, filter_cut},
	{"long", false, false, false, filter_long},
	{"short", false, false, false, filter_short},
	{"iso", false, false, false, filter_iso},
	{"weekday", false, false, false, filter_weekday},
	{"month", false, false, false, filter_month},
};

static const struct filter *filter_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (span_eq(name, filters[i].name))
			return &filters[i];
	return NULL;
}

int template_filter_check(struct span name, const struct span *arg, struct err *e)
{
	const struct filter *f = filter_find(name);
	int64_t number;
	if (!f)
		return err_set(e, ERR_PARSE, _("There is no filter \"%.*s\"."),
			name.len > 40 ? 40 : (int)name.len, name.p);
	if (f->has_arg && !arg)
		return err_set(e, ERR_PARSE, _("The filter \"%s\" needs an argument."), f->name);
	if (!f->has_arg && arg)
		return err_set(e, ERR_PARSE, _("The filter \"%s\" takes no argument."), f->name);
	if (f->apply == filter_cut && !span_to_i64(*arg, 1, CUT_MOST, &number))
		return err_set(e, ERR_PARSE, _("The filter \"cut\" needs a number, as in cut:20."));
	return 0;
}

void template_value_settle(struct template_value *v, const char *lang)
{
	int64_t day;
	CLEANUP(buf_release) struct buf out = BUF_INIT(v->text->max);
	struct span text = {v->text->p, v->text->len};
	if (v->is_absent || v->kind == MAIL_TEMPLATE_TEXT)
		return;
	if (v->kind == MAIL_TEMPLATE_MONEY)
		template_money_write(&out, text, lang);
	else if (template_date_parse(text, &day))
		template_date_write(&out, day, lang, DATE_LONG);
	else
		buf_add(&out, text.p, text.len);
	set_text(v, out.p, out.len);
}

void template_filter_apply(struct span name, struct span arg, const char *lang,
	struct template_value *v)
{
	const struct filter *f = filter_find(name);
	const struct step s = {arg, lang, v};
	BUG_ON(!f);
	if (v->is_absent && !f->takes_absent)
		return;
	if (f->wants_text)
		template_value_settle(v, lang);
	f->apply(&s);
}
