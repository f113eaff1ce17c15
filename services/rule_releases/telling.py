"""What a file's name, or else the call, tells of the table in it: its kind, setting, version and dates of service."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from interchange.published import Misread, about
from interchange.published.archives import Part, opened
from interchange.published.names import quarter_end
from rule_releases.errors import FileFault, FilesNotRead, NotTold, PartsMissing, ToldOtherwise
from rule_releases.layouts import KINDS, LAYOUTS, Asked
from therapy_domain.events.ruleset import ReleasedTable, SourceFile
from therapy_domain.rulesets.publications import EDITS, Kind, Setting

PARTS_OF_PAIR_EDITS = (1, 2, 3, 4)
"""In which CMS publishes a quarter, cut by the code in column 1."""


class Told(NamedTuple):
    """What is known of a part before it is read."""

    kind: Kind
    setting: Setting | None
    effective: date
    through: date | None
    version: str | None
    number: int | None
    """Which part of the table."""
    twin: bool
    """It says the same as another file of its archive (see `names.About`)."""

    @property
    def id(self) -> str:
        """What it is a table of; a later import of the same id replaces it in the next release."""
        quarter = (self.effective.month - 1) // 3
        whole = self.kind in EDITS and self.effective == date(self.effective.year, 3 * quarter + 1, 1)
        day = f"{self.effective.year}q{quarter + 1}" if whole else self.effective.isoformat()
        return "-".join(filter(None, (LAYOUTS[self.kind].stem, self.setting, day)))

    def table(self, sha256: str, rows: int, rows_read: int, files: Sequence[SourceFile]) -> ReleasedTable:
        """The table as a release lists it."""
        layout, day = LAYOUTS[self.kind], self.effective
        setting = f", {self.setting}" if self.setting else ""
        return ReleasedTable.trusted(
            id=self.id,
            kind=self.kind,
            name=f"{layout.name}{setting}, {day}",
            setting=self.setting,
            version=self.version,
            effective=day,
            from_=day,
            to=self.through,
            rows=rows,
            rows_read=rows_read,
            sha256=sha256,
            source=f"{layout.publisher}{setting}, effective {day}, from {', '.join(file.name for file in files)}",
            files=tuple(files),
        )


def told_of(part: Part, asked: Asked) -> Told:
    """What is known of a part.

    Raises:  FilesNotRead: it is a table of another kind. NotTold: neither name nor call says what has to be known.
             ToldOtherwise: they disagree. BrokenFile.
    """
    known = about(part.name)
    kind = _kind(part, asked)
    if known is not None and asked.effective not in (None, known.effective):
        raise ToldOtherwise(part.name, "the dates of service from", known.effective, asked.effective)
    effective = known.effective if known else asked.effective
    if effective is None:
        raise NotTold(part.name, "its first date of service", "--effective YYYY-MM-DD")
    return Told(
        kind,
        _setting(part, known.setting if known else None, asked) if kind in EDITS else None,
        effective,
        known.through if known else through(kind, effective),
        known.version if known else None,
        known.part if known else None,
        known.twin if known else False,
    )


def _setting(part: Part, known: Literal["practitioner", "hospital", "supplier"] | None, asked: Asked) -> Setting:
    if known == "supplier":
        fault = FileFault(part.place, None, "file", part.name, "a table for practitioners or hospitals, not suppliers")
        raise FilesNotRead([fault])
    if known is not None and asked.setting not in (None, known):
        raise ToldOtherwise(part.name, "the setting", known, asked.setting)
    if known is not None:
        return known
    if asked.setting is None:
        raise NotTold(part.name, "its setting", "--setting practitioner or --setting hospital")
    return asked.setting


def _kind(part: Part, asked: Asked) -> Kind:
    kinds, known = KINDS[asked.what], about(part.name)
    if known is not None:
        for kind in kinds:
            if known.kind == kind.replace("_", "-"):
                return kind
        fault = FileFault(part.place, None, "file", part.name, f"a table of {_words(kinds)}")
        raise FilesNotRead([fault])
    return kinds[0] if len(kinds) == 1 else _kind_by_content(part, kinds)


def _kind_by_content(part: Part, kinds: Sequence[Kind]) -> Kind:
    """The kind whose reader understands the first row."""
    for kind in kinds:
        with opened(part) as (stream, _):
            first = next(LAYOUTS[kind].read(stream), None)
        if first is not None and not isinstance(first, Misread):
            return kind
    raise FilesNotRead([FileFault(part.place, None, "file", part.name, f"a table of {_words(kinds)}")])


def _words(kinds: Iterable[Kind]) -> str:
    return " or ".join(LAYOUTS[kind].name for kind in kinds)


def through(kind: Kind, effective: date) -> date | None:
    """The last date of service of a table whose name does not tell: the end of its quarter, year or fiscal year.

    Lists of reason and remark codes hold until the next one.
    """
    match kind:
        case "pair_edits" | "unit_limits":
            return quarter_end(effective)
        case "diagnoses":
            return date(effective.year + (effective.month > 9), 10, 1) - timedelta(days=1)
        case "reason_codes" | "remark_codes":
            return None
        case _:
            return date(effective.year, 12, 31)


def check_parts(told: Sequence[Told], *, incomplete: bool) -> None:
    """All files of one table must be of one version, and be all of its parts.

    Raises:  FilesNotRead, PartsMissing.
    """
    first = told[0]
    if other := next((each for each in told if each.version != first.version), None):
        raise FilesNotRead(
            [FileFault(first.id, None, "file", other.version, f"files of one version, such as {first.version}")]
        )
    numbers = [each.number for each in told if each.number is not None]
    if numbers and not incomplete and set(numbers) != set(PARTS_OF_PAIR_EDITS):
        raise PartsMissing(first.id, sorted(numbers), PARTS_OF_PAIR_EDITS)


def is_older(version: str | None, held: str | None) -> bool:
    """Whether a version is before another one of the same table, as their publisher counts them."""
    return version is not None and held is not None and _order(version) < _order(held)


def _order(version: str) -> list[int]:
    return [int(part) if part.isdigit() else ord(part) for part in re.findall(r"\d+|[A-Z]", version)]
