"""What `warroom` and ``python -m bot`` start."""


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 it went wrong, 2 it was refused."""
    from bot.cli.root import app  # noqa: PLC0415 - importing this module starts nothing

    app(prog_name="warroom")


if __name__ == "__main__":
    main()
