"""$search and the $filters beside it in the mailbox of graph_stub.py.

    [search]  search-query-parameter, /sharepoint/dev/general-development/keyword-query-language-kql-syntax-reference
"""
import email
import email.policy
import re

from .graph_item import Refused, decoded, moment

SEARCH_MOST = 1000  # [search]
TERM = re.compile(r'(NOT )?(?:(\w+)(:|>=|<))?(\\"(?:[^"\\]*)\\"|[\w.:-]+\*?)')


def refuse(text):
    raise Refused(400, "BadRequest", text)


def texts(m, name):
    """What a property looks in; none named: sender, subject and body [search]."""
    people = {"from": "From", "to": "To", "cc": "Cc"}
    if name in people:
        return [f"{p['emailAddress']['name']} {p['emailAddress']['address']}" for p in m.people(people[name])]
    if name == "subject":
        return [decoded(str(m.head["Subject"] or ""))]
    parsed = email.message_from_bytes(m.raw, policy=email.policy.default)
    if name == "attachment":
        return [p.get_filename() for p in parsed.walk() if p.get_filename()]
    if name is None:
        body = parsed.get_body(("plain", "html"))
        return texts(m, "from") + texts(m, "subject") + [body.get_content() if body else ""]
    return refuse(f"{name} is no property")


def holds(m, name, how, value):
    """One restriction; words stand in their order, and the last may be begun only where a star says so."""
    if name == "hasAttachments":
        return (b"Content-Disposition: attachment" in m.raw) == (value == "true")
    if name == "received" and how != ":":
        at = moment(value + "T00:00:00Z")
        return m.received >= at if how == ">=" else m.received < at
    is_begun = value.endswith("*")
    words = re.findall(r"\w+", value)
    pattern = r"\b" + r"\W+".join(re.escape(w) for w in words) + ("" if is_begun else r"\b")
    return any(re.search(pattern, text, re.I) for text in texts(m, name))


def search(items, query):
    """The items that $search finds; the query has nothing beside it that does not go with it."""
    text = query.get("$search")
    if text is None:
        return items
    if "$filter" in query or "$orderby" in query:
        refuse("$search goes with neither $filter nor $orderby")
    if len(text) < 3 or text[0] != '"' or text[-1] != '"':
        refuse("$search stands in quotes")
    for part in text[1:-1].split(" AND "):
        found = TERM.fullmatch(part)
        if not found:
            refuse(f"a syntax error in {part}")
        negated, name, how, value = found.groups()
        value = value[2:-2] if value.startswith("\\") else value
        items = [m for m in items if holds(m, name, how, value) != bool(negated)]
    # [search] by the time they were sent
    return sorted(items, key=lambda m: m.sent(), reverse=True)[:SEARCH_MOST]


def flagged(items, text):
    """The items that a $filter of flags lets through; None: it is another one."""
    for part in text.split(" and "):
        read = re.fullmatch(r"isRead eq (true|false)", part)
        flag = re.fullmatch(r"flag/flagStatus (eq|ne) 'flagged'", part)
        if read:
            items = [m for m in items if m.is_read == (read.group(1) == "true")]
        elif flag:
            items = [m for m in items if m.is_flagged == (flag.group(1) == "eq")]
        else:
            return None
    return items
