/* progress.c - speed over the last seconds, and what it makes of the rest. */
#include "config.h"

#include "progress.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"

#define APART_MS 1000
#define LEAST_MS 2000 /* a speed over less says nothing */

void progress_note(struct progress *p, int64_t now_ms, int64_t done, int64_t total)
{
	bool is_same = total > 0 && done >= p->done && now_ms >= p->now_ms;
	if (!is_same)
		p->n = 0;
	p->done = done;
	p->total = total;
	p->now_ms = now_ms;
	if (p->n && now_ms - p->seen[p->n - 1].at_ms < APART_MS)
		return;
	if (p->n == PROGRESS_SAMPLES) {
		memmove(p->seen, p->seen + 1, (PROGRESS_SAMPLES - 1) * sizeof *p->seen);
		p->n--;
	}
	p->seen[p->n].at_ms = now_ms;
	p->seen[p->n++].done = done;
}

/* Messages a thousand seconds; 0 = not known. */
static int64_t speed(const struct progress *p)
{
	int64_t took = p->n ? p->now_ms - p->seen[0].at_ms : 0;
	if (took < LEAST_MS)
		return 0;
	return (p->done - p->seen[0].done) * 1000000 / took;
}

/* 12345 as "12,345". */
static void add_number(struct buf *b, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addch(b, ',');
		buf_addch(b, digits[i]);
	}
}

static void add_left(struct buf *b, int64_t seconds)
{
	int64_t minutes = (seconds + 59) / 60, hours = (minutes + 59) / 60;
	buf_addstr(b, " · ");
	if (minutes <= 1)
		buf_addstr(b, _("less than a minute left"));
	else if (minutes < 90)
		buf_addf(b, _("%lld min left"), (long long)minutes);
	else
		buf_addf(b, _("%lld h left"), (long long)hours);
}

bool progress_line(const struct progress *p, char *out, size_t size)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(256);
	int64_t fast = speed(p);
	if (p->total <= 0 || p->done >= p->total || size == 0)
		return false;
	buf_addstr(&b, _("Fetching mail:"));
	buf_addch(&b, ' ');
	add_number(&b, p->done);
	/* TRANSLATORS: between two numbers: "1,200 of 20,000" */
	buf_addf(&b, " %s ", _("of"));
	add_number(&b, p->total);
	if (fast >= 1000)
		buf_addf(&b, _(" · %lld a second"), (long long)(fast / 1000));
	if (fast > 0)
		add_left(&b, (p->total - p->done) * 1000 / fast);
	snprintf(out, size, "%s", b.p);
	return true;
}
