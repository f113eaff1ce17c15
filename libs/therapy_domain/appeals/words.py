"""Words that letters and worklists share: days, money, lists."""

from collections.abc import Iterable
from datetime import date, datetime

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day_words(day: date) -> str:
    """A day as a letter writes it.

    >>> day_words(date(2026, 3, 2))
    '2 March 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock_words(moment: datetime) -> str:
    """The time of day as it was written, to the second where there are seconds.

    >>> clock_words(datetime.fromisoformat("2026-03-02T09:28:30-05:00"))
    '09:28:30'
    """
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def dollars(cents: int) -> str:
    """An amount of money.

    >>> dollars(123456), dollars(-5)
    ('$1,234.56', '-$0.05')
    """
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{part:02}"


def listed(words: Iterable[str]) -> str:
    """Words in a row.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', 'none')
    """
    *first, last = list(words) or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def quotation(text: str) -> str:
    """A text word for word, as a sentence of its own.

    >>> quotation("Falls on stairs.")
    '“Falls on stairs.”'
    """
    return f"“{text.strip().rstrip('.')}.”"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "minute"), counted(2, "minute")
    ('1 minute', '2 minutes')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
