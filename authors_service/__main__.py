"""`python -m authors_service`."""

import gc

if __name__ == "__main__":
    # Nothing of what is loaded is garbage, and to look for some takes a seventh of the time.
    gc.disable()
    from authors_service.commands import cli

    gc.freeze()
    gc.enable()
    cli(prog_name="python -m authors_service")
