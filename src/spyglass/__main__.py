"""`python -m spyglass` is the command line."""

from spyglass.cli.main import main

if __name__ == "__main__":
    main()
