/* dns_packet.c - DNS queries and answers (RFC 1035, 2782): nothing here sends or waits. */
#include "config.h"

#include "dns.h"

#include <resolv.h>
#include <string.h>

#include "crmail/base/str.h"

enum { HEAD = 12, TYPE_CNAME = 5, CLASS_IN = 1, RCODE_NO_NAME = 3, RRS_MAX = 256 };

bool dns_is_host(const char *name)
{
	size_t label = 0, n = 0;
	for (; name[n]; n++) {
		bool is_edge = label == 0 || !name[n + 1] || name[n + 1] == '.';
		if (name[n] == '.' && label == 0)
			return false;
		if (name[n] != '.' && !ascii_isalnum(name[n]) && (name[n] != '-' || is_edge))
			return false;
		label = name[n] == '.' ? 0 : label + 1;
		if (label > 63 || n >= DNS_NAME - 1)
			return false;
	}
	return label > 0;
}

/* As dns_is_host(), with the underscores that SRV records begin with. */
static bool is_askable(const char *name)
{
	size_t label = 0, n = 0;
	for (; name[n]; n++) {
		if (name[n] == '.' ? label == 0 : !ascii_isalnum(name[n]) && !strchr("-_", name[n]))
			return false;
		label = name[n] == '.' ? 0 : label + 1;
		if (label > 63 || n >= DNS_NAME - 1)
			return false;
	}
	return label > 0;
}

static unsigned get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

size_t dns_make_query(uint16_t id, const char *name, enum dns_type type,
	unsigned char out[DNS_QUERY_MAX])
{
	size_t at = HEAD;
	if (!is_askable(name))
		return 0;
	memset(out, 0, HEAD);
	put16(out, id);
	out[2] = 1; /* recursion desired */
	out[5] = 1; /* one question */
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, ".");
		out[at++] = (unsigned char)n;
		memcpy(out + at, p, n);
		at += n;
		p += n + (p[n] == '.');
	}
	out[at++] = 0;
	put16(out + at, (unsigned)type);
	put16(out + at + 2, CLASS_IN);
	return at + 4;
}

/* What is being read; `at` never passes `end`. */
struct packet {
	const unsigned char *start, *at, *end;
};

struct record {
	char owner[NS_MAXDNAME];
	unsigned type, class;
	const unsigned char *data;
	size_t len;
};

static bool read_name(struct packet *p, char *out, size_t size)
{
	int n = dn_expand(p->start, p->end, p->at, out, (int)size);
	if (n < 0 || n > p->end - p->at)
		return false;
	p->at += n;
	return true;
}

static bool read_record(struct packet *p, struct record *r)
{
	if (!read_name(p, r->owner, sizeof r->owner) || p->end - p->at < 10)
		return false;
	r->type = get16(p->at);
	r->class = get16(p->at + 2);
	r->len = get16(p->at + 8);
	r->data = p->at + 10;
	if ((size_t)(p->end - r->data) < r->len)
		return false;
	p->at = r->data + r->len;
	return true;
}

/* A name in a record's data, which may point anywhere in the packet. */
static bool read_target(const struct packet *p, const struct record *r, size_t skip, char *out,
	size_t size)
{
	struct packet q = {p->start, r->data + skip, p->end};
	return r->len > skip && read_name(&q, out, size) && q.at <= r->data + r->len;
}

/* The lower priority first, and of equals the heavier: chance would spread the load of servers that
 * are asked by many at once, which setting up an account is not. */
static bool is_better(const struct dns_record *a, const struct dns_record *b)
{
	return a->priority != b->priority ? a->priority < b->priority : a->weight > b->weight;
}

static void insert(struct dns_answer *out, const struct dns_record *r)
{
	if (out->n == DNS_RECORDS)
		return;
	size_t at = out->n++;
	for (; at > 0 && is_better(r, &out->v[at - 1]); at--)
		out->v[at] = out->v[at - 1];
	out->v[at] = *r;
}

static void take(const struct packet *p, const struct record *r, struct dns_answer *out)
{
	char target[NS_MAXDNAME];
	struct dns_record new = {.priority = 0};
	size_t skip = r->type == DNS_SRV ? 6 : 2;
	if (!read_target(p, r, skip, target, sizeof target) || (*target && !dns_is_host(target)))
		return;
	new.priority = get16(r->data);
	if (r->type == DNS_SRV) {
		new.weight = get16(r->data + 2);
		new.port = get16(r->data + 4);
	}
	memcpy(new.target, target, strlen(target) + 1);
	str_lower_inplace(new.target);
	insert(out, &new);
}

/* The records of the asked name, or of the one that it is an alias of. */
static void read_records(struct packet *p, unsigned count, unsigned type, const char *name,
	struct dns_answer *out)
{
	char owner[NS_MAXDNAME];
	struct record r;
	memcpy(owner, name, strlen(name) + 1);
	for (unsigned i = 0; i < count && i < RRS_MAX && read_record(p, &r); i++) {
		if (r.class != CLASS_IN || str_casecmp(r.owner, owner) != 0)
			continue;
		if (r.type == TYPE_CNAME) {
			char alias[NS_MAXDNAME];
			if (read_target(p, &r, 0, alias, sizeof alias))
				memcpy(owner, alias, strlen(alias) + 1);
		} else if (r.type == type) {
			take(p, &r, out);
		}
	}
}

enum dns_verdict dns_read_answer(const unsigned char *query, size_t query_len,
	const unsigned char *p, size_t n, struct dns_answer *out)
{
	struct packet asked = {query, query + HEAD, query + query_len};
	char name[NS_MAXDNAME];
	*out = (struct dns_answer){.n = 0};
	if (n < query_len || get16(p) != get16(query) || !(p[2] & 0x80) || get16(p + 4) != 1 ||
		memcmp(p + HEAD, query + HEAD, query_len - HEAD) != 0 ||
		!read_name(&asked, name, sizeof name))
		return DNS_NOT_OURS;
	unsigned rcode = p[3] & 15;
	if (rcode != 0 && rcode != RCODE_NO_NAME)
		return DNS_REFUSED;
	if (p[2] & 2)
		return DNS_CUT;
	out->has_no_name = rcode == RCODE_NO_NAME;
	struct packet pk = {p, p + query_len, p + n};
	read_records(&pk, get16(p + 6), get16(query + query_len - 4), name, out);
	return DNS_SAID;
}

size_t dns_read_conf(const char *text, size_t len, struct span *out, size_t max)
{
	struct span rest = {text, len}, line;
	size_t n = 0;
	while (n < max && span_next(&rest, '\n', &line)) {
		static const char word[] = "nameserver";
		line = span_trim(line);
		if (line.len <= strlen(word) || memcmp(line.p, word, strlen(word)) != 0 ||
			!ascii_isspace(line.p[strlen(word)]))
			continue;
		struct span value =
			span_trim((struct span){line.p + strlen(word), line.len - strlen(word)});
		size_t end = 0;
		while (end < value.len && !ascii_isspace(value.p[end]))
			end++;
		out[n++] = (struct span){value.p, end};
	}
	return n;
}
