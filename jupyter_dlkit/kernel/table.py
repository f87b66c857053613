"""The list as it was last seen, its revisions, and its JSON.

Holds numbers and texts only.  A revision is ``<epoch>.<n>``; the epoch is this
agent's, so that after a restart an old revision gives the full list.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from datetime import datetime, timezone
from itertools import chain, compress, repeat
from operator import eq, ne
from typing import Any, Deque, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from .columns import DESCRIBED, TEXT, Columns, Texts
from .scan import Gradients, Scan

#: Fields of a row as they are kept; ``storage`` is an object of three columns.
FIELDS = ("id", "name", "aliases", "owner", "group", "grad_fn", *DESCRIBED, "shared_by")

#: Fields that are kept as JSON text.
_TEXT = TEXT | {"id", "aliases", "owner", "group"}

_STORAGE = {"storage_id": "id", "storage_bytes": "bytes", "shared_by": "shared_by"}

#: Of these an object keeps at least two between two looks.
_LASTING = ("storage_id", "shape", "name")

_NOBODY = ("", "", None)
_NO_NODE = ("", None)

#: Rows that went away are remembered so far back; an older ``since`` gets the full list.
_MOST_GONE = 50_000


class Encoded(NamedTuple):
    """An answer: its JSON without the opening brace's ``cost_ms``, and what its head says."""

    body: str
    full: bool
    unchanged: bool
    rows: int


