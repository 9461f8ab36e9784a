"""`python -m helpers COMMAND`: what the Makefile calls."""

from helpers.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
