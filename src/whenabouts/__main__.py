"""`python -m whenabouts`, and where the program `whenabouts` begins."""


def main() -> None:
    """Run the program; an interrupt while it is still being imported ends it like any later one."""
    try:
        from whenabouts.cli.app import main as run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
