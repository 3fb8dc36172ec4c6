/*
 * match_rule.c - what lists and settings say of one address: a role, free mail, our own, our
 * company's, never to be logged. Pure.
 */
#include "config.h"

#include "match_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/mail/addr.h"

#include "match_list.h"

void match_normalise(struct buf *out, const char *addr)
{
	const char *at = strrchr(addr, '@');
	if (!at || at == addr || !at[1] || strpbrk(addr, " \t\r\n<>,;"))
		return;
	addr_normalise(out, addr, true);
}

static int compare_word(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

bool rule_lists(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

/* The domain itself or one above it. */
static bool is_within(const char *const *domains, const char *domain)
{
	for (const char *d = domain; d; d = strchr(d, '.')) {
		d += *d == '.';
		if (rule_lists(domains, d))
			return true;
	}
	return false;
}

bool match_is_freemail(const char *domain)
{
	return bsearch(domain, match_freemail, match_freemail_count, sizeof(*match_freemail),
		       compare_word) != NULL;
}

static bool local_part(const char *norm, char out[MAX_ADDRESS])
{
	size_t n = strcspn(norm, "@");
	if (!norm[n] || n >= MAX_ADDRESS)
		return false;
	memcpy(out, norm, n);
	out[n] = '\0';
	return true;
}

bool match_is_role(const char *norm)
{
	char local[MAX_ADDRESS];
	return local_part(norm, local) && bsearch(local, match_roles, match_roles_count,
						  sizeof(*match_roles), compare_word) != NULL;
}

bool rule_is_role(const struct match_rules *rules, const char *norm)
{
	char local[MAX_ADDRESS];
	return match_is_role(norm) || (local_part(norm, local) && rule_lists(rules->roles, local));
}

bool rule_is_own(const struct match_rules *rules, const char *norm)
{
	return rule_lists(rules->own, norm);
}

static bool is_internal(const struct match_rules *rules, const char *norm)
{
	return is_within(rules->internal_domains, strrchr(norm, '@') + 1);
}

bool rule_is_ours(const struct match_rules *rules, const char *norm)
{
	return rule_is_own(rules, norm) || is_internal(rules, norm);
}

/* By his address, or by his domain or one above it, with or without "@" in front. */
bool rule_is_never(const struct match_rules *rules, const char *norm)
{
	const char *domain = strrchr(norm, '@') + 1;
	size_t len = strlen(domain);
	for (const char *const *w = rules->never; w && *w; w++) {
		const char *word = *w + ((*w)[0] == '@');
		size_t n = strlen(word);
		if (strchr(word, '@') ? !strcmp(word, norm)
				      : n > 0 && n <= len && !strcmp(domain + len - n, word) &&
						(n == len || domain[len - n - 1] == '.'))
			return true;
	}
	return false;
}
