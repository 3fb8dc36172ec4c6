/* fuzz_autoconfig.c - any bytes as what a domain publishes for mail programs: what is offered from
 * it has servers that are hosts and ports, and a user's name without control characters. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/autoconfig.h"
#include "src/net/offer_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct offer o = {.source = OFFER_BY_AUTOCONFIG};
	struct offer_server s;
	struct err e = ERR_INIT;
	int rc = autoconfig_parse((const char *)data, size, "anna@firm.test", &o, &e);
	require(!rc == (e.code == ERR_NONE));
	if (rc)
		return 0;
	require(offer_server_read(&s, o.imap) && offer_server_read(&s, o.smtp));
	for (const char *p = o.user; *p; p++)
		require((unsigned char)*p >= ' ');
	require(strlen(o.user) < OFFER_USER);
	return 0;
}
