/* test_netwatch.c - which of the kernel's messages say that the network came. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "../unit.h"

#include "crmail/net/netwatch.h"

static size_t add(char *buf, size_t at, unsigned type, unsigned payload)
{
	struct nlmsghdr h = {
		.nlmsg_len = (unsigned)sizeof h + payload, .nlmsg_type = (uint16_t)type};
	memcpy(buf + at, &h, sizeof h);
	memset(buf + at + sizeof h, 0xff, payload);
	return at + NLMSG_ALIGN(h.nlmsg_len);
}

static void netwatch_has_come__hears__addresses_and_routes(void **state)
{
	char buf[512] = {0};
	size_t n = add(buf, 0, RTM_DELADDR, 24);
	(void)state;
	n = add(buf, n, RTM_NEWLINK, 17);
	assert_false(netwatch_has_come(buf, n));
	n = add(buf, n, RTM_NEWADDR, 24);
	assert_true(netwatch_has_come(buf, n));
	n = add(buf, 0, RTM_NEWROUTE, 9);
	assert_true(netwatch_has_come(buf, n));
}

static void netwatch_has_come__stops__at_what_is_cut(void **state)
{
	char buf[256] = {0};
	size_t n = add(buf, 0, RTM_DELROUTE, 24);
	(void)state;
	add(buf, n, RTM_NEWADDR, 24);
	assert_false(netwatch_has_come(buf, n + 8));
	assert_false(netwatch_has_come(buf, 3));
	assert_false(netwatch_has_come(buf, 0));
	memset(buf, 0, sizeof buf); /* a message of no length */
	assert_false(netwatch_has_come(buf, sizeof buf));
	memset(buf, 0xff, sizeof buf);
	assert_false(netwatch_has_come(buf, sizeof buf));
}

static void netwatch_open__gives__what_never_blocks(void **state)
{
	int fd = netwatch_open();
	(void)state;
	if (fd < 0)
		skip(); /* a machine without netlink */
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	netwatch_read(fd);
	assert_false(netwatch_read(-1));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(netwatch_has_come__hears__addresses_and_routes),
		cmocka_unit_test(netwatch_has_come__stops__at_what_is_cut),
		cmocka_unit_test(netwatch_open__gives__what_never_blocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
