/* fuzz_dns.c - any bytes as a resolver's answer: what is taken from it are hosts' names, in
 * order. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "src/net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

/* The first byte says what was asked; the header and the question are made to fit. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"firm.test", "_imaps._tcp.firm.test"};
	unsigned char query[DNS_QUERY_MAX];
	struct dns_answer a;
	bool is_srv = size && (data[0] & 1);
	size_t n = dns_make_query(7, names[is_srv], is_srv ? DNS_SRV : DNS_MX, query);
	if (size < 3)
		return 0;
	unsigned char *p = xmalloc(n + size);
	memcpy(p, query, n);
	memcpy(p + n, data + 3, size - 3);
	p[2] |= 0x80;
	p[3] = data[1];
	p[7] = data[2];
	if (dns_read_answer(query, n, p, n + size - 3, &a) == DNS_SAID) {
		require(a.n <= DNS_RECORDS);
		for (size_t i = 0; i < a.n; i++) {
			require(!a.v[i].target[0] || dns_is_host(a.v[i].target));
			require(i == 0 || a.v[i - 1].priority <= a.v[i].priority);
		}
	}
	free(p);
	return 0;
}
