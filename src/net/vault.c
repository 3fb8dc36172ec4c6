/*
 * vault.c - the encrypted file of secrets: its layout, its key, its replacement under a lock. Who
 * asks for the passphrase, and who may ask for a secret, is secret.c's and helper.c's.
 */
#include "config.h"

#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/secret.h"

#include "helper.h"

#define MAGIC "CRMSECR\n"
#define LAYOUT_VERSION 1
#define NONCE 12
#define TAG 16
#define AT_PARAMS 12
#define AT_SALT 24
#define AT_NONCE (AT_SALT + VAULT_SALT)
#define AT_CHECK (AT_NONCE + NONCE)
#define AT_SUM (AT_CHECK + SHA256_DIGEST_LENGTH)
#define HEADER (AT_SUM + SHA256_DIGEST_LENGTH)

/* What a file may ask of us before its passphrase is known. */
#define MAX_LOG_N 20
#define MAX_R 16
#define MAX_P 4
#define MAX_FILE ((size_t)1 << 20)

/* ---- the key --------------------------------------------------------------------------------- */

static bool derive(struct vault_key *k, const char *pass, size_t len)
{
	unsigned char out[2 * VAULT_HALF];
	uint64_t n = (uint64_t)1 << k->log_n;
	uint64_t most = 128 * (uint64_t)k->r * (n + k->p + 2);
	if (EVP_PBE_scrypt(pass, len, k->salt, VAULT_SALT, n, k->r, k->p, most, out, sizeof out) !=
		1)
		return false;
	memcpy(k->seal, out, VAULT_HALF);
	memcpy(k->check, out + VAULT_HALF, VAULT_HALF);
	explicit_bzero(out, sizeof out);
	k->is_set = true;
	return true;
}

static bool sum_header(const unsigned char *h, unsigned char *out)
{
	return SHA256(h, AT_SUM, out) != NULL;
}

static bool check_header(const struct vault_key *k, const unsigned char *h, unsigned char *out)
{
	unsigned n = SHA256_DIGEST_LENGTH;
	return HMAC(EVP_sha256(), k->check, VAULT_HALF, h, AT_CHECK, out, &n) != NULL;
}

/* ---- the file -------------------------------------------------------------------------------- */

static enum vault_status read_file(const char *path, struct buf *out)
{
	struct err e = ERR_INIT;
	unsigned char sum[SHA256_DIGEST_LENGTH];
	if (fsx_read_file(path, out, &e)) {
		errno = e.sys;
		if (e.code == ERR_TOOBIG)
			return VAULT_DAMAGED;
		return e.sys == ENOENT ? VAULT_NO_FILE : VAULT_IO;
	}
	const unsigned char *h = (const unsigned char *)out->p;
	if (out->len < HEADER + TAG || memcmp(h, MAGIC, 8) != 0)
		return VAULT_DAMAGED;
	if (!sum_header(h, sum) || memcmp(h + AT_SUM, sum, sizeof sum) != 0)
		return VAULT_DAMAGED;
	return helper_get_u32(h + 8) > LAYOUT_VERSION ? VAULT_NEWER : VAULT_OK;
}

static bool read_params(const unsigned char *h, struct vault_key *k)
{
	k->log_n = helper_get_u32(h + AT_PARAMS);
	k->r = helper_get_u32(h + AT_PARAMS + 4);
	k->p = helper_get_u32(h + AT_PARAMS + 8);
	memcpy(k->salt, h + AT_SALT, VAULT_SALT);
	return k->log_n >= 1 && k->log_n <= MAX_LOG_N && k->r >= 1 && k->r <= MAX_R && k->p >= 1 &&
	       k->p <= MAX_P;
}

static bool is_key_of(const struct vault_key *k, const unsigned char *h)
{
	unsigned char check[SHA256_DIGEST_LENGTH];
	return check_header(k, h, check) && CRYPTO_memcmp(check, h + AT_CHECK, sizeof check) == 0;
}

