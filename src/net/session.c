/* session.c - verified TLS sessions, and OpenSSL's errors in words a person can act on. */
#include "config.h"

#include "session.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crmail/base/i18n.h"
#include "crmail/base/mem.h"

/* An IP address must be in the certificate as such; a name is also sent for virtual hosts. */
static bool set_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

int session_new(SSL_CTX *ctx, int fd, const char *host, SSL **out, struct err *e)
{
	CLEANUP(free_str) char *name = xstrdup(host);
	size_t n = strlen(name);

	if (n && name[n - 1] == '.') /* "mail.example." is right in DNS, not in certificates */
		name[n - 1] = '\0';
	ERR_clear_error();
	SSL *ssl = SSL_new(ctx);
	if (!ssl || !set_host(ssl, name) || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return err_set(e, ERR_TLS, _("TLS cannot be set up for the host %s."), host);
	}
	SSL_set_connect_state(ssl);
	*out = ssl;
	return 0;
}

/* The failures that people meet, in a sentence each; the others in OpenSSL's words. */
static void set_verify_err(struct err *e, long code, const char *host)
{
	switch (code) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		err_set(e, ERR_TLS, _("The certificate of %s was issued for another host name."),
			host);
		break;
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		err_set(e, ERR_TLS, _("The certificate of %s was issued for another address."),
			host);
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		err_set(e, ERR_TLS, _("The certificate of %s has expired."), host);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		err_set(e, ERR_TLS, _("The certificate of %s is not valid yet."), host);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		err_set(e, ERR_TLS, _("The certificate of %s comes from an unknown issuer."), host);
		break;
	default:
		err_set(e, ERR_TLS, _("The certificate of %s was refused: %s"), host,
			X509_verify_cert_error_string(code));
	}
	e->sys = (int)code;
}

static void set_ssl_err(struct err *e, unsigned long code, const char *host)
{
	const char *why = ERR_reason_error_string(code);

	switch (ERR_GET_REASON(code)) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_RECORD_LENGTH_MISMATCH:
		err_set(e, ERR_TLS, _("%s does not answer with TLS on this port."), host);
		break;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		err_set(e, ERR_TLS, _("%s offers no TLS version that is safe (1.2 or newer)."),
			host);
		break;
	default:
		err_set(e, ERR_TLS, _("The TLS connection to %s failed: %s"), host,
			why ? why : _("unknown reason"));
	}
}

enum session_result session_result(SSL *ssl, int rc, const char *host, struct err *e)
{
	if (rc > 0)
		return SESSION_OK;
	switch (SSL_get_error(ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return SESSION_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return SESSION_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
	case SSL_ERROR_SYSCALL:
		return SESSION_END;
	default:
		break;
	}
	unsigned long code = ERR_peek_error();
	if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return SESSION_END;
	long verify = SSL_get_verify_result(ssl);
	if (!SSL_is_init_finished(ssl) && verify != X509_V_OK)
		set_verify_err(e, verify, host);
	else
		set_ssl_err(e, code, host);
	return SESSION_BROKEN;
}
