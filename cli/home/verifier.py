"""`cutter verifier`: the verifier as a service of its own, without Prefect."""

from __future__ import annotations

from rich.console import Console

from cli.json_output import as_json_line
from cli.services import home_settings
from cli.terminal import words


def verifier_command(console: Console, *, once: bool, check: bool, as_json: bool) -> None:
    """Serve, or look whether the service answers.

    Raises what `serve` and `require_answering` do.
    """
    from blocks.stored import NothingStored
    from service.verifier import require_answering, serve
    from tasks.app import looking_app

    settings = home_settings()
    if check:
        require_answering(settings.state)
        said = "The verifier answers."
        print(as_json_line({"answers": True})) if as_json else console.print(said)
        return
    app = looking_app(settings, NothingStored())
    done = serve(app, lambda line: console.print(words(line), highlight=False), once=once)
    if as_json:
        print(as_json_line({"done": done}))
