/* peer.h - whose process is at the other end of a connection of this machine. Private to
 * src/net. */
#ifndef CRMAIL_NET_PEER_H
#define CRMAIL_NET_PEER_H

#include <stdbool.h>

/*
 * For an accepted TCP connection from a loopback address: false when it is another person's. The
 * system's own processes count as ours: they hand on what a browser outside a container or a
 * virtual machine sends, and could read our memory besides. Where the kernel lists no connections,
 * nothing can be told, and it is true.
 */
bool peer_is_ours(int fd);

#endif
