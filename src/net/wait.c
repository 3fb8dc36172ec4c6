/* wait.c - waiting for a descriptor, a cancel or a deadline. */
#include "config.h"

#include "wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/net/cancel.h"

int net_ms_left(int64_t deadline)
{
	int64_t left = deadline - clock_mono_ms();

	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int net_check_cancel(const struct net_cancel *c, struct err *e)
{
	return net_cancel_is_set(c) ? err_set(e, ERR_CANCELLED, _("Cancelled.")) : 0;
}

int net_wait(int fd, short events, const struct net_cancel *c, int64_t deadline, const char *host,
	struct err *e)
{
	struct pollfd p[2] = {
		{.fd = fd, .events = events}, {.fd = net_cancel_fd(c), .events = POLLIN}};

	for (;;) {
		int n = poll(p, 2, net_ms_left(deadline));
		if (n < 0 && errno != EINTR)
			return err_sys(e, ERR_NET, errno, _("Cannot wait for %s"), host);
		if (net_check_cancel(c, e))
			return -1;
		if (n > 0 && p[0].revents)
			return 0;
		if (!net_ms_left(deadline))
			return err_set(e, ERR_NET, _("%s did not answer in time."), host);
	}
}
