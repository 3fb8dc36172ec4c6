"""Contacts in the mailbox of graph_stub.py.

    [contacts]  api/contact-delta, resources/contact     [permission]  permissions-reference, Contacts.Read
    [overview]  delta-query-overview
"""
import re
import secrets

from .graph_item import Answer, Refused


class People:
    """What GraphStub has of them."""

    def _begin_people(self):
        self.people, self.people_changes = {}, []  # by id; (id, properties), oldest first
        self._people_states = {}  # tokens: (changes seen, ids still to tell, properties asked for)

    def put_contact(self, ident=None, **properties):
        """A contact is made or changed; returns its id."""
        with self._lock:
            ident = ident or f"AAkC{secrets.token_hex(10)}="
            self.people.setdefault(ident, {"emailAddresses": [], "displayName": ""}).update(properties)
            self.people_changes.append((ident, tuple(properties)))
            return ident

    def remove_contact(self, ident):
        with self._lock:
            del self.people[ident]
            self.people_changes.append((ident, ()))

    # pylint: disable=unused-argument
    def _allow_people(self, headers):
        if not self.grants(headers, "Contacts.Read"):  # [permission]
            raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")

    def _tell_contact(self, ident, select, only=None):
        whole = self.people[ident]
        return {"id": ident, **{k: v for k, v in whole.items() if k in select and (only is None or k in only)}}

    def _get_contacts(self, query, headers, body):
        self._allow_people(headers)
        select = self._select(query)
        return self._page([self._tell_contact(i, select) for i in self.people], "/v1.0/me/contacts", query)

    def _get_contact(self, ident, query, headers, body):
        self._allow_people(headers)
        if ident not in self.people:
            raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        return Answer(200, self._tell_contact(ident, self._select(query)))

    def _get_contacts_delta(self, query, headers, body):
        self._allow_people(headers)
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token is None:
            # [contacts] only $select goes with it
            if set(query) - {"$select"}:
                raise Refused(400, "BadRequest", "An option that delta does not know")
            state = (len(self.people_changes), [(i, None) for i in self.people], self._select(query))
        elif token not in self._people_states:
            raise Refused(410, "syncStateNotFound", "The sync state generation is not found.")
        else:
            state = self._people_states[token]
        if "$deltatoken" in query:
            state = self._people_news(state)
        return self._people_page(state, headers)

    def _people_news(self, state):
        """Each contact that changed since, once; with what changed alone where the test wants it so [overview]."""
        news = {}
        for ident, properties in self.people_changes[state[0] :]:
            news[ident] = news.pop(ident, ()) + properties
        items = [(i, p if self.partial else None) for i, p in news.items()]
        return len(self.people_changes), items, state[2]

    def _people_page(self, state, headers):
        seen, items, select = state
        wish = re.search(r"odata\.maxpagesize=(\d+)", headers.get("prefer", ""))
        size = min(int(wish.group(1)) if wish else 10, self.page_most)
        told = [
            self._tell_contact(i, select, only) if i in self.people else {"id": i, "@removed": {"reason": "deleted"}}
            for i, only in items[:size]
        ]
        token = secrets.token_urlsafe(12)
        self._people_states[token] = (seen, items[size:], select)
        kind = ("nextLink", "skiptoken") if items[size:] else ("deltaLink", "deltatoken")
        link = f"{self.url}/me/contacts/delta?${kind[1]}={token}"
        return Answer(200, {"value": told, f"@odata.{kind[0]}": link})
