/*
 * ask_secret.c - passwords and passphrases for verbs: from a descriptor that a script gives, else
 * from the terminal, unseen. Nothing is asked where there is no terminal.
 */
#include "config.h"

#include "ask_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "crmail/base/desk.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"
#include "crmail/cli/cli.h"
#include "crmail/net/secret.h"

#define SECRET_MOST 1024

/* One line, byte by byte: what follows is not ours. */
static int read_line(int fd, struct secret *out, struct err *e)
{
	char line[SECRET_MOST];
	size_t n = 0;
	ssize_t got = 1;
	while (n < sizeof line) {
		got = read(fd, line + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || line[n] == '\n')
			break;
		n++;
	}
	int sys = errno;
	while (n && got >= 0 && n < sizeof line && line[n - 1] == '\r')
		n--;
	if (got >= 0 && n && n < sizeof line)
		secret_set(out, line, n);
	secret_wipe(line, sizeof line);
	if (got < 0)
		return err_sys(e, ERR_IO, sys, _("Cannot read the password"));
	if (n == sizeof line)
		return err_set(e, ERR_TOOBIG, _("The password is too long."));
	return n ? 0 : err_set(e, ERR_AUTH, _("The password is empty."));
}

/* What is asked and typed is the terminal's, wherever the output goes. */
static int ask_terminal(const char *question, struct secret *out, struct err *e)
{
	struct termios before, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &before)) {
		if (fd >= 0)
			close(fd);
		return err_set(e, ERR_USAGE, _("There is no terminal to ask for a password on."));
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(fd, "%s ", question);
	int rc = tcsetattr(fd, TCSAFLUSH, &quiet)
			 ? err_sys(e, ERR_IO, errno, _("The terminal shows what is typed"))
			 : read_line(fd, out, e);
	tcsetattr(fd, TCSAFLUSH, &before);
	dprintf(fd, "\n");
	close(fd);
	return rc;
}

bool cli_can_ask(void)
{
	return isatty(STDIN_FILENO);
}

int cli_ask_secret(const char *fd, const char *question, struct secret *out, struct err *e)
{
	int64_t n = 0;
	if (!fd)
		return ask_terminal(question, out, e);
	if (!str_to_i64(fd, 0, 1 << 20, &n))
		return err_set(e, ERR_USAGE, _("\"%s\" is not the number of a descriptor."), fd);
	return read_line((int)n, out, e);
}

static int ask_new_passphrase(struct secret *out, struct err *e)
{
	CLEANUP(secret_release) struct secret again = SECRET_INIT;
	if (cli_ask_secret(NULL, _("New passphrase for the file of saved passwords:"), out, e))
		return -1;
	if (out->len < DESK_PASSPHRASE_LEAST)
		return err_set(e, ERR_USAGE, _("Take at least eight characters."));
	if (cli_ask_secret(NULL, _("The same again:"), &again, e))
		return -1;
	if (again.len != out->len || memcmp(again.p, out->p, out->len) != 0)
		return err_set(e, ERR_USAGE, _("The two passphrases differ."));
	return 0;
}

int cli_open_secrets(struct cli *c, const char *entry, struct err *e)
{
	bool needs_passphrase = false;
	if (secret_store_check(c->secrets, entry, &needs_passphrase, e))
		return -1;
	return needs_passphrase ? cli_open_file(c, e) : 0;
}

int cli_open_file(struct cli *c, struct err *e)
{
	CLEANUP(secret_release) struct secret pass = SECRET_INIT;
	enum secret_store_state state = secret_store_state(c->secrets);
	if (state == SECRET_STORE_OPEN)
		return 0;
	if (!c->passphrase_fd && !cli_can_ask())
		return err_set(e, ERR_AUTH,
			_("The saved passwords are locked: give --passphrase-fd, or start crmail "
			  "on a terminal."));
	int rc = !c->passphrase_fd && state == SECRET_STORE_NONE
			 ? ask_new_passphrase(&pass, e)
			 : cli_ask_secret(c->passphrase_fd, _("Passphrase of the saved passwords:"),
				   &pass, e);
	return rc ? -1 : secret_store_unlock(c->secrets, &pass, e);
}
