/*
 * codec.h - base64 and quoted-printable as mail has them: damaged. Reading never fails, it says
 * whether something was wrong. Private to src/mail. Any thread.
 */
#ifndef CRMAIL_MAIL_CODEC_H
#define CRMAIL_MAIL_CODEC_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Appends the decoded bytes; stops at padding, skips what is not of the alphabet. False when
 * anything but line ends and blanks was skipped, or the end is cut off. */
bool codec_base64(struct buf *out, const char *p, size_t n);
/* RFC 2045 quoted-printable: what is no valid escape stays as it is. */
void codec_qp(struct buf *out, const char *p, size_t n);
void codec_q(struct buf *out, const char *p, size_t n); /* RFC 2047 "Q" */
/* Percent escapes of RFC 2231; what is no valid escape stays as it is. */
void codec_percent(struct buf *out, const char *p, size_t n);

/* Writers. `columns` > 0 breaks the lines with CRLF; 0 = one line. */
void codec_base64_encode(struct buf *out, const void *data, size_t n, size_t columns);
/* Text with LF line ends as quoted-printable with CRLF; lines of at most 76 columns. */
void codec_qp_encode(struct buf *out, const char *p, size_t n);

#endif
