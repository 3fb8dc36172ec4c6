/* idn.h - domain names to the ASCII form that DNS knows (RFC 5891, punycode of RFC 3492). Private
 * to src/mail. Any thread. */
#ifndef CRMAIL_MAIL_IDN_H
#define CRMAIL_MAIL_IDN_H

#include <stddef.h>

struct buf;

/* Appends the domain lower-cased, labels with other than ASCII as "xn--...", a final dot cut off.
 * What cannot be converted is appended as it is. */
void idn_add_ascii(struct buf *out, const char *domain, size_t n);

#endif
