"""`simulate-payer`: exported claim files answered, as payers answer them."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from suite.commands.bars import bars
from suite.commands.faults import NOT_THERE, CommandFailed
from suite.commands.terminal import out


def simulate_payer(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Exported claim files.", exists=True, dir_okay=False)
    ],
    directory: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the answers go.")],
    seed: Annotated[int, typer.Option(help="Equal seeds make equal answers.")] = 1,
    refuse_files: Annotated[float, typer.Option(min=0, max=1, help="Share of files that are not understood.")] = 0.0,
    send_back: Annotated[float, typer.Option(min=0, max=1, help="Share of claims that come back unread.")] = 0.03,
    correct: Annotated[float, typer.Option(min=0, max=1, help="Share of payments taken back and made anew.")] = 0.05,
) -> None:
    """Answer claim files as a payer would: a 999 and a 277CA each, 835s that pay, deny, cut, split and take back.

    Give all files of a payer, in their order: it remembers what it paid, and answers replacement and void claims by it.

    \b
    Example: claimtrail simulate-payer outbox/*.837 -o inbox --seed 7
    """
    from interchange.x12.errors import X12Error
    from suite.simulator.payer import Habits, SimulatedPayer
    from therapy_domain.rulesets import load

    payer = SimulatedPayer(seed, load(), Habits(sent_back=send_back, corrected=correct, file_refused=refuse_files))
    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    with ExitStack() as stack, bars() as shown:
        opened = [(path, stack.enter_context(path.open("rb"))) for path in files]
        bar = shown.add("answering", "files")
        for done, (path, source) in enumerate(opened, start=1):
            try:
                answers = payer.answer(source)
            except X12Error as error:
                raise CommandFailed(f"{path} is no claim file: {error}", exit_code=NOT_THERE) from error
            for name, raw in answers.files(path.stem):
                (directory / name).write_bytes(raw)
                count += 1
            bar.at(done, len(opened))
    out().print(f"{len(files):,} claim files answered by {count:,} files in {directory}")