/* The entries of a file that was read; caller wipes with secret_release. */
static bool open_body(const struct vault_key *k, const struct buf *file, struct secret *out)
{
	const unsigned char *f = (const unsigned char *)file->p;
	size_t n = file->len - HEADER - TAG;
	int got = 0, last = 0;
	unsigned char *plain = xmalloc(n + 1);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok =
		c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, k->seal, f + AT_NONCE) == 1 &&
		EVP_DecryptUpdate(c, NULL, &got, f, HEADER) == 1 &&
		EVP_DecryptUpdate(c, plain, &got, f + HEADER, (int)n) == 1 &&
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, (void *)(f + HEADER + n)) == 1 &&
		EVP_DecryptFinal_ex(c, plain + got, &last) == 1;
	EVP_CIPHER_CTX_free(c);
	if (ok)
		secret_set(out, (const char *)plain, n);
	explicit_bzero(plain, n);
	free(plain);
	return ok;
}

static bool seal_body(const struct vault_key *k, const unsigned char *plain, size_t n,
	unsigned char *f)
{
	int got = 0, last = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok = c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, k->seal, f + AT_NONCE) == 1 &&
		  EVP_EncryptUpdate(c, NULL, &got, f, HEADER) == 1 &&
		  EVP_EncryptUpdate(c, f + HEADER, &got, plain, (int)n) == 1 &&
		  EVP_EncryptFinal_ex(c, f + HEADER + got, &last) == 1 &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, f + HEADER + n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

static enum vault_status write_file(const char *path, const struct vault_key *k,
	const unsigned char *plain, size_t n)
{
	if (n > MAX_FILE - HEADER - TAG)
		return VAULT_TOO_BIG;
	unsigned char *f = xcalloc(1, HEADER + n + TAG);
	memcpy(f, MAGIC, 8);
	helper_put_u32(f + 8, LAYOUT_VERSION);
	helper_put_u32(f + AT_PARAMS, k->log_n);
	helper_put_u32(f + AT_PARAMS + 4, k->r);
	helper_put_u32(f + AT_PARAMS + 8, k->p);
	memcpy(f + AT_SALT, k->salt, VAULT_SALT);
	struct err e = ERR_INIT;
	enum vault_status st = VAULT_OK;
	errno = EIO;
	if (RAND_bytes(f + AT_NONCE, NONCE) != 1 || !check_header(k, f, f + AT_CHECK) ||
		!sum_header(f, f + AT_SUM) || !seal_body(k, plain, n, f)) {
		st = VAULT_IO;
	} else if (fsx_write_file(path, f, HEADER + n + TAG, true, &e)) {
		errno = e.sys;
		st = VAULT_IO;
	}
	free(f);
	return st;
}

/* Held while the file is read and replaced; the lock is a file of its own, since the other one is
 * replaced. -1 = errno says why. */
static int take_lock(const char *path)
{
	CLEANUP(free_str) char *lock = xasprintf("%s.lock", path);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		int sys = errno;
		close(fd);
		errno = sys;
		return -1;
	}
	return fd;
}

/* ---- entries --------------------------------------------------------------------------------- */

struct entry {
	const char *name, *value;
	size_t name_len, value_len;
	size_t start, end; /* of the whole entry */
};

/* The entry at `at`; false at the end, and with *bad set where the bytes make no sense. */
static bool next_entry(const struct secret *all, size_t at, struct entry *out, bool *bad)
{
	size_t len[2];
	const char *p[2];
	out->start = at;
	for (int i = 0; i < 2; i++) {
		if (i == 0 && at == all->len)
			return false;
		*bad = all->len - at < 4;
		if (*bad)
			return false;
		len[i] = helper_get_u32((const unsigned char *)all->p + at);
		at += 4;
		*bad = all->len - at < len[i];
		if (*bad)
			return false;
		p[i] = all->p + at;
		at += len[i];
	}
	*out = (struct entry){p[0], p[1], len[0], len[1], out->start, at};
	return true;
}

/* VAULT_OK and out->end = 0 when it is not there. */
static enum vault_status find_entry(const struct secret *all, const char *name, struct entry *out)
{
	struct entry en = {.end = 0};
	bool bad = false;
	while (next_entry(all, en.end, &en, &bad)) {
		if (en.name_len == strlen(name) && memcmp(en.name, name, en.name_len) == 0) {
			*out = en;
			return VAULT_OK;
		}
	}
	*out = (struct entry){.end = 0};
	return bad ? VAULT_DAMAGED : VAULT_OK;
}

