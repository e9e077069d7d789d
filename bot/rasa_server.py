"""`rasa run` with our token: given inside the process, because command lines can be read by everybody on a machine."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.config import rasa_token, settings
from bot.light_rasa import check_once, lighten
from bot.training.live import live_model


def main() -> None:
    """Run Rasa with the options of the command line and the API closed to all who do not know the token."""
    token = rasa_token(settings())
    sys.argv = ["rasa", "run", *_with_live_model(sys.argv[1:]), "--enable-api", "--auth-token", token]
    lighten()
    check_once()
    from rasa.__main__ import main as rasa

    rasa()


def _with_live_model(options: list[str]) -> list[str]:
    """Where `--model` is a folder, the model that is live in it: asked at every start, also after a crash."""
    if "--model" not in options:
        return options
    at = options.index("--model") + 1
    folder = Path(options[at])
    model = live_model(folder) if folder.is_dir() else None
    return [*options[:at], str(model or folder), *options[at + 1 :]]


if __name__ == "__main__":
    main()
