"""A JSON array of envelopes, cut into its elements: each is then read as if it had come alone."""

from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

from suite.http.problems import NOT_UNDERSTOOD, TOO_LARGE, Fault, Problem

MOST_EVENTS = 10_000
"""So many events a batch are read; application/x-ndjson has no such limit [count]."""
_WHITE = " \t\n\r"
_scan = JSONDecoder().raw_decode


def elements(body: bytes) -> list[bytes]:
    """The text of each element of a JSON array.

    Raises:  Problem: 422 where it is no JSON array in UTF-8, 413 where it has too many elements.
    """
    try:
        return [element.encode() for element in _elements(body.decode("utf-8-sig"))]
    except UnicodeError:
        raise _not_an_array("bytes that are not UTF-8") from None
    except RecursionError:
        raise _not_an_array("nested too deep") from None
    except JSONDecodeError as error:
        raise _not_an_array(f"line {error.lineno} column {error.colno}: {error.msg}") from None
    except ValueError:
        raise _not_an_array("a number of too many digits") from None


def _elements(text: str) -> Iterator[str]:
    at = _next(text, 0)
    if text[at : at + 1] != "[":
        raise _not_an_array("something else" if text[at:] else "nothing")
    at = _next(text, at + 1)
    count = 0
    closed = text[at : at + 1] == "]"
    while not closed:
        count += 1
        if count > MOST_EVENTS:
            fault = Fault("$", f"more than {MOST_EVENTS} events", f"at most {MOST_EVENTS} events")
            raise Problem(TOO_LARGE, f"A batch holds at most {MOST_EVENTS} events.", errors=[fault])
        _, end = _scan(text, at)
        yield text[at:end]
        at = _next(text, end)
        closed = text[at : at + 1] == "]"
        if not closed:
            if text[at : at + 1] != ",":
                raise JSONDecodeError("expected a comma or the end of the array", text, at)
            at = _next(text, at + 1)
    if _next(text, at + 1) < len(text):
        raise JSONDecodeError("something after the end of the array", text, at + 1)


def _next(text: str, at: int) -> int:
    """Where white space ends."""
    while text[at : at + 1] and text[at] in _WHITE:
        at += 1
    return at


def _not_an_array(found: str) -> Problem:
    fault = Fault("$", found, "a JSON array of CloudEvents 1.0 envelopes, in UTF-8")
    return Problem(NOT_UNDERSTOOD, "The body is no JSON array; no event was kept.", errors=[fault])
