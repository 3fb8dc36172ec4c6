/*
 * compose_words.c - does the writer promise an attachment? Words of the languages that mail is
 * written in around here, folded; own words only, no quotations, signature or forwarded text.
 */
#include "config.h"

#include "crmail/mail/compose.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"

#define WORDS_MAX ((size_t)16 << 20)

/* Beginnings of words, as fold_plain() leaves them; a blank in front keeps "unattached" out. */
static const char *const words[] = {
	" attach", " enclos",                            /* English */
	" anhang", " anbei", " angehangt", " beigefugt", /* German */
	" ci-joint", " piece jointe", " pieces jointes", /* French */
	" adjunt",                                       /* Spanish */
	" allegat", " in allegato",                      /* Italian */
	" anexo", " em anexo", " anexad",                /* Portuguese */
	" bijlage", " bijgevoegd",                       /* Dutch */
	" zalacz", " w zalaczeniu",                      /* Polish */
	" priloh", " prilozen", " v priloze",            /* Czech, Slovak */
	" bifoga", " bilaga",                            /* Swedish */
	" vedhaft", " vedlagt", " vedlegg",              /* Danish, Norwegian */
	" liitte", " liitetiedost",                      /* Finnish */
	" mellekel", " csatol",                          /* Hungarian */
	" dinh kem",                                     /* Vietnamese */
	" ekte ", " ekli ",                              /* Turkish */
	" во вложении", " прилагаю", " прикреп",         /* Russian */
	" у вкладенні", " додаю файл",                   /* Ukrainian */
	"添付", "附件", "附上",                          /* Japanese, Chinese */
};

static bool ends_own_words(struct span line)
{
	return span_eq(line, "-- ") || (line.len > 10 && !memcmp(line.p, "----------", 10));
}

bool compose_promises_attachment(const char *text)
{
	struct span rest = span_of(text), line;
	CLEANUP(buf_release) struct buf own = BUF_INIT(WORDS_MAX);

	while (span_next(&rest, '\n', &line) && !ends_own_words(line)) {
		if (line.len > 0 && line.p[0] == '>')
			continue;
		buf_addch(&own, ' ');
		fold_plain(&own, line.p, line.len);
	}
	buf_addch(&own, ' ');
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(own.p, words[i]))
			return true;
	return false;
}
