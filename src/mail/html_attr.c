/* html_attr.c - attributes and style="...". No style sheets: classes are not looked up. */
#include "config.h"

#include "html_attr.h"

#include <string.h>

#include "html_lex.h"

#define MAX_SPAN 64
#define HEADING_PX 20  /* letters of this size are a heading, set bold */
#define MAX_STYLE 8192 /* bytes of a style attribute that are read */

static bool has(struct span s, const char *word)
{
	return s.len && mem_casefind(s.p, s.len, word) != NULL;
}

/* The number that a value begins with, in thousandths; -1 when it does not begin with one. */
static int64_t leading_number(struct span s)
{
	int64_t whole = 0, fraction = 0, unit = 1000;
	size_t i = 0, digits = 0;

	for (; i < s.len && ascii_isdigit(s.p[i]); i++, digits++) {
		if (whole < 1000000)
			whole = whole * 10 + (s.p[i] - '0');
	}
	if (i < s.len && s.p[i] == '.') {
		for (i++; i < s.len && ascii_isdigit(s.p[i]); i++, digits++) {
			unit /= 10;
			fraction += unit * (s.p[i] - '0');
		}
	}
	return digits ? whole * 1000 + fraction : -1;
}

static bool is_zero(struct span v)
{
	return leading_number(v) == 0;
}

/* "margin: 0 auto 12px": nothing above and below (Word writes .0001pt for nothing). */
static bool is_tight_margin(struct span v)
{
	struct span rest = v, piece, part[3] = {{NULL, 0}};
	size_t n = 0;

	while (n < 3 && span_next(&rest, ' ', &piece)) {
		if (span_trim(piece).len)
			part[n++] = span_trim(piece);
	}
	if (!n)
		return false;
	int64_t above = leading_number(part[0]);
	int64_t below = n == 3 ? leading_number(part[2]) : above;
	return above >= 0 && above < 1000 && below >= 0 && below < 1000;
}

struct style_seen {
	bool no_height, clipped, tight_top, tight_bottom, loose;
};

static void read_font(struct span name, struct span v, unsigned *bits)
{
	if (span_caseeq(name, "font-size")) {
		*bits &= ~(unsigned)(ATTR_TINY | ATTR_SIZED);
		*bits |= is_zero(v) ? ATTR_TINY : ATTR_SIZED;
		if (has(v, "px") && leading_number(v) >= HEADING_PX * 1000)
			*bits |= ATTR_BOLD;
	} else if (span_caseeq(name, "font-weight")) {
		int64_t weight = leading_number(v);
		*bits |= has(v, "bold") || weight >= 600000 ? ATTR_BOLD : ATTR_LIGHT;
	} else if (span_caseeq(name, "font-style") && (has(v, "italic") || has(v, "oblique"))) {
		*bits |= ATTR_ITALIC;
	}
}

static void read_box(struct span name, struct span v, unsigned *bits, struct style_seen *seen)
{
	int64_t n = leading_number(v);

	if (span_caseeq(name, "max-height") || span_caseeq(name, "height") ||
		span_caseeq(name, "max-width") || span_caseeq(name, "width")) {
		seen->no_height |= n == 0;
		if (n >= 0 && n <= 1000 && !has(v, "%") && !has(v, "em"))
			*bits |= ATTR_DOT;
	} else if (span_caseeq(name, "overflow")) {
		seen->clipped = has(v, "hidden");
	} else if (span_caseeq(name, "margin")) {
		seen->tight_top = seen->tight_bottom = is_tight_margin(v);
	} else if (span_caseeq(name, "margin-top")) {
		seen->tight_top = n >= 0 && n < 1000;
	} else if (span_caseeq(name, "margin-bottom")) {
		seen->tight_bottom = n >= 0 && n < 1000;
	} else if (span_caseeq(name, "border") && (has(v, "none") || n == 0)) {
		*bits |= ATTR_NO_BORDER;
	} else if (name.len >= 11 && span_caseeq((struct span){name.p, 11}, "border-left")) {
		*bits &= ~(unsigned)ATTR_NO_BORDER;
	}
}

