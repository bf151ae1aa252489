"""`python -m photochrom`."""

from photochrom.cli.main import main

if __name__ == "__main__":
    main()