class Table:
    """Rows, by columns, and what changed in which revision."""

    def __init__(self) -> None:
        self.epoch = os.urandom(4).hex()
        self.number = 0
        self.columns: Columns = {name: [] for name in FIELDS}
        self.groups: List[Dict[str, str]] = []
        self.cut: Dict[str, str] = {}
        self.totals: Dict[str, Dict[str, int]] = {}
        self.taken_at = ""
        self.gradients_taken_at: Optional[str] = None
        self.gradients: Optional[Gradients] = None
        self._scan: Optional[Scan] = None  # as it came
        self._texts: Dict[str, Tuple[List[Any], str]] = {}  # a column, and its JSON
        self._ids: Dict[int, str] = {}
        self._changed: Dict[str, int] = {}
        self._gone: Deque[Tuple[int, List[str]]] = deque()  # by revision
        self._remembered = 0  # ids in it
        self._forgotten = 0  # rows that went away up to this revision are not remembered

    @property
    def revision(self) -> str:
        """What a client sends back as ``since``."""
        return f"{self.epoch}.{self.number}"

    # What was seen ---------------------------------------------------------------

    def update(self, scan: Scan) -> None:
        """Take over a scan; a new revision where something differs."""
        self.taken_at = now()
        if scan.gradients is None and scan == self._scan:
            return
        self._scan = scan
        if scan.gradients is not None:
            self.gradients = scan.gradients
            self.gradients_taken_at = self.taken_at
        addresses, columns = self._with_gradients(scan)
        known = frozenset(filter(None, columns["group"]))
        groups = [
            {"name": name, "kind": kind, "type": cls}
            for name, (kind, cls) in scan.groups.items()
            if name in known
        ]
        self._finish(addresses, columns)
        same = columns == self.columns and groups == self.groups and scan.cut == self.cut
        self.groups, self.cut = groups, scan.cut
        if not same or not self.number:
            self.number += 1
            self._compare(columns)
            self.columns = columns
            self.totals = _totals(columns)

    def _with_gradients(self, scan: Scan) -> Tuple[List[int], Columns]:
        """The scan's rows and, from the last look between cells, the gradients' rows."""
        addresses, columns = list(scan.addresses), dict(scan.columns)
        last = self.gradients
        if last is None:
            return addresses, columns
        present = set(addresses)
        # By name too: since then another object may have come to that address.
        if last.named:  # a variable of the user's is a gradient
            for row, address in enumerate(addresses):
                name, expression, group = last.named.get(address, _NOBODY)
                if name == columns["name"][row]:
                    for changed in ("aliases", "owner", "group"):
                        columns[changed] = list(columns[changed])
                    others = json.loads(columns["aliases"][row])
                    columns["aliases"][row] = json.dumps([*others, expression])
                    columns["owner"][row], columns["group"][row] = "gradient", group
        if last is not scan.gradients and last.grad_fn:
            get = last.grad_fn.get
            columns["grad_fn"] = [
                node if was == name else None
                for name, (was, node) in zip(
                    columns["name"], (get(address, _NO_NODE) for address in addresses)
                )
            ]
        rows = [
            row
            for row, (own, parent) in enumerate(zip(last.addresses, last.parents))
            if parent in present and own not in present
        ]
        if rows:  # new lists: the scanner may use its own again
            columns = {
                name: values + [last.columns[name][row] for row in rows]
                for name, values in columns.items()
            }
            addresses.extend([last.addresses[row] for row in rows])
        return addresses, columns

    def _finish(self, addresses: List[int], columns: Columns) -> None:
        """Fill identities, and turn what repeats into text."""
        columns["shared_by"] = _shared_by(columns["storage_id"])
        columns["owner"] = _texts(columns["owner"], json.dumps)
        columns["group"] = _texts(columns["group"], json.dumps)
        columns["id"] = self._identify(addresses, columns)

    def _identify(self, addresses: List[int], columns: Columns) -> List[str]:
        """Row ids: an address, and the revision in which an object appeared there."""
        old, was, born = self._ids, self.columns, self.number + 1
        if list(old) == addresses and all(
            columns[name] == was[name] for name in ("type", "dtype", "storage_id", "shape")
        ):
            return was["id"]
        ids = list(map(old.get, addresses))
        known = [row for row, text in enumerate(ids) if text is not None]
        if known:
            before = dict(zip(was["id"], range(len(was["id"]))))
            last = list(map(before.__getitem__, map(ids.__getitem__, known)))
            same = {
                name: list(map(eq, _pick(columns[name], known), _pick(was[name], last)))
                for name in ("type", "dtype", *_LASTING)
            }
            # An object that replaced another at its address differs in more.
            lasts = map(sum, zip(*map(same.__getitem__, _LASTING)))
            for row, cls, dtype, lasting in zip(known, same["type"], same["dtype"], lasts):
                if not (cls and dtype and lasting > 1):
                    ids[row] = None
        fresh = [row for row, text in enumerate(ids) if text is None]
        texts = f'"%x-{born:x}"\n' * len(fresh) % tuple(_pick(addresses, fresh))
        for row, text in zip(fresh, texts.split("\n")):
            ids[row] = text
        self._ids = dict(zip(addresses, ids))  # type: ignore[arg-type]
        return ids  # type: ignore[return-value]

    def _compare(self, columns: Columns) -> None:
        """Note which rows differ from the last revision, and which went away."""
        number, was = self.number, self.columns
        if columns["id"] == was["id"]:
            rows = list(range(len(was["id"])))
            lasts, changed, position = rows, set(), {}
        else:
            position = dict(zip(was["id"], range(len(was["id"]))))
            found = list(map(position.pop, columns["id"], repeat(-1)))
            rows = [row for row, last in enumerate(found) if last >= 0]
            lasts = [last for last in found if last >= 0]
            changed = {row for row, last in enumerate(found) if last < 0}
        for name in FIELDS if rows else ():
            old_values, values = _pick(was[name], lasts), _pick(columns[name], rows)
            if old_values != values:
                changed.update(compress(rows, map(ne, old_values, values)))
        self._changed.update(dict.fromkeys(map(columns["id"].__getitem__, changed), number))
        for text in position:
            self._changed.pop(text, None)
        self._forget(position)

    def _forget(self, gone: Iterable[str]) -> None:
        """Remember which rows went away in this revision."""
        ids = list(gone)
        if ids:
            self._gone.append((self.number, ids))
            self._remembered += len(ids)
        while self._remembered > _MOST_GONE:
            self._forgotten, ids = self._gone.popleft()
            self._remembered -= len(ids)

    # What is sent ------------------------------------------------------------------

    def encode(self, since: Optional[str]) -> Encoded:
        """JSON members of the list, or of its difference from ``since``; no braces."""
        last = self._number_of(since)
        columns, removed = self.columns, []  # type: Columns, List[str]
        unchanged = last == self.number
        if last is not None:
            rows: List[int] = []
            if not unchanged:
                get = self._changed.get
                rows = [i for i, text in enumerate(columns["id"]) if get(text, 0) > last]
                since_then = [ids for number, ids in self._gone if number > last]
                removed = sorted(set(chain.from_iterable(since_then)))
                present = self._changed
                removed = [text for text in removed if text not in present]
            columns = {name: [values[i] for i in rows] for name, values in columns.items()}
        members = [
            f'"revision":"{self.revision}"',
            f'"full":{"true" if last is None else "false"}',
            f'"groups":{json.dumps(self.groups)}',
            f'"removed":[{",".join(removed)}]',
            f'"total":{len(self.columns["id"])}',
            f'"totals":{json.dumps(self.totals)}',
            f'"taken_at":"{self.taken_at}"',
            f'"gradients_taken_at":{json.dumps(self.gradients_taken_at)}',
            f'"complete":{"false" if self.cut else "true"}',
            f'"cut":{json.dumps([{"root": r, "why": w} for r, w in self.cut.items()])}',
            f'"columns":{_columns_json(columns, self._texts if last is None else None)}',
        ]
        return Encoded(",".join(members), last is None, unchanged, len(columns["id"]))

    def _number_of(self, since: Optional[str]) -> Optional[int]:
        """The number of a revision of ours that can still be told apart."""
        epoch, _, number = (since or "").partition(".")
        if epoch != self.epoch or not number.isdigit():
            return None
        last = int(number)
        return last if self._forgotten <= last <= self.number and last else None

    def row(self, position: int) -> Dict[str, Any]:
        """A row with all its fields, as values."""
        row: Dict[str, Any] = {}
        for name in FIELDS:
            value = self.columns[name][position]
            if name == "storage_id":
                value = json.loads(_storage_text(value))
            elif name in _TEXT:
                value = json.loads(value)
            row[name] = value
        storage = {key: row.pop(name) for name, key in _STORAGE.items()}
        row["storage"] = None if storage["id"] is None else storage
        return row

    def raw(self, identity: str) -> Optional[Dict[str, Any]]:
        """A row by its id, its fields as they are kept; None when it is not listed."""
        try:
            position = self.columns["id"].index(json.dumps(identity))
        except ValueError:
            return None
        return {name: self.columns[name][position] for name in FIELDS}

    def text_of(self, address: int) -> Optional[str]:
        """JSON of the id of the row of an object; None when it is not listed."""
        return self._ids.get(address)

    def storage(self, identity: str) -> Any:
        """The storage of a row, comparable with those in ``columns``."""
        return self.columns["storage_id"][self.columns["id"].index(json.dumps(identity))]

    def device_bytes(self) -> Dict[str, int]:
        """Bytes by device, each storage once."""
        return {device: total["bytes"] for device, total in self.totals.items()}


