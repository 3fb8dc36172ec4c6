/* netwatch.c - a netlink socket that hears of addresses and routes. */
#include "config.h"

#include "crmail/net/netwatch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define READ_MAX 8192

int netwatch_open(void)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV6_ROUTE};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

bool netwatch_has_come(const void *messages, size_t n)
{
	const char *p = messages;
	while (n >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr h;
		memcpy(&h, p, sizeof h);
		if (h.nlmsg_len < sizeof h || h.nlmsg_len > n)
			return false;
		if (h.nlmsg_type == RTM_NEWADDR || h.nlmsg_type == RTM_NEWROUTE)
			return true;
		size_t step = NLMSG_ALIGN(h.nlmsg_len);
		if (step > n)
			return false;
		p += step;
		n -= step;
	}
	return false;
}

bool netwatch_read(int fd)
{
	char buf[READ_MAX];
	bool has_come = false;
	for (;;) {
		ssize_t n = recv(fd, buf, sizeof buf, 0);
		if (n > 0) {
			has_come = netwatch_has_come(buf, (size_t)n) || has_come;
			continue;
		}
		if (n < 0 && errno == ENOBUFS) { /* some were lost: one of them may have said it */
			has_come = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		return has_come;
	}
}
