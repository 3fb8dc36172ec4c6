/* idn.c - internationalised domain names to ASCII, for comparing and for writing headers. Whether
 * a name may be registered is not checked. */
#include "config.h"

#include "idn.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/base/utf8.h"

#define LABEL_MAX 63 /* characters of a label */

/* Parameters of RFC 3492 §5. */
enum { PUNY_BASE = 36, PUNY_TMIN = 1, PUNY_TMAX = 26, PUNY_SKEW = 38, PUNY_DAMP = 700 };

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / PUNY_DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (PUNY_BASE - PUNY_TMIN) * PUNY_TMAX / 2; k += PUNY_BASE)
		delta /= PUNY_BASE - PUNY_TMIN;
	return k + (PUNY_BASE - PUNY_TMIN + 1) * delta / (delta + PUNY_SKEW);
}

static char digit(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

static void add_number(struct buf *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = PUNY_BASE;; k += PUNY_BASE) {
		uint32_t t = k <= bias ? PUNY_TMIN : k >= bias + PUNY_TMAX ? PUNY_TMAX : k - bias;
		if (q < t)
			break;
		buf_addch(out, digit(t + (q - t) % (PUNY_BASE - t)));
		q = (q - t) / (PUNY_BASE - t);
	}
	buf_addch(out, digit(q));
}

static uint32_t next_point(const uint32_t *cp, size_t n, uint32_t from)
{
	uint32_t least = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		if (cp[i] >= from && cp[i] < least)
			least = cp[i];
	}
	return least;
}

/* At most LABEL_MAX code points below 0x110000, so that delta cannot overflow. */
static void add_punycode(struct buf *out, const uint32_t *cp, size_t n)
{
	uint32_t point = 128, delta = 0, bias = 72, done = 0;
	for (size_t i = 0; i < n; i++) {
		if (cp[i] < 128) {
			buf_addch(out, (char)cp[i]);
			done++;
		}
	}
	uint32_t basic = done;
	if (basic > 0)
		buf_addch(out, '-');
	while (done < n) {
		uint32_t next = next_point(cp, n, point);
		delta += (next - point) * (done + 1);
		point = next;
		for (size_t i = 0; i < n; i++) {
			delta += cp[i] < point;
			if (cp[i] != point)
				continue;
			add_number(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		point++;
	}
}

static void add_label(struct buf *out, const char *p, size_t n)
{
	uint32_t cp[LABEL_MAX];
	size_t count = 0, i = 0;
	bool ascii = true;
	while (i < n && count < LABEL_MAX) {
		i += utf8_decode(p + i, n - i, &cp[count]);
		cp[count] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp[count]);
		ascii = ascii && cp[count] < 128;
		count++;
	}
	if (ascii || i < n) {
		for (i = 0; i < n; i++)
			buf_addch(out, ascii_lower(p[i]));
		return;
	}
	buf_addstr(out, "xn--");
	add_punycode(out, cp, count);
}

void idn_add_ascii(struct buf *out, const char *domain, size_t n)
{
	utf8proc_uint8_t *nfkc = NULL;
	utf8proc_ssize_t len = -1;
	if (n > 0 && utf8_is_valid(domain, n))
		len = utf8proc_map((const utf8proc_uint8_t *)domain, (utf8proc_ssize_t)n, &nfkc,
			UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
	struct span rest = {domain, n}, label;
	if (len >= 0)
		rest = (struct span){(const char *)nfkc, (size_t)len};
	bool first = true;
	while (span_next(&rest, '.', &label)) {
		if (!first)
			buf_addch(out, '.');
		first = false;
		add_label(out, label.p, label.len);
	}
	free(nfkc);
}
