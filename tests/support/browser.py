#!/usr/bin/python3
"""A $BROWSER that signs in by itself: browser.py URL.

It keeps cookies, follows redirects, fills the provider's forms as $SIGN_IN_AS, and writes the text of the
page that it ends at to $SIGN_IN_PAGE.  $SIGN_IN_ACTION: approve, deny, or leave (it opens nothing).
"""
import html
import http.cookiejar
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_PAGES = 12


class NoCallback(urllib.request.HTTPRedirectHandler):
    """Like a browser on another machine: nothing answers at the redirected address."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if "/callback?" in newurl:
            raise Away(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Away(Exception):
    """The address that could not be reached."""


class Browser:
    """One visit."""

    def __init__(self, stops_at_callback=False):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        handlers = [urllib.request.ProxyHandler({}), jar]
        self.opener = urllib.request.build_opener(
            *handlers, *([NoCallback()] if stops_at_callback else [])
        )
        self.url, self.text = None, ""

    def open(self, url, fields=None):
        """A page, also one that is an error."""
        data = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            answer = self.opener.open(url, data, timeout=30)
        except urllib.error.HTTPError as e:
            answer = e
        except Away as e:
            self.url, self.text = str(e), ""
            return
        with answer:
            self.url, self.text = answer.geturl(), answer.read().decode(errors="replace")

    def form(self):
        """(address, fields) of the page's form; None without one."""
        found = re.search(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", self.text, re.S)
        if not found:
            return None
        fields = {}
        for tag in re.findall(r"<input[^>]*>", found.group(2)):
            words = dict(re.findall(r"([a-z]+)=\"([^\"]*)\"", tag))
            if "name" in words:
                fields[words["name"]] = html.unescape(words.get("value", ""))
        return urllib.parse.urljoin(self.url, html.unescape(found.group(1))), fields

    def sign_in(self, url, who, denies=False):
        """Through the provider's pages to the one that tells how it ended."""
        self.open(url)
        for _ in range(MOST_PAGES):
            form = self.form()
            if not form:
                return
            where, fields = form
            abort = re.search(r"href=\"([^\"]*/abort)\"", self.text)
            if "login" in fields:
                fields |= {"login": who, "password": "x"}
            elif denies and abort:
                self.open(urllib.parse.urljoin(self.url, html.unescape(abort.group(1))))
                continue
            elif denies and "abort" in self.text:
                fields["abort"] = "yes"
            self.open(where, fields)


def main():
    action = os.environ.get("SIGN_IN_ACTION", "approve")
    if action == "leave":
        return
    visit = Browser()
    visit.sign_in(sys.argv[1], os.environ["SIGN_IN_AS"], action == "deny")
    text = re.sub(r"<style.*?</style>|<title.*?</title>|<[^>]*>", " ", visit.text, flags=re.S)
    page = os.environ["SIGN_IN_PAGE"]
    with open(page + ".new", "w", encoding="utf-8") as f:
        f.write(html.unescape(re.sub(r"\s+", " ", text)).strip())
    os.replace(page + ".new", page)


if __name__ == "__main__":
    main()
