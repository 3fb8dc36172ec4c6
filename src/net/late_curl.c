/* late_curl.c - the functions of libcurl that src/net uses; bound on first use (late.h). */
#include "config.h"

#include "crmail/base/late.h"

#include <stdarg.h>
#include <stdbool.h>

#include <curl/curl.h>

/* Its headers check the arguments where these are called. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#if LIBCURL_VERSION_NUM < 0x080000
#define URL_READ CURLU
#else
#define URL_READ const CURLU
#endif

/* clang-format off */
#define FUNCTIONS(F, P, V) \
	F(CURLcode, curl_global_init, (long flags), (flags)) \
	P(curl_global_cleanup, (void), ()) \
	P(curl_free, (void *p), (p)) \
	F(time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused)) \
	F(struct curl_slist *, curl_slist_append, (struct curl_slist *l, const char *text), (l, text)) \
	P(curl_slist_free_all, (struct curl_slist *l), (l)) \
	F(CURL *, curl_easy_init, (void), ()) \
	P(curl_easy_cleanup, (CURL *c), (c)) \
	P(curl_easy_reset, (CURL *c), (c)) \
	V(curl_easy_setopt) \
	V(curl_easy_getinfo) \
	F(const char *, curl_easy_strerror, (CURLcode code), (code)) \
	F(CURLM *, curl_multi_init, (void), ()) \
	F(CURLMcode, curl_multi_cleanup, (CURLM *m), (m)) \
	F(CURLMcode, curl_multi_add_handle, (CURLM *m, CURL *c), (m, c)) \
	F(CURLMcode, curl_multi_remove_handle, (CURLM *m, CURL *c), (m, c)) \
	F(CURLMcode, curl_multi_perform, (CURLM *m, int *running), (m, running)) \
	F(CURLMcode, curl_multi_poll, (CURLM *m, struct curl_waitfd *fds, unsigned n, int ms, \
		int *ready), (m, fds, n, ms, ready)) \
	F(CURLMsg *, curl_multi_info_read, (CURLM *m, int *left), (m, left)) \
	F(CURLU *, curl_url, (void), ()) \
	P(curl_url_cleanup, (CURLU *u), (u)) \
	F(CURLUcode, curl_url_get, (URL_READ *u, CURLUPart part, char **text, unsigned flags), \
		(u, part, text, flags)) \
	F(CURLUcode, curl_url_set, (CURLU *u, CURLUPart part, const char *text, unsigned flags), \
		(u, part, text, flags))
/* clang-format on */

LATE_LIBRARY(curl, LIBCURL_SONAME, FUNCTIONS)

/* libcurl numbers its options by the type of what they take. */
CURLcode curl_easy_setopt(CURL *c, CURLoption option, ...)
{
	va_list ap;
	va_start(ap, option);
	bool is_offset = option >= CURLOPTTYPE_OFF_T && (int)option < CURLOPTTYPE_BLOB;
	CURLcode rc;
	if (is_offset)
		rc = LATE_CALL(curl_easy_setopt)(c, option, va_arg(ap, curl_off_t));
	else if ((int)option < CURLOPTTYPE_OBJECTPOINT)
		rc = LATE_CALL(curl_easy_setopt)(c, option, va_arg(ap, long));
	else
		rc = LATE_CALL(curl_easy_setopt)(c, option, va_arg(ap, void *));
	va_end(ap);
	return rc;
}

/* Always a pointer to where the answer goes. */
CURLcode curl_easy_getinfo(CURL *c, CURLINFO what, ...)
{
	va_list ap;
	va_start(ap, what);
	void *to = va_arg(ap, void *);
	va_end(ap);
	return LATE_CALL(curl_easy_getinfo)(c, what, to);
}
