"""Notifications on their way to people: browser, e-mail, Telegram.

`due` says what still matters to whom now, `courier` carries it and tries again, `mail` and `chat` are its two ways,
`wording` says it, `browser` shows it on open pages, `choices` is where people say what they want to hear.
"""