def _pick(values: List[Any], rows: List[int]) -> List[Any]:
    """The values of some rows; a slice where they follow one another."""
    if rows and rows[-1] - rows[0] == len(rows) - 1 and rows == list(range(rows[0], rows[-1] + 1)):
        return values[rows[0] : rows[-1] + 1]
    return list(map(values.__getitem__, rows))


def _columns_json(
    columns: Columns, known: Optional[Dict[str, Tuple[List[Any], str]]] = None
) -> str:
    """``known`` has the texts of whole columns: who asks for pages asks for the same again."""
    parts, storage = [], []
    for name in FIELDS:
        values = columns[name]
        text = None
        if known is not None:
            last = known.get(name)
            if last is not None and last[0] is values:
                text = last[1]
        if text is None:
            text = _column_json(name, values)
            if known is not None:
                known[name] = (values, text)
        if name in _STORAGE:
            storage.append(f'"{_STORAGE[name]}":{text}')
        else:
            parts.append(f'"{name}":{text}')
    return "{" + ",".join(parts) + ',"storage":{' + ",".join(storage) + "}}"


def _column_json(name: str, values: List[Any]) -> str:
    if name == "name":
        return json.dumps(values)
    if name == "storage_id":
        try:  # addresses: all in one call
            return "[" + ",".join(['"s%x"'] * len(values)) % tuple(values) + "]"
        except TypeError:
            return f"[{','.join(map(_storage_text, values))}]"
    if name not in _TEXT:
        if values and values.count(values[0]) == len(values):
            return f"[{','.join([json.dumps(values[0])] * len(values))}]"
        values = _NUMBERS.of(values)
    return f"[{','.join(values)}]"


def _totals(columns: Columns) -> Dict[str, Dict[str, int]]:
    """Tensors and bytes by device; each storage counted once."""
    devices = columns["device"]
    totals = {
        json.loads(device): {"tensors": count, "bytes": 0}
        for device, count in Counter(devices).items()
        if device != "null"
    }
    names = {json.dumps(device): device for device in totals}
    storages, nbytes = columns["storage_id"], columns["storage_bytes"]
    once = dict(zip(storages, range(len(storages))))
    alone: List[int] = []
    if once.pop(None, None) is not None:
        alone = [row for row, storage in enumerate(storages) if storage is None]
    if len(totals) == 1 and not alone:
        (total,) = totals.values()
        total["bytes"] = sum(map(nbytes.__getitem__, once.values()))
        return totals
    for row in once.values():
        if devices[row] in names:
            totals[names[devices[row]]]["bytes"] += nbytes[row]
    for row in alone:  # no storage to count, but perhaps indices and values
        if devices[row] in names and nbytes[row] is None:
            totals[names[devices[row]]]["bytes"] += columns["bytes"][row] or 0
    return totals


def _shared_by(storages: Sequence[Any]) -> List[int]:
    """How many other rows share the storage of each row."""
    if len(set(storages)) == len(storages):
        return [0] * len(storages)
    counts: Dict[Any, int] = dict(Counter(storages))
    counts[None] = 1
    return [count - 1 for count in map(counts.__getitem__, storages)]


#: Numbers repeat; None is ``null``.
_NUMBERS = Texts(json.dumps)


def _texts(values: List[Any], write: Any) -> List[str]:
    if values and values.count(values[0]) == len(values):
        return [write(values[0])] * len(values)
    texts = {value: write(value) for value in set(values)}
    return list(map(texts.__getitem__, values))


def _storage_text(storage: Any) -> str:
    if storage is None:
        return "null"
    return f'"{storage}"' if type(storage) is str else f'"s{storage:x}"'


def now() -> str:
    """The time, UTC, as the answers have it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
