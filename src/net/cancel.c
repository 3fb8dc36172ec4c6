/* cancel.c - a flag that poll() can wait for: an eventfd and its truth. */
#include "config.h"

#include "crmail/net/cancel.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crmail/base/err.h"
#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

struct net_cancel {
	int fd;
	atomic_bool is_set;
};

struct net_cancel *net_cancel_try(struct err *e)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0) {
		err_sys(e, ERR_IO, errno, _("Cannot prepare to be stopped"));
		return NULL;
	}
	struct net_cancel *c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	return c;
}

struct net_cancel *net_cancel_new(void)
{
	struct err e = ERR_INIT;
	struct net_cancel *c = net_cancel_try(&e);

	BUG_ON(!c);
	return c;
}

void net_cancel_free(struct net_cancel *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

void net_cancel_trigger(struct net_cancel *c)
{
	const uint64_t one = 1;

	atomic_store(&c->is_set, true);
	IGNORE_RESULT(write(c->fd, &one, sizeof(one)) < 0, "a full counter is readable already");
}

void net_cancel_reset(struct net_cancel *c)
{
	uint64_t ignored;

	IGNORE_RESULT(read(c->fd, &ignored, sizeof(ignored)) < 0, "an empty counter is reset");
	atomic_store(&c->is_set, false);
}

bool net_cancel_is_set(const struct net_cancel *c)
{
	return c && atomic_load(&c->is_set);
}

int net_cancel_fd(const struct net_cancel *c)
{
	return c ? c->fd : -1;
}
