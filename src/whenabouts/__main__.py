"""`python -m whenabouts`."""

from whenabouts.cli.app import main

if __name__ == "__main__":
    main()
