"""``python -m accord``, for where the script is not on the path."""

from accord.cli import main

if __name__ == "__main__":
    main(prog_name="accord")