static void read_property(struct span name, struct span v, unsigned *bits, struct style_seen *seen)
{
	if (span_caseeq(name, "display") && has(v, "none"))
		*bits |= ATTR_HIDDEN;
	else if (span_caseeq(name, "opacity") && is_zero(v))
		*bits |= ATTR_HIDDEN;
	else if (span_caseeq(name, "visibility"))
		*bits |= has(v, "visible") ? ATTR_VISIBLE : ATTR_INVISIBLE;
	else if (span_caseeq(name, "white-space") && (has(v, "pre") || has(v, "break-spaces")))
		*bits |= has(v, "pre-line") ? 0 : ATTR_PRE;
	else if (name.len >= 10 && span_caseeq((struct span){name.p, 10}, "background") &&
		 (has(v, "url(http") || has(v, "url('http") || has(v, "url(\"http") ||
			 has(v, "url(&quot;http")))
		*bits |= ATTR_BACKGROUND;
	else if (name.len > 4 && span_caseeq((struct span){name.p, 4}, "font"))
		read_font(name, v, bits);
	else
		read_box(name, v, bits, seen);
}

static unsigned read_style(struct span style)
{
	struct style_seen seen = {.no_height = false};
	struct span piece;
	unsigned bits = 0;

	if (style.len > MAX_STYLE)
		style.len = MAX_STYLE;
	while (span_next(&style, ';', &piece)) {
		const char *colon = piece.len ? memchr(piece.p, ':', piece.len) : NULL;
		if (!colon)
			continue;
		size_t at = (size_t)(colon - piece.p);
		struct span name = span_trim((struct span){piece.p, at});
		struct span value = span_trim((struct span){colon + 1, piece.len - at - 1});
		read_property(name, value, &bits, &seen);
	}
	if (seen.no_height && seen.clipped)
		bits |= ATTR_HIDDEN;
	if (seen.tight_top && seen.tight_bottom)
		bits |= ATTR_TIGHT;
	return bits;
}

static unsigned read_span(struct span v)
{
	int64_t n;
	return span_to_i64(span_trim(v), 1, MAX_SPAN, &n) ? (unsigned)n : 1;
}

static int64_t read_length(struct span v)
{
	int64_t n = leading_number(span_trim(v));
	return n < 0 || has(v, "%") ? -1 : n / 1000;
}

/* Copies a plain attribute where it is one that is kept as it is. */
static void keep(struct span name, struct span value, struct html_attrs *out)
{
	const struct {
		const char *name;
		struct span *to;
	} kept[] = {
		{"href", &out->href},
		{"src", &out->src},
		{"alt", &out->alt},
		{"role", &out->role},
		{"type", &out->type},
		{"cite", &out->cite},
		{"class", &out->klass},
		{"value", &out->value},
		{"start", &out->start},
		{"background", &out->background},
	};

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		if (!span_caseeq(name, kept[i].name))
			continue;
		if (!kept[i].to->p)
			*kept[i].to = value;
		return;
	}
}

void html_attrs_read(struct span raw, struct html_attrs *out)
{
	struct span name, value;
	bool styled = false;

	*out = (struct html_attrs){.colspan = 1, .rowspan = 1, .width = -1, .height = -1};
	while (html_attr_next(&raw, &name, &value)) {
		if (name.len > 10 || name.len < 3)
			continue;
		if (span_caseeq(name, "style") && !styled) {
			out->bits |= read_style(value);
			styled = true;
		} else if (span_caseeq(name, "hidden")) {
			out->bits |= ATTR_HIDDEN;
		} else if (span_caseeq(name, "colspan")) {
			out->colspan = read_span(value);
		} else if (span_caseeq(name, "rowspan")) {
			out->rowspan = read_span(value);
		} else if (span_caseeq(name, "width")) {
			out->width = read_length(value);
		} else if (span_caseeq(name, "height")) {
			out->height = read_length(value);
		} else {
			keep(name, value, out);
		}
	}
}
