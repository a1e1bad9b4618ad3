"""`python -m whenabouts`, and where the program `whenabouts` begins."""

import gc
import os

OBJECTS = 20_000  # more than there are, between two searches for unreachable ones: Python's 700 take a tenth of a start


def main() -> None:
    """Run the program; an interrupt while it is still being imported ends it like any later one."""
    gc.set_threshold(OBJECTS)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for them reads what every package says
    try:
        from whenabouts.cli.app import main as run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
