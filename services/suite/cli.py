"""The `claimtrail` command."""


def main() -> None:
    """Run the command."""
