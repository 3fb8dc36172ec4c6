/*
 * record.c - a record of the CRM's answer read through the profile's map. Whatever type a value
 * has, here it becomes text or is not there.
 */
#include "config.h"

#include "engine.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "crmail/base/utf8.h"

#define MAX_TEXT ((size_t)64 << 10)
#define MAX_VALUES 64 /* addresses, phones or domains of one record */

static const struct {
	const char *key;
	size_t offset;
} single[] = {
#define SINGLE(field)                                                                              \
	{                                                                                          \
#field, offsetof(struct crm_record, field)                                         \
	}
	SINGLE(id),
	SINGLE(updated),
	SINGLE(name),
	SINGLE(first_name),
	SINGLE(last_name),
	SINGLE(title),
	SINGLE(partner_id),
	SINGLE(contact_id),
	SINGLE(lead_id),
	SINGLE(deal_id),
	SINGLE(owner_id),
	SINGLE(number),
	SINGLE(amount),
	SINGLE(currency),
	SINGLE(stage),
	SINGLE(close_date),
	SINGLE(next_step),
	SINGLE(kind),
	SINGLE(subject),
	SINGLE(body),
	SINGLE(description),
	SINGLE(at),
	SINGLE(by),
	SINGLE(message_id),
	SINGLE(status),
	SINGLE(due_date),
	SINGLE(duration_min),
#undef SINGLE
};
static const struct {
	const char *key;
	size_t offset;
} many[] = {
	{"emails", offsetof(struct crm_record, emails)},
	{"phones", offsetof(struct crm_record, phones)},
	{"domains", offsetof(struct crm_record, domains)},
};

const char *record_text(struct arena *a, const cJSON *value)
{
	if (cJSON_IsNumber(value)) {
		double d = value->valuedouble;
		if (fabs(d) < 9007199254740992.0 && d == floor(d))
			return arena_printf(a, "%lld", (long long)d);
		char *text = cJSON_PrintUnformatted(value);
		const char *kept = text ? arena_strdup(a, text) : NULL;
		cJSON_free(text);
		return kept;
	}
	if (!cJSON_IsString(value) || !value->valuestring[0])
		return NULL;
	size_t n = strlen(value->valuestring);
	CLEANUP(buf_release) struct buf text = BUF_INIT(3 * MAX_TEXT);
	utf8_add_valid(&text, value->valuestring, n < MAX_TEXT ? n : MAX_TEXT);
	return arena_strndup(a, text.p, text.len);
}

static const char *read_single(const cJSON *places, const cJSON *j, struct arena *a)
{
	if (cJSON_IsString(places))
		return record_text(a, json_at(j, places->valuestring));
	const cJSON *one;
	cJSON_ArrayForEach(one, places)
	{
		const char *text = record_text(a, json_at(j, one->valuestring));
		if (text)
			return text;
	}
	return NULL;
}

static void add_value(const char **v, size_t *n, const char *text)
{
	for (size_t i = 0; text && i < *n; i++)
		if (!strcmp(v[i], text))
			return;
	if (text && *n < MAX_VALUES)
		v[(*n)++] = text;
}

/* A place may hold one value or a list of them. */
static void add_place(const cJSON *value, struct arena *a, const char **v, size_t *n)
{
	if (!cJSON_IsArray(value)) {
		add_value(v, n, record_text(a, value));
		return;
	}
	const cJSON *one;
	cJSON_ArrayForEach(one, value)
	{
		if (*n == MAX_VALUES)
			return;
		add_value(v, n, record_text(a, one));
	}
}

static struct crm_list read_many(const cJSON *places, const cJSON *j, struct arena *a)
{
	const char *found[MAX_VALUES];
	size_t n = 0;
	if (cJSON_IsString(places))
		add_place(json_at(j, places->valuestring), a, found, &n);
	const cJSON *one;
	cJSON_ArrayForEach(one, places)
	{
		add_place(json_at(j, one->valuestring), a, found, &n);
	}
	if (!n)
		return (struct crm_list){.v = NULL};
	const char **kept = arena_array(a, n, sizeof(*kept));
	memcpy(kept, found, n * sizeof(*kept));
	return (struct crm_list){.v = kept, .n = n};
}

/* {"at","in","out"}: the words that the CRM uses for the two. */
static enum crm_direction read_direction(const cJSON *map, const cJSON *j)
{
	const char *word = map ? json_str(j, json_str(map, "/at")) : NULL;
	if (!word)
		return CRM_NO_DIRECTION;
	if (!strcmp(word, json_str(map, "/in")))
		return CRM_IN;
	return strcmp(word, json_str(map, "/out")) ? CRM_NO_DIRECTION : CRM_OUT;
}

bool record_read(const struct profile_object *po, const cJSON *j, struct arena *a,
	struct crm_record *out)
{
	*out = (struct crm_record){.id = NULL};
	for (size_t i = 0; i < ARRAY_SIZE(single); i++) {
		const cJSON *places = cJSON_GetObjectItemCaseSensitive(po->map, single[i].key);
		const char *text = places ? read_single(places, j, a) : NULL;
		memcpy((char *)out + single[i].offset, &text, sizeof(text));
	}
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		const cJSON *places = cJSON_GetObjectItemCaseSensitive(po->map, many[i].key);
		struct crm_list list = {.v = NULL};
		if (places)
			list = read_many(places, j, a);
		memcpy((char *)out + many[i].offset, &list, sizeof(list));
	}
	out->direction = read_direction(json_at(po->map, "/direction"), j);
	out->tells_deal = cJSON_GetObjectItemCaseSensitive(po->map, "deal_id") != NULL;
	return out->id != NULL;
}
