"""A process to kill: sends the events of a file from a line on, and says how far it was answered.

python -m support.victim STORE FILE FIRST_LINE
"""

import sys
from pathlib import Path

from interchange.cloudevents import read_event
from suite.installation import Installation

EVENTS_A_BATCH = 25


def main() -> None:
    """Send, answer, work off; then stop cleanly."""
    store, file, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    lines = file.read_bytes().splitlines()
    with Installation(store) as installation:
        installation.dispatcher.start()
        for start in range(first, len(lines), EVENTS_A_BATCH):
            batch = lines[start : start + EVENTS_A_BATCH]
            answers = installation.door.receive([read_event(line) for line in batch])
            assert len(answers) == len(batch)
            print(start + len(batch), flush=True)
        installation.dispatcher.stop()
        installation.dispatcher.work_off()
    print("done", flush=True)


if __name__ == "__main__":
    main()
