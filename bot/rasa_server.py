"""`rasa run` with our token: given inside the process, because command lines can be read by everybody on a machine."""

from __future__ import annotations

import sys

from bot.config import rasa_token, settings


def main() -> None:
    """Run Rasa with the options of the command line and the API closed to all who do not know the token."""
    token = rasa_token(settings())
    sys.argv = ["rasa", "run", *sys.argv[1:], "--enable-api", "--auth-token", token]
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
