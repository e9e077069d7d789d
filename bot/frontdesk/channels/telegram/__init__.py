"""Telegram: updates come in by polling or webhook and are written down; answers leave by an outbox.

`channel` wires it: `connection` gets updates and confirms them once they are written, `customers` says what an update
means, `inbox` writes it down, `outbox` sends, cut to size by `pieces`; `commands` is the menu, `files` what is fetched.
"""
