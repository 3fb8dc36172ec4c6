/* fuzz_signature.c - any bytes as From, Reply-To and the text of a mail: what is said of the writer
 * is bounded, of one line, and valid text. The first line is From's name, the second its address,
 * the third Reply-To's. */
#include "config.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void check(const char *s)
{
	if (!s)
		return;
	require(*s && strlen(s) <= 1000 && !strchr(s, '\n') && utf8_is_valid(s, strlen(s)));
}

/* As the parser of addresses gives them: valid UTF-8, never an empty address. */
static const char *next_line(struct arena *a, struct span *rest)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct span line;

	if (!span_next(rest, '\n', &line) || line.len == 0)
		return NULL;
	utf8_add_valid(&b, line.p, line.len);
	return arena_strndup(a, b.p, b.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct span rest = {(const char *)data, size};
	struct signature_in in = {.n_blocks = 0};
	struct render_doc doc;
	struct signature s;

	setlocale(LC_CTYPE, "C.UTF-8");
	in.from.name = next_line(&a, &rest);
	in.from.addr = next_line(&a, &rest);
	in.reply_to.addr = next_line(&a, &rest);
	render_plain(&a, rest.p, rest.len, &doc);
	in.blocks = doc.blocks;
	in.n_blocks = doc.n_blocks;
	signature_read(&a, &in, &s);
	check(s.first_name);
	check(s.last_name);
	check(s.title);
	check(s.company);
	check(s.host);
	require(s.n_phones <= SIGNATURE_PHONES && s.n_addrs <= SIGNATURE_ADDRS);
	for (size_t i = 0; i < s.n_phones; i++)
		check(s.phones[i]);
	for (size_t i = 0; i < s.n_addrs; i++)
		require(s.addrs[i] == in.reply_to.addr || (check(s.addrs[i]), true));
	return 0;
}
