"""Dead letters back to work, in the order of their events."""

from service_kit.dead_letters import dead_letters
from service_kit.dispatcher import Progress
from suite.installation import Installation


def redrive(
    installation: Installation, letter_id: str | None = None, progress: Progress = lambda _done, _all: None
) -> dict[str, bool]:
    """Put one dead letter's case back to work, or all of them, and work off what comes of it.

    Returns: by dead letter, whether its case goes on now.
    Raises:  UnknownDeadLetter: there is none of that id.
    """
    letters = [letter_id] if letter_id else [letter["id"] for letter in dead_letters(installation.read.rows())]
    done = {}
    for number, each in enumerate(letters, start=1):
        done[each] = installation.dispatcher.redrive(each)
        progress(number, len(letters))
    installation.work_off()
    return done
