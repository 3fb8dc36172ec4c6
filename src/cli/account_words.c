/*
 * account_words.c - the settings of an account as crmail-config(5) lists them.
 */
#include "config.h"

#include "account_words.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

static const struct {
	const char *key;
	int64_t min, max;  /* of a number; 0, 0 = it is none */
	const char *words; /* between bars; NULL = any text, or a number alone */
} known[] = {
	{"api", 0, 0, NULL},
	{"body_size_limit_kb", 100, 2000, NULL},
	{"ca", 0, 0, NULL},
	{"history", 7, 90, "|all|"},
	{"imap", 0, 0, NULL},
	{"maildir", 0, 0, NULL},
	{"own_addresses", 0, 0, NULL},
	{"password_command", 0, 0, NULL},
	{"relay", 0, 0, NULL},
	{"relay_key_command", 0, 0, NULL},
	{"relay_secret", 0, 0, NULL},
	{"relay_user", 0, 0, NULL},
	{"sendmail", 0, 0, NULL},
	{"sent_copy", 0, 0, "|server|crmail|"},
	{"signature", 0, 0, NULL},
	{"smtp", 0, 0, NULL},
	{"sync_interval_minutes", 5, 60, NULL},
	{"tls", 0, 0, "|implicit|starttls|insecure-none|"},
	{"user", 0, 0, NULL},
};

static bool is_word_of(const char *words, const char *value)
{
	size_t n = strlen(value);
	for (const char *p = words; n && (p = strchr(p, '|')) && p[1]; p++)
		if (!strncmp(p + 1, value, n) && p[1 + n] == '|')
			return true;
	return false;
}

static int check_value(size_t i, const char *value, struct err *e)
{
	int64_t n;
	if (known[i].words && is_word_of(known[i].words, value))
		return 0;
	if (known[i].max && str_to_i64(value, known[i].min, known[i].max, &n))
		return 0;
	if (known[i].max && known[i].words)
		return err_set(e, ERR_USAGE, _("%s is a number from %lld to %lld, or %.*s."),
			known[i].key, (long long)known[i].min, (long long)known[i].max,
			(int)strlen(known[i].words) - 2, known[i].words + 1);
	if (known[i].max)
		return err_set(e, ERR_USAGE, _("%s is a number from %lld to %lld."), known[i].key,
			(long long)known[i].min, (long long)known[i].max);
	if (known[i].words)
		return err_set(e, ERR_USAGE, _("%s is one of %s."), known[i].key, known[i].words);
	return 0;
}

int account_word_check(const char *key, const char *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].key, key))
			return check_value(i, value, e);
	return err_set(e, ERR_USAGE, _("An account has no setting \"%s\"."), key);
}
