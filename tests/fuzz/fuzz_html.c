/* fuzz_html.c - any bytes as HTML, as plain text and as rendered text: what comes out is safe to
 * draw, its parts lie where they say, and wrapped lines keep to the width. */
#include "config.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void check_harmless(const char *p, size_t n)
{
	CLEANUP(buf_release) struct buf again = BUF_INIT(BUF_UNLIMITED);

	require(utf8_is_valid(p, n));
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		require(c >= 0x20 ? c != 0x7F : c == '\n');
		require(!(c == 0xC2 && (unsigned char)p[i + 1] < 0xA0));
	}
	utf8_sanitise(&again, p, n, 0);
	require(again.len == n && memcmp(again.p, p, n) == 0);
}

static void check_blocks(const struct render_doc *d)
{
	const char *at = d->text.p;

	for (size_t i = 0; i < d->n_blocks; i++) {
		require(d->blocks[i].text.p == at + (i ? 1 : 0));
		require(i == 0 || *at == '\n');
		at = d->blocks[i].text.p + d->blocks[i].text.len;
	}
	require(d->text.len == 0 ? d->n_blocks == 0 : at == d->text.p + d->text.len);
}

static void check_doc(const struct render_doc *d)
{
	size_t end = 0;

	check_harmless(d->text.p, d->text.len);
	check_blocks(d);
	for (size_t i = 0; i < d->n_runs; i++) {
		require(d->runs[i].start >= end && d->runs[i].len > 0);
		end = (size_t)d->runs[i].start + d->runs[i].len;
		require(end <= d->text.len && d->runs[i].link <= d->n_links);
	}
	for (size_t i = 0; i < d->n_links; i++) {
		check_harmless(d->links[i].text, strlen(d->links[i].text));
		check_harmless(d->links[i].url, strlen(d->links[i].url));
		require(!strpbrk(d->links[i].url, " \n"));
	}
	if (d->remote_host)
		check_harmless(d->remote_host, strlen(d->remote_host));
}

static void check_wrapped(struct arena *a, struct span text, unsigned width)
{
	struct wrap_line *l = NULL;
	size_t n = render_wrap(a, text, width, &l), end = 0;

	for (size_t i = 0; i < n; i++) {
		const char *p = text.p + l[i].start;
		require(l[i].start >= end);
		end = (size_t)l[i].start + l[i].len;
		require(end <= text.len && !memchr(p, '\n', l[i].len));
		require(l[i].cells <= width || utf8_cluster(p, l[i].len) == l[i].len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct render_doc html, plain;

	setlocale(LC_CTYPE, "C.UTF-8");
	render_html(&a, (const char *)data, size, &html);
	check_doc(&html);
	render_plain(&a, (const char *)data, size, &plain);
	check_doc(&plain);
	check_wrapped(&a, html.text, 1 + (size ? data[0] % 100u : 0));
	check_wrapped(&a, plain.text, 1);
	const char *snippet = render_snippet(&a, &html, 40);
	check_harmless(snippet, strlen(snippet));
	require(cell_width(snippet, strlen(snippet)) <= 40 && !strchr(snippet, '\n'));
	return 0;
}
