/* oauth_device.c - when to ask again whether a code was typed on the other device (RFC 8628). */
#include "config.h"

#include "crmail/net/oauth.h"

#include <string.h>

#include "crmail/base/i18n.h"

#define SLOWER_S 5 /* RFC 8628 section 3.5 */
#define SLOWEST_S 300

int64_t oauth_device_next(struct oauth_device *d, const char *said, int64_t after_ms,
	int64_t now_ms, struct err *e)
{
	if (!said) { /* exponentially, as section 3.5 recommends */
		if (now_ms < d->until_ms && d->interval_s <= SLOWEST_S / 2)
			d->interval_s *= 2;
		said = "authorization_pending";
	}
	bool is_slow = !strcmp(said, "slow_down");
	if (!strcmp(said, "access_denied") || !strcmp(said, "authorization_declined")) {
		err_set(e, ERR_AUTH, _("The sign-in was declined on the other device."));
		return -1;
	}
	if (!strcmp(said, "expired_token") || now_ms >= d->until_ms) {
		err_set(e, ERR_AUTH, _("The code was not used in time: begin again."));
		return -1;
	}
	if (!is_slow && strcmp(said, "authorization_pending") != 0) {
		err_set(e, ERR_AUTH, _("The code is not accepted: begin again."));
		return -1;
	}
	if (is_slow && d->interval_s < SLOWEST_S)
		d->interval_s += SLOWER_S;
	int64_t wait = (int64_t)d->interval_s * 1000;
	if (wait < after_ms)
		wait = after_ms;
	return wait < d->until_ms - now_ms ? wait : d->until_ms - now_ms;
}
