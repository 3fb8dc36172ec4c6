/*
 * filter.c - the filters of templates: pure steps from value to value. Escaping for a place is the
 * sink's business (template.c); a filter here is what only the profile's author can know.
 */
#include "config.h"

#include "template.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/utf8.h"

#define FILTER_MAX_BYTES ((size_t)1 << 20)

typedef int (*filter_fn)(struct span arg, struct filter_value *v, struct err *e);

static void set_text(struct filter_value *v, const char *p, size_t n)
{
	v->type = VAR_TEXT;
	buf_reset(v->text);
	buf_add(v->text, p, n);
}

static void make_text(struct filter_value *v)
{
	if (v->type != VAR_INT)
		return;
	v->type = VAR_TEXT;
	buf_reset(v->text);
	buf_addf(v->text, "%lld", (long long)v->number);
}

/* In double quotes, as query languages with lists and brackets want it: commas, brackets and dots
 * are then the value's own. */
static int filter_quote(struct span arg, struct filter_value *v, struct err *e)
{
	(void)arg;
	(void)e;
	make_text(v);
	CLEANUP(buf_release) struct buf quoted = BUF_INIT(FILTER_MAX_BYTES);
	buf_addch(&quoted, '"');
	for (size_t i = 0; i < v->text->len; i++) {
		if (v->text->p[i] == '"' || v->text->p[i] == '\\')
			buf_addch(&quoted, '\\');
		buf_addch(&quoted, v->text->p[i]);
	}
	buf_addch(&quoted, '"');
	set_text(v, quoted.p, quoted.len);
	return 0;
}

static int filter_iso(struct span arg, struct filter_value *v, struct err *e)
{
	(void)arg;
	if (v->type != VAR_INT)
		return err_set(e, ERR_PARSE, _("The filter \"iso\" needs a time."));
	char text[40];
	clock_rfc3339(v->number, text, sizeof(text));
	set_text(v, text, span_of(text).len);
	return 0;
}

/* At most n characters; never half of one. */
static int filter_trunc(struct span arg, struct filter_value *v, struct err *e)
{
	int64_t max;
	if (!span_to_i64(arg, 1, INT32_MAX, &max))
		return err_set(e, ERR_PARSE, _("The filter \"trunc\" needs a number."));
	make_text(v);
	size_t at = 0;
	for (int64_t i = 0; i < max && at < v->text->len; i++) {
		uint32_t cp;
		at += utf8_decode(v->text->p + at, v->text->len - at, &cp);
	}
	buf_truncate(v->text, at);
	return 0;
}

/* "a=b,c=d"; a value that is not among them has no value. */
static int filter_map(struct span arg, struct filter_value *v, struct err *e)
{
	(void)e;
	make_text(v);
	struct span pair;
	while (span_next(&arg, ',', &pair)) {
		struct span from;
		struct span to = pair;
		if (!span_next(&to, '=', &from) || !span_eq(from, v->text->p))
			continue;
		set_text(v, to.p, to.len);
		return 0;
	}
	v->type = VAR_ABSENT;
	return 0;
}

static int filter_default(struct span arg, struct filter_value *v, struct err *e)
{
	(void)e;
	if (v->type == VAR_ABSENT || v->type == VAR_UNSET)
		set_text(v, arg.p, arg.len);
	return 0;
}

/* A decimal number as JSON writes one; what is none is the person's mistake. */
static int filter_number(struct span arg, struct filter_value *v, struct err *e)
{
	(void)arg;
	make_text(v);
	const char *p = v->text->p;
	size_t i = v->text->len && *p == '-';
	size_t first = i;
	size_t dots = 0;
	for (; i < v->text->len && (ascii_isdigit(p[i]) || (p[i] == '.' && i > first)); i++)
		dots += p[i] == '.';
	bool has_digit_last = i > first && ascii_isdigit(p[i - 1]);
	bool has_extra_zero = i > first + 1 && p[first] == '0' && p[first + 1] != '.';
	if (i != v->text->len || !has_digit_last || has_extra_zero || dots > 1) {
		err_set(e, ERR_PARSE, _("The CRM wants a number here, like 1200.50."));
		e->scope = ERR_ITEM;
		return -1;
	}
	v->type = VAR_JSON;
	return 0;
}

/* "a, b" as a JSON array of its words. */
static int filter_list(struct span arg, struct filter_value *v, struct err *e)
{
	(void)arg;
	(void)e;
	make_text(v);
	CLEANUP(buf_release) struct buf list = BUF_INIT(FILTER_MAX_BYTES);
	buf_addch(&list, '[');
	const char *p = v->text->p;
	for (size_t i = 0; i < v->text->len;) {
		size_t n = strcspn(p + i, ", ;\t\r\n");
		if (n) {
			buf_addstr(&list, list.len > 1 ? "," : "");
			template_json_string(&list, p + i, n);
		}
		i += n ? n : 1;
	}
	buf_addch(&list, ']');
	set_text(v, list.p, list.len);
	v->type = VAR_JSON;
	return 0;
}

static const struct filter {
	const char *name;
	bool has_arg;
	bool takes_absent;
	filter_fn apply;
} filters[] = {
	{"quote", false, false, filter_quote},
	{"iso", false, false, filter_iso},
	{"trunc", true, false, filter_trunc},
	{"map", true, false, filter_map},
	{"default", true, true, filter_default},
	{"number", false, false, filter_number},
	{"list", false, false, filter_list},
};

static const struct filter *filter_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (span_eq(name, filters[i].name))
			return &filters[i];
	return NULL;
}

bool filter_exists(struct span name, bool has_arg)
{
	const struct filter *f = filter_find(name);
	return f && f->has_arg == has_arg;
}

int filter_apply(struct span name, struct span arg, struct filter_value *v, struct err *e)
{
	const struct filter *f = filter_find(name);
	BUG_ON(!f);
	if ((v->type == VAR_ABSENT || v->type == VAR_UNSET) && !f->takes_absent)
		return 0;
	return f->apply(arg, v, e);
}
