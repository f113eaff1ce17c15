"""Which ruleset release is in force, and any other by its id: from what is shipped and what the log recorded."""

from service_kit.reading import Folder, Reader
from therapy_domain.errors import UnknownRuleset
from therapy_domain.events.ruleset import RulesetReleased
from therapy_domain.rulesets import recorded
from therapy_domain.rulesets.recorded import STREAM, DamagedRelease, Releases, compose, table_stream, unpacked
from therapy_domain.rulesets.release import Ruleset, Table, available, load

RELEASES: Folder[Releases] = Folder(
    "releases", Releases(), lambda state, seen: recorded.evolve(state, seen.event), lasting=True
)


class Rulesets:
    """The releases that a log knows. One a process, so that the same release is always the same object."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], Ruleset] = {}
        self._tables: dict[str, Table] = {}
        self._current: tuple[Releases, Ruleset] | None = None

    def releases(self, read: Reader) -> Releases:
        """Every release that the log recorded."""
        return read.fold(STREAM, RELEASES).state

    def current(self, read: Reader) -> Ruleset:
        """The release that new decisions use: the last recorded one, else the newest that is shipped.

        Costs one look at a stream's version; of a snapshot, once.
        """
        state, held = self.releases(read), self._current
        if held is not None and held[0] is state:
            return held[1]
        newest = state.newest
        made = load() if newest is None else self._recorded(newest, state, read)
        self._current = (state, made)
        return made

    def get(self, read: Reader, ruleset_id: str, ruleset_hash: str | None = None) -> Ruleset:
        """A release by id.

        Args:    ruleset_hash: that it has to have, as a decision names it; None = any.
        Raises:  UnknownRuleset: it is neither shipped nor recorded, or not with that hash.
        """
        state = self.releases(read)
        made: Ruleset | None = None
        if ruleset_id in available():
            made = load(ruleset_id)
        elif (released := state.by_id.get(ruleset_id)) is not None:
            made = self._recorded(released, state, read)
        if made is None or ruleset_hash not in (None, made.hash):
            known = (*available(), *state.by_id)
            raise UnknownRuleset(ruleset_id, available=known, wanted_hash=ruleset_hash if made else None)
        return made

    def _recorded(self, released: RulesetReleased, state: Releases, read: Reader) -> Ruleset:
        key = released.ruleset, released.hash
        made = self._made.get(key)
        if made is None:
            root = self.get(read, *state.root(released))
            contents = {table.sha256: self._table(table.sha256, released, read) for table in state.tables(released)}
            made = self._made.setdefault(key, compose(root, released, state, contents))
        return made

    def _table(self, sha256: str, released: RulesetReleased, read: Reader) -> Table:
        held = self._tables.get(sha256)
        if held is None:
            rows = read.log.read_stream(table_stream(sha256))
            if not rows:
                raise DamagedRelease(released.ruleset, f"the log does not hold the contents of its table {sha256}")
            held = self._tables.setdefault(sha256, unpacked(read.see(rows[0]).event, released.ruleset))
        return held