static enum vault_status load(const char *path, const struct vault_key *k, struct secret *all)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT(MAX_FILE);
	enum vault_status st = read_file(path, &file);
	if (st)
		return st;
	if (!k->is_set || !is_key_of(k, (const unsigned char *)file.p))
		return VAULT_LOCKED;
	return open_body(k, &file, all) ? VAULT_OK : VAULT_DAMAGED;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static enum vault_status create(const char *path, const char *pass, size_t len, unsigned log_n,
	struct vault_key *k)
{
	*k = (struct vault_key){.log_n = log_n, .r = 8, .p = 1};
	errno = EIO;
	if (RAND_bytes(k->salt, VAULT_SALT) != 1 || !derive(k, pass, len))
		return VAULT_IO;
	return write_file(path, k, (const unsigned char *)"", 0);
}

static enum vault_status unlock(const char *path, const char *pass, size_t len, unsigned log_n,
	struct vault_key *k)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT(MAX_FILE);
	CLEANUP(secret_release) struct secret all = SECRET_INIT;
	enum vault_status st = read_file(path, &file);
	if (st == VAULT_NO_FILE)
		return create(path, pass, len, log_n, k);
	if (st)
		return st;
	const unsigned char *h = (const unsigned char *)file.p;
	if (!read_params(h, k))
		return VAULT_DAMAGED;
	errno = ENOMEM;
	if (!derive(k, pass, len))
		return VAULT_IO;
	if (!is_key_of(k, h))
		return VAULT_WRONG_PASSPHRASE;
	return open_body(k, &file, &all) ? VAULT_OK : VAULT_DAMAGED;
}

enum vault_status vault_unlock(const char *path, const char *pass, size_t len, unsigned log_n,
	struct vault_key *out)
{
	struct vault_key k = {.is_set = false};
	int lock = take_lock(path);
	if (lock < 0)
		return VAULT_IO;
	enum vault_status st = unlock(path, pass, len, log_n, &k);
	int sys = errno;
	close(lock);
	if (st == VAULT_OK)
		*out = k;
	explicit_bzero(&k, sizeof k);
	errno = sys;
	return st;
}

enum vault_status vault_get(const char *path, const struct vault_key *k, const char *name,
	struct secret *out)
{
	CLEANUP(secret_release) struct secret all = SECRET_INIT;
	struct entry en;
	enum vault_status st = load(path, k, &all);
	if (!st)
		st = find_entry(&all, name, &en);
	if (st)
		return st;
	if (!en.end)
		return VAULT_NOT_FOUND;
	secret_set(out, en.value, en.value_len);
	return VAULT_OK;
}

static unsigned char *put_field(unsigned char *p, const char *v, size_t n)
{
	helper_put_u32(p, (uint32_t)n);
	memcpy(p + 4, v, n);
	return p + 4 + n;
}

/* All entries but the one of that name, and then the new one. */
static enum vault_status replace(const char *path, const struct vault_key *k,
	const struct secret *all, const struct entry *old, const char *name,
	const struct secret *value)
{
	size_t kept = all->len - (old->end - old->start), n = strlen(name);
	size_t most = kept + 8 + n + (value ? value->len : 0);
	unsigned char *plain = xmalloc(most + 1), *p = plain;
	memcpy(p, all->p, old->start);
	memcpy(p + old->start, all->p + old->end, all->len - old->end);
	p += kept;
	if (value) {
		p = put_field(p, name, n);
		p = put_field(p, value->p, value->len);
	}
	enum vault_status st = write_file(path, k, plain, (size_t)(p - plain));
	int sys = errno;
	explicit_bzero(plain, most);
	free(plain);
	errno = sys;
	return st;
}

enum vault_status vault_put(const char *path, const struct vault_key *k, const char *name,
	const struct secret *value)
{
	CLEANUP(secret_release) struct secret all = SECRET_INIT;
	struct entry old = {.end = 0};
	int lock = take_lock(path);
	if (lock < 0)
		return VAULT_IO;
	enum vault_status st = load(path, k, &all);
	if (!st)
		st = find_entry(&all, name, &old);
	if (!st && (value || old.end))
		st = replace(path, k, &all, &old, name, value);
	int sys = errno;
	close(lock);
	errno = sys;
	return st;
}

enum vault_status vault_list(const char *path, const struct vault_key *k,
	void (*visit)(void *ctx, const char *name, size_t len), void *ctx)
{
	CLEANUP(secret_release) struct secret all = SECRET_INIT;
	struct entry en = {.end = 0};
	bool bad = false;
	enum vault_status st = load(path, k, &all);
	while (!st && next_entry(&all, en.end, &en, &bad))
		visit(ctx, en.name, en.name_len);
	return !st && bad ? VAULT_DAMAGED : st;
}
