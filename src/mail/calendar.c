/*
 * calendar.c - reads the first VEVENT of an iCalendar text, line by line. Knows nothing of zones
 * and recurrence but that they are there; answering invitations is not done here.
 */
#include "config.h"

#include "crmail/mail/calendar.h"

#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/str.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

struct reader {
	struct arena *a;
	struct calendar_event *out;
	bool in_event; /* the first one */
	size_t inner;  /* components open inside it: alarms */
	bool is_done;  /* the first event has ended */
};

struct property {
	struct span name, params, value;
};

/* The next unfolded line; what passes LINE_MAX_BYTES is cut. */
static bool next_line(struct span *rest, struct buf *line)
{
	bool is_first = true;

	buf_reset(line);
	while (rest->len > 0) {
		const char *lf;
		size_t n, room = line->max - line->len;

		if (!is_first && rest->p[0] != ' ' && rest->p[0] != '\t')
			break;
		lf = memchr(rest->p, '\n', rest->len);
		n = lf ? (size_t)(lf - rest->p) : rest->len;
		struct span piece = {rest->p + !is_first, n - (is_first || n == 0 ? 0 : 1)};
		while (piece.len > 0 && piece.p[piece.len - 1] == '\r')
			piece.len--;
		buf_add(line, piece.p, piece.len < room ? piece.len : room);
		n += lf != NULL;
		rest->p += n;
		rest->len -= n;
		is_first = false;
	}
	return !is_first;
}

/* Bytes before the first of `stops` outside double quotes. */
static size_t until(struct span s, const char *stops)
{
	bool is_quoted = false;
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && s.p[i] != '\0' && strchr(stops, s.p[i]))
			break;
	}
	return i;
}

static bool split(struct span line, struct property *out)
{
	size_t name = until(line, ";:"), colon = until(line, ":");

	if (colon == line.len)
		return false;
	out->name = (struct span){line.p, name};
	out->params = (struct span){line.p + name, colon - name};
	out->value = (struct span){line.p + colon + 1, line.len - colon - 1};
	return true;
}

/* In the arena; NULL = not there or empty. */
static const char *param(struct arena *a, const struct property *p, const char *name)
{
	struct span rest = p->params;

	while (rest.len > 0) {
		struct span one = {rest.p + 1, until((struct span){rest.p + 1, rest.len - 1}, ";")};
		size_t key = until(one, "=");
		struct span value;

		rest.p += one.len + 1;
		rest.len -= one.len + 1;
		if (key == one.len || !span_caseeq((struct span){one.p, key}, name))
			continue;
		value = (struct span){one.p + key + 1, one.len - key - 1};
		if (value.len >= 2 && value.p[0] == '"' && value.p[value.len - 1] == '"')
			value = (struct span){value.p + 1, value.len - 2};
		return value.len > 0 ? arena_strndup(a, value.p, value.len) : NULL;
	}
	return NULL;
}

static const char *text_of(struct arena *a, struct span value)
{
	char *text = arena_alloc(a, value.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.len) {
			c = value.p[++i];
			if (c == 'n' || c == 'N')
				c = '\n';
		}
		text[n++] = c;
	}
	return n > 0 ? text : NULL;
}

static bool digits(struct span s, size_t at, size_t n, int max, int *out)
{
	int64_t value;

	if (at + n > s.len || !span_to_i64((struct span){s.p + at, n}, 0, max, &value))
		return false;
	*out = (int)value;
	return true;
}

/* 20261126, 20261126T140000 or 20261126T140000Z */
static void read_time(struct arena *a, const struct property *p, struct calendar_time *out)
{
	struct calendar_time t = {.is_set = true};
	struct span v = span_trim(p->value);

	if (!digits(v, 0, 4, 9999, &t.year) || !digits(v, 4, 2, 12, &t.month) ||
		!digits(v, 6, 2, 31, &t.day) || t.year == 0 || t.month == 0 || t.day == 0)
		return;
	t.is_date = v.len == 8;
	if (!t.is_date && (v.p[8] != 'T' || !digits(v, 9, 2, 23, &t.hour) ||
				  !digits(v, 11, 2, 59, &t.minute)))
		return;
	t.is_utc = !t.is_date && v.p[v.len - 1] == 'Z';
	t.zone = param(a, p, "TZID");
	*out = t;
}

static struct calendar_person person_of(struct arena *a, const struct property *p)
{
	struct span addr = span_trim(p->value);
	struct calendar_person out = {.name = param(a, p, "CN")};

	out.answer = param(a, p, "PARTSTAT");
	if (addr.len >= 7 && str_ncasecmp(addr.p, "mailto:", 7) == 0)
		addr = (struct span){addr.p + 7, addr.len - 7};
	out.addr = arena_strndup(a, addr.p, addr.len);
	return out;
}

static void read_text(struct arena *a, const struct property *p, const char **out)
{
	if (!*out)
		*out = text_of(a, p->value);
}

static void read_attendee(struct reader *r, const struct property *p)
{
	struct calendar_event *e = r->out;

	e->n_people_all++;
	if (e->n_people == CALENDAR_MAX_PEOPLE)
		return;
	if (!e->people)
		e->people = arena_array(r->a, CALENDAR_MAX_PEOPLE, sizeof(*e->people));
	e->people[e->n_people++] = person_of(r->a, p);
}

static void read_event(struct reader *r, const struct property *p)
{
	struct calendar_event *e = r->out;

	if (span_caseeq(p->name, "SUMMARY"))
		read_text(r->a, p, &e->summary);
	else if (span_caseeq(p->name, "LOCATION"))
		read_text(r->a, p, &e->location);
	else if (span_caseeq(p->name, "DESCRIPTION"))
		read_text(r->a, p, &e->description);
	else if (span_caseeq(p->name, "STATUS"))
		read_text(r->a, p, &e->status);
	else if (span_caseeq(p->name, "DTSTART"))
		read_time(r->a, p, &e->start);
	else if (span_caseeq(p->name, "DTEND"))
		read_time(r->a, p, &e->end);
	else if (span_caseeq(p->name, "RRULE"))
		e->repeats = true;
	else if (span_caseeq(p->name, "ORGANIZER") && !e->organizer.addr)
		e->organizer = person_of(r->a, p);
	else if (span_caseeq(p->name, "ATTENDEE"))
		read_attendee(r, p);
}

static void begin(struct reader *r, struct span what)
{
	bool is_event = span_caseeq(what, "VEVENT");

	if (r->in_event) {
		r->inner++;
		return;
	}
	if (is_event)
		r->out->n_events++;
	r->in_event = is_event && !r->is_done;
}

static void end(struct reader *r)
{
	if (!r->in_event)
		return;
	if (r->inner > 0) {
		r->inner--;
		return;
	}
	r->in_event = false;
	r->is_done = true;
}

static void read_line(struct reader *r, struct span line)
{
	struct property p;

	if (!split(line, &p))
		return;
	if (span_caseeq(p.name, "BEGIN"))
		begin(r, span_trim(p.value));
	else if (span_caseeq(p.name, "END"))
		end(r);
	else if (r->in_event && r->inner == 0)
		read_event(r, &p);
	else if (!r->in_event && span_caseeq(p.name, "METHOD"))
		read_text(r->a, &p, &r->out->method);
}

bool calendar_parse(struct arena *a, const char *p, size_t n, struct calendar_event *out)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct reader r = {.a = a, .out = out};
	struct span rest = {p, n};

	*out = (struct calendar_event){.n_events = 0};
	while (next_line(&rest, &line))
		read_line(&r, (struct span){line.p, line.len});
	return out->n_events > 0;
}
