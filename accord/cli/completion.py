"""``accord completion``: what makes a shell complete the words of this command."""

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]

_PROGRAM = "accord"
_VARIABLE = "_ACCORD_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete verbs, options and rules.

    \b
    bash   eval "$(accord completion bash)"            in ~/.bashrc
    zsh    eval "$(accord completion zsh)"             in ~/.zshrc
    fish   accord completion fish | source             in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click completes no words in {shell}.")
    click.echo(kind(context.find_root().command, {}, _PROGRAM, _VARIABLE).source())
