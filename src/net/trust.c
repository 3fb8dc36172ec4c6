/* trust.c - counts the authorities of a folder and of a file, without understanding them. */
#include "config.h"

#include "trust.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"

#define FILE_MAX ((size_t)16 << 20)

/* Such as 1a2b3c4d.0: what OpenSSL looks for in a folder of certificates. */
static bool is_name_by_hash(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] &&
	       name[9 + strspn(name + 9, "0123456789")] == '\0';
}

static size_t count_by_hash(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t n = 0;
	while (dir && (entry = readdir(dir)))
		n += is_name_by_hash(entry->d_name);
	if (dir)
		closedir(dir);
	return n;
}

static size_t count_in(const char *text)
{
	static const char mark[] = "-----BEGIN ";
	size_t n = 0;
	for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark))
		n++;
	return n;
}

bool trust_folder_is_whole(const char *folder, const char *file)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	struct err ignored = ERR_INIT;
	size_t n = count_by_hash(folder);
	if (!n)
		return false;
	if (!fsx_exists(file))
		return true;
	return fsx_read_file(file, &text, &ignored) == 0 && n >= count_in(text.p);
}
